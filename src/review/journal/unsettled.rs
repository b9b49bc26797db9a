//! What was written to the journal and may not have reached the disk.

use super::{Journal, JournalError};
use crate::sys::begin_writing;
use std::fs::File;

/// Lines that every process of this machine reads, and that a power cut may still take.
///
/// What they stand for must not happen before they are settled. Whoever has something else
/// to make durable does that first: the disk then takes both at once.
#[derive(Debug)]
#[must_use = "a power cut may take it"]
pub(in crate::review) struct Unsettled(Option<Written>);

#[derive(Debug)]
struct Written {
    file: File,
    journal: Journal,
}

impl Unsettled {
    /// Says that nothing was written that is not durable.
    pub(in crate::review) fn nothing() -> Self {
        Self(None)
    }

    /// Says what was appended to that file, which is on its way to the disk.
    pub(super) fn appended(file: File, journal: Journal) -> Self {
        begin_writing(&file);
        Self(Some(Written { file, journal }))
    }

    /// Makes it durable.
    ///
    /// # Errors
    ///
    /// [`JournalError`]: then what it stands for must not happen.
    pub(in crate::review) fn settle(self) -> Result<(), JournalError> {
        let Some(Written { file, journal }) = self.0 else { return Ok(()) };
        file.sync_data().map_err(|error| journal.system(error))
    }
}
