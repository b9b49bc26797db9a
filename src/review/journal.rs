//! The replay journal: which decisions were used already.
//!
//! A decision becomes a permit only after `(signerKeyId, nonce)` and
//! `(requestId, artifactHash)` were found new and written durably, both in one
//! critical section shared by all processes. Each line carries its own length
//! and digest: a torn last line (power loss) is cut off, a bad line before the
//! last means that somebody changed the journal, and nothing is run by it.
//!
//! Spec: protocol.md section 7, check 7; HARP-CORE 6.3.

use crate::crypto::digest::Sha256Digest;
use crate::process::{FileLock, PrivateDir, PrivateError};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;
use thiserror::Error;

const FILE: &str = "journal";
const LOCK: &str = "journal.lock";
/// How long to wait for other processes before refusing.
const PATIENCE: Duration = Duration::from_secs(5);
/// Beyond this size entries that no decision can match any more are dropped.
const COMPACT_ABOVE_BYTES: usize = 512 * 1024;
/// Entries stay this long beyond their expiry: skew and a day.
const RETENTION: SignedDuration = SignedDuration::from_hours(25);

/// Why the journal cannot vouch for a decision.
#[derive(Debug, Error)]
pub enum JournalError {
    /// The decision, or another one for this request, was used before.
    #[error("this decision was used before (HARP_ERR_REPLAY)")]
    Replayed,
    /// A line before the last is not what was written.
    #[error("{} was changed: line {line} is damaged", path.display())]
    Tampered {
        /// The journal.
        path: PathBuf,
        /// Number of the line, from 1.
        line: usize,
    },
    /// The journal comes from a later release.
    #[error("{} was written by a newer airlock-exec", path.display())]
    Newer {
        /// The journal.
        path: PathBuf,
    },
    /// It cannot be read, locked or made durable.
    #[error("the replay journal {} cannot be written: {source}", path.display())]
    System {
        /// The journal.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// Its directory or file is not private.
    #[error(transparent)]
    Private(#[from] PrivateError),
}

impl JournalError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Replayed => "run the command again: it will be asked anew".to_owned(),
            Self::Tampered { path, .. } => {
                format!("find out who changed it, then move {} away", path.display())
            }
            Self::Newer { .. } => "install the newer airlock-exec again".to_owned(),
            Self::System { source, .. } if is_want_of_space(source) => {
                "free some disk space and run the command again".to_owned()
            }
            Self::System { path, .. } => format!("check {}", path.display()),
            Self::Private(error) => error.hint(),
        }
    }
}

/// Tells whether the disk, a quota or a limit on the size of files is used up.
fn is_want_of_space(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

/// One used decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Format of the line.
    pub version: u32,
    /// The key that signed.
    pub signer_key_id: String,
    /// The nonce it signed.
    pub nonce: String,
    /// The request it decided.
    pub request_id: String,
    /// The artifact it decided, in hexadecimal.
    pub artifact_hash: String,
    /// What the artifacts about one command have in common, when each approver had
    /// one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
    /// When the artifact expires.
    pub expires_at: Timestamp,
}

/// The version of [`Entry`] this release writes.
pub(super) const ENTRY_VERSION: u32 = 1;

impl Entry {
    fn collides_with(&self, other: &Self) -> bool {
        (self.signer_key_id == other.signer_key_id && self.nonce == other.nonce)
            || (self.request_id == other.request_id && self.artifact_hash == other.artifact_hash)
            || (self.family.is_some() && self.family == other.family)
    }
}

/// The journal of one user on one machine.
#[derive(Debug, Clone)]
pub struct Journal {
    directory: PrivateDir,
}

impl Journal {
    /// Keeps the journal in that directory.
    #[must_use]
    pub fn new(directory: PrivateDir) -> Self {
        Self { directory }
    }

    /// Finds out whether the journal is sound and can be opened for writing.
    ///
    /// # Errors
    ///
    /// Any variant but [`JournalError::Replayed`].
    pub fn check(&self) -> Result<(), JournalError> {
        self.directory.append(LOCK)?;
        self.directory.append(FILE)?;
        let bytes = self.directory.read_up_to(FILE, u64::MAX)?.unwrap_or_default();
        self.read(&bytes).map(drop)
    }

