//! Finds the file a command word means, once.

use super::RequestError;
use crate::process::{Environment, WorkingDirectory};
use nix::fcntl::AtFlags;
use nix::sys::stat::SFlag;
use nix::unistd::{AccessFlags, faccessat};
use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// What `execvp` searches when `PATH` is not set (glibc's `_CS_PATH`).
const DEFAULT_PATH: &str = "/bin:/usr/bin";

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
    let searched = absolute_entries(environment);
    if searched.is_empty() {
        // An empty list would be read as one empty entry: the working directory.
        return Err(RequestError::NotFound { program: word.to_owned() });
    }
    if let Ok(found) = which::which_in(word, Some(&searched), directory.path()) {
        return Ok(found);
    }
    // Like a shell, tell "there is a file, but it cannot be executed" from "not found".
    let candidate = std::env::split_paths(&searched).map(|entry| entry.join(word));
    match candidate.into_iter().find(|path| !word.is_empty() && path.is_file()) {
        Some(path) => Err(RequestError::NotExecutable { path, why: "permission denied" }),
        None => Err(RequestError::NotFound { program: word.to_owned() }),
    }
}

fn absolute_entries(environment: &Environment) -> OsString {
    let path = environment.value("PATH").unwrap_or(OsStr::new(DEFAULT_PATH));
    let kept = std::env::split_paths(path).filter(|entry| entry.is_absolute());
    std::env::join_paths(kept).expect("entries that were split at colons hold none")
}

fn check_file(path: &Path, directory: &WorkingDirectory) -> Result<(), RequestError> {
    let refuse = |why| Err(RequestError::NotExecutable { path: path.to_owned(), why });
    let may_execute = || faccessat(directory, path, AccessFlags::X_OK, AtFlags::empty()).is_ok();
    match directory.state_of(path) {
        Ok(found) if is_directory(found.st_mode) => refuse("is a directory"),
        Ok(_) if !may_execute() => refuse("permission denied"),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => refuse("permission denied"),
        Err(error) if error.kind() == ErrorKind::NotADirectory => refuse("not a directory"),
        Err(_) => Err(RequestError::NotFound { program: path.as_os_str().to_owned() }),
    }
}

fn is_directory(mode: nix::libc::mode_t) -> bool {
    mode & SFlag::S_IFMT.bits() == SFlag::S_IFDIR.bits()
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
