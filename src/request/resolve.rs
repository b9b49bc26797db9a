//! Finds the file a command word means, once.

use super::RequestError;
use crate::intercept::shim::Shim;
use crate::process::{Environment, FileIdentity, WorkingDirectory};
use nix::fcntl::AtFlags;
use nix::sys::stat::SFlag;
use nix::unistd::{AccessFlags, faccessat};
use std::ffi::{OsStr, OsString};
use std::io::{self, ErrorKind};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// What `execvp` searches when `PATH` is not set (glibc's `_CS_PATH`).
pub(super) const DEFAULT_PATH: &str = "/bin:/usr/bin";

/// Returns the path of the file that word means, absolute or from the directory.
///
/// A word with a slash is a path from the working directory; any other is looked
/// up in the absolute entries of `PATH`. Empty and relative entries are passed
/// over: they would let a directory the agent writes to decide what runs.
pub(super) fn program(
    word: &OsStr,
    environment: &Environment,
    directory: &WorkingDirectory,
) -> Result<PathBuf, RequestError> {
    if word.as_bytes().contains(&b'/') {
        return check_file(Path::new(word), directory).map(|()| PathBuf::from(word));
    }
    let found = look_up(word, environment, directory, None)?
        .ok_or_else(|| RequestError::NotFound { program: word.to_owned() })?;
    match Shim::of_link(&found, environment) {
        // It would ask what is asked here.
        Some(shim) => program_behind(&shim, environment, directory),
        None => Ok(found),
    }
}

/// Returns the program that `PATH` has of that name, behind any shim of ours: what we
/// start ourselves must not come back to us.
#[must_use]
pub fn program_on_path(name: &str, environment: &Environment) -> Option<PathBuf> {
    let directory = WorkingDirectory::capture().ok()?;
    program(OsStr::new(name), environment, &directory).ok()
}

/// Returns the path of the program that a shim stands before: what `PATH` has of its
/// name and is not ourselves.
///
/// # Errors
///
/// [`RequestError::NothingBehind`], [`RequestError::NotExecutable`].
pub fn program_behind(
    shim: &Shim,
    environment: &Environment,
    directory: &WorkingDirectory,
) -> Result<PathBuf, RequestError> {
    look_up(shim.name(), environment, directory, Some(shim))?.ok_or_else(|| {
        RequestError::NothingBehind { program: shim.name().to_owned(), advice: shim.advice() }
    })
}

/// Looks a name up in `PATH`, and passes over what is a shim of ours.
fn look_up(
    name: &OsStr,
    environment: &Environment,
    directory: &WorkingDirectory,
    shim: Option<&Shim>,
) -> Result<Option<PathBuf>, RequestError> {
    let path = environment.value("PATH").unwrap_or(OsStr::new(DEFAULT_PATH)).as_bytes();
    let mut candidate = Vec::with_capacity(path.len() + name.len() + 1);
    let mut entries = path.split(|byte| *byte == b':');
    if let Some(passed) = shim.and_then(Shim::goes_on_behind).and_then(Path::parent) {
        let is_passed = |entry: &[u8]| Path::new(OsStr::from_bytes(entry)) == passed;
        // Whoever led back may have taken its own entry out: then all of them are left.
        let mut behind = entries.clone();
        if behind.any(is_passed) {
            entries = behind;
        }
    }
    // Like a shell, tell "there is a file, but it cannot be executed" from "not found".
    let mut without_permission = None;
    for entry in entries {
        let is_shims = shim.is_some_and(|shim| shim.owns_directory(entry));
        if entry.first() != Some(&b'/') || name.is_empty() || is_shims {
            continue;
        }
        candidate.clear();
        candidate.extend_from_slice(entry);
        if entry.last() != Some(&b'/') {
            candidate.push(b'/');
        }
        candidate.extend_from_slice(name.as_bytes());
        let path = Path::new(OsStr::from_bytes(&candidate));
        match look(path, directory) {
            Ok(Look::Executable(found)) if shim.is_some_and(|shim| shim.is_ours(path, found)) => {}
            Ok(Look::Executable(_)) => return Ok(Some(OsString::from_vec(candidate).into())),
            Ok(Look::File) if without_permission.is_none() => {
                without_permission = Some(path.to_owned());
            }
            _ => {}
        }
    }
    match without_permission {
        Some(path) => Err(RequestError::NotExecutable { path, why: "permission denied" }),
        None => Ok(None),
    }
}

