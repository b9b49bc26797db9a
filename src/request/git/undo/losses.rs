//! What is there now that would be gone.

use super::words::Destroys;
use super::{MOST_BYTES, MOST_FILES};
use crate::display::counted;
use crate::process::{Git, GitError};
use crate::request::git::{Site, short};
use crate::request::text;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The most references that are kept.
const MOST_REFERENCES: usize = 200;

/// Something that would be gone.
#[derive(Debug)]
pub(super) enum Loss {
    /// A commit that no name leads to any more.
    Commit {
        /// What it is, in words.
        what: String,
        /// Its id.
        id: String,
        /// The name it is kept under.
        label: String,
        /// How it comes back; `{ref}` stands for where it is kept.
        restore: String,
    },
    /// Files.
    Files {
        /// What they are, in words.
        what: String,
        /// Where their paths begin.
        root: PathBuf,
        /// Their paths, from there.
        paths: Vec<OsString>,
        /// The name they are kept under.
        label: String,
    },
}

impl Loss {
    pub(super) fn what(&self) -> &str {
        match self {
            Self::Commit { what, .. } | Self::Files { what, .. } => what,
        }
    }
}

/// Finds what would be gone.
pub(super) fn find(
    site: &Site,
    directory: &Path,
    destroys: &Destroys,
) -> Result<Vec<Loss>, String> {
    let told = |error: GitError| error.to_string();
    match destroys {
        Destroys::Remote { remote, branches } => of_remote(site, remote.as_deref(), branches),
        Destroys::HeadAndChanges => {
            let mut found: Vec<Loss> = head(site).into_iter().collect();
            found.extend(changes(site)?);
            Ok(found)
        }
        Destroys::Changes => Ok(changes(site)?.into_iter().collect()),
        Destroys::ChangesOf(name) if is_file(site, name).map_err(told)? => {
            Ok(changes(site)?.into_iter().collect())
        }
        Destroys::ChangesOf(_) => Ok(Vec::new()),
        Destroys::Branches { names, remote } => of_branches(site, names, *remote).map_err(told),
        Destroys::Untracked { ignored } => {
            Ok(untracked(site, directory, *ignored)?.into_iter().collect())
        }
        Destroys::Stash { one } => Ok(of_stash(site, *one)),
    }
}

/// Tells whether the one name behind `checkout` means files: it is no commit, and git
/// knows files of that name. Where it is both, git refuses.
fn is_file(site: &Site, name: &OsStr) -> Result<bool, GitError> {
    let peeled: OsString = [name, OsStr::new("^{commit}")].into_iter().collect();
    let asked = [OsStr::new("rev-parse"), "--verify".as_ref(), "-q".as_ref(), &peeled];
    if site.git().text(&asked)?.is_some() {
        return Ok(false);
    }
    names_files(site, name)
}

/// Tells whether git knows a file of that name, or files below it.
pub(super) fn names_files(site: &Site, name: &OsStr) -> Result<bool, GitError> {
    let asked = [OsStr::new("ls-files"), "-z".as_ref(), "--".as_ref(), name];
    Ok(!site.git().bytes(&asked)?.is_empty())
}

fn head(site: &Site) -> Option<Loss> {
    let id = site.head()?.to_owned();
    let branch = site.branch().unwrap_or("the head");
    let what = format!("{} at {}", text::word(branch.as_ref()), short(&id));
    let (label, restore) = ("head".to_owned(), "git reset --hard {ref}".to_owned());
    Some(Loss::Commit { what, id, label, restore })
}

fn of_remote(
    site: &Site,
    remote: Option<&OsStr>,
    branches: &[OsString],
) -> Result<Vec<Loss>, String> {
    let told = |error: GitError| error.to_string();
    let remote = match remote {
        Some(remote) => remote.to_owned(),
        None => usual_remote(site).map_err(told)?,
    };
    let shown = text::word(&remote);
    if remote.as_bytes().iter().any(|byte| b":*?[".contains(byte)) {
        return Err(format!("{shown} is an address: what is there is not known here"));
    }
    let beginning = [OsStr::new("refs/remotes/"), &remote, OsStr::new("/")].into_iter().collect();
    let beginning: OsString = beginning;
    let known = references(site.git(), &beginning).map_err(told)?;
    let current = site.branch().map(OsString::from);
    let wanted: Vec<OsString> = branches
        .iter()
        .map(|name| match (name == "HEAD", &current) {
            (true, Some(current)) => current.clone(),
            _ => name.clone(),
        })
        .collect();
    let mut found = Vec::new();
    for (name, id) in known {
        let Some(branch) = name.as_bytes().strip_prefix(beginning.as_bytes()) else { continue };
        let branch = OsStr::from_bytes(branch);
        let is_meant = wanted.is_empty() || wanted.iter().any(|each| each == branch);
        if branch == "HEAD" || !is_meant {
            continue;
        }
        let Some(branch) = branch.to_str() else { continue };
        found.push(Loss::Commit {
            what: format!("{branch} of {shown}, as last fetched, at {}", short(&id)),
            restore: format!("git push --force {shown} {{ref}}:refs/heads/{branch}"),
            label: format!("remotes/{}/{branch}", remote.to_string_lossy()),
            id,
        });
    }
    if found.is_empty() {
        return Err(format!("what {shown} has there was never fetched here"));
    }
    bounded(found)
}

fn usual_remote(site: &Site) -> Result<OsString, GitError> {
    if let Some(branch) = site.branch() {
        for name in [format!("branch.{branch}.pushRemote"), format!("branch.{branch}.remote")] {
            if let Some(remote) = site.git().line(&["config", "--get", &name])? {
                return Ok(remote);
            }
        }
    }
    Ok("origin".into())
}

