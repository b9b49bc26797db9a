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

/// A `flock` that several processes may hold at once, each of which can find out
/// whether it is the only one.
#[derive(Debug)]
pub struct SharedLock {
    held: Flock<File>,
}

/// Who else holds a [`SharedLock`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Company {
    /// Nobody, and nobody can until [`SharedLock::share`].
    Alone,
    /// Somebody.
    Others,
}

impl SharedLock {
    /// Takes the lock, waiting that long at most for whoever is alone with it.
    ///
    /// # Errors
    ///
    /// `TimedOut` when somebody stayed alone with it; any error of the system.
    pub fn take_within(file: &File, patience: Duration) -> io::Result<(Self, Company)> {
        let ways = [
            (FlockArg::LockExclusiveNonblock, Company::Alone),
            (FlockArg::LockSharedNonblock, Company::Others),
        ];
        within(patience, || {
            for (way, company) in ways {
                if let Some(held) = try_lock(file.try_clone()?, way)? {
                    return Ok(Some((Self { held }, company)));
                }
            }
            Ok(None)
        })
    }

    /// Lets others in.
    ///
    /// # Errors
    ///
    /// Any error of the system.
    pub fn share(&self) -> io::Result<()> {
        Ok(self.held.relock(FlockArg::LockShared)?)
    }

    /// Finds out who else holds it.
    ///
    /// # Errors
    ///
    /// Any error of the system.
    pub fn company(&self) -> io::Result<Company> {
        match self.held.relock(FlockArg::LockExclusiveNonblock) {
            Ok(()) => Ok(Company::Alone),
            Err(Errno::EWOULDBLOCK) => Ok(Company::Others),
            Err(errno) => Err(errno.into()),
        }
    }
}

impl FileLock {
    /// Takes the lock if nobody holds it.
    ///
    /// # Errors
    ///
    /// Any error but that somebody holds it, which is `Ok(None)`.
    pub fn try_take(file: File) -> io::Result<Option<Self>> {
        let held = try_lock(file, FlockArg::LockExclusiveNonblock)?;
        Ok(held.map(|held| Self { _held: held }))
    }

    /// Takes the lock, waiting that long at most for whoever holds it.
    ///
    /// # Errors
    ///
    /// `TimedOut` when it stayed taken; any error of the operating system.
    pub fn take_within(file: &File, patience: Duration) -> io::Result<Self> {
        within(patience, || Self::try_take(file.try_clone()?))
    }
}

/// Takes the lock in that way; `None` when somebody holds it in another.
fn try_lock(file: File, way: FlockArg) -> io::Result<Option<Flock<File>>> {
    match Flock::lock(file, way) {
        Ok(held) => Ok(Some(held)),
        Err((_, Errno::EWOULDBLOCK)) => Ok(None),
        Err((_, errno)) => Err(errno.into()),
    }
}

/// Tries again and again, for so long at most.
fn within<T>(
    patience: Duration,
    mut try_once: impl FnMut() -> io::Result<Option<T>>,
) -> io::Result<T> {
    const PAUSE: Duration = Duration::from_millis(5);
    let deadline = super::Deadline::after(patience);
    loop {
        if let Some(taken) = try_once()? {
            return Ok(taken);
        }
        if deadline.has_passed() {
            let why = "another process holds the lock";
            return Err(io::Error::new(io::ErrorKind::TimedOut, why));
        }
        std::thread::sleep(PAUSE);
    }
}
