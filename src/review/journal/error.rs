//! Why the journal cannot vouch for a decision.

use crate::process::PrivateError;
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why the journal cannot vouch for a decision.
#[derive(Debug, Error)]
pub enum JournalError {
    /// The decision, or another one for this request, was used before.
    #[error("this decision was used before (HARP_ERR_REPLAY)")]
    Replayed,
    /// A line before the last is not what was written.
    #[error("{} was changed: line {line} is damaged", path.display())]
    Tampered {
        /// The journal.
        path: PathBuf,
        /// Number of the line, from 1.
        line: usize,
    },
    /// The journal comes from a later release.
    #[error("{} was written by a newer airlock-exec", path.display())]
    Newer {
        /// The journal.
        path: PathBuf,
    },
    /// It cannot be read, locked or made durable.
    #[error("the replay journal {} cannot be written: {source}", path.display())]
    System {
        /// The journal.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// Its directory or file is not private.
    #[error(transparent)]
    Private(#[from] PrivateError),
}

impl JournalError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Replayed => "run the command again: it will be asked anew".to_owned(),
            Self::Tampered { path, .. } => {
                format!("find out who changed it, then move {} away", path.display())
            }
            Self::Newer { .. } => "install the newer airlock-exec again".to_owned(),
            Self::System { source, .. } if is_want_of_space(source) => {
                "free some disk space and run the command again".to_owned()
            }
            // Whoever holds the lock.
            Self::System { source, .. } if source.kind() == io::ErrorKind::TimedOut => {
                "wait until that process is done, or end it if it hangs, and run the command again"
                    .to_owned()
            }
            Self::System { path, .. } => format!("check {}", path.display()),
            Self::Private(error) => error.hint(),
        }
    }
}

/// Tells whether the disk, a quota or a limit on the size of files is used up.
fn is_want_of_space(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}
