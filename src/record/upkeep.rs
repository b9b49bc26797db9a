//! Keeps the log in order: before somebody is asked, and before it is looked at.

use super::files::{self, CURRENT};
use super::head::{Head, Known};
use super::seal::Seal;
use super::walk::Walk;
use super::{AuditError, Durability, Event, Link, Log};
use crate::process::{self, kill_point};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

/// How long the log may get, and how long it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// A file that is longer is full, in bytes.
    pub largest: u64,
    /// Full files whose last record is older are let go.
    pub keep: SignedDuration,
}

/// Whether a new file was begun.
enum Rotated {
    Yes,
    No,
}

impl Log {
    /// Copies what rules allowed, accounts for processes that were killed, begins a new
    /// file where one is full, and lets old ones go.
    ///
    /// # Errors
    ///
    /// [`AuditError`].
    pub fn upkeep(&self, limits: Limits) -> Result<(), AuditError> {
        let _lock = self.lock()?;
        let names = self.fold_locked()?;
        self.account_for_killed()?;
        let full = match self.rotate(limits.largest)? {
            Rotated::Yes => files::full(&self.directory)?,
            Rotated::No => files::full_of(names),
        };
        self.let_go(&full, limits.keep, process::now())
    }

    fn rotate(&self, largest: u64) -> Result<Rotated, AuditError> {
        let length = self.path().symlink_metadata().map_or(0, |found| found.len());
        if length <= largest {
            return Ok(Rotated::No);
        }
        let first = self.first_of(CURRENT)?;
        let name = files::name_of(first);
        self.directory.rename(CURRENT, &name)?;
        kill_point("log-rotated");
        self.append_locked(vec![Event::Continued { after: name }], Durability::Durable)?;
        Ok(Rotated::Yes)
    }

    /// Returns the number of the first record of a file.
    fn first_of(&self, name: &str) -> Result<u64, AuditError> {
        let bytes = self.directory.read_up_to(name, u64::MAX)?.unwrap_or_default();
        let end = bytes.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let walk = Walk::through(&bytes[..end], None, None);
        let first = walk.steps.first().map(|step| step.link.seq);
        first.ok_or_else(|| self.tampered(&super::FaultKind::Unreadable))
    }

    /// Removes the oldest full files; the newest of them stays whatever its age, so that
    /// a clock that jumps cannot make us forget everything.
    fn let_go(
        &self,
        full: &[String],
        keep: SignedDuration,
        now: Timestamp,
    ) -> Result<(), AuditError> {
        let Some((_newest, old)) = full.split_last() else { return Ok(()) };
        let Ok(before) = now.checked_sub(keep) else { return Ok(()) };
        let mut gone: Vec<(String, Link)> = Vec::new();
        for name in old.iter().filter(|name| self.was_written_before(name, before)) {
            let bytes = self.directory.read_up_to(name, u64::MAX)?.unwrap_or_default();
            let walk = Walk::through(&bytes, None, None);
            let Some(last) = walk.steps.last().filter(|last| last.record.time < before) else {
                break;
            };
            gone.push((name.clone(), last.link));
        }
        let Some((_, floor)) = gone.last().cloned() else { return Ok(()) };
        let files = gone.into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        let event = Event::LetGo { through: floor.seq, files: files.clone() };
        self.append_locked(vec![event], Durability::Durable)?;
        let seal = Seal::read(&self.keys)?;
        if let Some(seal) = seal
            && let Known::Head(head) = Head::read(&self.keys, &seal)?
        {
            let file = Head::open(&self.keys)?.map(Arc::new);
            head.from(floor).write(file, &self.keys, &seal)?;
        }
        kill_point("log-let-go");
        for name in files {
            self.directory.remove(&name)?;
        }
        Ok(())
    }

    fn was_written_before(&self, name: &str, time: Timestamp) -> bool {
        let found = self.directory.path().join(name).symlink_metadata();
        let modified = found.and_then(|found| found.modified()).ok();
        let since = modified.and_then(|modified| modified.duration_since(UNIX_EPOCH).ok());
        let Some(since) = since else { return false };
        let seconds = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
        Timestamp::from_second(seconds).is_ok_and(|modified| modified < time)
    }
}
