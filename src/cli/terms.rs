//! Turns settings and arguments into the terms a decision is asked for on.

use crate::config::Settings;
use crate::process::Identity;
use crate::review::{ConsentRule, StandingRule, Terms};
use std::time::Duration;

/// Returns the terms, with what the command line asks for.
pub(super) fn of(settings: &Settings, wait: Option<Duration>, consent: ConsentRule) -> Terms {
    let standing = if settings.trusts_gateway_dnd() {
        StandingRule::ApproveToo
    } else {
        StandingRule::DenyOnly
    };
    Terms {
        limit: settings.wait(wait),
        connect_budget: settings.connect_budget(),
        heartbeat: settings.heartbeat(),
        consent,
        standing,
        workspace: settings.workspace().map(|name| name.as_str().to_owned()),
        label: label(settings),
    }
}

/// Returns what an approver reads for this machine.
pub(super) fn label(settings: &Settings) -> String {
    settings.label().map_or_else(|| Identity::capture().host, |name| name.as_str().to_owned())
}
