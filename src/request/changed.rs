//! What is not as it was when it was reviewed.

use super::text;
use crate::crypto::Sha256Digest;
use std::path::PathBuf;
use thiserror::Error;

/// A file is not what the approver saw: nothing may run.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{} {difference}", text::word(path.as_os_str()))]
pub struct Changed {
    /// The file.
    pub path: PathBuf,
    /// How it differs.
    pub difference: Difference,
}

/// How a file differs from what was reviewed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Difference {
    /// It holds something else.
    #[error("was changed after it was reviewed: its sha256 was {reviewed} and is {found}")]
    Content {
        /// The digest the approver saw.
        reviewed: Sha256Digest,
        /// The digest it has now.
        found: Sha256Digest,
    },
    /// Another file of the same content lies there.
    #[error("was replaced after it was reviewed, by a file of the same content")]
    Replaced,
    /// There was none, and now there is.
    #[error("was not there when this was reviewed, and is there now")]
    Appeared,
    /// It is gone, or cannot be read any more.
    #[error("cannot be compared with what was reviewed: {0}")]
    Unreadable(String),
    /// It was something that cannot be read as a file, and is something else now.
    #[error("was {reviewed} when this was reviewed, and is {found} now")]
    Kind {
        /// What it was.
        reviewed: &'static str,
        /// What it is.
        found: &'static str,
    },
}

impl Changed {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        "the approval is spent; look at what changed it, then ask again by running the command again"
            .to_owned()
    }
}
