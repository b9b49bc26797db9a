//! Why a shim was not made or taken away.

use crate::display::Displayable;
use crate::process::PrivateError;
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why shims were not changed.
#[derive(Debug, Error)]
pub enum ShimError {
    /// No shim can have that name.
    #[error("'{}' cannot be the name of a shim: {why}", Displayable::from(name.as_os_str()))]
    Name {
        /// The name.
        name: OsString,
        /// What is wrong about it.
        why: &'static str,
    },
    /// Something that we did not make stands where the shim would.
    #[error("{} is not a shim of ours", Displayable::from(path.as_path()))]
    NotOurs {
        /// Where it stands.
        path: PathBuf,
    },
    /// There is no such shim.
    #[error("there is no shim of {}", Displayable::from(name.as_os_str()))]
    Absent {
        /// The name.
        name: OsString,
    },
    /// A search path cannot name the directory of the shims.
    #[error("{} cannot stand in PATH: it has a colon or a line break", Displayable::from(path.as_path()))]
    Unsayable {
        /// The directory.
        path: PathBuf,
    },
    /// The directory of the shims cannot be used.
    #[error(transparent)]
    Directory(#[from] PrivateError),
    /// The system said no.
    #[error("cannot {action} {}: {source}", Displayable::from(path.as_path()))]
    System {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Its answer.
        source: io::Error,
    },
}

impl ShimError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Name { .. } => {
                "give the names of programs: airlock-exec shim install git npm".to_owned()
            }
            Self::NotOurs { path } => {
                format!(
                    "see what it is, and move it away: ls -l {}",
                    Displayable::from(path.as_path())
                )
            }
            Self::Absent { .. } => "see which there are: airlock-exec shim list".to_owned(),
            Self::Unsayable { .. } => "set XDG_DATA_HOME to another directory".to_owned(),
            Self::Directory(error) => error.hint(),
            Self::System { path, .. } => {
                let directory = path.parent().unwrap_or(path);
                format!(
                    "make {} writable for you, or set XDG_DATA_HOME",
                    Displayable::from(directory)
                )
            }
        }
    }
}
