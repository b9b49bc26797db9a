//! When an approval counts: not before a person can have read what it is for.
//!
//! An approval is inert after whatever changed on the screen, and until the end of the
//! card was on it. It does not become effective by time alone: whoever reads the keys
//! first drops what was typed by then, and says so by [`Arming::arm`]. So nothing that
//! was typed ahead can approve, however long this process was kept from running.
//! Security 4.1, 4.5, 6.

use super::card::Detail;
use crate::protocol::{ArtifactHash, RequestId};
use std::time::Duration;

/// How long an approval is inert after a change.
pub const INERT: Duration = Duration::from_millis(800);
/// The same while requests come in a burst.
pub const INERT_IN_A_BURST: Duration = Duration::from_secs(3);

/// What is on the screen: the request by its hash, and how it is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The request.
    pub request_id: RequestId,
    /// The hash that an approval would sign.
    pub artifact_hash: ArtifactHash,
    /// How much of it is drawn.
    pub detail: Detail,
    /// In how many columns and rows.
    pub size: (usize, usize),
}

/// Whether an approval counts now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// Nothing is shown that could be approved.
    Nothing,
    /// The end of it was not on the screen yet.
    Unread,
    /// Something changed a moment ago.
    Inert,
    /// It counts.
    Armed,
}

/// Whether an approval counts, and for what.
#[derive(Debug, Default)]
pub struct Arming {
    shown: Option<Shown>,
    changed_at: Duration,
    pause: Duration,
    end_was_seen: bool,
    armed: bool,
}

impl Arming {
    /// Notes what was drawn, and whether the end of its card is among it.
    pub fn drawn(&mut self, shown: Option<Shown>, end_is_visible: bool, now: Duration) {
        if shown != self.shown {
            let same_card = matches!((&shown, &self.shown), (Some(new), Some(old))
                if Shown { size: old.size, ..new.clone() } == *old);
            // Only a window of another size shows the same text again.
            self.end_was_seen &= same_card;
            self.shown = shown;
            self.disturb(now);
        }
        self.end_was_seen |= end_is_visible && self.shown.is_some();
    }

    /// Notes that something changed that a person may not have seen yet.
    pub fn disturb(&mut self, now: Duration) {
        self.armed = false;
        self.changed_at = now;
    }

    /// Sets how long a change keeps an approval inert.
    pub fn pause_for(&mut self, pause: Duration) {
        self.pause = pause;
    }

    /// Returns how long it takes until typed keys are to be dropped and [`Arming::arm`]
    /// is to be called, `None` when nothing is waited for.
    #[must_use]
    pub fn due_in(&self, now: Duration) -> Option<Duration> {
        let waits = self.shown.is_some() && self.end_was_seen && !self.armed;
        waits.then(|| self.changed_at.saturating_add(self.pause).saturating_sub(now))
    }

    /// Makes an approval count, when it is time. Whatever was typed was dropped before.
    pub fn arm(&mut self, now: Duration) {
        if self.due_in(now) == Some(Duration::ZERO) {
            self.armed = true;
        }
    }

    /// Tells whether an approval counts.
    #[must_use]
    pub fn readiness(&self) -> Readiness {
        match &self.shown {
            None => Readiness::Nothing,
            Some(_) if !self.end_was_seen => Readiness::Unread,
            Some(_) if !self.armed => Readiness::Inert,
            Some(_) => Readiness::Armed,
        }
    }

    /// Returns what may be approved: what was shown to its end, when an approval counts.
    #[must_use]
    pub fn approvable(&self) -> Option<&Shown> {
        self.shown.as_ref().filter(|_| self.readiness() == Readiness::Armed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(hash: &str) -> Shown {
        Shown {
            request_id: "req-1".parse().expect("an id"),
            artifact_hash: hash.repeat(32).parse().expect("a hash"),
            detail: Detail::Summary,
            size: (80, 24),
        }
    }

    fn at(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    fn armed() -> Arming {
        let mut arming = Arming::default();
        arming.pause_for(INERT);
        arming.drawn(Some(shown("ab")), true, at(0));
        arming.arm(at(800));
        assert_eq!(arming.readiness(), Readiness::Armed);
        arming
    }

    #[test]
    fn time_alone_arms_nothing() {
        let mut arming = Arming::default();
        arming.pause_for(INERT);
        arming.drawn(Some(shown("ab")), true, at(0));
        assert_eq!(arming.readiness(), Readiness::Inert);
        assert_eq!(arming.due_in(at(300)), Some(at(500)));
        arming.arm(at(799));
        assert!(arming.approvable().is_none());
        // Long after: still nobody dropped what was typed.
        assert_eq!(arming.due_in(at(90_000)), Some(Duration::ZERO));
        assert!(arming.approvable().is_none());
        arming.arm(at(90_000));
        assert!(arming.approvable().is_some());
        assert_eq!(arming.due_in(at(90_001)), None);
    }

    #[test]
    fn nothing_is_armed_before_its_end_was_seen() {
        let mut arming = Arming::default();
        arming.pause_for(INERT);
        arming.drawn(Some(shown("ab")), false, at(0));
        arming.arm(at(5000));
        assert_eq!(arming.readiness(), Readiness::Unread);
        assert_eq!(arming.due_in(at(5000)), None);
        arming.drawn(Some(shown("ab")), true, at(6000));
        arming.arm(at(6000));
        assert_eq!(arming.readiness(), Readiness::Armed);
        // Scrolling back does not take that away.
        arming.drawn(Some(shown("ab")), false, at(7000));
        assert_eq!(arming.readiness(), Readiness::Armed);
    }

    #[test]
    fn every_change_disarms() {
        for change in [
            Some(shown("cd")),
            Some(Shown { detail: Detail::Full, ..shown("ab") }),
            Some(Shown { size: (60, 20), ..shown("ab") }),
            Some(Shown { request_id: "req-2".parse().expect("an id"), ..shown("ab") }),
            None,
        ] {
            let mut arming = armed();
            arming.drawn(change.clone(), true, at(9000));
            assert!(arming.approvable().is_none(), "{change:?}");
        }
        let mut arming = armed();
        arming.disturb(at(9000));
        assert_eq!(arming.due_in(at(9000)), Some(INERT));
        // Another content has another end.
        let mut arming = armed();
        arming.drawn(Some(shown("cd")), false, at(9000));
        assert_eq!(arming.readiness(), Readiness::Unread);
    }
}
