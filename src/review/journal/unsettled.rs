//! What was written to the journal and may not have reached the disk.

use super::{Journal, JournalError};
use std::fs::File;
use std::io;
use std::thread::{Builder, JoinHandle};

/// What a thread that waits for the disk needs, in bytes.
const STACK: usize = 64 * 1024;

/// Lines that every process of this machine reads, and that a power cut may still take.
///
/// What they stand for must not happen before they are settled. Whoever has something
/// else to make durable does that first: the disk then takes both at once.
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

    /// Says what was appended to that file.
    pub(super) fn appended(file: File, journal: Journal) -> Self {
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

    /// Makes it durable beside what the caller does.
    pub(in crate::review) fn settle_beside(self) -> Settling {
        let Some(Written { file, journal }) = self.0 else {
            return Settling(Way::Here(Ok(())));
        };
        let copy = file.try_clone();
        let thread =
            copy.and_then(|file| Builder::new().stack_size(STACK).spawn(move || file.sync_data()));
        Settling(match thread {
            Ok(thread) => Way::Beside(thread, journal),
            // There can be no second thread: the caller waits for the disk.
            Err(_) => Way::Here(file.sync_data().map_err(|error| journal.system(error))),
        })
    }
}

/// Lines that the disk is taking, or has taken.
#[derive(Debug)]
#[must_use = "the disk may not have taken it"]
pub(in crate::review) struct Settling(Way);

#[derive(Debug)]
enum Way {
    Here(Result<(), JournalError>),
    Beside(JoinHandle<io::Result<()>>, Journal),
}

impl Settling {
    /// Waits until the disk has taken them.
    ///
    /// # Errors
    ///
    /// As [`Unsettled::settle`].
    pub(in crate::review) fn settled(self) -> Result<(), JournalError> {
        let (thread, journal) = match self.0 {
            Way::Here(done) => return done,
            Way::Beside(thread, journal) => (thread, journal),
        };
        let lost = |_| Err(io::Error::other("whoever wrote it ended before it had"));
        thread.join().unwrap_or_else(lost).map_err(|error| journal.system(error))
    }
}
