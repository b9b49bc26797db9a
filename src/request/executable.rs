//! The file that will be executed, held open from capture to execution.

use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};

/// An executable file: its absolute path and a descriptor on it.
#[derive(Debug)]
pub struct Executable {
    file: File,
    path: PathBuf,
}

impl Executable {
    /// Returns the absolute path it was found at, symbolic links not resolved.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl AsFd for Executable {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}
