//! Finds the file a command word means, once.

use super::RequestError;
use crate::process::Environment;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// What `execvp` searches when `PATH` is not set (glibc's `_CS_PATH`).
const DEFAULT_PATH: &str = "/bin:/usr/bin";

/// Returns the absolute path of the file that word means.
///
/// A word with a slash is a path from the working directory; any other is looked
/// up in the absolute entries of `PATH`. Empty and relative entries are passed
/// over: they would let a directory the agent writes to decide what runs.
pub(super) fn program(
    word: &OsStr,
    environment: &Environment,
    directory: &Path,
) -> Result<PathBuf, RequestError> {
    if word.as_bytes().contains(&b'/') {
        let path = directory.join(word);
        return check_file(&path).map(|()| path);
    }
    let searched = absolute_entries(environment);
    if searched.is_empty() {
        // An empty list would be read as one empty entry: the working directory.
        return Err(RequestError::NotFound { program: word.to_owned() });
    }
    if let Ok(found) = which::which_in(word, Some(&searched), directory) {
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

fn check_file(path: &Path) -> Result<(), RequestError> {
    let refuse = |why| Err(RequestError::NotExecutable { path: path.to_owned(), why });
    match path.metadata() {
        Ok(found) if found.is_dir() => refuse("is a directory"),
        Ok(_) if nix::unistd::access(path, nix::unistd::AccessFlags::X_OK).is_err() => {
            refuse("permission denied")
        }
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            refuse("permission denied")
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => {
            refuse("not a directory")
        }
        Err(_) => Err(RequestError::NotFound { program: path.as_os_str().to_owned() }),
    }
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

    #[test]
    fn finds_a_program_on_path_and_by_relative_path() {
        let place = tempfile::tempdir().expect("temporary directory");
        make(&place.path().join("tool"), 0o755);
        let found = program(OsStr::new("tool"), &environment(place.path()), Path::new("/"));
        assert_eq!(found.expect("found"), place.path().join("tool"));
        let found = program(OsStr::new("./tool"), &environment(Path::new("/x")), place.path());
        assert_eq!(found.expect("found"), place.path().join("./tool"));
    }

    #[test]
    fn passes_over_relative_and_empty_entries() {
        let place = tempfile::tempdir().expect("temporary directory");
        make(&place.path().join("tool"), 0o755);
        for entries in ["", ":", ".", ".:"] {
            let found = program(OsStr::new("tool"), &environment(Path::new(entries)), place.path());
            assert!(matches!(found, Err(RequestError::NotFound { .. })), "{entries:?}");
        }
    }

    #[test]
    fn tells_missing_from_not_executable() {
        let place = tempfile::tempdir().expect("temporary directory");
        make(&place.path().join("plain"), 0o644);
        let environment = environment(place.path());
        for word in ["plain", "./plain", "."] {
            let word = if word == "." { "./" } else { word };
            let found = program(OsStr::new(word), &environment, place.path());
            assert!(matches!(found, Err(RequestError::NotExecutable { .. })), "{word}: {found:?}");
        }
        for word in ["absent", "./absent", ""] {
            let found = program(OsStr::new(word), &environment, place.path());
            assert!(matches!(found, Err(RequestError::NotFound { .. })), "{word}: {found:?}");
        }
    }
}
