//! Where the files of an agent lie.

use super::HookCommandError;
use crate::config::PathsError;
use crate::intercept::agent::Site;
use crate::process::Environment;
use std::fs;
use std::path::{Path, PathBuf};

/// Returns the directory of an agent's files: the user's, or a project's.
pub(super) fn directory(
    site: &Site,
    project: Option<&Path>,
    environment: &Environment,
) -> Result<PathBuf, HookCommandError> {
    if let Some(project) = project {
        let below = site.project.ok_or(HookCommandError::NoProject(site.host))?;
        let project = fs::canonicalize(project)
            .map_err(|source| HookCommandError::Project { path: project.to_owned(), source })?;
        return Ok(project.join(below));
    }
    of_the_user(site, environment).into_iter().next().ok_or(PathsError::NoHome.into())
}

/// Returns the directories that may be the user's: the one that counts now first, then
/// those that count without the variables that name it.
pub(super) fn of_the_user(site: &Site, environment: &Environment) -> Vec<PathBuf> {
    let absolute =
        |name: &str| environment.value(name).map(Path::new).filter(|path| path.is_absolute());
    let named = site.variable.and_then(absolute).map(Path::to_owned);
    let below_base = || {
        let below = site.base.strip_prefix(".config/")?;
        Some(absolute("XDG_CONFIG_HOME")?.join(below))
    };
    let at_home = absolute("HOME").map(|home| home.join(site.base));
    named.into_iter().chain(below_base()).chain(at_home).collect()
}
