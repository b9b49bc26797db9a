//! Why the demo did not show what it should.

use crate::approver::{DecideError, InboxError, StoreError};
use crate::cli::LocalError;
use crate::config::PathsError;
use std::io;
use thiserror::Error;

/// Why the demo did not show what it should.
#[derive(Debug, Error)]
pub enum DemoError {
    /// There is no git.
    #[error("the demo pushes with git, and there is no git on PATH")]
    NoGit,
    /// A git command of the demo's own failed.
    #[error("git {what} failed: {said}")]
    Git {
        /// What it was to do.
        what: String,
        /// What it said, escaped.
        said: String,
    },
    /// The demo's directories are not where they should be.
    #[error(transparent)]
    Paths(#[from] PathsError),
    /// The gateway did not come up, or ended.
    #[error("the demo's gateway did not come up: {said}")]
    Gateway {
        /// What it said, escaped.
        said: String,
    },
    /// The command ended before anybody was asked.
    #[error("the command ended before anybody was asked: {said}")]
    NotAsked {
        /// What it said, escaped.
        said: String,
    },
    /// Nobody was asked in time.
    #[error("the command did not ask within {seconds} s")]
    Silent {
        /// How long it had.
        seconds: u64,
    },
    /// The gateway of the demo cannot be reached.
    #[error(transparent)]
    Local(#[from] LocalError),
    /// The approver's files.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The approver's inbox.
    #[error(transparent)]
    Inbox(#[from] InboxError),
    /// The decision.
    #[error(transparent)]
    Decide(#[from] DecideError),
    /// Nobody is at the terminal any more.
    #[error("nobody answered")]
    NobodyThere,
    /// What happened is not what should have.
    #[error("{0}")]
    Unexpected(&'static str),
    /// Somebody ended the demo.
    #[error("the demo was ended")]
    Interrupted {
        /// The signal's number.
        signal: i32,
    },
    /// A file, a process or the terminal.
    #[error("the demo cannot go on: {0}")]
    System(#[from] io::Error),
}

impl DemoError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        let words = match self {
            Self::NoGit => "install git, for example: apt install git",
            Self::Paths(error) => return error.hint(),
            Self::Local(error) => return error.hint(),
            Self::Store(error) => return error.hint(),
            Self::Inbox(error) => return error.hint(),
            Self::Decide(error) => error.hint(),
            Self::NobodyThere => "decide with: airlock-exec demo --decide approve",
            Self::Git { .. } | Self::Gateway { .. } | Self::System(_) => {
                "check that TMPDIR (or /tmp) has space, and may be written and executed from"
            }
            Self::NotAsked { .. } | Self::Silent { .. } | Self::Interrupted { .. } => {
                "run it again: airlock-exec demo"
            }
            Self::Unexpected(_) => "do not rely on this build; please report what you saw",
        };
        words.to_owned()
    }
}