/// What is found at a path.
enum Look {
    Executable(FileIdentity),
    /// A file that may not be executed.
    File,
    Directory,
}

fn look(path: &Path, directory: &WorkingDirectory) -> io::Result<Look> {
    let found = directory.state_of(path)?;
    if is_kind(found.st_mode, SFlag::S_IFDIR) {
        return Ok(Look::Directory);
    }
    // The system executes nothing else, and opening a pipe would wake who writes to it.
    let may_execute = is_kind(found.st_mode, SFlag::S_IFREG)
        && faccessat(directory, path, AccessFlags::X_OK, AtFlags::empty()).is_ok();
    Ok(if may_execute { Look::Executable(FileIdentity::from(&found)) } else { Look::File })
}

fn check_file(path: &Path, directory: &WorkingDirectory) -> Result<(), RequestError> {
    let refuse = |why| Err(RequestError::NotExecutable { path: path.to_owned(), why });
    match look(path, directory) {
        Ok(Look::Directory) => refuse("is a directory"),
        Ok(Look::File) => refuse("permission denied"),
        Ok(Look::Executable(_)) => Ok(()),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => refuse("permission denied"),
        Err(error) if error.kind() == ErrorKind::NotADirectory => refuse("not a directory"),
        Err(_) => Err(RequestError::NotFound { program: path.as_os_str().to_owned() }),
    }
}

fn is_kind(mode: nix::libc::mode_t, kind: SFlag) -> bool {
    mode & SFlag::S_IFMT.bits() == kind.bits()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    fn environment(path: &Path) -> Environment {
        [(OsString::from("PATH"), path.as_os_str().to_owned())].into_iter().collect()
    }

    fn make(path: &Path, mode: u32) {
        fs::write(path, "#!/bin/sh\n").expect("written");
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("chmod");
    }

    fn here() -> WorkingDirectory {
        WorkingDirectory::capture().expect("the directory of the test run")
    }

    #[test]
    fn finds_a_program_on_path_and_by_path() {
        let place = tempfile::tempdir().expect("temporary directory");
        let tool = place.path().join("tool");
        make(&tool, 0o755);
        let found = program(OsStr::new("tool"), &environment(place.path()), &here());
        assert_eq!(found.expect("found"), tool);
        let found = program(tool.as_os_str(), &environment(Path::new("/x")), &here());
        assert_eq!(found.expect("found"), tool);
    }

    #[test]
    fn passes_over_relative_and_empty_entries() {
        for entries in ["", ":", "src", "./src:"] {
            let found = program(OsStr::new("lib.rs"), &environment(Path::new(entries)), &here());
            assert!(matches!(found, Err(RequestError::NotFound { .. })), "{entries:?}");
        }
    }

    #[test]
    fn tells_missing_from_not_executable() {
        let place = tempfile::tempdir().expect("temporary directory");
        let plain = place.path().join("plain");
        make(&plain, 0o644);
        let environment = environment(place.path());
        for word in [OsStr::new("plain"), plain.as_os_str(), place.path().as_os_str()] {
            let found = program(word, &environment, &here());
            assert!(matches!(found, Err(RequestError::NotExecutable { .. })), "{found:?}");
        }
        for word in ["absent", "./absent", ""] {
            let found = program(OsStr::new(word), &environment, &here());
            assert!(matches!(found, Err(RequestError::NotFound { .. })), "{word}: {found:?}");
        }
    }
}
