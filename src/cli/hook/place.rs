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
