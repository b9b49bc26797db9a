//! Whose turn it is: an approver with a delay is asked when nobody decided for that long.
//!
//! Somebody is always asked at once. When those who were asked have all decided, or
//! cannot any more, and a decision is still missing, it is the next one's turn.

use crate::process::since_boot;
use std::time::Duration;
use tokio::sync::watch;

/// The delays of all approvers of one question.
#[derive(Debug)]
pub(super) struct Turns {
    delays: Vec<Duration>,
    /// Who has decided, or cannot any more.
    settled: Vec<bool>,
    /// How long ago the question was put.
    since: Since,
    /// Whoever has no longer a delay than this need not wait for it.
    called: watch::Sender<Duration>,
}

/// A moment of the past, by a clock that nobody sets.
#[derive(Debug, Clone, Copy)]
struct Since {
    ago: Duration,
    taken: Duration,
}

impl Since {
    fn passed(self) -> Duration {
        self.ago.saturating_add(since_boot().saturating_sub(self.taken))
    }
}

/// The turn of one approver.
#[derive(Debug)]
pub(super) struct Turn {
    delay: Duration,
    since: Since,
    called: watch::Receiver<Duration>,
}

impl Turns {
    /// Takes the delays of a question that was put so long ago.
    pub(super) fn new(delays: Vec<Duration>, ago: Duration) -> Self {
        let first = delays.iter().min().copied().unwrap_or_default();
        let settled = vec![false; delays.len()];
        let since = Since { ago, taken: since_boot() };
        Self { delays, settled, since, called: watch::Sender::new(first) }
    }

    /// Returns the turn of the approver of that number.
    pub(super) fn of(&self, index: usize) -> Turn {
        let delay = self.delays.get(index).copied().unwrap_or_default();
        Turn { delay, since: self.since, called: self.called.subscribe() }
    }

    /// Notes that an approver has decided or cannot; calls the next if nobody is left.
    pub(super) fn settle(&mut self, index: usize) {
        if let Some(settled) = self.settled.get_mut(index) {
            *settled = true;
        }
        let reached = (*self.called.borrow()).max(self.since.passed());
        let open = self.delays.iter().zip(&self.settled).filter(|(_, settled)| !**settled);
        let next = open.map(|(delay, _)| *delay).min();
        if let Some(next) = next.filter(|next| *next > reached) {
            self.called.send_replace(next);
        }
    }
}

impl Turn {
    /// Waits for it; tells whether that took the whole delay.
    pub(super) async fn come(&mut self) -> Came {
        let left = self.delay.saturating_sub(self.since.passed());
        if left.is_zero() {
            return if self.delay.is_zero() { Came::AtOnce } else { Came::Late(self.delay) };
        }
        let delay = self.delay;
        tokio::select! {
            () = tokio::time::sleep(left) => Came::Late(delay),
            // Without a sender nobody is waited for any more.
            _ = self.called.wait_for(|called| *called >= delay) => Came::AtOnce,
        }
    }
}

/// How a turn came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Came {
    /// There was nobody to wait for.
    AtOnce,
    /// Nobody decided for that long.
    Late(Duration),
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_hours(1);

    fn is_open(turn: &Turn) -> bool {
        *turn.called.borrow() >= turn.delay
    }

    #[test]
    fn somebody_is_always_asked_at_once() {
        let turns = Turns::new(vec![2 * LONG, LONG], Duration::ZERO);
        assert!(is_open(&turns.of(1)) && !is_open(&turns.of(0)));
    }

    #[test]
    fn the_next_is_called_when_those_before_cannot_decide() {
        let mut turns = Turns::new(vec![Duration::ZERO, Duration::ZERO, LONG, 2 * LONG], LONG / 2);
        turns.settle(0);
        assert!(!is_open(&turns.of(2)), "another is still being asked");
        turns.settle(1);
        assert!(is_open(&turns.of(2)) && !is_open(&turns.of(3)));
        turns.settle(2);
        assert!(is_open(&turns.of(3)));
    }

    #[tokio::test]
    async fn a_question_that_was_put_long_ago_is_asked_at_once() {
        let turns = Turns::new(vec![Duration::ZERO, LONG], 2 * LONG);
        assert_eq!(turns.of(1).come().await, Came::Late(LONG));
        assert_eq!(turns.of(0).come().await, Came::AtOnce);
    }
}
