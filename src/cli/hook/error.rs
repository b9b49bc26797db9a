//! Why a hook was not set up or taken out.

use super::git::GitHooksError;
use super::placed::PlacedError;
use crate::config::PathsError;
use crate::intercept::agent::DocumentError;
use crate::process::{ForeignError, PrivateError};
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why a hook was not set up or taken out.
#[derive(Debug, Error)]
pub enum HookCommandError {
    /// The hooks of a repository are not as they were to be.
    #[error(transparent)]
    Git(#[from] GitHooksError),
    /// No such agent.
    #[error("there is no agent {0:?} we know")]
    UnknownAgent(String),
    /// It reads no hooks in a project.
    #[error("{0} reads no hooks from a project")]
    NoProject(&'static str),
    /// The directory of the project cannot be found.
    #[error("the project {}: {source}", path.display())]
    Project {
        /// What was named.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// Its file is not there, and we cannot make it.
    #[error("{} is not there", .0.display())]
    NoFile(PathBuf),
    /// Another program's hook is where ours would be.
    #[error("{} is not ours", .0.display())]
    Occupied(PathBuf),
    /// Its file cannot be used.
    #[error("{}: {source}", path.display())]
    Document {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: DocumentError,
    },
    /// Its file must be left alone.
    #[error(transparent)]
    Foreign(#[from] ForeignError),
    /// It is not known where hooks were installed.
    #[error(transparent)]
    Placed(#[from] PlacedError),
    /// Some hooks were not taken out.
    #[error("hooks that cannot be taken out: {count}, named above")]
    SomeStay {
        /// How many.
        count: usize,
    },
    /// The copy of its file cannot be kept.
    #[error(transparent)]
    Private(#[from] PrivateError),
    /// We do not know where files lie.
    #[error(transparent)]
    Paths(#[from] PathsError),
    /// It is not known where we are.
    #[error("our own file is not known: {0}")]
    Binary(io::Error),
    /// Nobody reads what we say.
    #[error("write to standard output: {0}")]
    Output(#[from] io::Error),
}

impl HookCommandError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Git(error) => error.hint(),
            Self::UnknownAgent(_) => "see: airlock-exec hook list".to_owned(),
            Self::NoProject(_) => "leave --project out".to_owned(),
            Self::Project { .. } => "check the directory given with --project".to_owned(),
            Self::NoFile(_) => "make the agent first, then install the hook again".to_owned(),
            Self::Occupied(path) => {
                format!("move it away, or call airlock-exec from it: {}", path.display())
            }
            Self::Document { path, .. } => {
                format!("mend it, or move it away: {}; nothing was changed", path.display())
            }
            Self::Foreign(error) => error.hint(),
            Self::Placed(error) => error.hint(),
            Self::SomeStay { .. } => {
                "mend what is said of each, then: airlock-exec hook uninstall --all".to_owned()
            }
            Self::Private(error) => error.hint(),
            Self::Paths(error) => error.hint(),
            Self::Binary(_) => "install airlock-exec again".to_owned(),
            Self::Output(_) => "check where standard output goes".to_owned(),
        }
    }
}
