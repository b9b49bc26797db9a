//! The hooks of git that ask.

use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// A hook of git that asks. Spec: githooks(5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hook {
    /// Before a message is written; git skips it with `--no-verify`.
    PreCommit,
    /// Once the message is written; git skips it with `--no-verify`.
    CommitMsg,
    /// Before anything is sent to a remote; git skips it with `--no-verify`.
    PrePush,
    /// Before any reference moves; no option skips it.
    ReferenceTransaction,
}

/// There is no such hook, or none of ours.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("not a hook that asks; there are pre-commit, commit-msg, pre-push, reference-transaction")]
pub struct UnknownHook;

impl Hook {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::PreCommit, Self::CommitMsg, Self::PrePush, Self::ReferenceTransaction];
    /// Those that ask once about each commit and each push.
    pub const USUAL: [Self; 3] = [Self::CommitMsg, Self::PrePush, Self::ReferenceTransaction];

    /// Returns the name of its file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::CommitMsg => "commit-msg",
            Self::PrePush => "pre-push",
            Self::ReferenceTransaction => "reference-transaction",
        }
    }

    /// Tells whether git writes to its standard input.
    #[must_use]
    pub fn reads_input(self) -> bool {
        matches!(self, Self::PrePush | Self::ReferenceTransaction)
    }

    /// Says what did not happen when it refuses.
    #[must_use]
    pub fn consequence(self) -> &'static str {
        match self {
            Self::PreCommit | Self::CommitMsg => "nothing was committed",
            Self::PrePush => "nothing was pushed",
            Self::ReferenceTransaction => "no reference was changed",
        }
    }
}

impl fmt::Display for Hook {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl FromStr for Hook {
    type Err = UnknownHook;

    fn from_str(text: &str) -> Result<Self, UnknownHook> {
        Self::ALL.into_iter().find(|hook| hook.name() == text).ok_or(UnknownHook)
    }
}
