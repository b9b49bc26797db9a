//! Exclusive locks between processes.

use super::holder::holder_of;
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use nix::sys::stat::futimens;
use nix::sys::time::TimeSpec;
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
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
        within(patience, || Self::try_take(file.try_clone()?)).map_err(|e| named(e, file))
    }

    /// Takes the lock, waiting that long at most for each that has it before us, and
    /// `MOST_TURNS` times as long for all of them.
    ///
    /// On a slow disk, who holds it only while something reaches that may be the last of
    /// many. Whoever takes this lock must take it so: a turn is seen by the file's time.
    ///
    /// # Errors
    ///
    /// As [`FileLock::take_within`].
    pub fn take_in_turn(file: &File, patience: Duration) -> io::Result<Self> {
        let all = super::Deadline::after(patience * MOST_TURNS);
        let mut one = super::Deadline::after(patience);
        let mut turn = turn_of(file)?;
        let is_over = || {
            let now = turn_of(file)?;
            if now != turn {
                turn = now;
                one = super::Deadline::after(patience);
            }
            Ok(one.has_passed() || all.has_passed())
        };
        let taken = until(is_over, || Self::try_take(file.try_clone()?));
        let taken = taken.map_err(|error| named(error, file))?;
        futimens(file, &TimeSpec::UTIME_NOW, &TimeSpec::UTIME_NOW)?;
        Ok(taken)
    }
}

/// How many times as long as for one holder of a lock all of them are waited for.
const MOST_TURNS: u32 = 12;

/// Returns what changes whenever another takes the lock.
fn turn_of(file: &File) -> io::Result<(i64, i64)> {
    let found = file.metadata()?;
    Ok((found.mtime(), found.mtime_nsec()))
}

/// Takes the lock in that way; `None` when somebody holds it in another.
fn try_lock(file: File, way: FlockArg) -> io::Result<Option<Flock<File>>> {
    match Flock::lock(file, way) {
        Ok(held) => Ok(Some(held)),
        Err((_, Errno::EWOULDBLOCK)) => Ok(None),
        Err((_, errno)) => Err(errno.into()),
    }
}

/// Says who holds the lock, where it is that and the system says who.
fn named(error: io::Error, file: &File) -> io::Error {
    match holder_of(file).filter(|_| error.kind() == io::ErrorKind::TimedOut) {
        Some(holder) => io::Error::new(error.kind(), format!("{error} ({holder})")),
        None => error,
    }
}

/// Tries again and again, for so long at most.
fn within<T>(patience: Duration, try_once: impl FnMut() -> io::Result<Option<T>>) -> io::Result<T> {
    let deadline = super::Deadline::after(patience);
    until(|| Ok(deadline.has_passed()), try_once)
}

/// Tries again and again, until it is over.
fn until<T>(
    mut is_over: impl FnMut() -> io::Result<bool>,
    mut try_once: impl FnMut() -> io::Result<Option<T>>,
) -> io::Result<T> {
    const PAUSE: Duration = Duration::from_millis(5);
    loop {
        if let Some(taken) = try_once()? {
            return Ok(taken);
        }
        if is_over()? {
            let why = "another process holds the lock";
            return Err(io::Error::new(io::ErrorKind::TimedOut, why));
        }
        std::thread::sleep(PAUSE);
    }
}
