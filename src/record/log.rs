//! The file: appended under one lock, sealed in batches, repaired where a crash tore it.

use super::event::{Event, clocks};
use super::files::{self, CURRENT};
use super::head::{Head, Known};
use super::line::{Link, Record, VERSION};
use super::seal::Seal;
use super::walk::{Walk, Whole};
use super::{AuditError, FaultKind};
use crate::crypto::Sha256Digest;
use crate::process::{FileLock, FileState, PrivateDir, kill_point};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

const LOCK: &str = "audit.lock";
/// Where ends that were never finished are kept, and lines that cannot be read.
pub(super) const TORN: &str = "audit.torn";
/// How long to wait for other processes before refusing.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest line, in bytes.
pub(super) const LONGEST: usize = 256 * 1024;

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
    pub(super) directory: PrivateDir,
    /// Where the seal's key lies, and how far the log was written.
    pub(super) keys: PrivateDir,
}

impl Log {
    /// Opens the log that lies in one directory, sealed by the key in the other; makes
    /// the directories when missing.
    ///
    /// # Errors
    ///
    /// [`AuditError::Private`] when one is not private.
    pub fn open(directory: &Path, keys: &Path) -> Result<Self, AuditError> {
        Ok(Self { directory: PrivateDir::open(directory)?, keys: PrivateDir::open(keys)? })
    }

    /// Returns the path of the file.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.directory.path().join(CURRENT)
    }

    /// Appends events in order, all or none, and returns the number of the last.
    ///
    /// # Errors
    ///
    /// [`AuditError`]: nothing was written that counts.
    pub fn append(&self, events: Vec<Event>, durability: Durability) -> Result<u64, AuditError> {
        let _lock = self.lock()?;
        self.append_locked(events, durability)
    }

    /// Appends events that must be durable, and leaves it to the caller to wait for that.
    pub(super) fn append_unsynced(&self, events: Vec<Event>) -> Result<Unsynced, AuditError> {
        let _lock = self.lock()?;
        let (place, file) = self.append_behind(events, Durability::Written, None)?;
        Ok(Unsynced { place, file, log: self.clone() })
    }

    /// Appends events behind what is known to be durable.
    pub(super) fn append_knowing(
        &self,
        events: Vec<Event>,
        durable: Option<Link>,
    ) -> Result<(), AuditError> {
        let _lock = self.lock()?;
        self.append_behind(events, Durability::Written, durable).map(drop)
    }

    /// Keeps other processes from the log.
    pub(super) fn lock(&self) -> Result<FileLock, AuditError> {
        let file = self.directory.append(LOCK)?;
        FileLock::take_in_turn(&file, PATIENCE).map_err(|error| self.system(error))
    }

    /// Appends while the lock is held, and returns the number of the last event.
    pub(super) fn append_locked(
        &self,
        events: Vec<Event>,
        durability: Durability,
    ) -> Result<u64, AuditError> {
        self.append_behind(events, durability, None).map(|(place, _)| place.seq)
    }

    fn append_behind(
        &self,
        events: Vec<Event>,
        durability: Durability,
        durable: Option<Link>,
    ) -> Result<(Link, File), AuditError> {
        let mut file = self.directory.append(CURRENT)?;
        let tail = self.tail(&mut file)?;
        let repaired = if tail.torn.is_empty() { None } else { Some(self.keep(&tail.torn)?) };
        let (bytes, place) = lines(&tail, repaired.into_iter().chain(events))?;
        let written = self.write(&mut file, &tail, &bytes, durability);
        let written = written.map_err(|error| self.system(error)).and_then(|state| {
            kill_point("log-written");
            let head = tail.head.kept_up_to(durable).on_to(place, durability).of_file(state);
            head.write(&self.keys, &tail.seal)
        });
        if written.is_err() {
            // Half a line would only be put aside later; without space not even that.
            let _ = file.set_len(tail.end);
        }
        written?;
        Ok((place, file))
    }

    fn write(
        &self,
        file: &mut File,
        tail: &Tail,
        bytes: &[u8],
        durability: Durability,
    ) -> io::Result<FileState> {
        if file.metadata()?.len() > tail.end {
            file.set_len(tail.end)?;
        }
        if tail.end == 0 {
            // Its name is durable before anything is in it: afterwards nobody asks.
            File::open(self.directory.path())?.sync_all()?;
        }
        kill_point("log-unwritten");
        if cfg!(debug_assertions) {
            let (first, second) = bytes.split_at(bytes.len() / 2);
            file.write_all(first)?;
            kill_point("log-half-written");
            file.write_all(second)?;
        } else {
            file.write_all(bytes)?;
        }
        if durability == Durability::Durable {
            file.sync_data()?;
        }
        FileState::of(file)
    }

    /// Puts what cannot be used aside.
    pub(super) fn put_aside(&self, bytes: &[u8]) -> Result<(), AuditError> {
        let mut kept = self.directory.append(TORN)?;
        let line = [bytes, b"\n"].concat();
        kept.write_all(&line).map_err(|error| self.system(error))
    }

    /// Puts the torn end of the file aside, and says so in an event.
    fn keep(&self, torn: &[u8]) -> Result<Event, AuditError> {
        self.put_aside(torn)?;
        Ok(Event::Repaired {
            bytes: u64::try_from(torn.len()).unwrap_or(u64::MAX),
            sha256: Sha256Digest::of(torn),
            kept: TORN.to_owned(),
        })
    }

    /// Finds where the next line goes, and makes sure that what stands before it is
    /// what was written.
    ///
    /// A file that nobody touched since is not read again.
    fn tail(&self, file: &mut File) -> Result<Tail, AuditError> {
        let failed = |error| self.system(error);
        let seal = Seal::read(&self.keys)?;
        let state = FileState::of(file).map_err(failed)?;
        let known = seal.as_ref().map(|seal| Head::read(&self.keys, seal)).transpose()?;
        let (seal, known) = match (seal, known) {
            (Some(seal), Some(Known::Head(head))) if head.knows(state) => {
                let end = file.metadata().map_err(failed)?.len();
                return Ok(Tail { place: head.written, head: *head, seal, torn: Vec::new(), end });
            }
            (Some(_), Some(Known::Forged)) => return Err(self.tampered(&FaultKind::HeadForged)),
            (None, _) if Head::exists(&self.keys) => {
                return Err(self.tampered(&FaultKind::KeyGone));
            }
            (seal, Some(Known::Head(head))) => (seal, Some(*head)),
            (seal, _) => (seal, None),
        };
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        file.read_to_end(&mut bytes).map_err(failed)?;
        let walk = Walk::through(&bytes, None, seal.as_ref());
        if let Some((_, kind)) = walk.tampering() {
            return Err(self.tampered(kind));
        }
        let whole = if known.is_some() && !walk.is_sealed { Whole::default() } else { walk.whole };
        let place = match (whole.link, walk.before) {
            (Some(link), _) | (None, Some(link)) => link,
            (None, None) => self.end_before(seal.as_ref(), known.as_ref())?,
        };
        let (seal, head) = match (seal, known) {
            (Some(seal), Some(head)) => {
                let alone = files::full(&self.directory)?.is_empty();
                let kind = missed(&head, &walk, place).or_else(|| {
                    let begins = walk.before.filter(|_| alone)?;
                    let expected = head.floor.seq.saturating_add(1);
                    let found = begins.seq.saturating_add(1);
                    (begins != head.floor).then_some(FaultKind::Broken { expected, found })
                });
                if let Some(kind) = kind {
                    return Err(self.tampered(&kind));
                }
                (seal, head)
            }
            // A sealed log is never without a head: that is written first.
            (seal, _) if walk.is_sealed => {
                let kind = if seal.is_some() { FaultKind::HeadGone } else { FaultKind::KeyGone };
                return Err(self.tampered(&kind));
            }
            (seal, _) => {
                let seal = seal.map_or_else(|| Seal::draw(&self.keys), Ok)?;
                let head = Head::at(place, Link::start());
                head.write(&self.keys, &seal)?;
                (seal, head)
            }
        };
        let torn = bytes.split_off(whole.bytes);
        let end = u64::try_from(whole.bytes).expect("a length in memory fits 64 bits");
        Ok(Tail { place, head, seal, torn, end })
    }

    /// Returns the place behind the last full file, for a file that is still empty.
    fn end_before(&self, seal: Option<&Seal>, head: Option<&Head>) -> Result<Link, AuditError> {
        let Some(name) = files::full(&self.directory)?.pop() else {
            return Ok(head.map_or_else(Link::start, |head| head.floor));
        };
        let bytes = self.directory.read_up_to(&name, u64::MAX)?.unwrap_or_default();
        let walk = Walk::through(&bytes, None, seal);
        if let Some((_, kind)) = walk.tampering() {
            return Err(self.tampered(kind));
        }
        walk.whole.link.ok_or_else(|| self.tampered(&FaultKind::Unreadable))
    }

    pub(super) fn tampered(&self, kind: &FaultKind) -> AuditError {
        match kind {
            FaultKind::Newer => AuditError::Newer { path: self.path() },
            kind => AuditError::Tampered { path: self.path(), what: kind.to_string() },
        }
    }

    pub(super) fn system(&self, source: io::Error) -> AuditError {
        AuditError::System { path: self.path(), source }
    }
}

