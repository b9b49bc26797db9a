//! The notes: one small file for each text, agent and directory.

use super::Proof;
use crate::crypto::Sha256Digest;
use crate::process::{Deadline, FileLock, PrivateDir, PrivateError, Process, boot_id, since_boot};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

/// How long a note is kept of what was not started.
const TO_START: Duration = Duration::from_mins(10);
/// How long somebody may look at the notes.
const PATIENCE: Duration = Duration::from_secs(2);
const LOCK: &str = "lock";
const VERSION: u32 = 2;

/// One approval of a text.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Approved {
    /// What was signed; nothing else in here lets anything run.
    pub(super) proof: Proof,
    /// When, since the machine started.
    pub(super) at: Duration,
    /// The hooks that used it.
    pub(super) hooks: Vec<String>,
    /// The agent's name for the call, when it has one.
    pub(super) call: Option<String>,
    /// What the agent started for it, once that was seen.
    pub(super) started: Option<Process>,
}

impl Approved {
    /// Tells whether something may still go by it.
    fn is_alive(&self) -> bool {
        let is_new = || since_boot().saturating_sub(self.at) < TO_START;
        self.started.map_or_else(is_new, Process::runs)
    }
}

/// The approvals of one text in one directory, for one agent.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Note {
    version: u32,
    boot: Option<String>,
    agent: Process,
    pub(super) text: String,
    pub(super) approved: Vec<Approved>,
}

impl Note {
    pub(super) fn new(agent: Process, text: String) -> Self {
        Self { version: VERSION, boot: boot_id(), agent, text, approved: Vec::new() }
    }

    /// Tells whether it is about that process, in this run of the machine.
    pub(super) fn is_of(&self, agent: Process) -> bool {
        self.agent == agent && self.boot == boot_id()
    }

    /// Adds an approval, and leaves out what is over.
    pub(super) fn add(&mut self, approved: Approved) {
        self.approved.retain(|each| !each.proof.is_same_as(&approved.proof) && each.is_alive());
        self.approved.push(approved);
    }

    fn is_over(&self) -> bool {
        self.boot != boot_id() || !self.approved.iter().any(Approved::is_alive)
    }
}

/// Where the notes are, which nobody else looks at meanwhile.
pub(super) struct Notes {
    directory: PrivateDir,
    _held: FileLock,
}

impl Notes {
    pub(super) fn open(directory: PrivateDir) -> Result<Self, PrivateError> {
        let file = directory.append(LOCK)?;
        let held = FileLock::take_within(&file, PATIENCE);
        let held = held.map_err(|source| {
            let path = directory.path().join(LOCK);
            PrivateError::System { action: "lock", path, source }
        })?;
        Ok(Self { directory, _held: held })
    }

    /// Returns the names of all notes.
    pub(super) fn names(&self) -> Vec<String> {
        self.with_ending(".json")
    }

    fn with_ending(&self, ending: &str) -> Vec<String> {
        let entries = fs::read_dir(self.directory.path()).into_iter().flatten().flatten();
        let name = |entry: fs::DirEntry| {
            Some(entry.file_name().to_str()?.strip_suffix(ending)?.to_owned())
        };
        entries.filter_map(name).collect()
    }

    /// Reads a note; what cannot be read, or is of another version, is none.
    pub(super) fn read(&self, name: &str) -> Option<Note> {
        let bytes = self.directory.read(&file(name)).ok()??;
        serde_json::from_slice(&bytes).ok().filter(|note: &Note| note.version == VERSION)
    }

    pub(super) fn write(&self, name: &str, note: &Note) -> Result<(), PrivateError> {
        let bytes = serde_json::to_vec(note).expect("texts and numbers are always JSON");
        self.directory.write(&file(name), &bytes)
    }

    /// Removes what nothing can go by any more.
    pub(super) fn forget_old(&self) {
        for name in self.with_ending(".turn") {
            let is_over = self.read(&name).is_none_or(|note| note.is_over());
            let turn = self.directory.append(&turn(&name)).ok();
            let turn = turn.and_then(|file| FileLock::try_take(file).ok().flatten());
            // Who waits for its turn meanwhile waits for the next: see `take_turn`.
            if is_over && turn.is_some() {
                let _ = self.directory.remove(&file(&name));
                let _ = self.directory.remove(&self::turn(&name));
            }
        }
    }
}

/// Names a note.
pub(super) fn name(agent: Process, directory: &Path, text: &str) -> String {
    let agent = format!("{agent}\n");
    let directory = directory.as_os_str().as_bytes();
    let whole = [agent.as_bytes(), directory, b"\0", text.as_bytes()].concat();
    Sha256Digest::of(&whole).to_string()
}

fn file(name: &str) -> String {
    format!("{name}.json")
}

/// Names the file whose lock says whose turn it is to ask.
fn turn(name: &str) -> String {
    format!("{name}.turn")
}

/// Waits for the turn to ask about what that note is about; the inner error says that it
/// did not come in time.
///
/// # Errors
///
/// [`PrivateError`] when there can be no such file.
pub(super) fn take_turn(
    directory: &PrivateDir,
    name: &str,
    patience: Duration,
) -> Result<io::Result<FileLock>, PrivateError> {
    let deadline = Deadline::after(patience);
    loop {
        let file = directory.append(&turn(name))?;
        let taken = FileLock::take_within(&file, deadline.remaining());
        // Somebody forgot it between the two: whoever comes now has another.
        let is_it = file.metadata().is_ok_and(|found| found.nlink() > 0);
        if is_it || taken.is_err() {
            return Ok(taken);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn whoever_waits_for_a_turn_that_is_forgotten_has_the_next() {
        let root = tempfile::tempdir().expect("a directory");
        let directory = PrivateDir::open(&root.path().join("handed")).expect("private");
        let path = directory.path().join(turn("x"));
        let file = directory.append(&turn("x")).expect("made");
        let held = FileLock::try_take(file).expect("a lock").expect("nobody has it");
        let waiting = thread::spawn({
            let directory = directory.clone();
            move || take_turn(&directory, "x", Duration::from_secs(20))
        });
        let is_open = |entry: fs::DirEntry| fs::read_link(entry.path()).is_ok_and(|to| to == path);
        let opened = || {
            fs::read_dir("/proc/self/fd")
                .expect("listed")
                .flatten()
                .filter_map(|entry| is_open(entry).then_some(()))
                .count()
        };
        // Ours, and the one that waits.
        while opened() < 2 {
            thread::yield_now();
        }
        fs::remove_file(&path).expect("forgotten");
        drop(held);
        let taken = waiting.join().expect("no panic").expect("a file").expect("its turn");
        let next = directory.append(&turn("x")).expect("made");
        assert!(FileLock::try_take(next).expect("a lock").is_none(), "it is taken");
        drop(taken);
    }
}
