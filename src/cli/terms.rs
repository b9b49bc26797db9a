//! Turns settings and arguments into the terms a decision is asked for on.

use super::gate::Patience;
use crate::config::{Settings, TouchedFor, WithoutPasskeyChoice};
use crate::process::Identity;
use crate::review::{Acknowledgement, StandingRule, Terms, TouchRule, WithoutPasskey};

/// Returns the terms, with what the command line asks for.
pub(super) fn of(settings: &Settings, patience: Patience) -> Terms {
    let standing = if settings.trusts_gateway_dnd() {
        StandingRule::ApproveToo
    } else {
        StandingRule::DenyOnly
    };
    Terms {
        limit: settings.wait(patience.wait),
        connect_budget: settings.connect_budget(),
        pending: settings.pending(),
        per_minute: settings.per_minute(),
        heartbeat: settings.heartbeat(),
        consent: patience.consent,
        acknowledgement: match patience.acknowledgement {
            Acknowledgement::WithOutcome if settings.tells_outcome() => {
                Acknowledgement::WithOutcome
            }
            _ => Acknowledgement::AtOnce,
        },
        caller: patience.caller,
        standing,
        touch: match settings.touched_for() {
            TouchedFor::Nothing => TouchRule::Never,
            TouchedFor::Dangerous => TouchRule::HardToUndo,
            TouchedFor::Everything => TouchRule::Always,
        },
        without_passkey: match settings.without_passkey() {
            WithoutPasskeyChoice::Counts => WithoutPasskey::Counts,
            WithoutPasskeyChoice::Refused => WithoutPasskey::Refused,
        },
        workspace: settings.workspace().map(|name| name.as_str().to_owned()),
        label: label(settings),
    }
}

/// Returns what an approver reads for this machine.
pub(super) fn label(settings: &Settings) -> String {
    settings.label().map_or_else(|| Identity::capture().host, |name| name.as_str().to_owned())
}
