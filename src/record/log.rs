//! The file: appended under one lock, repaired where a crash tore it.

use super::AuditError;
use super::event::{Event, clocks};
use super::line::{BadLine, Link, Record, VERSION};
use crate::crypto::Sha256Digest;
use crate::process::{FileLock, PrivateDir};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

const FILE: &str = "audit.jsonl";
const LOCK: &str = "audit.lock";
/// Where ends that were never finished are kept.
const TORN: &str = "audit.torn";
/// How long to wait for other processes before refusing.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest line, in bytes: so much of the end is read to find the last one.
const LONGEST: usize = 256 * 1024;

/// Whether a record must have reached the disk before we go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// It survives a crash of ours, and not of the machine.
    Written,
    /// It survives a power cut.
    Durable,
}

/// The audit log of one user on one machine.
#[derive(Debug, Clone)]
pub struct Log {
    directory: PrivateDir,
}

impl Log {
    /// Opens the log that lies in that directory, making the directory when missing.
    ///
    /// # Errors
    ///
    /// [`AuditError::Private`] when it is not private.
    pub fn open(directory: &Path) -> Result<Self, AuditError> {
        Ok(Self { directory: PrivateDir::open(directory)? })
    }

    /// Returns the path of the file.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.directory.path().join(FILE)
    }

    /// Appends events in order, all or none, and returns the number of the last.
    ///
    /// # Errors
    ///
    /// [`AuditError`]: nothing was written that counts.
    pub fn append(&self, events: Vec<Event>, durability: Durability) -> Result<u64, AuditError> {
        let lock_file = self.directory.append(LOCK)?;
        let _lock = FileLock::take_within(&lock_file, PATIENCE).map_err(|e| self.system(e))?;
        let mut file = self.directory.append(FILE)?;
        let tail = self.tail(&mut file)?;
        let mut place = tail.link;
        let mut bytes = Vec::new();
        let repaired = if tail.torn.is_empty() { None } else { Some(self.keep(&tail.torn)?) };
        let (time, since_boot_ms) = clocks();
        for event in repaired.into_iter().chain(events) {
            let (version, seq, prev) = (VERSION, place.seq + 1, place.digest);
            let record = Record { version, seq, time, since_boot_ms, prev, event };
            let line = record.to_line();
            if line.len() >= LONGEST {
                return Err(AuditError::TooLong { bytes: line.len() });
            }
            place = Link::behind(&record, &line);
            bytes.extend_from_slice(&line);
            bytes.push(b'\n');
        }
        let written = self.write(&mut file, tail.end, &bytes, durability);
        if written.is_err() {
            // Half a line would only be put aside later; without space not even that.
            let _ = file.set_len(tail.end);
        }
        written.map_err(|error| self.system(error))?;
        Ok(place.seq)
    }

    fn write(
        &self,
        file: &mut File,
        end: u64,
        bytes: &[u8],
        durability: Durability,
    ) -> io::Result<()> {
        if file.metadata()?.len() > end {
            file.set_len(end)?;
        }
        file.write_all(bytes)?;
        if durability == Durability::Durable {
            file.sync_data()?;
        }
        if end == 0 {
            File::open(self.directory.path())?.sync_all()?;
        }
        Ok(())
    }

    /// Puts the torn end of the file aside, and says so in an event.
    fn keep(&self, torn: &[u8]) -> Result<Event, AuditError> {
        let mut kept = self.directory.append(TORN)?;
        let line = [torn, b"\n"].concat();
        kept.write_all(&line).map_err(|error| self.system(error))?;
        Ok(Event::Repaired {
            bytes: u64::try_from(torn.len()).unwrap_or(u64::MAX),
            sha256: Sha256Digest::of(torn),
            kept: TORN.to_owned(),
        })
    }

    /// Reads the last whole line, and what stands behind it.
    fn tail(&self, file: &mut File) -> Result<Tail, AuditError> {
        let failed = |error| self.system(error);
        let length = file.metadata().map_err(failed)?.len();
        let window = u64::try_from(2 * LONGEST).expect("a small number");
        let from = length.saturating_sub(window);
        file.seek(SeekFrom::Start(from)).map_err(failed)?;
        let mut bytes = Vec::new();
        file.take(window).read_to_end(&mut bytes).map_err(failed)?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let (lines, torn) = bytes.split_at(whole);
        let end = length - u64::try_from(torn.len()).expect("a length in memory fits 64 bits");
        let Some(lines) = lines.strip_suffix(b"\n") else {
            // A torn end longer than any line of ours is none.
            let link = if from == 0 { Ok(Link::start()) } else { Err(self.tampered()) };
            return Ok(Tail { link: link?, torn: torn.to_vec(), end });
        };
        let last = lines.rsplit(|byte| *byte == b'\n').next().unwrap_or(lines);
        let record = Record::read(last).map_err(|bad| match bad {
            BadLine::Newer => AuditError::Newer { path: self.path() },
            BadLine::Unreadable => self.tampered(),
        })?;
        Ok(Tail { link: Link::behind(&record, last), torn: torn.to_vec(), end })
    }

    /// Reads the whole file; `None` when nothing was ever written.
    pub(super) fn bytes(&self) -> Result<Option<Vec<u8>>, AuditError> {
        Ok(self.directory.read_up_to(FILE, u64::MAX)?)
    }

    fn tampered(&self) -> AuditError {
        AuditError::Tampered { path: self.path() }
    }

    fn system(&self, source: io::Error) -> AuditError {
        AuditError::System { path: self.path(), source }
    }
}

/// The end of the file.
struct Tail {
    /// What the next line must say.
    link: Link,
    /// Bytes of a line that was never finished.
    torn: Vec<u8>,
    /// Where the next line begins.
    end: u64,
}

#[cfg(test)]
mod tests;
