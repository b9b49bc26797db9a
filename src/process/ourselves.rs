//! Whether a file is this program, whatever it is called and wherever it lies, and
//! which of its paths others keep.

use super::{Environment, FileIdentity, arguments, own_binary};
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Tells whether the file a path leads to is the running binary, or a copy of it.
///
/// A link is recognised by the file's identity. A copy has the same size, which
/// almost no other file has, and only then are the bytes compared.
///
/// # Errors
///
/// The system's, when the file cannot be looked at.
pub fn is_own_binary(path: &Path) -> io::Result<bool> {
    let (ours, found) = (own_binary()?, fs::metadata(path)?);
    let own = fs::metadata(&ours)?;
    if (own.dev(), own.ino()) == (found.dev(), found.ino()) {
        return Ok(true);
    }
    Ok(own.len() == found.len() && found.is_file() && same_bytes(&ours, path).unwrap_or(false))
}

/// Tells whether this process is known to have one thread.
#[must_use]
pub fn has_one_thread() -> bool {
    // Two names of the directory itself, and one for each thread.
    let threads = fs::metadata("/proc/self/task").map(|tasks| tasks.nlink());
    cfg!(target_os = "linux") && threads.is_ok_and(|links| links == 3)
}

/// Returns the path of ours that stays when we are upgraded: for whatever is written
/// down and calls us later.
///
/// A package manager's own path names a version and goes with it, while the one on
/// `PATH` is kept leading to the newest. Without one it is the absolute path we were
/// called by, and otherwise the file itself.
///
/// # Errors
///
/// The system's.
pub fn lasting_path(environment: &Environment) -> io::Result<PathBuf> {
    let own = FileIdentity::of_this_program();
    let is_us =
        |path: &PathBuf| path.is_absolute() && own.is_some() && FileIdentity::of_path(path) == own;
    let on_path = environment.value("PATH").into_iter().flat_map(std::env::split_paths);
    let called_by = arguments().into_iter().next().map(PathBuf::from);
    let mut known = on_path.map(|entry| entry.join("airlock-exec")).chain(called_by);
    known.find(is_us).map_or_else(own_binary, Ok)
}

fn same_bytes(one: &Path, other: &Path) -> io::Result<bool> {
    let (mut one, mut other) = (File::open(one)?, File::open(other)?);
    let (mut left, mut right) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    loop {
        let length = one.read(&mut left)?;
        if length == 0 {
            return Ok(true);
        }
        other.read_exact(&mut right[..length])?;
        if left[..length] != right[..length] {
            return Ok(false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_thread_is_seen() {
        let (begin, wait) = std::sync::mpsc::channel::<()>();
        let second = std::thread::spawn(move || wait.recv());
        assert!(!has_one_thread());
        drop(begin);
        assert!(second.join().expect("joined").is_err());
    }

    #[test]
    fn links_and_copies_are_us_and_others_are_not() {
        let place = tempfile::tempdir().expect("a directory");
        let own = own_binary().expect("it runs");
        let link = place.path().join("link");
        std::os::unix::fs::symlink(&own, &link).expect("a link");
        let copy = place.path().join("copy");
        fs::copy(&own, &copy).expect("a copy");
        for path in [&own, &link, &copy] {
            assert!(is_own_binary(path).expect("looked at"), "{}", path.display());
        }
        let mut bytes = fs::read(&copy).expect("read");
        *bytes.last_mut().expect("not empty") ^= 1;
        fs::write(&copy, bytes).expect("written");
        assert!(!is_own_binary(&copy).expect("looked at"));
        assert!(!is_own_binary(Path::new("/bin/sh")).expect("looked at"));
        assert!(is_own_binary(&place.path().join("absent")).is_err());
    }
}
