//! The file that will be executed, held open from capture to execution.

use crate::process::{WorkingDirectory, path_of};
use nix::fcntl::OFlag;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why an executable cannot be held or digested.
#[derive(Debug, Error)]
pub enum ExecutableError {
    /// It cannot be opened.
    #[error("{} cannot be opened: {source}", super::text::word(path.as_os_str()))]
    Open {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// It cannot be read although it was opened for reading.
    #[error("{} cannot be read: {source}", super::text::word(path.as_os_str()))]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}

/// An executable file: the absolute path it was found at and a descriptor on it.
#[derive(Debug)]
pub struct Executable {
    file: File,
    path: PathBuf,
    lookup: PathBuf,
    readability: Readability,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Readability {
    Readable,
    /// Mode 0711 and the like: it can be executed, but nobody can tell what it is.
    ExecuteOnly,
}

impl Executable {
    /// Opens the file that a path means for a command that starts in the directory.
    pub(super) fn open(path: &Path, directory: &WorkingDirectory) -> Result<Self, ExecutableError> {
        let shown = directory.path().join(path);
        let failed = |source| ExecutableError::Open { path: shown.clone(), source };
        let (file, readability) = match directory.open(path) {
            Ok(file) => (file, Readability::Readable),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                let file = directory.open_with(path, unreadable()).map_err(failed)?;
                (file, Readability::ExecuteOnly)
            }
            Err(error) => return Err(failed(error)),
        };
        Ok(Self { file, path: shown, lookup: path.to_owned(), readability })
    }

    /// Returns the absolute path it was found at, symbolic links not resolved.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the file its path leads to, when a symbolic link leads to one of
    /// another name.
    #[must_use]
    pub fn linked_to(&self) -> Option<PathBuf> {
        let target = self.path.canonicalize().ok()?;
        (target.file_name() != self.path.file_name()).then_some(target)
    }

    /// Returns the path of the file that is held, symbolic links resolved.
    #[must_use]
    pub fn target(&self) -> Option<PathBuf> {
        // One look, and no doubt which file it is, where the system has a name for it.
        let named = path_of(&self.file).filter(|path| path.is_absolute());
        named.or_else(|| self.path.canonicalize().ok())
    }

    /// Returns its first two bytes, by which a script is told; none when it may not be read.
    pub(super) fn head(&self) -> [u8; 2] {
        let mut head = [0; 2];
        let _ = self.file.read_exact_at(&mut head, 0);
        head
    }

    /// Returns the path as it is looked up from the working directory.
    pub(super) fn lookup(&self) -> &Path {
        &self.lookup
    }

    /// Returns the descriptor held since capture.
    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// Tells whether its content may be read.
    pub(super) fn is_readable(&self) -> bool {
        self.readability == Readability::Readable
    }

    /// Tells whether the user who runs it could also change it, without being root.
    #[must_use]
    pub fn is_writable_by_us(&self) -> bool {
        let user = nix::unistd::Uid::effective();
        self.file.metadata().is_ok_and(|found| {
            !user.is_root() && (found.uid() == user.as_raw() || found.mode() & 0o002 != 0)
        })
    }
}

impl AsFd for Executable {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

/// Returns the flags that hold a file which may be executed but not read.
#[cfg(target_os = "linux")]
fn unreadable() -> OFlag {
    OFlag::O_PATH
}

#[cfg(not(target_os = "linux"))]
fn unreadable() -> OFlag {
    OFlag::from_bits_retain(nix::libc::O_EXEC)
}
