//! What all files of the approver have in common: lock, version, damage.

use crate::crypto::RandomError;
use crate::process::{FileLock, PrivateDir, PrivateError};
use serde::Deserialize;
use std::path::PathBuf;
use std::time::Duration;
use thiserror::Error;

/// Why the approver's files cannot be used.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The file or its directory is not private, or the system refused.
    #[error(transparent)]
    Private(#[from] PrivateError),
    /// The file is not what we write.
    #[error("read {}: {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// A later version of this program wrote it.
    #[error("read {}: its version is {version}, this program knows {known}", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version it carries.
        version: u32,
        /// The version we write.
        known: u32,
    },
    /// Another process holds the lock, or it cannot be taken.
    #[error("lock {}: {source}", path.display())]
    Lock {
        /// The directory.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
    /// No key could be made.
    #[error(transparent)]
    Random(#[from] RandomError),
}

impl StoreError {
    pub(super) fn damaged(directory: &PrivateDir, file: &str, what: String) -> Self {
        Self::Damaged { path: directory.path().join(file), what }
    }

    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Private(error) => error.hint(),
            Self::Damaged { path, .. } => {
                format!("move {} away and pair this approver again", path.display())
            }
            Self::Newer { .. } => "use the newer airlock-exec that wrote it".to_owned(),
            Self::Lock { .. } => "wait for the other airlock-exec and try again".to_owned(),
            Self::Random(error) => error.hint().to_owned(),
        }
    }
}

/// Takes the lock of the approver's directory.
pub(super) fn lock(directory: &PrivateDir) -> Result<FileLock, StoreError> {
    const PATIENCE: Duration = Duration::from_secs(5);
    let file = directory.append("lock")?;
    FileLock::take_within(&file, PATIENCE)
        .map_err(|source| StoreError::Lock { path: directory.path().to_owned(), source })
}

/// Refuses a file without a version, or with one that is not ours.
pub(super) fn check_version(
    directory: &PrivateDir,
    file: &str,
    bytes: &[u8],
    known: u32,
) -> Result<(), StoreError> {
    #[derive(Deserialize)]
    struct Versioned {
        version: u32,
    }
    let found: Versioned = serde_json::from_slice(bytes)
        .map_err(|error| StoreError::damaged(directory, file, error.to_string()))?;
    if found.version == known {
        return Ok(());
    }
    Err(StoreError::Newer { path: directory.path().join(file), version: found.version, known })
}
