//! What is kept of a command that runs, and who is told of it.

use super::count::Count;
use super::value::{Kind, words};
use super::{Destination, GatewayUrl, Settings};
use std::time::Duration;

/// Whether the approver is told what becomes of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    /// By a gateway of ours, and not by the hosted one.
    Automatic,
    /// By every gateway.
    Always,
    /// By none.
    Never,
}

words!(Telling {
    "automatic" = Telling::Automatic,
    "always" = Telling::Always,
    "never" = Telling::Never,
});

/// Which commands are recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recording {
    /// None.
    Never,
    /// Those that a person decided about.
    Reviewed,
    /// Those, and what a rule, a grant or a standing answer allows.
    Always,
}

words!(Recording {
    "never" = Recording::Never,
    "reviewed" = Recording::Reviewed,
    "always" = Recording::Always,
});

/// How recordings are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordingTerms {
    /// Which commands are recorded.
    pub which: Recording,
    /// Whether what is typed is recorded too.
    pub input: bool,
    /// How large a recording may get, in bytes.
    pub largest: u64,
    /// How long it is kept.
    pub keep: Duration,
}

impl Settings {
    /// Tells whether the approver is told what becomes of a command.
    #[must_use]
    pub fn tells_outcome(&self) -> bool {
        match self.outcome.as_ref().map_or(Telling::Never, |telling| telling.value) {
            Telling::Always => true,
            Telling::Never => false,
            // What the hosted gateway does with calls it does not know, and whom it
            // charges for them, nobody here can tell.
            Telling::Automatic => self.destination() != Destination::Gateway(GatewayUrl::hosted()),
        }
    }

    /// Returns how many lines of the end of its output go with that.
    #[must_use]
    pub fn last_lines(&self) -> usize {
        let lines = self.last_lines.as_ref().map_or(0, |lines| lines.value.0);
        usize::try_from(lines).unwrap_or(usize::MAX)
    }

    /// Returns how recordings are made.
    #[must_use]
    pub fn recording(&self) -> RecordingTerms {
        let number = |count: &Option<super::Sourced<Count>>, unsaid| {
            u64::from(count.as_ref().map_or(unsaid, |count| count.value.0))
        };
        RecordingTerms {
            which: self.record.as_ref().map_or(Recording::Never, |record| record.value),
            input: self.record_input.as_ref().is_some_and(|input| input.value),
            largest: number(&self.record_size, 16) << 20,
            keep: Duration::from_hours(24 * number(&self.record_days, 30)),
        }
    }
}
