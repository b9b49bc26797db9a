//! Exclusive locks between processes.

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use std::fs::File;
use std::io;
use std::time::Duration;

/// An exclusive `flock` on a file of its own, held while this value lives.
#[derive(Debug)]
pub struct FileLock {
    _held: Flock<File>,
}

impl FileLock {
    /// Takes the lock if nobody holds it.
    ///
    /// # Errors
    ///
    /// Any error but that somebody holds it, which is `Ok(None)`.
    pub fn try_take(file: File) -> io::Result<Option<Self>> {
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(held) => Ok(Some(Self { _held: held })),
            Err((_, Errno::EWOULDBLOCK)) => Ok(None),
            Err((_, errno)) => Err(errno.into()),
        }
    }

    /// Takes the lock, waiting that long at most for whoever holds it.
    ///
    /// # Errors
    ///
    /// `TimedOut` when it stayed taken; any error of the operating system.
    pub fn take_within(file: &File, patience: Duration) -> io::Result<Self> {
        const PAUSE: Duration = Duration::from_millis(5);
        let deadline = super::Deadline::after(patience);
        loop {
            if let Some(lock) = Self::try_take(file.try_clone()?)? {
                return Ok(lock);
            }
            if deadline.has_passed() {
                return Err(io::Error::new(
                    io::ErrorKind::TimedOut,
                    "another process holds the lock",
                ));
            }
            std::thread::sleep(PAUSE);
        }
    }
}