/// Says what is missing of what must be there.
fn missed(head: &Head, walk: &Walk, end: Link) -> Option<FaultKind> {
    let required = head.required();
    if end.seq < required.seq {
        return Some(FaultKind::CutOff { last: end.seq, written: required.seq });
    }
    let same = walk.still_has(required).unwrap_or(end.seq != required.seq || end == required);
    (!same).then_some(FaultKind::Replaced { seq: required.seq })
}

/// Makes the lines of a batch; the last one carries the seal.
fn lines(tail: &Tail, events: impl Iterator<Item = Event>) -> Result<(Vec<u8>, Link), AuditError> {
    let mut place = tail.place;
    let mut bytes = Vec::new();
    let (time, since_boot_ms) = clocks();
    let mut events = events.peekable();
    while let Some(event) = events.next() {
        let (version, seq, prev) = (VERSION, place.seq + 1, place.digest);
        let record = Record { version, seq, time, since_boot_ms, prev, event };
        let mut line = record.to_line();
        if line.len() >= LONGEST {
            return Err(AuditError::TooLong { bytes: line.len() });
        }
        if events.peek().is_none() {
            tail.seal.close(&mut line);
        }
        place = Link::behind(&record, &line);
        bytes.extend_from_slice(&line);
        bytes.push(b'\n');
    }
    Ok((bytes, place))
}

/// Events that are written, and must reach the disk before something happens.
#[derive(Debug)]
#[must_use = "a power cut may take it"]
pub(super) struct Unsynced {
    /// The last of them.
    pub(super) place: Link,
    file: File,
    pub(super) log: Log,
}

impl Unsynced {
    /// Waits until the disk has taken them, and returns how far it has.
    pub(super) fn sync(self) -> Result<Link, AuditError> {
        self.file.sync_data().map_err(|error| self.log.system(error))?;
        Ok(self.place)
    }
}

/// The end of the file.
struct Tail {
    /// What the next line must say.
    place: Link,
    head: Head,
    seal: Seal,
    /// Bytes that were never finished.
    torn: Vec<u8>,
    /// Where the next line begins.
    end: u64,
}

#[cfg(test)]
mod tests;
