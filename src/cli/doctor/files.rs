//! Who else can reach our files.

use super::Finding;
use crate::config::Paths;
use crate::process::network_of;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Looks at every directory of ours and what lies in it.
pub(super) fn check(paths: &Paths) -> Vec<Finding> {
    let private = [paths.enforcer(), paths.approver(), paths.account(), paths.audit()];
    let mut loose: Vec<(PathBuf, u32)> = Vec::new();
    for directory in private.iter().map(PathBuf::as_path).chain([paths.state(), paths.runtime()]) {
        look(directory, 0o700, 0o077, &mut loose);
        for file in inside(directory) {
            look(&file, 0o600, 0o077, &mut loose);
        }
    }
    // Settings may be read by others, and written by nobody else.
    look(paths.config(), 0o700, 0o022, &mut loose);
    for file in inside(paths.config()) {
        look(&file, 0o600, 0o022, &mut loose);
    }
    loose.sort();
    loose.dedup();
    let bad = |(path, wanted): &(PathBuf, u32)| {
        let what = format!("{} is open to others", path.display());
        let mend = format!("see who could have read it, then: chmod {wanted:o} {}", path.display());
        Finding::bad("files", what, mend)
    };
    let mut findings: Vec<Finding> = loose.iter().map(bad).collect();
    if findings.is_empty() {
        findings.push(Finding::good("files", "only you can reach what we keep"));
    }
    findings.extend(distant(paths.state()));
    findings
}

/// Says that what we keep lies on another machine.
fn distant(state: &Path) -> Option<Finding> {
    let network = network_of(state)?;
    let what = format!("{} lies on a network file system ({network})", state.display());
    let mend = "set XDG_STATE_HOME to a directory of this machine: the record of used \
                decisions needs locks and writes that hold";
    Some(Finding::bad("files", what, mend))
}

fn look(path: &Path, wanted: u32, forbidden: u32, loose: &mut Vec<(PathBuf, u32)>) {
    let Ok(found) = path.symlink_metadata() else { return };
    if !found.is_symlink() && found.permissions().mode() & forbidden != 0 {
        loose.push((path.to_owned(), wanted));
    }
}

/// Returns the plain files in a directory.
fn inside(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().filter_map(Result::ok);
    entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect()
}
