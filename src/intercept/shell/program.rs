//! The real shell's file.

use crate::process::is_own_binary;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Where shells of a name are: not `PATH`, which the agent sets.
const DIRECTORIES: &[&str] = &["/bin", "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"];
/// Programs that do what their name says.
const OF_MANY_NAMES: &[&str] = &["busybox", "toybox"];

/// Why there is no real shell to run.
#[derive(Debug, Error)]
pub enum ShellError {
    /// The file is not there.
    #[error("the real shell {} cannot be found: {source}", path.display())]
    Missing {
        /// The path of the settings, or of a startup gate.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// No shell of that name is where shells are.
    #[error("there is no {name} in {}", DIRECTORIES.join(", "))]
    NotInstalled {
        /// The name.
        name: &'static str,
    },
    /// The real shell would be us again.
    #[error("the real shell {} is airlock-exec itself", path.display())]
    Ourselves {
        /// The path of the settings, or of a startup gate.
        path: PathBuf,
    },
}

impl ShellError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Missing { .. } | Self::Ourselves { .. } => {
                "say which shell is meant: airlock-exec config set shell /bin/bash".to_owned()
            }
            Self::NotInstalled { name } => {
                format!("say where it is: airlock-exec config set shell /path/to/{name}")
            }
        }
    }

    /// Tells whether there is nothing that could be run.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        !matches!(self, Self::Ourselves { .. })
    }
}

/// Finds a shell of that name where shells are.
pub(super) fn of_name(name: &str) -> Option<PathBuf> {
    DIRECTORIES.iter().map(|directory| Path::new(directory).join(name)).find(|path| path.is_file())
}

/// Takes the shell of the settings when it is the one that is meant.
pub(super) fn if_named(path: PathBuf, name: &'static str) -> Result<PathBuf, ShellError> {
    if path.file_name().is_some_and(|found| found == name) {
        return Ok(path);
    }
    Err(ShellError::NotInstalled { name })
}

/// Makes sure that it is there and that it is not us.
pub(super) fn check(path: PathBuf) -> Result<PathBuf, ShellError> {
    match is_own_binary(&path) {
        Ok(false) => Ok(path),
        Ok(true) => Err(ShellError::Ourselves { path }),
        Err(source) => Err(ShellError::Missing { path, source }),
    }
}

/// Tells whether the program is one that does what its name says.
pub(super) fn goes_by_its_name(path: &Path) -> bool {
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    OF_MANY_NAMES.iter().any(|name| target.file_name().is_some_and(|found| found == *name))
}
