//! Where the kernel does not tell who sent an answer, nobody is believed.

use super::PrivateError;
use std::convert::Infallible;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

/// The socket of a process that watches a command: there is none on this system.
#[derive(Debug)]
pub struct Door(Infallible);

impl Door {
    /// Opens nothing.
    ///
    /// # Errors
    ///
    /// `Unsupported`, always.
    pub fn open(directory: &Path, _word: &str) -> Result<Self, PrivateError> {
        let source = std::io::ErrorKind::Unsupported.into();
        Err(PrivateError::System { action: "make", path: directory.to_owned(), source })
    }

    /// Answers nobody.
    pub fn answer(&self) {
        match self.0 {}
    }
}

impl AsFd for Door {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self.0 {}
    }
}

/// Asks nobody.
#[must_use]
pub fn knock(_directory: &Path) -> Option<String> {
    None
}