fn references(git: &Git, beginning: &OsStr) -> Result<Vec<(OsString, String)>, GitError> {
    let format = OsStr::new("--format=%(objectname) %(refname)");
    let answer = git.bytes(&[OsStr::new("for-each-ref"), format, beginning])?;
    let lines = answer.split(|byte| *byte == b'\n');
    let read = |line: &[u8]| {
        let at = line.iter().position(|byte| *byte == b' ')?;
        let id = std::str::from_utf8(line.get(..at)?).ok()?.to_owned();
        Some((OsStr::from_bytes(line.get(at + 1..)?).to_owned(), id))
    };
    Ok(lines.filter_map(read).collect())
}

fn of_branches(site: &Site, names: &[OsString], remote: bool) -> Result<Vec<Loss>, GitError> {
    let place = if remote { "refs/remotes/" } else { "refs/heads/" };
    let mut found = Vec::new();
    for name in names {
        let reference: OsString = [OsStr::new(place), name].into_iter().collect();
        let peeled: OsString = [&reference, OsStr::new("^{commit}")].into_iter().collect();
        let asked = [OsStr::new("rev-parse"), "--verify".as_ref(), "-q".as_ref(), &peeled];
        // What is not there is git's to complain about.
        let Some(id) = site.git().text(&asked)? else { continue };
        let Some(name) = name.to_str() else { continue };
        let restore = if remote {
            format!("git update-ref {place}{name} {{ref}}")
        } else {
            format!("git branch {name} {{ref}}")
        };
        let what = format!("branch {} at {}", text::word(name.as_ref()), short(&id));
        found.push(Loss::Commit { what, id, label: format!("branches/{name}"), restore });
    }
    Ok(found)
}

fn of_stash(site: &Site, one: Option<usize>) -> Vec<Loss> {
    let mut found = Vec::new();
    let numbers = one.map_or(0..MOST_REFERENCES, |one| one..one + 1);
    for number in numbers {
        let name = format!("refs/stash@{{{number}}}");
        // Git says with another status than 1 that there are not so many.
        let Ok(Some(id)) = site.git().text(&["rev-parse", "--verify", "-q", &name]) else { break };
        found.push(Loss::Commit {
            what: format!("stash {number}, {}", short(&id)),
            restore: "git stash store -m restored {ref}".to_owned(),
            label: format!("stash/{number}"),
            id,
        });
    }
    found
}

/// Files that git knows and that are not as the head has them. Their content is not looked
/// at: that could run a filter.
fn changes(site: &Site) -> Result<Option<Loss>, String> {
    let Some(root) = root(site)? else { return Ok(None) };
    let Some(head) = site.head() else { return Ok(None) };
    let asked = ["diff-index", "--name-only", "-z", "--ignore-submodules=all", head, "--"];
    let answer = site.git().bytes(&asked).map_err(|error| error.to_string())?;
    files(root, &answer, "changes", "changed files that nobody committed")
}

fn untracked(site: &Site, directory: &Path, ignored: bool) -> Result<Option<Loss>, String> {
    let Some(root) = root(site)? else { return Ok(None) };
    // `clean` begins where it is called.
    let place = fs::canonicalize(directory).map_err(|error| error.to_string())?;
    let place = if place.starts_with(&root) { place } else { root.clone() };
    let mut asked: Vec<&OsStr> = ["ls-files", "-z", "--others"].iter().map(OsStr::new).collect();
    if !ignored {
        asked.push("--exclude-standard".as_ref());
    }
    asked.extend([OsStr::new("--"), place.as_os_str()]);
    let answer = site.git().bytes(&asked).map_err(|error| error.to_string())?;
    // Paths are told from where git was asked.
    let from = fs::canonicalize(directory).map_err(|error| error.to_string())?;
    files(from, &answer, "untracked", "files that git does not know")
}

fn root(site: &Site) -> Result<Option<PathBuf>, String> {
    if !site.has_work_tree() {
        return Ok(None);
    }
    let asked = ["rev-parse", "--path-format=absolute", "--show-toplevel"];
    let root = site.git().line(&asked).map_err(|error| error.to_string())?;
    Ok(root.map(PathBuf::from))
}

/// Takes the paths of an answer, if what lies there can be kept.
fn files(root: PathBuf, answer: &[u8], label: &str, what: &str) -> Result<Option<Loss>, String> {
    let mut paths = Vec::new();
    let mut bytes = 0_u64;
    for path in answer.split(|byte| *byte == 0).filter(|path| !path.is_empty()) {
        let path = OsStr::from_bytes(path);
        // A file that was deleted is in the head.
        let Ok(metadata) = fs::symlink_metadata(root.join(path)) else { continue };
        if metadata.is_dir() {
            let shown = text::word(path);
            return Err(format!("{shown} is a repository of its own"));
        }
        if !(metadata.is_file() || metadata.is_symlink()) {
            continue;
        }
        bytes = bytes.saturating_add(metadata.len());
        paths.push(path.to_owned());
        if paths.len() > MOST_FILES {
            return Err(format!("these are more than {MOST_FILES} {what}"));
        }
        if bytes > MOST_BYTES {
            return Err(format!("these are more than {} MiB of {what}", MOST_BYTES >> 20));
        }
    }
    if paths.is_empty() {
        return Ok(None);
    }
    let what = format!("{} {what}, {}", paths.len(), counted(bytes, "byte"));
    Ok(Some(Loss::Files { what, root, paths, label: label.to_owned() }))
}

fn bounded(found: Vec<Loss>) -> Result<Vec<Loss>, String> {
    if found.len() > MOST_REFERENCES {
        return Err(format!("these are more than {MOST_REFERENCES} branches"));
    }
    Ok(found)
}
