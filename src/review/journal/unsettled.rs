//! What was written to the journal and may not have reached the disk.

use super::{Journal, JournalError};
use crate::sys::{self, Ending};
use nix::errno::Errno;
use nix::unistd::{Pid, fdatasync};
use std::fs::File;
use std::io;
use std::os::fd::AsFd;

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

    /// Makes it durable beside what the caller does, which blocks all signals.
    pub(in crate::review) fn settle_beside(self) -> Settling {
        let Some(Written { file, journal }) = self.0 else {
            return Settling(Way::Here(Ok(())));
        };
        sys::wait_for_children();
        let process = sys::fork_beside(file.as_fd(), |file| {
            let number = fdatasync(file).err().map_or(0, |errno| errno as i32);
            u8::try_from(number).unwrap_or(u8::MAX)
        });
        Settling(match process {
            Ok(process) => Way::Beside(process, journal),
            // There can be no second process: the caller waits for the disk.
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
    Beside(Pid, Journal),
}

impl Settling {
    /// Waits until the disk has taken them.
    ///
    /// # Errors
    ///
    /// As [`Unsettled::settle`].
    pub(in crate::review) fn settled(self) -> Result<(), JournalError> {
        let (process, journal) = match self.0 {
            Way::Here(done) => return done,
            Way::Beside(process, journal) => (process, journal),
        };
        let done = match sys::end_of(process) {
            Ok(Ending::Returned(0)) => Ok(()),
            Ok(Ending::Returned(errno)) => Err(Errno::from_raw(errno.into()).into()),
            Ok(Ending::Killed(_)) => Err(io::Error::other("whoever wrote it was killed")),
            Err(errno) => Err(errno.into()),
        };
        done.map_err(|error| journal.system(error))
    }
}
