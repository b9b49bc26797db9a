//! Which repositories a command could be in, and what they could make it run.

use super::{Work, keys};
use crate::policy::ancestry::{above, is_below};
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Says what in the repositories around a directory could run a program, if anything.
///
/// All of them, up to the root: git passes over a `.git` that it finds incomplete.
pub(in crate::policy) fn disturbing(
    directory: &Path,
    work: Work,
    trusted: &[PathBuf],
) -> Option<String> {
    above(directory).find_map(|top| {
        if trusted.iter().any(|each| is_below(top, each)) {
            return None;
        }
        let dot_git = top.join(".git");
        match fs::metadata(&dot_git) {
            Ok(found) if found.is_dir() => in_repository(top, &dot_git, work),
            Ok(_) => match linked(top, &dot_git) {
                Ok(target) => in_repository(top, &target, work),
                Err(why) => Some(why),
            },
            Err(_) if is_bare(top) => Some(format!("{} is a bare repository", shown(top))),
            Err(_) => None,
        }
    })
}

/// Whether a file must be there.
#[derive(Clone, Copy)]
enum Presence {
    Needed,
    Optional,
}

fn in_repository(top: &Path, directory: &Path, work: Work) -> Option<String> {
    let common = match fs::read_to_string(directory.join("commondir")) {
        Ok(text) => directory.join(text.trim_end_matches(['\n', '\r'])),
        Err(error) if error.kind() == ErrorKind::NotFound => directory.to_owned(),
        Err(error) => return Some(format!("{}: {error}", shown(directory))),
    };
    let modules = top.join(".gitmodules");
    if work == Work::Acts && modules.exists() {
        return Some(format!(
            "{} names repositories with their own configuration",
            shown(&modules)
        ));
    }
    let files = [
        (common.join("config"), Presence::Needed),
        (directory.join("config.worktree"), Presence::Optional),
        (modules, Presence::Optional),
    ];
    let named = files.into_iter().find_map(|(path, presence)| {
        let text = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return match presence {
                    Presence::Optional => None,
                    Presence::Needed => {
                        Some(format!("{} is no repository as git makes them", shown(directory)))
                    }
                };
            }
            Err(error) => return Some(format!("{}: {error}", shown(&path))),
        };
        let key = keys::named(&text, work)?;
        Some(format!("{} sets {key}, which can run a program", shown(&path)))
    });
    named.or_else(|| if work == Work::Acts { hook(&common.join("hooks")) } else { None })
}

/// Says which hook is there, if one is.
fn hook(directory: &Path) -> Option<String> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        Err(error) => return Some(format!("{}: {error}", shown(directory))),
    };
    let mut paths = entries.filter_map(Result::ok).map(|entry| entry.path());
    let hook = paths.find(|path| {
        path.extension().is_none_or(|extension| extension != "sample")
            && fs::metadata(path)
                .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
    })?;
    Some(format!("{} is a hook that could run", shown(&hook)))
}

/// Follows `gitdir: PATH`, as work trees and submodules have it.
fn linked(top: &Path, dot_git: &Path) -> Result<PathBuf, String> {
    let text =
        fs::read_to_string(dot_git).map_err(|error| format!("{}: {error}", shown(dot_git)))?;
    let target = text.trim_end_matches(['\n', '\r']).strip_prefix("gitdir: ");
    target.map(|path| top.join(path)).ok_or_else(|| format!("{} is odd", shown(dot_git)))
}

fn is_bare(directory: &Path) -> bool {
    directory.join("HEAD").exists() && directory.join("objects").exists()
}

fn shown(path: &Path) -> String {
    crate::request::text::word(path.as_os_str())
}
