//! Which repositories a command could be in, and what they could make it run.

use super::index::{Hash, has_repository};
use super::remotes::{self, Remote};
use super::{Work, keys};
use crate::policy::ancestry::{above, is_below};
use std::fs;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Says what in the repositories around a directory could run a program, if anything.
///
/// All of them, up to the root: git passes over a `.git` that it finds incomplete, and
/// takes the directory around it for a repository if that looks like one. Where the first
/// is complete, it must know the remotes that are reached.
pub(in crate::policy) fn disturbing(
    directory: &Path,
    work: Work,
    reached: &[Remote<'_>],
    trusted: &[PathBuf],
) -> Option<String> {
    let mut reached = reached;
    above(directory).find_map(|top| {
        if trusted.iter().any(|each| is_below(top, each)) {
            // Its remotes are the user's, too.
            reached = &[];
            return None;
        }
        if is_bare(top) {
            return Some(format!("{} is a bare repository", shown(top)));
        }
        let dot_git = top.join(".git");
        let target = match fs::metadata(&dot_git) {
            Ok(found) if found.is_dir() => dot_git,
            Ok(_) => match linked(top, &dot_git) {
                Ok(target) => target,
                Err(why) => return Some(why),
            },
            Err(_) => return None,
        };
        match in_repository(top, &target, work, [directory, top], reached) {
            Ok(Completeness::Whole) => reached = &[],
            Ok(Completeness::Partial) => {}
            Err(why) => return Some(why),
        }
        None
    })
}

/// Whether git takes a directory for a repository, as far as that can be told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Completeness {
    Whole,
    Partial,
}

/// Whether a file must be there.
#[derive(Clone, Copy)]
enum Presence {
    Needed,
    Optional,
}

/// # Errors
///
/// What could run a program.
fn in_repository(
    top: &Path,
    directory: &Path,
    work: Work,
    around: [&Path; 2],
    reached: &[Remote<'_>],
) -> Result<Completeness, String> {
    let common = match fs::read_to_string(directory.join("commondir")) {
        Ok(text) => directory.join(text.trim_end_matches(['\n', '\r'])),
        Err(error) if error.kind() == ErrorKind::NotFound => directory.to_owned(),
        Err(error) => return Err(format!("{}: {error}", shown(directory))),
    };
    let modules = top.join(".gitmodules");
    if work == Work::Acts && modules.exists() {
        let modules = shown(&modules);
        return Err(format!("{modules} names repositories with their own configuration"));
    }
    let files = [
        (common.join("config"), Presence::Needed),
        (directory.join("config.worktree"), Presence::Optional),
        (modules, Presence::Optional),
    ];
    let mut is_first = true;
    let mut hash = Hash::Sha1;
    for (path, presence) in files {
        let text = match (fs::read(&path), presence) {
            (Ok(bytes), _) => bytes,
            (Err(error), Presence::Optional) if error.kind() == ErrorKind::NotFound => continue,
            (Err(error), Presence::Needed) if error.kind() == ErrorKind::NotFound => {
                return Err(format!("{} is no repository as git makes them", shown(directory)));
            }
            (Err(error), _) => return Err(format!("{}: {error}", shown(&path))),
        };
        if let Some(key) = keys::named(&text, work) {
            return Err(format!("{} sets {key}, which can run a program", shown(&path)));
        }
        if is_first {
            hash = keys::hash(&text);
            remotes::check(reached, &remotes::of(&text), around)?;
        }
        is_first = false;
    }
    if work == Work::Acts {
        let found = hook(&common.join("hooks"))
            .or_else(|| remote_files(&common))
            .or_else(|| nested(directory, hash));
        found.map_or(Ok(()), Err)?;
    }
    Ok(completeness(directory, &common))
}

/// Says which index has another repository in it, if one does.
fn nested(directory: &Path, hash: Hash) -> Option<String> {
    let entries = fs::read_dir(directory).ok()?.filter_map(Result::ok);
    let is_index = |name: &[u8]| name == b"index" || name.starts_with(b"sharedindex.");
    let paths = entries.filter(|entry| is_index(entry.file_name().as_bytes()));
    paths.map(|entry| entry.path()).find_map(|path| {
        let found = fs::read(&path).ok().and_then(|index| has_repository(&index, hash));
        match found {
            Some(false) => None,
            Some(true) => Some(format!("{} has a repository of its own in it", shown(&path))),
            None => Some(format!("{} cannot be read", shown(&path))),
        }
    })
}

/// Says which directory of an old git names remotes, if one does.
fn remote_files(common: &Path) -> Option<String> {
    let mut places = ["remotes", "branches"].into_iter().map(|name| common.join(name));
    let place = places.find(|place| match fs::read_dir(place) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) => error.kind() != ErrorKind::NotFound,
    })?;
    Some(format!("{} says where remotes are", shown(&place)))
}

fn completeness(directory: &Path, common: &Path) -> Completeness {
    let head = directory.join("HEAD");
    let points = |target: &str| target.trim_start().starts_with("refs/");
    let is_head = match fs::read_link(&head) {
        Ok(target) => target.to_str().is_some_and(points),
        Err(_) => fs::read_to_string(&head).is_ok_and(|text| match text.strip_prefix("ref:") {
            Some(target) => points(target),
            None => text.len() > 40 && text.trim_end().bytes().all(|each| each.is_ascii_hexdigit()),
        }),
    };
    let has = |name| common.join(name).is_dir();
    let is_whole = is_head && has("objects") && has("refs");
    if is_whole { Completeness::Whole } else { Completeness::Partial }
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

/// Tells whether a directory looks like a repository by itself; its `HEAD` may be a link
/// that leads nowhere, and its objects may be another directory's.
fn is_bare(directory: &Path) -> bool {
    let has = |name| fs::symlink_metadata(directory.join(name)).is_ok();
    has("HEAD") && (has("objects") || has("commondir"))
}

fn shown(path: &Path) -> String {
    crate::request::text::word(path.as_os_str())
}
