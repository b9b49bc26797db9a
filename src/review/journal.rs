//! The replay journal: which decisions were used already.
//!
//! A decision becomes a permit only after `(signerKeyId, nonce)` and
//! `(requestId, artifactHash)` were found new and written, both in one critical section
//! shared by all processes, and nothing runs by it before that is durable. Each line begins
//! with its own digest: a torn last line (power loss) is cut off, a bad line before the
//! last means that somebody changed the journal, and nothing is run by it.
//!
//! What followed an approval is recorded in the same way: the uses of a grant and its
//! end, and what an agent started for a text that its hook had approved.
//!
//! Spec: protocol.md section 7, check 7; HARP-CORE 6.3.

mod entry;
mod error;
mod ledger;
mod unsettled;

use entry::line;
pub(super) use entry::{ENTRY_VERSION, Entry};
pub use error::JournalError;
use ledger::{Ledger, LedgerFault};
pub(super) use unsettled::Unsettled;

use crate::process::{FileLock, FileState, PrivateDir, network_of};
use crate::protocol::RequestId;
use jiff::Timestamp;
use std::fs::File;
use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

const FILE: &str = "journal";
const LOCK: &str = "journal.lock";
/// How long to wait for other processes before refusing.
const PATIENCE: Duration = Duration::from_secs(5);
/// Beyond this size entries that are over are dropped, once they are most of it.
const COMPACT_ABOVE_BYTES: usize = 64 * 1024;
/// So many entries, from all along it, say how much of it that is.
const SAMPLE: usize = 16;

/// How the entry of a grant that was taken back goes on.
const REVOKED: &str = "revoked";
/// How the entry of what was started for an approval goes on.
const STARTED: &str = "started";

/// The journal of one user on one machine.
#[derive(Debug, Clone)]
pub struct Journal {
    directory: PrivateDir,
    /// As what the file was found sound, every line of it.
    sound: Arc<Mutex<Option<FileState>>>,
}

impl Journal {
    /// Keeps the journal in that directory.
    #[must_use]
    pub fn new(directory: PrivateDir) -> Self {
        Self { directory, sound: Arc::default() }
    }

    /// Finds out whether the journal is sound and can be opened for writing.
    ///
    /// # Errors
    ///
    /// Any variant but [`JournalError::Replayed`].
    pub fn check(&self) -> Result<(), JournalError> {
        self.directory.append(LOCK)?;
        self.ledger_in(&self.directory.append(FILE)?).map(drop)
    }

    /// Says what a person should know of where it lies, if there is anything.
    #[must_use]
    pub fn doubt(&self) -> Option<String> {
        let path = self.directory.path();
        let network = network_of(path)?;
        Some(format!(
            "{} lies on a network file system ({network}), where locks may not hold; set \
             XDG_STATE_HOME to a directory of this machine",
            path.display()
        ))
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
        self.commit_all(std::slice::from_ref(entry), now)
    }

    /// Records decisions about one command as used, durably, if all of them are new.
    ///
    /// # Errors
    ///
    /// As [`Journal::commit`]; then none of them counts as used by this.
    pub fn commit_all(&self, decisions: &[Entry], now: Timestamp) -> Result<(), JournalError> {
        self.write_all(decisions, now)?.settle()
    }

    /// Records decisions about one command as used, if all of them are new: known to every
    /// process of this machine from now on, and durable when what is returned is settled.
    ///
    /// # Errors
    ///
    /// As [`Journal::commit`]; then none of them counts as used by this.
    pub(super) fn write_all(
        &self,
        decisions: &[Entry],
        now: Timestamp,
    ) -> Result<Unsettled, JournalError> {
        self.record(now, |ledger| {
            let words = decisions.iter().flat_map(Entry::words);
            let entries = self.about(ledger, words)?;
            let is_used = |entry: &Entry| entries.iter().any(|used| used.collides_with(entry));
            let is_twice = |(at, entry): (usize, &Entry)| {
                decisions[..at].iter().any(|earlier| earlier.is_same_decision(entry))
            };
            if decisions.iter().any(is_used) || decisions.iter().enumerate().any(is_twice) {
                return Err(JournalError::Replayed);
            }
            Ok(decisions.to_vec())
        })
    }

