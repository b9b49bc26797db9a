//! A file that the disk takes beside what we do.

use super::wait::{Ending, end_of};
use nix::errno::Errno;
use nix::unistd::Pid;
use std::fs::File;
use std::io;

/// What was written to a file, on its way to the disk.
///
/// A process beside us waits for it, not a thread: whoever makes a thread has the C library
/// change the mask of signals, which a command would start with.
#[derive(Debug)]
#[must_use = "the disk may not have taken it"]
pub struct Syncing(Way);

#[derive(Debug)]
enum Way {
    Here(io::Result<()>),
    Beside(Pid),
}

impl Syncing {
    /// Has the disk take what was written. All signals must be blocked.
    pub fn begin(file: &File) -> Self {
        // Where there can be no second process we wait for the disk.
        Self(beside(file).map_or_else(|| Way::Here(file.sync_data()), Way::Beside))
    }

    /// Waits until the disk has taken it.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn done(self) -> io::Result<()> {
        let process = match self.0 {
            Way::Here(done) => return done,
            Way::Beside(process) => process,
        };
        match end_of(process)? {
            Ending::Returned(0) => Ok(()),
            Ending::Returned(errno) => Err(Errno::from_raw(errno.into()).into()),
            Ending::Killed(_) => Err(io::Error::other("whoever waited for the disk was killed")),
        }
    }
}

/// Starts the process that waits.
#[cfg(target_os = "linux")]
fn beside(file: &File) -> Option<Pid> {
    use std::os::fd::AsFd as _;
    // A caller that ignores the end of children has nobody told how one ended.
    super::signal::wait_for_children();
    let process =
        super::fork::fork_beside(file.as_fd(), |file| match nix::unistd::fdatasync(file) {
            Ok(()) => 0,
            Err(_) => u8::try_from(Errno::last_raw()).unwrap_or(u8::MAX),
        });
    process.ok()
}

/// Elsewhere only the library knows how a disk is had to take something.
#[cfg(not(target_os = "linux"))]
fn beside(_: &File) -> Option<Pid> {
    None
}
