//! Why nothing can be judged.

use crate::config::Complaint;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// A policy that cannot be used: then nothing runs by it.
#[derive(Debug, Error)]
pub enum PolicyError {
    /// A file cannot be used. Asking about everything would pass over what it forbids.
    #[error("the policy {}{}{complaint}", shown(path), complaint.separator())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and where.
        complaint: Complaint,
    },
    /// The operating system does not let us look for a file.
    #[error("the policy {} cannot be looked at: {source}", shown(path))]
    System {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
}

impl PolicyError {
    pub(super) fn unusable(path: &Path, complaint: Complaint) -> Self {
        Self::Unusable { path: path.to_owned(), complaint }
    }

    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Unusable { path, .. } => format!(
                "mend {}; until then nothing runs, because what it forbids is not known",
                shown(path)
            ),
            Self::System { path, .. } => format!(
                "see: ls -ld {}; until it is mended nothing runs, because what it forbids is not known",
                shown(path)
            ),
        }
    }
}

/// A path as a person can read it: a project chooses the names of its directories.
fn shown(path: &Path) -> String {
    crate::request::text::word(path.as_os_str())
}
