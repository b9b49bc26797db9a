//! The directories of the XDG Base Directory Specification, below ours.

use crate::process::Environment;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why we do not know where our files lie.
#[derive(Debug, Error)]
pub enum PathsError {
    /// Neither `HOME` nor the XDG variable is set to an absolute path.
    #[error("HOME is not set to an absolute path")]
    NoHome,
}

impl PathsError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        "set HOME to your home directory".to_owned()
    }
}

/// Where our files lie, one directory for each kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    config: PathBuf,
    state: PathBuf,
    data: PathBuf,
    runtime: PathBuf,
}

impl Paths {
    /// Works out the directories from `HOME` and the XDG variables.
    ///
    /// Empty and relative values are ignored, as the specification asks. Without
    /// `XDG_RUNTIME_DIR` the sockets and locks lie below the state directory.
    ///
    /// # Errors
    ///
    /// [`PathsError::NoHome`] when a directory depends on a `HOME` that is not set.
    pub fn from_environment(environment: &Environment) -> Result<Self, PathsError> {
        let absolute =
            |name: &str| environment.value(name).map(Path::new).filter(|path| path.is_absolute());
        let home = absolute("HOME");
        let below = |name: &str, fallback: &str| -> Result<PathBuf, PathsError> {
            match absolute(name) {
                Some(base) => Ok(ours(base, "")),
                None => Ok(ours(home.ok_or(PathsError::NoHome)?, fallback)),
            }
        };
        let state = below("XDG_STATE_HOME", ".local/state")?;
        let runtime =
            absolute("XDG_RUNTIME_DIR").map_or_else(|| state.join("run"), |base| ours(base, ""));
        Ok(Self {
            config: below("XDG_CONFIG_HOME", ".config")?,
            data: below("XDG_DATA_HOME", ".local/share")?,
            state,
            runtime,
        })
    }

    /// Returns where settings lie: `config.toml`, `policy.toml`.
    #[must_use]
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// Returns the user's file of settings.
    #[must_use]
    pub fn settings(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// Returns where what we remember lies: pairings, journal, logs.
    #[must_use]
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// Returns where what we install lies: shims.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Returns where the shims lie.
    #[must_use]
    pub fn shims(&self) -> PathBuf {
        self.data.join("shims")
    }

    /// Returns where what lives as long as the session lies: locks, endpoints.
    #[must_use]
    pub fn runtime(&self) -> &Path {
        &self.runtime
    }

    /// Returns where those who watch a running command have their sockets.
    #[must_use]
    pub fn running(&self) -> PathBuf {
        self.runtime.join("running")
    }

    /// Returns where it is noted what agents' hooks were answered.
    #[must_use]
    pub fn handed(&self) -> PathBuf {
        self.runtime.join("handed")
    }

    /// Returns where the enforcer keeps its identity, pairings and journal.
    #[must_use]
    pub fn enforcer(&self) -> PathBuf {
        self.state.join("enforcer")
    }

    /// Returns where grants are kept.
    #[must_use]
    pub fn grants(&self) -> PathBuf {
        self.state.join("grants")
    }

    /// Returns where it is written down what was asked, decided and run.
    #[must_use]
    pub fn audit(&self) -> PathBuf {
        self.state.join("audit")
    }

    /// Returns where it is noted what was kept of what commands took away.
    #[must_use]
    pub fn undo(&self) -> PathBuf {
        self.state.join("undo")
    }

    /// Returns where recordings of commands lie.
    #[must_use]
    pub fn recordings(&self) -> PathBuf {
        self.state.join("recordings")
    }

    /// Returns where what proves who we are at other gateways lies.
    #[must_use]
    pub fn account(&self) -> PathBuf {
        self.state.join("account")
    }

    /// Returns where the local approver keeps its keys and pairings.
    #[must_use]
    pub fn approver(&self) -> PathBuf {
        self.state.join("approver")
    }

    /// Returns where the embedded gateway keeps its database.
    #[must_use]
    pub fn gateway(&self) -> PathBuf {
        self.state.join("gateway")
    }
}

/// Returns our directory below two others, with one allocation: every command that is
/// allowed pays for it.
fn ours(base: &Path, below: &str) -> PathBuf {
    const OURS: &str = "airlock-exec";
    let mut path = PathBuf::with_capacity(base.as_os_str().len() + below.len() + OURS.len() + 2);
    path.push(base);
    if !below.is_empty() {
        path.push(below);
    }
    path.push(OURS);
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsString;

    fn paths(variables: &[(&str, &str)]) -> Result<Paths, PathsError> {
        let environment: Environment = variables
            .iter()
            .map(|(name, value)| (OsString::from(name), OsString::from(value)))
            .collect();
        Paths::from_environment(&environment)
    }

    #[test]
    fn falls_back_to_home_where_xdg_variables_are_empty_or_relative() {
        let found = paths(&[("HOME", "/h"), ("XDG_STATE_HOME", ""), ("XDG_DATA_HOME", "rel")])
            .expect("home is set");
        assert_eq!(found.state(), Path::new("/h/.local/state/airlock-exec"));
        assert_eq!(found.data(), Path::new("/h/.local/share/airlock-exec"));
        assert_eq!(found.runtime(), Path::new("/h/.local/state/airlock-exec/run"));
    }

    #[test]
    fn uses_xdg_variables_without_home() {
        let found = paths(&[
            ("XDG_CONFIG_HOME", "/c"),
            ("XDG_STATE_HOME", "/s"),
            ("XDG_DATA_HOME", "/d"),
            ("XDG_RUNTIME_DIR", "/r"),
        ])
        .expect("all are set");
        assert_eq!(found.runtime(), Path::new("/r/airlock-exec"));
        assert!(paths(&[("HOME", "not/absolute")]).is_err());
    }
}
