//! `airlock-exec policy`: says what would become of a command, and why.

mod answer;
mod arguments;
mod list;
mod reference;
mod test;

pub use arguments::PolicyArguments;

use crate::config::{Paths, PathsError};
use crate::display::counted;
use crate::policy::{Origin, PolicyError};
use crate::process::{Environment, WorkingDirectory};
use arguments::{Action, Subject};
use std::io::{self, Write as _};
use thiserror::Error;

/// Why `airlock-exec policy` has no answer.
#[derive(Debug, Error)]
pub enum PolicyCommandError {
    /// We do not know where our files lie.
    #[error(transparent)]
    Paths(#[from] PathsError),
    /// The policy cannot be used.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The working directory cannot be held.
    #[error("the working directory cannot be opened: {0}")]
    Directory(io::Error),
    /// There is no command to judge.
    #[error("no command given")]
    NoCommand,
    /// Some examples do not hold.
    #[error("{failed} of {} do not hold", counted(*all, "example"))]
    Examples {
        /// How many do not.
        failed: usize,
        /// How many there are.
        all: usize,
    },
    /// The answer cannot be written.
    #[error("standard output cannot be written: {0}")]
    Output(#[from] io::Error),
}

impl PolicyCommandError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Paths(error) => error.hint(),
            Self::Policy(error) => error.hint(),
            Self::Directory(_) => "go to a directory that exists: cd".to_owned(),
            Self::NoCommand => {
                "airlock-exec policy check -- git status, or --shell 'git status | wc -l'"
                    .to_owned()
            }
            Self::Examples { .. } => {
                "mend the rules or the examples; until then nothing runs by these files".to_owned()
            }
            Self::Output(_) => "see where standard output leads".to_owned(),
        }
    }
}

/// Runs `airlock-exec policy`.
///
/// # Errors
///
/// [`PolicyCommandError`]; whatever was decided is on standard output before.
pub fn run(
    arguments: PolicyArguments,
    environment: &Environment,
) -> Result<(), PolicyCommandError> {
    match arguments.action {
        Action::Check(subject) => answer::check(&subject, environment),
        Action::Explain(subject) => answer::explain(&subject, environment),
        Action::Test { policy, json } => test::run(policy.as_deref(), json, environment),
        Action::List { policy, json, tool } => {
            list::run(policy.as_deref(), json, tool.as_deref(), environment)
        }
        Action::Reference => Ok(io::stdout().write_all(reference::markdown().as_bytes())?),
    }
}

/// Returns the policy that was asked about.
fn origin<'a>(file: Option<&'a std::path::Path>, paths: &'a Paths) -> Origin<'a> {
    file.map_or(Origin::Layers(paths), Origin::File)
}

fn directory() -> Result<WorkingDirectory, PolicyCommandError> {
    WorkingDirectory::capture().map_err(PolicyCommandError::Directory)
}

/// Makes text of a policy's author or of a command harmless on a terminal.
fn plain(text: &str) -> String {
    crate::display::Displayable::from(text).to_string()
}
