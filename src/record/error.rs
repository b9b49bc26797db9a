//! Why something cannot be written down, or read again.

use crate::process::PrivateError;
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why something cannot be written down, or read again.
#[derive(Debug, Error)]
pub enum AuditError {
    /// It is not what was written.
    #[error("the audit log {} was changed: {what}", path.display())]
    Tampered {
        /// The log.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The log comes from a later release.
    #[error("the audit log {} was written by a newer airlock-exec", path.display())]
    Newer {
        /// The log.
        path: PathBuf,
    },
    /// A record is longer than any that is read again.
    #[error("a record of {bytes} bytes is too long for the audit log")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// It cannot be read, locked or made durable.
    #[error("the audit log {} cannot be written: {source}", path.display())]
    System {
        /// The log.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// Its directory or file is not private.
    #[error(transparent)]
    Private(#[from] PrivateError),
}

impl AuditError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
        match self {
            Self::Tampered { .. } => {
                "what is not recorded does not run: see airlock-exec log verify, \
                 find out who changed it, then let airlock-exec doctor --repair put it aside"
                    .to_owned()
            }
            Self::Newer { .. } => "install the newer airlock-exec again".to_owned(),
            Self::TooLong { .. } => "shorten the command or put it into a script".to_owned(),
            Self::System { source, .. }
                if matches!(source.kind(), StorageFull | QuotaExceeded | FileTooLarge) =>
            {
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