    /// Records the next use of a grant, or of the approval of an agent's hook by another
    /// hook, whose approval is that entry, durably, and returns its number; `None` when
    /// `limit` uses were recorded before.
    ///
    /// `beside` is the number of uses that another record knows of.
    ///
    /// # Errors
    ///
    /// As [`Journal::commit`]; [`JournalError::Replayed`] when it was taken back.
    pub fn commit_use(
        &self,
        grant: &Entry,
        beside: u32,
        limit: u32,
        now: Timestamp,
    ) -> Result<Option<u32>, JournalError> {
        let mut number = None;
        self.record(now, |ledger| {
            let next = self.uses(ledger, grant)?.max(beside).saturating_add(1);
            number = Some(next).filter(|next| *next <= limit);
            let used = number.map(|number| grant.followed_by(&format!("use-{number}")));
            Ok(used.into_iter().collect())
        })?
        .settle()?;
        Ok(number)
    }

    /// Returns how many uses of that grant are recorded.
    ///
    /// # Errors
    ///
    /// As [`Journal::commit_use`].
    pub fn uses_of(&self, grant: &Entry) -> Result<u32, JournalError> {
        self.uses(&self.ledger()?, grant)
    }

    /// Finds out whether an approval was used here, and by which name all requests about
    /// its command go.
    ///
    /// # Errors
    ///
    /// As [`Journal::check`].
    pub(super) fn family_of(&self, approval: &Entry) -> Result<Option<String>, JournalError> {
        let entries = self.about(&self.ledger()?, approval.words())?;
        let used = entries.into_iter().find(|entry| entry.is_same_decision(approval));
        Ok(used.map(|entry| entry.family.unwrap_or(entry.request_id)))
    }

    /// Records, durably, what was started for an approval that was used; and tells
    /// whether that is it: something else may have been before, or may not begin any more.
    ///
    /// # Errors
    ///
    /// As [`Journal::commit`].
    pub(super) fn commit_start(
        &self,
        approval: &Entry,
        started: &str,
        may_begin: bool,
        now: Timestamp,
    ) -> Result<bool, JournalError> {
        let mut is_it = false;
        self.record(now, |ledger| {
            let mut start = approval.followed_by(STARTED);
            start.nonce = format!("{}-{started}", start.nonce);
            let entries = self.about(ledger, [start.request_id.as_str()])?;
            let before = entries.iter().find(|each| {
                each.request_id == start.request_id && each.artifact_hash == start.artifact_hash
            });
            let is_new = before.is_none() && may_begin;
            is_it = is_new || before.is_some_and(|each| each.nonce == start.nonce);
            Ok(if is_new { vec![start] } else { Vec::new() })
        })?
        .settle()?;
        Ok(is_it)
    }

    /// Tells whether a decision about that request is recorded.
    ///
    /// # Errors
    ///
    /// As [`Journal::check`].
    pub fn knows(&self, request: &RequestId) -> Result<bool, JournalError> {
        let request = request.as_str();
        let entries = self.about(&self.ledger()?, [request])?;
        let same =
            |entry: &Entry| entry.request_id == request || entry.family.as_deref() == Some(request);
        Ok(entries.iter().any(same))
    }

    /// Records that a grant was taken back.
    ///
    /// # Errors
    ///
    /// As [`Journal::commit`]; taking it back twice is none.
    pub fn commit_revocation(&self, grant: &Entry, now: Timestamp) -> Result<(), JournalError> {
        match self.commit(&grant.followed_by(REVOKED), now) {
            Err(JournalError::Replayed) => Ok(()),
            done => done,
        }
    }

    /// Appends the entries that are chosen by those that are there, in one critical
    /// section shared by all processes.
    fn record(
        &self,
        now: Timestamp,
        choose: impl FnOnce(&Ledger) -> Result<Vec<Entry>, JournalError>,
    ) -> Result<Unsettled, JournalError> {
        let lock_file = self.directory.append(LOCK)?;
        let _lock = FileLock::take_in_turn(&lock_file, PATIENCE).map_err(|e| self.system(e))?;
        let mut file = self.directory.append(FILE)?;
        let ledger = self.ledger_in(&file)?;
        let chosen = choose(&ledger)?;
        if chosen.is_empty() {
            return Ok(Unsettled::nothing());
        }
        if self.is_mostly_over(&ledger, now)? {
            let entries = ledger.entries().map_err(|fault| self.fault(&fault))?;
            self.compact(entries, chosen, now)?;
            return Ok(Unsettled::nothing());
        }
        if ledger.length() == 0 {
            // It may be new. Its name is durable before anything is in it: whoever finds
            // something in it need not know whether that was ever settled.
            self.directory.sync()?;
        }
        if ledger.sound() < ledger.length() {
            let whole = u64::try_from(ledger.sound()).expect("a length in memory fits 64 bits");
            file.set_len(whole).map_err(|error| self.system(error))?;
        }
        let lines: Vec<u8> = chosen.iter().flat_map(line).collect();
        file.write_all(&lines).map_err(|error| self.system(error))?;
        Ok(Unsettled::appended(file, self.clone()))
    }

