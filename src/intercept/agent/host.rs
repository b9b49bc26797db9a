//! What differs between agents, as data.

use std::time::Duration;

/// An agent that asks a program before it runs a command.
#[derive(Debug, PartialEq, Eq)]
pub struct Host {
    /// The word on the command line.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// What our knowledge of it rests on.
    pub evidence: Evidence,
    /// Tools that run the command they are given.
    pub runs: &'static [&'static str],
    /// Tools that type into a shell which runs already: a new command.
    pub types: &'static [&'static str],
    /// Tools whose `command` is no command, such as the verb of an editor.
    pub edits: &'static [&'static str],
    /// Events that are about a command and name no tool.
    pub events: &'static [&'static str],
    /// How it reads an answer: each form is understood by one reader of the same file.
    pub forms: &'static [Form],
    /// What it makes of no answer.
    pub silence: Silence,
    /// After this it goes on without us: what the installer writes, or its own.
    pub limit: Duration,
}

/// What our knowledge of a host rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// `tests/agent_hosts` had it fire our hook, in this version of it.
    Tried(&'static str),
    /// Its documentation or source.
    Documented,
    /// Others' reports, or sources that disagree.
    Experimental,
}

/// What it takes as an answer on standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `hookSpecificOutput.permissionDecision`, the form of Claude Code.
    Nested,
    /// The same, and nothing at all where it is allowed: an `allow` is an error there.
    NestedDenial,
    /// The same, only where it is allowed.
    NestedGrant,
    /// `permissionDecision` at the top.
    Flat,
    /// `permission` with a message for each reader.
    Permission,
    /// `decision` and `reason`.
    Decision,
    /// The same, only where it is denied.
    DecisionDenial,
    /// `decision: "block"`, only where it is denied.
    Block,
    /// `cancel`.
    Cancel,
}

/// What a host makes of no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// It goes on with its own rules.
    GoesOn,
    /// It takes the hook for broken.
    IsAFault,
}

/// What becomes of the host's own question about a command that we allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowing {
    /// It is answered: what we allow is granted there too.
    Grants,
    /// It is left to the host: we say nothing.
    Quietly,
}

impl Host {
    /// Returns how long a person may take before we answer ourselves.
    #[must_use]
    pub fn patience(&self) -> Duration {
        self.limit.saturating_sub(self.reserve())
    }

    /// Returns the rest of the limit, which is for the answer's way.
    ///
    /// Nearly every host runs the command once its limit has passed.
    #[must_use]
    pub fn reserve(&self) -> Duration {
        const RESERVE: Duration = Duration::from_secs(15);
        RESERVE.min(self.limit / 4)
    }
}
