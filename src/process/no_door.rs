//! Where the kernel does not tell who sent an answer, nobody is believed.

use super::{PrivateError, Process};
use std::convert::Infallible;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

/// What would be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// What covers whoever asks.
    pub text: String,
    /// The process in which that began.
    pub within: Process,
}

/// The socket of a process that watches a command: there is none on this system.
#[derive(Debug)]
pub struct Door(Infallible);

impl Door {
    /// Opens nothing.
    ///
    /// # Errors
    ///
    /// `Unsupported`, always.
    pub fn open(
        directory: &Path,
        _text: &str,
        _within: Option<Process>,
    ) -> Result<Self, PrivateError> {
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
pub fn knock(_directory: &Path) -> Option<Word> {
    None
}
