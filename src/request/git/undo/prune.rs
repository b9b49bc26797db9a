//! What was kept is forgotten after a month.

use crate::process::{Git, now};
use jiff::{SignedDuration, Timestamp};

/// How long it is kept.
const KEEP: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Returns the moment, as the name of a reference begins with it: milliseconds since 1970.
pub(super) fn stamp() -> String {
    format!("{:013}", now().as_millisecond())
}

/// Removes references that are older; one that stays is looked at the next time.
pub(super) fn forget_old(git: &Git) {
    let Ok(answer) = git.bytes(&["for-each-ref", "--format=%(refname)", "refs/airlock/"]) else {
        return;
    };
    let text = String::from_utf8_lossy(&answer);
    for reference in text.lines().filter(|reference| is_old(reference, now())) {
        let _ = git.bytes(&["update-ref", "-d", reference]);
    }
}

fn is_old(reference: &str, now: Timestamp) -> bool {
    let name = reference.strip_prefix("refs/airlock/").unwrap_or_default();
    let made = name.split('-').next().and_then(|stamp| stamp.parse().ok());
    let made = made.and_then(|made| Timestamp::from_millisecond(made).ok());
    made.is_some_and(|made| now.duration_since(made) > KEEP)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_ours_and_old_is_forgotten() {
        let now = Timestamp::from_millisecond(1_800_000_000_000).expect("a time");
        assert!(is_old("refs/airlock/1700000000000-req-1/head", now));
        assert!(!is_old("refs/airlock/1799999999999-req-1/head", now));
        assert!(!is_old("refs/airlock/somebody-elses", now));
        assert!(!is_old("refs/heads/1700000000000-x", now));
    }
}
