//! Stopping a command because somebody elsewhere said so: asked first, killed later.

use std::time::Duration;

/// How long a command has to end by itself.
const GRACE: Duration = Duration::from_secs(5);

/// What has to be done to the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopStep {
    /// Ask it to end: SIGTERM.
    Terminate,
    /// End it: SIGKILL.
    Kill,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Stop {
    /// Nobody wants it.
    #[default]
    Unasked,
    /// Somebody does; not done yet.
    Asked,
    /// It was asked to end, then.
    Told(Duration),
    /// It does not get any more time.
    Overdue,
    /// It was killed.
    Killed,
}

impl Stop {
    /// Somebody wants it; for the second time: at once.
    pub(super) fn ask(&mut self) {
        *self = match *self {
            Self::Unasked | Self::Asked => Self::Asked,
            Self::Told(_) | Self::Overdue => Self::Overdue,
            Self::Killed => Self::Killed,
        };
    }

    /// Returns what has to be done now; the next call returns what comes after that.
    pub(super) fn next(&mut self, now: Duration) -> Option<StopStep> {
        match *self {
            Self::Asked => {
                *self = Self::Told(now);
                Some(StopStep::Terminate)
            }
            Self::Told(since) if now.saturating_sub(since) >= GRACE => {
                *self = Self::Killed;
                Some(StopStep::Kill)
            }
            Self::Overdue => {
                *self = Self::Killed;
                Some(StopStep::Kill)
            }
            Self::Unasked | Self::Told(_) | Self::Killed => None,
        }
    }

    /// Tells in how long something has to be done.
    pub(super) fn due_in(self, now: Duration) -> Option<Duration> {
        match self {
            Self::Told(since) => Some((since + GRACE).saturating_sub(now)),
            Self::Asked | Self::Overdue => Some(Duration::ZERO),
            Self::Unasked | Self::Killed => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asks_and_kills_after_the_grace_or_when_asked_twice() {
        let at = Duration::from_secs;
        let mut stop = Stop::default();
        assert_eq!((stop.next(at(1)), stop.due_in(at(1))), (None, None));
        stop.ask();
        assert_eq!(stop.next(at(1)), Some(StopStep::Terminate));
        assert_eq!((stop.next(at(5)), stop.due_in(at(5))), (None, Some(at(1))));
        assert_eq!(stop.next(at(6)), Some(StopStep::Kill));
        assert_eq!((stop.next(at(60)), stop.due_in(at(60))), (None, None));
        let mut stop = Stop::default();
        stop.ask();
        assert_eq!(stop.next(at(1)), Some(StopStep::Terminate));
        stop.ask();
        assert_eq!(stop.next(at(2)), Some(StopStep::Kill));
    }
}
