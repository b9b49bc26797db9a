//! What comes out of judging, and why.

use super::approvals::Approvals;
use super::asked::Asked;
use super::basis::Basis;
use super::log_allowed::LogAllowed;
use super::tool::{Effect, Family};
use crate::request::Request;
use std::borrow::Cow;
use std::ffi::CStr;

/// What a rule says about a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Decision {
    /// It runs without a question.
    Allow,
    /// A person decides.
    #[default]
    Ask,
    /// It does not run.
    Deny,
}

impl Decision {
    /// Returns the word used in files and output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Ask => "ask",
            Self::Deny => "deny",
        }
    }
}

/// What is to be done with the request that was judged.
#[derive(Debug)]
pub enum Verdict {
    /// It runs without a question.
    Allow(Allowed),
    /// A person decides.
    Ask(Asked),
    /// It does not run.
    Deny(Denial, Request),
}

/// A request with the policy's word that it may run; only this room can make one.
///
/// It holds the very request that was judged, so the word is good for no other.
#[derive(Debug)]
pub struct Allowed {
    request: Request,
    log: LogAllowed,
}

impl Allowed {
    /// Takes the request and the environment entries that switch off what the
    /// command would run besides itself; nothing else about the request changes.
    pub(super) fn new(
        request: Request,
        additions: Vec<Cow<'static, CStr>>,
        log: LogAllowed,
    ) -> Self {
        Self { request: request.with_additions(additions), log }
    }

    /// Returns what may run.
    #[must_use]
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Tells whether it is written down.
    #[must_use]
    pub fn log(&self) -> LogAllowed {
        self.log
    }

    /// Gives what may run to whoever runs it.
    #[must_use]
    pub(crate) fn into_request(self) -> Request {
        self.request
    }
}

/// A command that a rule forbids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// The rule: file and line.
    pub rule: String,
    /// What the rule's author says about it.
    pub reason: Option<String>,
    /// Which part of the command it reached, and how.
    pub because: String,
}

impl Denial {
    /// Returns the reason in the author's words, escaped, or what it rests on.
    #[must_use]
    pub fn words(&self) -> String {
        let text = self.reason.as_deref().unwrap_or(&self.because);
        crate::display::Displayable::from(text).to_string()
    }

    /// Returns the next step.
    #[must_use]
    pub fn hint(&self) -> String {
        "do it another way, or ask the person who keeps the policy".to_owned()
    }
}

/// A program that an allowed command starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    /// The command word.
    pub(super) word: Vec<u8>,
    /// What the table knows it obeys; `None` when no table knows it.
    pub(super) obeys: Option<Family>,
    /// What it was allowed to do.
    pub(super) effect: Effect,
    /// The other repository that it names, if it reaches one.
    pub(super) remote: Option<Vec<u8>>,
    /// Who finds its file.
    pub(super) finder: Finder,
}

/// Who finds the file of a command word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Finder {
    /// We did, and hold it.
    Ours,
    /// A shell does, when it comes to it.
    Shell,
}

/// A decision and what it rests on.
#[derive(Debug)]
pub struct Judgement {
    pub(super) decision: Decision,
    pub(super) basis: Basis,
    /// How many must approve, if it is asked about.
    pub(super) approvals: Approvals,
    /// What runs if it is allowed.
    pub(super) runs: Vec<Run>,
}

impl Judgement {
    pub(super) fn new(decision: Decision, basis: Basis) -> Self {
        Self { decision, basis, approvals: Approvals::ONE, runs: Vec::new() }
    }

    /// Raises how many must approve.
    pub(super) fn needing(mut self, approvals: Approvals) -> Self {
        self.approvals = self.approvals.max(approvals);
        self
    }

    /// Adds a program that runs.
    pub(super) fn starting(mut self, runs: impl IntoIterator<Item = Run>) -> Self {
        self.runs.extend(runs);
        self
    }

    pub(super) fn ask(basis: Basis) -> Self {
        Self::new(Decision::Ask, basis)
    }

    /// Returns what is to be done.
    #[must_use]
    pub fn decision(&self) -> Decision {
        self.decision
    }

    /// Returns how many must approve, if it is asked about.
    #[must_use]
    pub fn approvals(&self) -> Approvals {
        self.approvals
    }

    /// Returns the rule that decided: file and line, or `built in` and a use.
    #[must_use]
    pub fn rule(&self) -> Option<String> {
        self.basis.rule()
    }

    /// Returns what the rule's author says about it.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.basis.reason()
    }

    /// Returns which part of the command decided, and how.
    #[must_use]
    pub fn because(&self) -> String {
        self.basis.to_string()
    }

    /// Returns the stricter of two, the first of equals; as many must approve as the one
    /// says that says more.
    pub(super) fn stricter(self, other: Self) -> Self {
        let rank = |each: &Self| (each.decision, each.approvals);
        let approvals = self.approvals.max(other.approvals);
        let stricter = if rank(&other) > rank(&self) { other } else { self.starting(other.runs) };
        stricter.needing(approvals)
    }
}
