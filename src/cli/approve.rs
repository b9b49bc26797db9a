//! `airlock-exec approve`: asks about a line that a shell runs itself.
//!
//! The contract is that of `airlock-cli approve`, so that what was written for it works
//! with us: 0 approved, 1 denied, 2 not verified, 3 timed out; nothing on standard
//! output; standard input is not read. Whatever else goes wrong is 1: the published
//! plugins go on when they read any other number.

use super::gate::{self, Patience};
use super::{panic, report};
use crate::config::Paths;
use crate::error::Error;
use crate::exit::{Outcome, SUCCESS};
use crate::intercept::{Interception, Invocation};
use crate::process::{self, Environment};
use crate::request::{Request, RequestError};
use crate::run::Exit;
use clap::Args;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

const CONTRACT: &str = "\
Status: 0 approved, and the caller may run the line; 1 denied, or nobody could be
asked; 2 a decision came that could not be trusted; 3 no decision in time.
Nothing is written to standard output, and standard input is not read.

Plugins written for airlock-cli work with AIRLOCK_CLI=airlock-exec. Set
AIRLOCK_FAIL_MODE=closed for them, or they run a line that timed out. Ours never do:
airlock-exec shell-plugin bash";

/// The status at which every plugin keeps the line from running.
const DENIED: u8 = 1;

/// Asks a person about a line of a shell, and runs nothing.
#[derive(Debug, Args)]
#[command(after_help = CONTRACT)]
pub(super) struct ApproveArguments {
    /// The whole line, as the shell will read it
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    command: OsString,
    /// The shell that will run it
    #[arg(long, value_name = "NAME", default_value = "sh")]
    shell: OsString,
    /// The directory it will run in, when that is another than this one
    #[arg(long, value_name = "DIRECTORY")]
    cwd: Option<PathBuf>,
    /// How many seconds to wait; otherwise as `timeouts.wait` says
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: Option<u64>,
    /// Taken, and not believed: an approver reads what we see for ourselves
    #[arg(long, value_name = "ID")]
    session_id: Option<OsString>,
    /// As --session-id
    #[arg(long, value_name = "PID")]
    shell_pid: Option<OsString>,
    /// As --session-id
    #[arg(long, value_name = "NAME")]
    host: Option<OsString>,
}

/// How the contract tells what became of the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Approved,
    Denied,
    NotVerified,
    TimedOut,
}

impl Answer {
    fn exit(self) -> Exit {
        match self {
            Self::Approved => SUCCESS,
            Self::Denied => Exit::Code(DENIED),
            Self::NotVerified => Exit::Code(2),
            Self::TimedOut => Exit::Code(3),
        }
    }

    /// Reads how a command ended that did not run. A signal is no answer, and the end it
    /// makes is not in the contract.
    fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Untrusted => Self::NotVerified,
            Outcome::Undecided => Self::TimedOut,
            Outcome::Rejected
            | Outcome::Forbidden
            | Outcome::Gateway
            | Outcome::Failed
            | Outcome::NotExecutable
            | Outcome::NotFound
            | Outcome::Interrupted(_) => Self::Denied,
        }
    }
}

/// Runs `airlock-exec approve`.
pub(super) fn run(arguments: ApproveArguments, environment: Environment) -> Exit {
    panic::end_with(DENIED);
    let answer = match ask(arguments, environment) {
        Ok(()) => Answer::Approved,
        Err(error) => {
            report::refusal(&error);
            Answer::of(error.outcome())
        }
    };
    answer.exit()
}

/// Makes the end after arguments that make no sense one of the contract.
pub(super) fn refused_usage(shown: Exit) -> Exit {
    if shown == SUCCESS { shown } else { Answer::Denied.exit() }
}

fn ask(arguments: ApproveArguments, environment: Environment) -> Result<(), Error> {
    let patience =
        Patience { wait: arguments.timeout.map(Duration::from_secs), ..Patience::default() };
    if let Some(directory) = &arguments.cwd {
        process::enter(directory).map_err(RequestError::Directory)?;
    }
    let paths = Paths::from_environment(&environment)?;
    let words = vec![arguments.shell, "-c".into(), arguments.command];
    let invocation = Invocation::new(Interception::Approve, words)?;
    let request = Request::capture(invocation, environment)?;
    gate::release(gate::permit(request, &paths, patience)?.permit, &paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_end_is_one_of_the_contract() {
        for (outcome, status) in [
            (Outcome::Rejected, 1),
            (Outcome::Forbidden, 1),
            (Outcome::Gateway, 1),
            (Outcome::Failed, 1),
            (Outcome::NotExecutable, 1),
            (Outcome::NotFound, 1),
            (Outcome::Interrupted(2), 1),
            (Outcome::Untrusted, 2),
            (Outcome::Undecided, 3),
        ] {
            assert_eq!(Answer::of(outcome).exit(), Exit::Code(status), "{outcome:?}");
        }
    }
}