    /// Records a decision as used, durably, if it is new.
    ///
    /// `now` is only used to drop entries long expired.
    ///
    /// # Errors
    ///
    /// [`JournalError::Replayed`] when it is not new, any other variant when the
    /// journal cannot vouch for it: then nothing may run.
    pub fn commit(&self, entry: &Entry, now: Timestamp) -> Result<(), JournalError> {
        let lock_file = self.directory.append(LOCK)?;
        let _lock = FileLock::take_within(&lock_file, PATIENCE).map_err(|e| self.system(e))?;
        let bytes = self.directory.read_up_to(FILE, u64::MAX)?.unwrap_or_default();
        let (entries, sound) = self.read(&bytes)?;
        if entries.iter().any(|used| used.collides_with(entry)) {
            return Err(JournalError::Replayed);
        }
        if bytes.len() > COMPACT_ABOVE_BYTES {
            return self.compact(entries, entry, now);
        }
        let mut file = self.directory.append(FILE)?;
        if sound < bytes.len() {
            let whole = u64::try_from(sound).expect("a length in memory fits 64 bits");
            file.set_len(whole).map_err(|error| self.system(error))?;
        }
        file.write_all(&line(entry)).map_err(|error| self.system(error))?;
        file.sync_all().map_err(|error| self.system(error))?;
        Ok(self.directory.sync()?)
    }

    /// Writes a new file with the entries that still matter, in place of the old.
    fn compact(
        &self,
        mut entries: Vec<Entry>,
        entry: &Entry,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        entries.retain(|used| used.expires_at.saturating_add(RETENTION).is_ok_and(|end| end > now));
        entries.push(entry.clone());
        let bytes: Vec<u8> = entries.iter().flat_map(line).collect();
        Ok(self.directory.write(FILE, &bytes)?)
    }

    /// Returns the entries, and how many bytes from the start are sound.
    fn read(&self, bytes: &[u8]) -> Result<(Vec<Entry>, usize), JournalError> {
        let path = || self.directory.path().join(FILE);
        let mut entries = Vec::new();
        let mut sound = 0;
        for (index, each) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
            match parse(each) {
                Some(entry) if entry.version > ENTRY_VERSION => {
                    return Err(JournalError::Newer { path: path() });
                }
                Some(entry) => entries.push(entry),
                // A line without its end was being written when the power went.
                None if sound + each.len() == bytes.len() && !each.ends_with(b"\n") => break,
                None => return Err(JournalError::Tampered { path: path(), line: index + 1 }),
            }
            sound += each.len();
        }
        Ok((entries, sound))
    }

    fn system(&self, source: io::Error) -> JournalError {
        JournalError::System { path: self.directory.path().join(FILE), source }
    }
}

/// `DIGEST JSON\n`, the digest being the first 16 hexadecimal digits of SHA-256.
fn line(entry: &Entry) -> Vec<u8> {
    let json = serde_json::to_string(entry).expect("an entry is plain text and numbers");
    format!("{} {json}\n", check(json.as_bytes())).into_bytes()
}

fn parse(line: &[u8]) -> Option<Entry> {
    let line = line.strip_suffix(b"\n")?;
    let split = line.iter().position(|byte| *byte == b' ')?;
    let (digest, json) = (&line[..split], &line[split + 1..]);
    (digest == check(json).as_bytes()).then(|| serde_json::from_slice(json).ok())?
}

