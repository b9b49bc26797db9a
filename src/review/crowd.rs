//! How many questions wait at once: an agent in a loop must not bury its person.
//!
//! Each question that is put holds a lock on a file as long as its process waits; what
//! stands in the file says whose session it is. The system lets go of the lock when the
//! process ends, however it ends. Who joins a question that waits already adds none.

use super::{Refusal, pace};
use crate::process::{FileLock, PrivateDir, PrivateError, since_boot};
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::time::Duration;

const LOCK: &str = "crowd.lock";
/// How long others may take to find their places.
const PATIENCE: Duration = Duration::from_secs(5);
/// The most questions of all sessions together.
const MOST: usize = 100;
/// The most bytes of a session's name that are read.
const LONGEST: u64 = 256;

/// How many questions of one session there may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// How many may wait at once.
    pub(super) waiting: u32,
    /// How many may be put within a minute.
    pub(super) per_minute: u32,
}

/// A question that waits, as long as this value lives.
#[derive(Debug)]
pub(super) struct Seat {
    _held: FileLock,
}

/// Takes a place for one more question of that session.
///
/// # Errors
///
/// [`Refusal::TooMany`] when as many of it wait already as may; [`Refusal::TooOften`] when
/// as many were put within a minute.
pub(super) fn enter(
    directory: &PrivateDir,
    session: &str,
    Limits { waiting: limit, per_minute }: Limits,
) -> Result<Seat, Refusal> {
    let inside = directory.subdir("crowd").map_err(|error| told(&error))?;
    let file = inside.append(LOCK).map_err(|error| told(&error))?;
    let _finding = FileLock::take_within(&file, PATIENCE).map_err(Refusal::Crowd)?;
    let mut waiting = 0;
    let mut free = None;
    for name in (0..MOST).map(|number| format!("{number:02}")) {
        // Nobody ever sat there, so nobody sits behind it.
        if free.is_some() && !inside.path().join(&name).exists() {
            break;
        }
        let file = inside.append(&name).map_err(|error| told(&error))?;
        let clone = file.try_clone().map_err(Refusal::Crowd)?;
        match FileLock::try_take(clone).map_err(Refusal::Crowd)? {
            None if name_in(&file).map_err(Refusal::Crowd)? == session => waiting += 1,
            None => {}
            // The first that is free; those behind it may still be taken.
            Some(held) => {
                free.get_or_insert((file, held));
            }
        }
    }
    if waiting >= limit {
        return Err(Refusal::TooMany { limit });
    }
    pace::count(&inside, session, per_minute, since_boot())?;
    let (mut file, held) = free.ok_or(Refusal::TooMany { limit: 100 })?;
    // Mostly it was the same session's before: then there is nothing a full disk could keep.
    if name_in(&file).map_err(Refusal::Crowd)? != session {
        let written = file.set_len(0).and_then(|()| file.write_all(session.as_bytes()));
        written.map_err(Refusal::Crowd)?;
    }
    Ok(Seat { _held: held })
}

fn name_in(mut file: &File) -> io::Result<String> {
    let mut name = String::new();
    file.rewind()?;
    file.take(LONGEST).read_to_string(&mut name)?;
    Ok(name)
}

fn told(error: &PrivateError) -> Refusal {
    Refusal::Crowd(io::Error::other(format!("{error}; {}", error.hint())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(waiting: u32) -> Limits {
        Limits { waiting, per_minute: 1000 }
    }

    #[test]
    fn counts_the_questions_of_each_session_and_forgets_those_that_are_over() {
        let root = tempfile::tempdir().expect("a directory");
        let directory = PrivateDir::open(&root.path().join("enforcer")).expect("private");
        let mut seats: Vec<Seat> =
            (0..3).map(|_| enter(&directory, "one", limits(3)).expect("a seat")).collect();
        let refused = enter(&directory, "one", limits(3));
        assert!(matches!(refused, Err(Refusal::TooMany { limit: 3 })), "{refused:?}");
        let other = enter(&directory, "two", limits(1)).expect("another session has its own");
        assert!(enter(&directory, "two", limits(1)).is_err());
        drop(seats.remove(1));
        let again = enter(&directory, "one", limits(3)).expect("one is over");
        assert!(enter(&directory, "one", limits(3)).is_err());
        drop((seats, other, again));
        assert!(enter(&directory, "two", limits(1)).is_ok());
    }

    #[test]
    fn all_sessions_together_are_limited() {
        let root = tempfile::tempdir().expect("a directory");
        let directory = PrivateDir::open(&root.path().join("enforcer")).expect("private");
        let seats: Vec<Seat> = (0..MOST)
            .map(|number| enter(&directory, &format!("s{number}"), limits(5)).expect("a seat"))
            .collect();
        assert!(matches!(
            enter(&directory, "new", limits(5)),
            Err(Refusal::TooMany { limit: 100 })
        ));
        drop(seats);
    }
}
