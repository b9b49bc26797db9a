//! Takes hold of the command an agent intends.
//!
//! However a command arrives, what leaves this room is an [`Invocation`].

pub mod agent;
pub mod gates;
pub mod git;
pub mod shell;
pub mod shim;

use shim::Shim;
use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use thiserror::Error;

/// The way a command came to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interception {
    /// `airlock-exec -- COMMAND`.
    Prefix,
    /// A link to us that stands before the program on `PATH`.
    Shim,
    /// We were called as a shell, `airlock-sh -c TEXT`.
    Shell,
    /// A hook of git.
    GitHook,
    /// A hook of an agent, before it runs the command itself.
    AgentHook,
    /// `airlock-exec approve`: whoever asked runs it.
    Approve,
}

impl Interception {
    /// Tells whether somebody else runs the command, as it was and where they are: then
    /// nothing can be added to its environment.
    #[must_use]
    pub fn is_run_elsewhere(self) -> bool {
        matches!(self, Self::GitHook | Self::AgentHook | Self::Approve)
    }

    /// Returns the word the approver sees.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Prefix => "prefix",
            Self::Shim => "shim",
            Self::Shell => "shell",
            Self::GitHook => "git hook",
            Self::AgentHook => "agent hook",
            Self::Approve => "approve",
        }
    }
}

/// The variable with which `airlock-exec doctor --canary` marks what it fires.
///
/// Whoever of us would ask a person about a command that has it refuses: it can make
/// nothing run.
pub const CANARY: &str = "AIRLOCK_EXEC_CANARY";

/// A command somebody wants to run: its argument bytes, and how it came to us.
#[derive(Debug, Clone)]
pub struct Invocation {
    interception: Interception,
    /// The file, where it is not the one that the first argument means.
    program: Option<OsString>,
    arguments: Vec<OsString>,
    shim: Option<Shim>,
}

/// There is no command.
#[derive(Debug, Error)]
#[error("no command given")]
pub struct EmptyInvocation;

impl Invocation {
    /// Takes the words of a command and the way they came.
    ///
    /// # Errors
    ///
    /// [`EmptyInvocation`] when there are none.
    pub fn new(
        interception: Interception,
        arguments: Vec<OsString>,
    ) -> Result<Self, EmptyInvocation> {
        if arguments.is_empty() {
            return Err(EmptyInvocation);
        }
        Ok(Self { interception, program: None, arguments, shim: None })
    }

    /// Takes the words of a call that came by a shim, whose name is the first of them.
    #[must_use]
    pub fn of_shim(shim: Shim, mut arguments: Vec<OsString>) -> Self {
        let name = shim.name().to_owned();
        match arguments.first_mut() {
            Some(first) => *first = name,
            None => arguments.push(name),
        }
        Self { interception: Interception::Shim, program: None, arguments, shim: Some(shim) }
    }

    /// Gives the program another word as its own name.
    #[must_use]
    pub fn renamed(mut self, word: OsString) -> Self {
        self.arguments[0] = word;
        self
    }

    /// Returns the shim that it came by, if it did.
    #[must_use]
    pub fn shim(&self) -> Option<&Shim> {
        self.shim.as_ref()
    }

    /// Takes the words of a command whose first argument is only what it is called.
    ///
    /// # Errors
    ///
    /// [`EmptyInvocation`] when there are none.
    pub fn of_program(
        interception: Interception,
        program: PathBuf,
        arguments: Vec<OsString>,
    ) -> Result<Self, EmptyInvocation> {
        Ok(Self { program: Some(program.into()), ..Self::new(interception, arguments)? })
    }

    /// Returns how the command came to us.
    #[must_use]
    pub fn interception(&self) -> Interception {
        self.interception
    }

    /// Returns the word that says which program runs: a name to look up, or a path.
    #[must_use]
    pub fn program(&self) -> &OsStr {
        self.program.as_deref().unwrap_or(&self.arguments[0])
    }

    /// Returns the command as one would type it: the program, and its arguments.
    #[must_use]
    pub fn words(&self) -> Cow<'_, [OsString]> {
        match &self.program {
            None => Cow::Borrowed(&self.arguments),
            Some(program) => {
                let arguments = self.arguments[1..].iter().cloned();
                std::iter::once(program.clone()).chain(arguments).collect()
            }
        }
    }

    /// Returns the arguments, `argv[0]` first; there is at least one.
    #[must_use]
    pub fn arguments(&self) -> &[OsString] {
        &self.arguments
    }
}