fn check(json: &[u8]) -> String {
    let mut digest = Sha256Digest::of(json).to_string();
    digest.truncate(16);
    digest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal() -> (tempfile::TempDir, Journal) {
        let outer = tempfile::tempdir().expect("temporary directory");
        let inner = PrivateDir::open(&outer.path().join("state")).expect("private directory");
        (outer, Journal::new(inner))
    }

    fn entry(nonce: &str, request: &str) -> Entry {
        Entry {
            version: ENTRY_VERSION,
            signer_key_id: "key-1".to_owned(),
            nonce: nonce.to_owned(),
            request_id: request.to_owned(),
            artifact_hash: "00".repeat(32),
            family: None,
            expires_at: "2026-02-21T12:10:00Z".parse().expect("a time"),
        }
    }

    fn time() -> Timestamp {
        "2026-02-21T12:00:00Z".parse().expect("a time")
    }

    #[test]
    fn takes_a_decision_once() {
        let (_outer, journal) = journal();
        journal.commit(&entry("n1", "r1"), time()).expect("new");
        for used in [entry("n1", "r2"), entry("n2", "r1")] {
            let again = journal.commit(&used, time());
            assert!(matches!(again, Err(JournalError::Replayed)), "{used:?}");
        }
        journal.commit(&entry("n2", "r2"), time()).expect("new");
    }

    #[test]
    fn takes_one_decision_about_a_command_that_several_were_asked_about() {
        let (_outer, journal) = journal();
        let family =
            |nonce, request| Entry { family: Some("r1".to_owned()), ..entry(nonce, request) };
        journal.commit(&family("n1", "r1"), time()).expect("new");
        let second = journal.commit(&family("n2", "r2"), time());
        assert!(matches!(second, Err(JournalError::Replayed)), "{second:?}");
        journal.commit(&entry("n3", "r3"), time()).expect("about something else");
    }

    #[test]
    fn cuts_off_a_torn_last_line_and_goes_on() {
        let (_outer, journal) = journal();
        journal.commit(&entry("n1", "r1"), time()).expect("new");
        let mut file = journal.directory.append(FILE).expect("opened");
        file.write_all(b"0123456789abcdef {\"version\":1,\"sig").expect("written");
        journal.commit(&entry("n2", "r2"), time()).expect("the tail is cut off");
        assert!(matches!(journal.commit(&entry("n2", "r3"), time()), Err(JournalError::Replayed)));
    }

    #[test]
    fn refuses_by_a_journal_that_was_changed() {
        let (_outer, journal) = journal();
        journal.commit(&entry("n1", "r1"), time()).expect("new");
        journal.commit(&entry("n2", "r2"), time()).expect("new");
        let mut bytes = journal.directory.read(FILE).expect("readable").expect("there");
        bytes[40] ^= 1;
        journal.directory.write(FILE, &bytes).expect("written");
        let refused = journal.commit(&entry("n3", "r3"), time());
        assert!(matches!(refused, Err(JournalError::Tampered { line: 1, .. })), "{refused:?}");
        let found = journal.check();
        assert!(matches!(found, Err(JournalError::Tampered { line: 1, .. })), "{found:?}");
    }

    #[test]
    fn refuses_by_a_journal_of_a_later_release() {
        let (_outer, journal) = journal();
        journal.check().expect("an empty one is sound");
        let later = Entry { version: ENTRY_VERSION + 1, ..entry("n1", "r1") };
        journal.directory.write(FILE, &line(&later)).expect("written");
        for found in [journal.check(), journal.commit(&entry("n2", "r2"), time())] {
            assert!(matches!(found, Err(JournalError::Newer { .. })), "{found:?}");
        }
    }

    #[test]
    fn a_full_disk_is_named_as_what_it_is() {
        let (_outer, journal) = journal();
        for errno in [nix::libc::ENOSPC, nix::libc::EDQUOT, nix::libc::EFBIG] {
            let error = journal.system(io::Error::from_raw_os_error(errno));
            assert!(error.hint().contains("disk space"), "{}", error.hint());
            assert!(error.to_string().contains("cannot be written"), "{error}");
        }
    }

    #[test]
    fn compaction_keeps_what_may_still_be_replayed() {
        let (_outer, journal) = journal();
        let old = Entry {
            expires_at: "2025-01-01T00:00:00Z".parse().expect("a time"),
            ..entry("o", "o")
        };
        let many: Vec<u8> = std::iter::repeat_n(line(&old), 3000).flatten().collect();
        journal.directory.write(FILE, &many).expect("written");
        journal.commit(&entry("n1", "r1"), time()).expect("new");
        let left = journal.directory.read(FILE).expect("readable").expect("there");
        assert!(left.len() < 1000, "{} bytes stay", left.len());
        assert!(matches!(journal.commit(&entry("n1", "r2"), time()), Err(JournalError::Replayed)));
    }

    #[test]
    fn only_one_of_many_threads_wins() {
        let (_outer, journal) = journal();
        let wins: usize = std::thread::scope(|scope| {
            let racers: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| usize::from(journal.commit(&entry("n", "r"), time()).is_ok()))
                })
                .collect();
            racers.into_iter().map(|racer| racer.join().expect("no panic")).sum()
        });
        assert_eq!(wins, 1);
    }
}
