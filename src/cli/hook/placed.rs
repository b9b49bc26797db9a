//! Where hooks were installed: in settings, in projects and in repositories.
//!
//! A list beside the copies of files, so that all of them can be taken out again, whatever
//! the variables say then that name an agent's directory.

use crate::config::{Paths, PathsError};
use crate::process::{Environment, FileLock, PrivateDir, PrivateError};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use thiserror::Error;

/// What stands for git in the place of an agent's name.
pub(super) const GIT: &str = "git";
/// Names and paths by turns, a NUL behind each.
const FILE: &str = "placed";
const LOCK: &str = "placed.lock";
const PATIENCE: Duration = Duration::from_secs(5);

/// Hooks in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placed {
    /// The agent, or [`GIT`].
    pub(super) whose: String,
    /// The agent's directory, or the top of the work tree.
    pub(super) directory: PathBuf,
}

/// Why it is not known where hooks are.
#[derive(Debug, Error)]
pub enum PlacedError {
    /// We do not know where files lie.
    #[error(transparent)]
    Paths(#[from] PathsError),
    /// The list cannot be kept.
    #[error(transparent)]
    Private(#[from] PrivateError),
}

impl PlacedError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Paths(error) => error.hint(),
            Self::Private(error) => error.hint(),
        }
    }
}

/// Returns every place.
pub(super) fn all(environment: &Environment) -> Result<Vec<Placed>, PlacedError> {
    let directory = directory(environment)?;
    if !directory.exists() {
        return Ok(Vec::new());
    }
    read(&PrivateDir::open(&directory)?)
}

/// Notes a place, before anything is done there.
pub(super) fn add(
    whose: &str,
    directory: &Path,
    environment: &Environment,
) -> Result<(), PlacedError> {
    change(environment, |all| {
        let placed = Placed { whose: whose.to_owned(), directory: directory.to_owned() };
        if !all.contains(&placed) {
            all.push(placed);
        }
    })
}

/// Forgets a place where nothing is any more.
pub(super) fn forget(
    whose: &str,
    directory: &Path,
    environment: &Environment,
) -> Result<(), PlacedError> {
    change(environment, |all| {
        all.retain(|each| each.whose != whose || each.directory != directory);
    })
}

/// Returns where copies of files are kept, and this list.
fn directory(environment: &Environment) -> Result<PathBuf, PathsError> {
    Ok(Paths::from_environment(environment)?.state().join("hooks"))
}

fn change(
    environment: &Environment,
    change: impl FnOnce(&mut Vec<Placed>),
) -> Result<(), PlacedError> {
    let directory = PrivateDir::open(&directory(environment)?)?;
    let lock = directory.append(LOCK)?;
    let held = FileLock::take_within(&lock, PATIENCE);
    let _held = held.map_err(|source| {
        let path = directory.path().join(LOCK);
        PrivateError::System { action: "lock", path, source }
    })?;
    let before = read(&directory)?;
    let mut after = before.clone();
    change(&mut after);
    if after == before {
        return Ok(());
    }
    let parts = |each: &Placed| {
        [each.whose.as_bytes(), b"\0", each.directory.as_os_str().as_bytes(), b"\0"].concat()
    };
    Ok(directory.write(FILE, &after.iter().flat_map(parts).collect::<Vec<u8>>())?)
}

fn read(directory: &PrivateDir) -> Result<Vec<Placed>, PlacedError> {
    let bytes = directory.read(FILE)?.unwrap_or_default();
    let parts: Vec<&[u8]> = bytes.split(|byte| *byte == 0).collect();
    let (pairs, _) = parts.as_chunks();
    let placed = |[whose, path]: &[&[u8]; 2]| Placed {
        whose: String::from_utf8_lossy(whose).into_owned(),
        directory: PathBuf::from(OsStr::from_bytes(path)),
    };
    Ok(pairs.iter().map(placed).collect())
}