    /// Tells whether it is long, and most of it matters no more.
    fn is_mostly_over(&self, ledger: &Ledger, now: Timestamp) -> Result<bool, JournalError> {
        if ledger.length() <= COMPACT_ABOVE_BYTES {
            return Ok(false);
        }
        let some = ledger.sample(SAMPLE).map_err(|fault| self.fault(&fault))?;
        Ok(some.iter().filter(|used| used.is_over(now)).count() > some.len() / 2)
    }

    /// Writes a new file with the entries that still matter, in place of the old.
    fn compact(
        &self,
        mut entries: Vec<Entry>,
        chosen: Vec<Entry>,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        entries.retain(|used| !used.is_over(now));
        entries.extend(chosen);
        let bytes: Vec<u8> = entries.iter().flat_map(line).collect();
        Ok(self.directory.write(FILE, &bytes)?)
    }

    fn ledger(&self) -> Result<Ledger, JournalError> {
        let Some((bytes, state)) = self.directory.read_with_state(FILE, u64::MAX)? else {
            return Ok(Ledger::checked_before(Vec::new()));
        };
        self.checked(bytes, state)
    }

    /// Reads it by a descriptor that did not read yet.
    fn ledger_in(&self, file: &File) -> Result<Ledger, JournalError> {
        let state = FileState::of(file).map_err(|error| self.system(error))?;
        // One byte more than there should be: the end is seen without growing.
        let length = usize::try_from(state.size()).unwrap_or_default().saturating_add(1);
        let mut bytes = Vec::with_capacity(length);
        let read = file.take(u64::MAX).read_to_end(&mut bytes);
        read.map_err(|error| self.system(error))?;
        self.checked(bytes, state)
    }

    fn checked(&self, bytes: Vec<u8>, state: FileState) -> Result<Ledger, JournalError> {
        let mut sound = self.sound.lock().unwrap_or_else(PoisonError::into_inner);
        if *sound == Some(state) && u64::try_from(bytes.len()) == Ok(state.size()) {
            return Ok(Ledger::checked_before(bytes));
        }
        let ledger = Ledger::of(bytes).map_err(|fault| self.fault(&fault))?;
        *sound = Some(state).filter(|_| ledger.is_sound());
        Ok(ledger)
    }

    /// Returns the entries that hold one of these words, and so may be about it.
    fn about<'w>(
        &self,
        ledger: &Ledger,
        words: impl IntoIterator<Item = &'w str>,
    ) -> Result<Vec<Entry>, JournalError> {
        ledger.about(words).map_err(|fault| self.fault(&fault))
    }

    /// Counts the uses of a grant; its highest number, since none is ever given back.
    fn uses(&self, ledger: &Ledger, grant: &Entry) -> Result<u32, JournalError> {
        let entries = self.about(ledger, [grant.request_id.as_str()])?;
        let own = entries.iter().filter(|each| each.signer_key_id == grant.signer_key_id);
        // A request id that somebody made up holds no #, so those that do are ours.
        let words = own
            .filter_map(|each| each.request_id.strip_prefix(&grant.request_id)?.strip_prefix('#'));
        let mut highest = 0;
        for word in words {
            if word == REVOKED {
                return Err(JournalError::Replayed);
            }
            let number = word.strip_prefix("use-").and_then(|number| number.parse().ok());
            highest = highest.max(number.unwrap_or(0));
        }
        Ok(highest)
    }

    fn fault(&self, fault: &LedgerFault) -> JournalError {
        let path = self.directory.path().join(FILE);
        match *fault {
            LedgerFault::Tampered(line) => JournalError::Tampered { path, line },
            LedgerFault::Newer => JournalError::Newer { path },
        }
    }

    fn system(&self, source: io::Error) -> JournalError {
        JournalError::System { path: self.directory.path().join(FILE), source }
    }
}

#[cfg(test)]
mod tests;
