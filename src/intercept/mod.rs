//! Takes hold of the command an agent intends.
//!
//! However a command arrives, what leaves this room is an [`Invocation`].

use std::ffi::OsString;
use thiserror::Error;

/// The way a command came to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interception {
    /// `airlock-exec -- COMMAND`.
    Prefix,
}

impl Interception {
    /// Returns the word the approver sees.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Prefix => "prefix",
        }
    }
}

/// A command somebody wants to run: its argument bytes, and how it came to us.
#[derive(Debug, Clone)]
pub struct Invocation {
    interception: Interception,
    arguments: Vec<OsString>,
}

/// There is no command.
#[derive(Debug, Error)]
#[error("no command given")]
pub struct EmptyInvocation;

impl Invocation {
    /// Takes the words after `airlock-exec --`.
    ///
    /// # Errors
    ///
    /// [`EmptyInvocation`] when there are none.
    pub fn from_prefix(arguments: Vec<OsString>) -> Result<Self, EmptyInvocation> {
        if arguments.is_empty() {
            return Err(EmptyInvocation);
        }
        Ok(Self { interception: Interception::Prefix, arguments })
    }

    /// Returns how the command came to us.
    #[must_use]
    pub fn interception(&self) -> Interception {
        self.interception
    }

    /// Returns the arguments, `argv[0]` first; there is at least one.
    #[must_use]
    pub fn arguments(&self) -> &[OsString] {
        &self.arguments
    }
}
