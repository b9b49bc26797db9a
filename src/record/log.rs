//! The file: appended under one lock, sealed in batches, repaired where a crash tore it.

use super::desk::Desk;
use super::event::{Event, clocks};
use super::files::{self, CURRENT};
use super::head::{self, Head, Known, Written};
use super::line::{Link, Record, VERSION};
use super::open::Note;
use super::seal::Seal;
use super::walk::{Walk, Whole};
use super::{AuditError, FaultKind};
use crate::crypto::Sha256Digest;
use crate::process::{FileLock, FileState, PrivateDir, kill_point};
use crate::sys::begin_writing;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
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
    /// What is open since the last record.
    desk: Arc<Mutex<Option<Desk>>>,
    /// What this process said that it is in the middle of.
    pub(super) said: Arc<Mutex<Option<Note>>>,
}

impl Log {
    /// Opens the log that lies in one directory, sealed by the key in the other; makes
    /// the directories when missing.
    ///
    /// # Errors
    ///
    /// [`AuditError::Private`] when one is not private.
    pub fn open(directory: &Path, keys: &Path) -> Result<Self, AuditError> {
        let (directory, keys) = (PrivateDir::open(directory)?, PrivateDir::open(keys)?);
        Ok(Self { directory, keys, desk: Arc::default(), said: Arc::default() })
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
        self.append_from_desk(events, durability, None).map(|(place, _)| place.seq)
    }

    /// Appends events that must be durable, and leaves it to the caller to wait for that.
    pub(super) fn append_unsynced(&self, events: Vec<Event>) -> Result<Unsynced, AuditError> {
        let (place, file) = self.append_from_desk(events, Durability::Written, None)?;
        begin_writing(&file);
        Ok(Unsynced { place, file, log: self.clone() })
    }

    /// Appends events behind what is known to be durable.
    pub(super) fn append_knowing(
        &self,
        events: Vec<Event>,
        durable: Option<Link>,
    ) -> Result<(), AuditError> {
        self.append_from_desk(events, Durability::Written, durable).map(drop)
    }

    /// Keeps other processes from the log.
    pub(super) fn lock(&self) -> Result<FileLock, AuditError> {
        self.locked(&self.directory.append(LOCK)?)
    }

    fn locked(&self, file: &File) -> Result<FileLock, AuditError> {
        FileLock::take_in_turn(file, PATIENCE).map_err(|error| self.system(error))
    }

    /// Appends while the lock is held, and returns the number of the last event.
    pub(super) fn append_locked(
        &self,
        events: Vec<Event>,
        durability: Durability,
    ) -> Result<u64, AuditError> {
        let appended = self.append_behind(None, events, durability, None)?;
        Ok(appended.place.seq)
    }

    /// Appends with what is open since the last time, and leaves it open; returns the place
    /// behind, and the file.
    fn append_from_desk(
        &self,
        events: Vec<Event>,
        durability: Durability,
        durable: Option<Link>,
    ) -> Result<(Link, Arc<File>), AuditError> {
        let mut desk = self.desk.lock().unwrap_or_else(PoisonError::into_inner);
        let open = desk.take().filter(Desk::has_the_lock);
        let lock = match &open {
            Some(desk) => Arc::clone(&desk.lock),
            None => Arc::new(self.directory.append(LOCK)?),
        };
        let _held = self.locked(&lock)?;
        let Appended { place, file, head, seal } =
            self.append_behind(open, events, durability, durable)?;
        *desk = Some(Desk { lock, log: Arc::clone(&file), head, seal });
        Ok((place, file))
    }

    fn append_behind(
        &self,
        open: Option<Desk>,
        events: Vec<Event>,
        durability: Durability,
        durable: Option<Link>,
    ) -> Result<Appended, AuditError> {
        let (file, tail) = if let Some(known) = open.and_then(Desk::tail) {
            known
        } else {
            let mut file = self.directory.append(CURRENT)?;
            let tail = self.tail(&mut file)?;
            (Arc::new(file), tail)
        };
        let repaired = if tail.torn.is_empty() { None } else { Some(self.keep(&tail.torn)?) };
        let (bytes, place) = lines(&tail, repaired.into_iter().chain(events))?;
        let written = self.write(&file, &tail, &bytes, durability);
        let written = written.map_err(|error| self.system(error)).and_then(|state| {
            kill_point("log-written");
            let head = tail.head.kept_up_to(durable).on_to(place, durability).of_file(state);
            head.write(tail.head_file, &self.keys, &tail.seal)
        });
        if written.is_err() {
            // Half a line would only be put aside later; without space not even that.
            let _ = file.set_len(tail.end);
        }
        Ok(Appended { place, file, head: written?, seal: tail.seal })
    }

