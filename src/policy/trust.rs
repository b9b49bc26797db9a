//! Whether a program's file is one that nobody but its owner could have put there.

use crate::request::Request;
use nix::sys::stat::{FileStat, fstat, stat};
use nix::unistd::Uid;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

/// Says why the file a command word found must not run unasked, if so.
///
/// The file and every directory above it belong to root and only their owner can
/// write them. A directory of the user's own counts when the policy names it.
pub(super) fn distrusted(request: &Request, approved: &[PathBuf]) -> Option<String> {
    let path = request.executable().path();
    let shown = || crate::request::text::word(path.as_os_str());
    if !path.is_absolute() || path.components().any(|part| part.as_os_str() == "..") {
        return Some(format!("{} is not an absolute path", shown()));
    }
    let directory = path.parent().unwrap_or(path);
    let named = approved.iter().any(|each| directory.starts_with(each));
    let holds = |found: &FileStat| {
        let owner = found.st_uid;
        (owner == 0 || named && owner == Uid::effective().as_raw()) && found.st_mode & 0o022 == 0
    };
    match fstat(request.executable().as_fd()) {
        Ok(found) if holds(&found) => {}
        _ => {
            return Some(format!(
                "{} is not root's alone, and no trusted directory holds it",
                shown()
            ));
        }
    }
    if !named && (below_home(request, directory) || below_here(request, directory)) {
        return Some(format!("{} lies where the user writes", shown()));
    }
    let loose = directory.ancestors().find(|each| !stat(*each).is_ok_and(|found| holds(&found)));
    loose.map(|each| {
        format!(
            "{}: others than root can write {}",
            shown(),
            crate::request::text::word(each.as_os_str())
        )
    })
}

fn below_home(request: &Request, directory: &Path) -> bool {
    let home = request.environment().value("HOME").map(Path::new);
    home.is_some_and(|home| {
        home.is_absolute() && home != Path::new("/") && directory.starts_with(home)
    })
}

/// A system directory stays one, wherever the command starts.
fn below_here(request: &Request, directory: &Path) -> bool {
    const SYSTEM: &[&str] = &["/usr", "/bin", "/sbin", "/opt", "/nix/store", "/snap"];
    directory.starts_with(request.directory().path())
        && !SYSTEM.iter().any(|system| directory.starts_with(system))
}
