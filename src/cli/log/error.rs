//! Why the log cannot be shown or trusted.

use crate::client::PairingError;
use crate::config::PathsError;
use crate::process::PrivateError;
use crate::record::AuditError;
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why the log cannot be shown or trusted.
#[derive(Debug, Error)]
pub enum LogError {
    /// We do not know where it lies.
    #[error(transparent)]
    Paths(#[from] PathsError),
    /// It cannot be read.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The paired keys cannot be read.
    #[error(transparent)]
    Pairing(#[from] PairingError),
    /// Their directory is not private.
    #[error(transparent)]
    Private(#[from] PrivateError),
    /// Standard output does not take it.
    #[error("show the log: {0}")]
    Output(#[from] io::Error),
    /// There is no such command in it.
    #[error("the log knows no {id:?}")]
    NotFound {
        /// What was asked for.
        id: String,
    },
    /// A directory that was named cannot be found.
    #[error("{} cannot be looked at: {source}", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// It is not what was written.
    #[error("{} is not what was written: {faults} faults", path.display())]
    Faulty {
        /// The log.
        path: PathBuf,
        /// How many lines are wrong.
        faults: usize,
    },
}

impl LogError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Paths(error) => error.hint(),
            Self::Audit(error) => error.hint(),
            Self::Pairing(error) => error.hint(),
            Self::Private(error) => error.hint(),
            Self::Output(_) => "write to a file or a terminal that takes it".to_owned(),
            Self::NotFound { .. } => {
                "airlock-exec log prints the name of each command behind its time".to_owned()
            }
            Self::Directory { .. } => "name a directory that exists".to_owned(),
            Self::Faulty { path, .. } => format!(
                "see which lines with airlock-exec log verify, find out who changed them, and keep {}",
                path.display()
            ),
        }
    }
}
