//! Why the settings cannot be used.

use super::source::Source;
use crate::config::Complaint;
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Settings that cannot be used: then nobody is asked, and nothing runs by them.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// A file cannot be used; none of it counts.
    #[error("the settings {}:{}{complaint}", path.display(), if complaint.position.is_none() { " " } else { "" })]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and where.
        complaint: Complaint,
    },
    /// The operating system does not let us read or write a file.
    #[error("cannot {action} {}: {source}", path.display())]
    System {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// A variable says what no variable may say, or says it wrongly.
    #[error("${name}: {message}")]
    Variable {
        /// Its name.
        name: &'static str,
        /// What is wrong.
        message: String,
    },
    /// Two settings cannot hold together.
    #[error("{first} and {second} contradict each other: {why}")]
    Contradiction {
        /// One of them, and where it stands.
        first: String,
        /// The other, and where it stands.
        second: String,
        /// Why.
        why: &'static str,
    },
    /// The administrator's file keeps the user's from saying this.
    #[error("`{name}` ({given}) is locked by {lock}")]
    Locked {
        /// The setting.
        name: &'static str,
        /// Where it was given.
        given: Source,
        /// The file that locks it.
        lock: String,
    },
    /// A setting is needed and not there.
    #[error("`{name}` is not set, and {why}")]
    Missing {
        /// The setting.
        name: &'static str,
        /// What needs it.
        why: &'static str,
    },
    /// There is no setting of that name.
    #[error("there is no setting `{name}`; {suggestion}")]
    Unknown {
        /// The name.
        name: String,
        /// The nearest, or all.
        suggestion: String,
    },
    /// A value that a setting cannot have.
    #[error("`{name}`: {message}")]
    Value {
        /// The setting.
        name: String,
        /// What to write instead.
        message: String,
    },
}

impl ConfigError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Unusable { path, .. } => format!("mend {} and try again", path.display()),
            Self::System { path, .. } => format!("see: ls -ld {}", path.display()),
            Self::Variable { name, .. } => format!("unset {name} and try again"),
            Self::Contradiction { .. } => {
                "take one of them away; airlock-exec config path names the files".to_owned()
            }
            Self::Locked { name, .. } => {
                format!("take `{name}` out of your file, or ask the administrator")
            }
            Self::Missing { name, .. } => format!("airlock-exec config set {name} VALUE"),
            Self::Unknown { .. } | Self::Value { .. } => {
                "airlock-exec config show lists every setting".to_owned()
            }
        }
    }
}
