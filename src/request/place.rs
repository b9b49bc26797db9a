//! Where a command starts, told by what the directory is and not only by its path.

use crate::process::{Naming, WorkingDirectory};
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A directory: its path, and which one it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its absolute path.
    pub path: PathBuf,
    /// The number of its device.
    pub device: u64,
    /// Its number there.
    pub inode: u64,
}

impl Place {
    /// Looks at a directory, symbolic links resolved.
    ///
    /// # Errors
    ///
    /// The system's, and `NotADirectory`.
    pub fn at(path: &Path) -> io::Result<Self> {
        let path = path.canonicalize()?;
        let found = fs::metadata(&path)?;
        if !found.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(Self { path, device: found.dev(), inode: found.ino() })
    }

    /// Finds the top of the innermost repository around a directory.
    #[must_use]
    pub fn of_repository(directory: &Path) -> Option<Self> {
        let directory = directory.canonicalize().ok()?;
        let top =
            directory.ancestors().find(|each| each.join(".git").symlink_metadata().is_ok())?;
        Self::at(top).ok()
    }

    /// Tells whether a working directory is this one or below it.
    ///
    /// A directory that its own path does not lead to is nowhere.
    #[must_use]
    pub fn holds(&self, directory: &WorkingDirectory) -> bool {
        let named = directory.naming() == Naming::Named;
        let Ok(here) = Self::at(directory.path()) else { return false };
        named
            && (here.device, here.inode) == directory.identity()
            && here.path.starts_with(&self.path)
            && Self::at(&self.path).is_ok_and(|now| now == *self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_the_innermost_one_and_that_directory() {
        let outer = tempfile::tempdir().unwrap();
        let inner = outer.path().join("a/b");
        fs::create_dir_all(inner.join("c")).unwrap();
        assert_eq!(Place::of_repository(&inner), None);
        fs::create_dir(outer.path().join(".git")).unwrap();
        let top = Place::of_repository(&inner.join("c")).unwrap();
        assert_eq!(top, Place::at(outer.path()).unwrap());
        fs::write(inner.join(".git"), "gitdir: elsewhere").unwrap();
        let nested = Place::of_repository(&inner.join("c")).unwrap();
        assert_eq!(nested.path, inner.canonicalize().unwrap());
        assert_ne!((top.device, top.inode), (nested.device, nested.inode));
    }
}
