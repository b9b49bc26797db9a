//! What is on its way: asked about or running, and not over.
//!
//! Each of our processes that is in the middle of something has a small file here, by
//! which the next one finds out that it was killed, and says so in the log. It decides
//! nothing: who is missing here is only missing in the log's account.

use super::basis::End;
use super::event::Event;
use super::{AuditError, Durability, Log};
use crate::process::{PrivateDir, Process};
use crate::protocol::RequestId;
use crate::review::Journal;
use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::PoisonError;

const DIRECTORY: &str = "open";
/// Ends the name of a file whose process is only known by its number.
const UNTOLD: &str = "-0";

/// What a file holds.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Note {
    process: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    request: Option<RequestId>,
}

impl Log {
    /// Says that this process is in the middle of something, until [`Log::is_over`].
    pub(super) fn is_open(&self, request: Option<&RequestId>) -> Result<(), AuditError> {
        let note = Note { process: std::process::id(), request: request.cloned() };
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.as_ref() == Some(&note) {
            return Ok(());
        }
        let directory = self.directory.subdir(DIRECTORY)?;
        let bytes = serde_json::to_vec(&note).expect("a number and an id are JSON");
        let name = own_name();
        let write = || -> io::Result<()> {
            let path = directory.path().join(&name);
            match write_new(&path, &bytes) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    let new = directory.path().join(format!(".{name}"));
                    let _ = fs::remove_file(&new);
                    write_new(&new, &bytes)?;
                    fs::rename(&new, &path)
                }
                written => written,
            }
        };
        write().map_err(|error| self.system(error))?;
        *said = Some(note);
        Ok(())
    }

    /// Says that it is over, and how is written down.
    pub(super) fn is_over(&self) {
        *self.said.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let _ = fs::remove_file(self.directory.path().join(DIRECTORY).join(own_name()));
    }

    /// Writes down what became of those that were killed in the middle of something.
    pub(super) fn account_for_killed(&self) -> Result<(), AuditError> {
        let directory = self.directory.subdir(DIRECTORY)?;
        let names = directory.names()?;
        let left: Vec<&String> = names.iter().filter(|name| is_left(name)).collect();
        if left.is_empty() {
            return Ok(());
        }
        let records = self.read_locked()?.records;
        let mut events = Vec::new();
        for name in &left {
            let note: Option<Note> = directory
                .read(name)
                .ok()
                .flatten()
                .and_then(|bytes| serde_json::from_slice(&bytes).ok());
            let Some(note) = note else { continue };
            let of_process = |event: &Event| ends_open(event, &note);
            let last = records.iter().rev().find(|record| of_process(&record.event));
            events.extend(last.and_then(|last| self.fate(last.seq, &last.event)));
        }
        if !events.is_empty() {
            self.append_locked(events, Durability::Durable)?;
        }
        for name in left {
            directory.remove(name)?;
        }
        Ok(())
    }

    /// Says what became of a process whose last record that is.
    fn fate(&self, seq: u64, last: &Event) -> Option<Event> {
        match last {
            Event::Started { .. } => {
                let why = "the process that watched it was killed".to_owned();
                Some(Event::Ended { started: seq, end: End::Lost(why), duration_ms: 0 })
            }
            Event::Requested { request_id, .. } | Event::Submitted { request_id } => {
                let journal = Journal::new(PrivateDir::open(self.keys.path()).ok()?);
                let spent = journal.knows(request_id).unwrap_or(false);
                let (cause, detail) = if spent {
                    (
                        "spent-not-run",
                        "it was decided, but whoever asked was killed before it ran, or could not \
                         write down that it does: the decision is used up, and it did not run",
                    )
                } else {
                    ("abandoned", "whoever asked was killed before anybody decided")
                };
                let (cause, detail) = (cause.to_owned(), detail.to_owned());
                Some(Event::Refused { request_id: request_id.clone(), cause, detail })
            }
            _ => None,
        }
    }
}

/// Makes a file. One that stayed empty says nothing, and nothing was written down by then.
fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?.write_all(bytes)
}

/// Tells whether an event is about what that process was in the middle of.
fn ends_open(event: &Event, note: &Note) -> bool {
    match event {
        Event::Started { process, .. } => *process == note.process,
        Event::Requested { request_id, .. }
        | Event::Submitted { request_id }
        | Event::Decided { request_id, .. }
        | Event::Refused { request_id, .. } => note.request.as_ref() == Some(request_id),
        _ => false,
    }
}

/// Names the file after this process, with a 0 where the system does not tell when it
/// started.
fn own_name() -> String {
    Process::own().map_or_else(|| format!("{}{UNTOLD}", std::process::id()), |own| own.to_string())
}

/// Tells whether the process of that file is gone.
fn is_left(name: &str) -> bool {
    let Some(number) = name.strip_suffix(UNTOLD) else {
        return name.parse().is_ok_and(|process: Process| !process.runs());
    };
    let process = number.parse().map(Pid::from_raw);
    process.is_ok_and(|process| kill(process, None) == Err(Errno::ESRCH))
}
