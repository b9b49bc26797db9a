//! The path that shims lead to.

use crate::process::{self, Environment, FileIdentity};
use std::io;
use std::path::{Path, PathBuf};

/// Returns the path of ours that stays when we are upgraded: the one on `PATH`, which a
/// package manager keeps leading to the newest, and otherwise the file itself.
pub(super) fn stable(environment: &Environment) -> io::Result<PathBuf> {
    let own = FileIdentity::of_this_program();
    let on_path = environment.value("PATH").into_iter().flat_map(std::env::split_paths);
    let mut candidates =
        on_path.filter(|entry| entry.is_absolute()).map(|entry| entry.join("airlock-exec"));
    let is_us = |path: &PathBuf| own.is_some() && FileIdentity::of_path(path) == own;
    if let Some(found) = candidates.find(is_us) {
        return Ok(found);
    }
    called_by(own).map_or_else(process::own_binary, Ok)
}

/// Returns the absolute path we were called by, when it leads here.
fn called_by(own: Option<FileIdentity>) -> Option<PathBuf> {
    let word = process::arguments().into_iter().next()?;
    let path = Path::new(&word);
    let is_us = path.is_absolute() && own.is_some() && FileIdentity::of_path(path) == own;
    is_us.then(|| path.to_owned())
}
