//! Failures of every stage, and what to do next.

use crate::cli::account::AccountCommandError;
use crate::cli::approver::ApproverCommandError;
use crate::cli::config::ConfigCommandError;
use crate::cli::demo::DemoError;
use crate::cli::gateway::GatewayCommandError;
use crate::cli::grant::GrantCommandError;
use crate::cli::hook::HookCommandError;
use crate::cli::log::LogError;
use crate::cli::pairing::PairingCommandError;
use crate::cli::policy::PolicyCommandError;
use crate::cli::replay::ReplayError;
use crate::cli::session::SessionError;
use crate::cli::shim::ShimCommandError;
use crate::cli::{LocalError, UpstreamError, UsageError};
use crate::client::PairingError;
use crate::config::{ConfigError, PathsError};
use crate::exit::Outcome;
use crate::intercept::shell::ShellError;
use crate::intercept::{EmptyInvocation, Interception};
use crate::policy::{Denial, PolicyError};
use crate::record::AuditError;
use crate::record::cast::ShelfError;
use crate::request::RequestError;
use crate::request::git::UndoError;
use crate::review::{JournalError, Refusal};
use crate::run::{RunError, RunErrorKind};
use thiserror::Error;

/// Anything that keeps a command from running, or a subcommand from working.
#[derive(Debug, Error)]
pub enum Error {
    /// The arguments make no sense.
    #[error(transparent)]
    Usage(#[from] UsageError),
    /// There is no real shell to hand over to.
    #[error(transparent)]
    Shell(#[from] ShellError),
    /// There is nothing that could be run.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The review did not end in a permit.
    #[error(transparent)]
    Review(#[from] Refusal),
    /// It cannot be written down, so it does not run.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// What it takes away cannot be kept, and its approver was promised that it is.
    #[error(transparent)]
    Undo(#[from] UndoError),
    /// It cannot be recorded, and is to be, so it does not run.
    #[error(transparent)]
    Recording(#[from] ShelfError),
    /// The policy cannot be used.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A rule of the policy says no.
    #[error("forbidden by policy ({})", .0.rule)]
    Forbidden(Denial),
    /// It is the canary of `airlock-exec doctor`, which is never run.
    #[error("canary {nonce} caught by the {}", way.word())]
    Canary {
        /// What it was marked with, escaped.
        nonce: String,
        /// The way in that caught it.
        way: Interception,
    },
    /// The command was permitted and could not be started.
    #[error(transparent)]
    Run(#[from] RunError),
    /// We do not know where our files lie.
    #[error(transparent)]
    Paths(#[from] PathsError),
    /// The settings cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The config subcommand failed.
    #[error(transparent)]
    ConfigCommand(#[from] ConfigCommandError),
    /// There is no way to the gateway.
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    /// It cannot be told how this machine stands.
    #[error(transparent)]
    Standing(UpstreamError),
    /// Nobody signed in or out.
    #[error(transparent)]
    Account(#[from] AccountCommandError),
    /// Local mode does not work.
    #[error(transparent)]
    Local(#[from] LocalError),
    /// The gateway subcommand failed.
    #[error(transparent)]
    Gateway(#[from] GatewayCommandError),
    /// The approver subcommand failed.
    #[error(transparent)]
    Approver(#[from] ApproverCommandError),
    /// The pair, pairings or unpair subcommand failed.
    #[error(transparent)]
    Pairing(#[from] PairingCommandError),
    /// The policy subcommand has no answer.
    #[error(transparent)]
    PolicyCommand(#[from] PolicyCommandError),
    /// The shims cannot be changed or shown.
    #[error(transparent)]
    Shim(#[from] ShimCommandError),
    /// There is no grant.
    #[error(transparent)]
    Grant(#[from] GrantCommandError),
    /// No hook was set up or taken out.
    #[error(transparent)]
    Hook(#[from] HookCommandError),
    /// There is no session.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The log cannot be shown, or is not what was written.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A recording cannot be played.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// The demo did not show what it should.
    #[error(transparent)]
    Demo(#[from] DemoError),
}

impl From<EmptyInvocation> for Error {
    fn from(_: EmptyInvocation) -> Self {
        Self::Usage(UsageError::NoCommand)
    }
}

impl Error {
    /// Returns the approver's words, escaped, when there are any.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        match self {
            Self::Review(refusal) => refusal.reason(),
            Self::Grant(error) => error.inner().and_then(Self::reason),
            Self::Forbidden(denial) => Some(denial.words()),
            _ => None,
        }
    }

    /// Returns the next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Usage(error) => error.hint(),
            Self::Shell(error) => error.hint(),
            Self::Request(error) => error.hint(),
            Self::Review(refusal) => refusal.hint(),
            Self::Audit(error) => error.hint(),
            Self::Undo(error) => error.hint(),
            Self::Recording(error) => error.hint(),
            Self::Run(error) => error.hint(),
            Self::Policy(error) => error.hint(),
            Self::Forbidden(denial) => denial.hint(),
            Self::Canary { .. } => "unset AIRLOCK_EXEC_CANARY to run commands".to_owned(),
            Self::Paths(error) => error.hint(),
            Self::Config(error) => error.hint(),
            Self::ConfigCommand(error) => error.hint(),
            Self::Upstream(error) | Self::Standing(error) => error.hint(),
            Self::Account(error) => error.hint(),
            Self::Local(error) => error.hint(),
            Self::Gateway(error) => error.hint(),
            Self::Approver(error) => error.hint(),
            Self::Pairing(error) => error.hint(),
            Self::PolicyCommand(error) => error.hint(),
            Self::Grant(error) => error.hint(),
            Self::Hook(error) => error.hint(),
            Self::Session(error) => error.hint(),
            Self::Log(error) => error.hint(),
            Self::Replay(error) => error.hint(),
            Self::Demo(error) => error.hint(),
            Self::Shim(error) => error.hint(),
        }
    }

    /// Tells whether a command was to be run: then none was.
    #[must_use]
    pub fn concerns_a_command(&self) -> bool {
        !matches!(
            self,
            Self::Usage(UsageError::NoCommand)
                | Self::Account(_)
                | Self::Standing(_)
                | Self::ConfigCommand(_)
                | Self::Gateway(_)
                | Self::Approver(_)
                | Self::Pairing(_)
                | Self::Grant(_)
                | Self::Hook(_)
                | Self::Log(_)
                | Self::Replay(_)
                | Self::Demo(_)
                | Self::PolicyCommand(_)
                | Self::Shim(_)
        )
    }

    /// Returns what became of the command or the subcommand.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Shell(error) if error.is_missing() => Outcome::NotFound,
            Self::Request(
                RequestError::NotFound { .. }
                | RequestError::NothingBehind { .. }
                | RequestError::Round(_),
            ) => Outcome::NotFound,
            Self::Request(RequestError::NotExecutable { .. }) => Outcome::NotExecutable,
            Self::Review(refusal) => refused(refusal),
            Self::Forbidden(_) | Self::Canary { .. } => Outcome::Forbidden,
            Self::Grant(error) => error.inner().map_or(Outcome::Failed, Self::outcome),
            Self::Log(LogError::Faulty { .. }) => Outcome::Untrusted,
            Self::Run(error) => match error.kind() {
                RunErrorKind::NotFound => Outcome::NotFound,
                RunErrorKind::NotExecutable => Outcome::NotExecutable,
                RunErrorKind::Changed => Outcome::Untrusted,
                RunErrorKind::Environment => Outcome::Failed,
            },
            Self::Upstream(error) | Self::Standing(error) => error.outcome(),
            Self::Account(error) => error.outcome(),
            Self::Pairing(error) => error.outcome(),
            Self::Approver(error) => error.outcome(),
            Self::Local(error) if error.is_gateway_trouble() => Outcome::Gateway,
            Self::Demo(DemoError::Interrupted { signal }) => Outcome::Interrupted(*signal),
            _ => Outcome::Failed,
        }
    }
}

fn refused(refusal: &Refusal) -> Outcome {
    match refusal {
        Refusal::Rejected { .. } | Refusal::RejectedBefore { .. } => Outcome::Rejected,
        Refusal::DeniedByPolicy { .. } => Outcome::Forbidden,
        Refusal::TimedOut { .. }
        | Refusal::TooLate { .. }
        | Refusal::TooFew { .. }
        | Refusal::StillOpen { .. }
        | Refusal::TooMany { .. }
        | Refusal::TooOften { .. }
        | Refusal::Ended { .. }
        | Refusal::CallerGone => Outcome::Undecided,
        Refusal::Untrusted(_)
        | Refusal::Conflict
        | Refusal::Changed(_)
        | Refusal::Journal(JournalError::Replayed) => Outcome::Untrusted,
        Refusal::Gateway(error) if error.status() == Some(410) => Outcome::Undecided,
        Refusal::Gateway(error) if matches!(error.status(), Some(400 | 413 | 426)) => {
            Outcome::Failed
        }
        Refusal::Gateway(_)
        | Refusal::Pairing(
            PairingError::NotPaired
            | PairingError::Revoked { .. }
            | PairingError::TooFew { .. }
            | PairingError::NoPasskeys { .. },
        ) => Outcome::Gateway,
        Refusal::Pairing(_)
        | Refusal::Journal(_)
        | Refusal::Crowd(_)
        | Refusal::Bind(_)
        | Refusal::Seal(_)
        | Refusal::Runtime(_) => Outcome::Failed,
        Refusal::Interrupted { signal } => Outcome::Interrupted(*signal),
    }
}
