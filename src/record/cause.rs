//! One word for why something does not run, for people who look for it later.

use crate::client::TransportError;
use crate::review::{Doubt, JournalError, Refusal};

/// Returns the word for what happened in the place of a permit.
pub(super) fn of(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Rejected { .. } => "rejected",
        Refusal::RejectedBefore { .. } => "rejected-before",
        Refusal::TimedOut { .. } => "timed-out",
        Refusal::TooLate { .. } => "too-late",
        Refusal::TooFew { .. } => "too-few",
        Refusal::StillOpen { .. } => "still-open",
        Refusal::Ended { .. } => "ended-by-gateway",
        Refusal::DeniedByPolicy { .. } => "do-not-disturb",
        Refusal::Untrusted(_) => "untrusted-answer",
        // Security 7.1: a certificate, a redirect.
        Refusal::Gateway(error) if error.is_violation() => "transport-violation",
        // Security 7.1: 426, a version that it does not speak.
        Refusal::Gateway(TransportError::Refused { status: 426, .. }) => "version-mismatch",
        Refusal::Gateway(_) => "gateway",
        Refusal::Conflict => "conflict",
        Refusal::Pairing(_) => "pairing",
        Refusal::Journal(JournalError::Replayed) => "replay-rejected",
        Refusal::Journal(_) => "journal",
        Refusal::TooMany { .. } => "too-many-pending",
        Refusal::TooOften { .. } => "too-many-asked",
        Refusal::Crowd(_) => "crowd",
        Refusal::Bind(_) => "unreadable-file",
        Refusal::Changed(_) => "changed",
        Refusal::Seal(_) => "not-sealed",
        Refusal::Interrupted { .. } => "interrupted",
        Refusal::CallerGone => "caller-gone",
        Refusal::Runtime(_) => "system",
    }
}

/// Returns the word for why an answer was not believed.
pub(super) fn of_doubt(doubt: &Doubt) -> &'static str {
    match doubt {
        Doubt::NotAMessage(_) | Doubt::OtherType(_) => "no-decision",
        Doubt::OtherCommand => "other-command",
        Doubt::Decision(_) => "bad-signature",
        Doubt::UnknownKey => "unknown-key",
        Doubt::RevokedKey => "revoked-key",
        Doubt::Touch(_) => "no-touch",
        Doubt::Late => "late",
    }
}
