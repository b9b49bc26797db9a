//! Where the files of an agent lie, and by which path our binary is called.

use super::HookCommandError;
use crate::config::PathsError;
use crate::intercept::agent::Site;
use crate::process::{Environment, own_binary};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Returns the directory of an agent's files: the user's, or a project's.
pub(super) fn directory(
    site: &Site,
    project: Option<&Path>,
    environment: &Environment,
) -> Result<PathBuf, HookCommandError> {
    if let Some(project) = project {
        let below = site.project.ok_or(HookCommandError::NoProject(site.host))?;
        let project = fs::canonicalize(project).map_err(HookCommandError::Output)?;
        return Ok(project.join(below));
    }
    let absolute =
        |name: &str| environment.value(name).map(Path::new).filter(|path| path.is_absolute());
    if let Some(named) = site.variable.and_then(absolute) {
        return Ok(named.to_owned());
    }
    if let (Some(base), Some(below)) =
        (absolute("XDG_CONFIG_HOME"), site.base.strip_prefix(".config/"))
    {
        return Ok(base.join(below));
    }
    Ok(absolute("HOME").ok_or(PathsError::NoHome)?.join(site.base))
}

/// Returns the path of our binary that upgrades keep.
///
/// A package manager's own path names a version and goes with it; then the hook could
/// not start. So a directory of the search path that leads to the same file is better.
pub(super) fn stable_binary(environment: &Environment) -> Result<PathBuf, HookCommandError> {
    let own = own_binary().map_err(HookCommandError::Binary)?;
    let real = fs::canonicalize(&own).map_err(HookCommandError::Binary)?;
    let path = environment.value("PATH").unwrap_or_default().as_bytes();
    let found = path
        .split(|byte| *byte == b':')
        .map(|entry| Path::new(OsStr::from_bytes(entry)))
        .filter(|entry| entry.is_absolute())
        .map(|entry| entry.join("airlock-exec"))
        .find(|candidate| fs::canonicalize(candidate).is_ok_and(|found| found == real));
    Ok(found.unwrap_or(own))
}
