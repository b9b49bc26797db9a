//! Puts the commands that rules allowed into the chain.

use super::allowed::{AllowedCommand, FILE};
use super::log::{LONGEST, TORN};
use super::{AuditError, Durability, Event, Log};
use crate::crypto::Sha256Digest;
use crate::process::{self, FileLock, kill_point};
use std::time::Duration;

/// What the files are called that are being copied: one each time.
const TAKEN: &str = "allowed-";
const AFTER: &str = ".taken.jsonl";
/// How long to wait for those who still write.
const PATIENCE: Duration = Duration::from_secs(2);
/// The most text of commands in one record, in bytes.
const LARGEST: usize = LONGEST / 2;

impl Log {
    /// Copies what was allowed since the last time into the chain.
    ///
    /// # Errors
    ///
    /// [`AuditError`]; nothing is lost, and copied the next time.
    pub fn fold(&self) -> Result<(), AuditError> {
        let _lock = self.lock()?;
        self.fold_locked().map(drop)
    }

    /// Does the same while the lock is held, and returns the names that were found beside it.
    pub(super) fn fold_locked(&self) -> Result<Vec<String>, AuditError> {
        let has_content = |name: &str| {
            let found = self.directory.path().join(name).symlink_metadata();
            found.is_ok_and(|found| found.len() > 0)
        };
        if has_content(FILE) {
            let now = process::now().as_millisecond();
            let taken = format!("{TAKEN}{now}-{}{AFTER}", std::process::id());
            self.directory.rename(FILE, &taken)?;
            kill_point("allowed-taken");
        }
        let names = self.directory.names()?;
        for name in names.iter().filter(|name| name.starts_with(TAKEN) && name.ends_with(AFTER)) {
            self.copy(name)?;
        }
        Ok(names)
    }

    /// Copies one file, and removes it.
    fn copy(&self, name: &str) -> Result<(), AuditError> {
        let file = self.directory.append(name)?;
        // One who was stopped in the middle of it keeps this file for the next time.
        let Ok(_alone) = FileLock::take_within(&file, PATIENCE) else { return Ok(()) };
        let bytes = self.directory.read_up_to(name, u64::MAX)?.unwrap_or_default();
        let Folded { mut events, unreadable } = Folded::of(&bytes, name);
        if !unreadable.is_empty() {
            let put_aside = unreadable.join(&b'\n');
            self.put_aside(&put_aside)?;
            events.push(Event::Unreadable {
                source: source_of(name),
                lines: unreadable.len(),
                bytes: put_aside.len(),
                sha256: Sha256Digest::of(&put_aside),
                kept: TORN.to_owned(),
            });
        }
        if !events.is_empty() {
            self.append_locked(events, Durability::Durable)?;
        }
        kill_point("allowed-copied");
        Ok(self.directory.remove(name)?)
    }
}

/// What stands in a file.
#[derive(Default)]
struct Folded<'a> {
    /// Its commands, in records of bearable length.
    events: Vec<Event>,
    /// Lines that are none, as a full disk cuts them off.
    unreadable: Vec<&'a [u8]>,
}

impl<'a> Folded<'a> {
    fn of(bytes: &'a [u8], name: &str) -> Self {
        let mut folded = Self::default();
        let (mut commands, mut length) = (Vec::new(), 0);
        for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let Ok(command) = serde_json::from_slice::<AllowedCommand>(line) else {
                folded.unreadable.push(line);
                continue;
            };
            if length + line.len() > LARGEST && !commands.is_empty() {
                folded.put(std::mem::take(&mut commands), name);
                length = 0;
            }
            length += line.len();
            commands.push(command);
        }
        if !commands.is_empty() {
            folded.put(commands, name);
        }
        folded
    }

    fn put(&mut self, commands: Vec<AllowedCommand>, name: &str) {
        let part = u32::try_from(self.events.len() + 1).unwrap_or(u32::MAX);
        self.events.push(Event::Allowed { source: source_of(name), part, commands });
    }
}

fn source_of(name: &str) -> String {
    name.trim_end_matches(AFTER).to_owned()
}