    fn write(
        &self,
        mut file: &File,
        tail: &Tail,
        bytes: &[u8],
        durability: Durability,
    ) -> io::Result<FileState> {
        if !tail.torn.is_empty() {
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
        let seal = Seal::read(&self.keys)?.map(Arc::new);
        let state = FileState::of(file).map_err(failed)?;
        let head_file = Head::open(&self.keys)?.map(Arc::new);
        let known = match (&seal, &head_file) {
            (Some(seal), Some(file)) => {
                Some(Head::parse(&head::bytes_of(file).map_err(failed)?, seal))
            }
            (Some(_), None) => Some(Known::Nothing),
            (None, _) => None,
        };
        let (seal, known) = match (seal, known) {
            (Some(seal), Some(Known::Head(head))) if head.knows(state) => {
                return Ok(Tail::of(*head, head_file, seal, state));
            }
            (Some(_), Some(Known::Forged)) => return Err(self.tampered(&FaultKind::HeadForged)),
            (None, _) if head_file.is_some() => {
                return Err(self.tampered(&FaultKind::KeyGone));
            }
            (seal, Some(Known::Head(head))) => (seal, Some(*head)),
            (seal, _) => (seal, None),
        };
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        file.read_to_end(&mut bytes).map_err(failed)?;
        let walk = Walk::through(&bytes, None, seal.as_deref());
        if let Some((_, kind)) = walk.tampering() {
            return Err(self.tampered(kind));
        }
        let whole = if known.is_some() && !walk.is_sealed { Whole::default() } else { walk.whole };
        let place = match (whole.link, walk.before) {
            (Some(link), _) | (None, Some(link)) => link,
            (None, None) => self.end_before(seal.as_deref(), known.as_ref())?,
        };
        let (seal, head, head_file) = match (seal, known) {
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
                (seal, head, head_file)
            }
            // A sealed log is never without a head: that is written first.
            (seal, _) if walk.is_sealed => {
                let kind = if seal.is_some() { FaultKind::HeadGone } else { FaultKind::KeyGone };
                return Err(self.tampered(&kind));
            }
            (seal, _) => {
                let draw = || Seal::draw(&self.keys).map(Arc::new);
                let seal = seal.map_or_else(draw, Ok)?;
                let head = Head::at(place, Link::start());
                let Written { file, .. } = head.clone().write(head_file, &self.keys, &seal)?;
                (seal, head, Some(file))
            }
        };
        let torn = bytes.split_off(whole.bytes);
        let end = u64::try_from(whole.bytes).expect("a length in memory fits 64 bits");
        Ok(Tail { place, head, head_file, seal, torn, end })
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
    file: Arc<File>,
    pub(super) log: Log,
}

impl Unsynced {
    /// Waits until the disk has taken them, and returns how far it has.
    pub(super) fn sync(self) -> Result<Link, AuditError> {
        self.file.sync_data().map_err(|error| self.log.system(error))?;
        Ok(self.place)
    }
}

/// Events that were appended, and the files that they went to.
struct Appended {
    /// The last of them.
    place: Link,
    file: Arc<File>,
    head: Written,
    seal: Arc<Seal>,
}

/// The end of the file.
pub(super) struct Tail {
    /// What the next line must say.
    place: Link,
    head: Head,
    /// Where that lies, `None` when it must be made.
    head_file: Option<Arc<File>>,
    seal: Arc<Seal>,
    /// Bytes that were never finished.
    torn: Vec<u8>,
    /// Where the next line begins.
    end: u64,
}

impl Tail {
    /// Returns the end of a file that nobody touched since that head was written.
    pub(super) fn of(
        head: Head,
        head_file: Option<Arc<File>>,
        seal: Arc<Seal>,
        state: FileState,
    ) -> Self {
        let (place, end) = (head.written, state.size());
        Self { place, head, head_file, seal, torn: Vec::new(), end }
    }
}

#[cfg(test)]
mod tests;
