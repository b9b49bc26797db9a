//! The numbers a caller sees: only this file knows them.
//!
//! Once a command ran, its own status is ours. Otherwise nothing ran, and:
//!
//! | status | meaning |
//! | --- | --- |
//! | 120 | rejected by a person |
//! | 121 | forbidden by policy |
//! | 122 | no decision in time, expired or withdrawn |
//! | 123 | a decision came that could not be trusted |
//! | 124 | no gateway, or it refused: sign in, consent, pair |
//! | 125 | our own failure: usage, configuration, disk |
//! | 126, 127 | not executable, or not found |

use crate::run::Exit;

/// What became of a command that did not run, or of a subcommand that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A person said no.
    Rejected,
    /// A rule of the policy says no.
    Forbidden,
    /// No decision in time.
    Undecided,
    /// A decision came that could not be trusted.
    Untrusted,
    /// No gateway, or it refused.
    Gateway,
    /// Our own failure: usage, configuration, disk.
    Failed,
    /// The program cannot be executed.
    NotExecutable,
    /// There is no such program.
    NotFound,
    /// A signal ended the wait.
    Interrupted(i32),
}

impl Outcome {
    /// Returns the end of this process that tells it.
    #[must_use]
    pub fn exit(self) -> Exit {
        match self {
            Self::Rejected => Exit::Code(120),
            Self::Forbidden => Exit::Code(121),
            Self::Undecided => Exit::Code(122),
            Self::Untrusted => Exit::Code(123),
            Self::Gateway => Exit::Code(124),
            Self::Failed => Exit::Code(125),
            Self::NotExecutable => Exit::Code(126),
            Self::NotFound => Exit::Code(127),
            Self::Interrupted(signal) => Exit::Signal(signal),
        }
    }

    /// Returns the status, as a shell tells it of a signal.
    #[must_use]
    pub fn number(self) -> i32 {
        match self.exit() {
            Exit::Code(code) => code.into(),
            Exit::Signal(signal) => 128 + signal,
        }
    }

    /// Returns its name in JSON; it stays.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Forbidden => "forbidden",
            Self::Undecided => "undecided",
            Self::Untrusted => "untrusted",
            Self::Gateway => "gateway",
            Self::Failed => "failed",
            Self::NotExecutable => "not-executable",
            Self::NotFound => "not-found",
            Self::Interrupted(_) => "interrupted",
        }
    }
}

/// The status by which a hook of git tells it to stop.
pub const HOOK_REFUSES: Exit = Exit::Code(1);

/// The status of a subcommand that did what it was asked.
pub const SUCCESS: Exit = Exit::Code(0);
