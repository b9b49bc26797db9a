//! What was asked and is not over: the same command asked again joins it.
//!
//! One small file for each command that waits, which every process that waits for it
//! holds a shared lock on. It keeps ids and times, nothing that could approve: who
//! joins composes the artifact anew from what it captured itself, and only when that
//! comes out the same can a decision about it count. So an approval that came after
//! its caller was killed is used by the next identical command, once, while it is
//! good; and a rejection answers the same question for a while.

use super::artifact::Inquiry;
use crate::client::Pairing;
use crate::crypto::Sha256Digest;
use crate::process::{
    self, Company, Deadline, FileState, InputKind, PrivateDir, PrivateError, SharedLock,
    is_kill_point,
};
use crate::protocol::{PairingNonce, RequestId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::ffi::CStr;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::os::fd::AsFd as _;
use std::thread;
use std::time::Duration;

/// How long a process that is about to end may keep others out.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long others may take to leave a question that is decided.
const LEAVING: Duration = Duration::from_millis(500);
const LOOK_AGAIN: Duration = Duration::from_millis(10);
/// How long a rejection answers the same question.
const REJECTION_STANDS: SignedDuration = SignedDuration::from_mins(1);
/// The most bytes of a file that are read.
const LARGEST: u64 = 64 << 10;
const VERSION: u32 = 1;

/// What a file keeps.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Note {
    version: u32,
    state: State,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum State {
    /// Somebody waits, or waited until it was killed.
    Asked(Question),
    /// A person said no.
    Rejected {
        /// Until when that answers the same question.
        until: Timestamp,
        /// The words that came along, which nobody signed.
        reason: Option<String>,
    },
}

/// A question that was put, to one approver or several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Question {
    pub(super) created_at: Timestamp,
    pub(super) expires_at: Timestamp,
    /// The request of each approver, by the pairing; the first names them all.
    pub(super) requests: Vec<(PairingNonce, RequestId)>,
}

impl Question {
    /// Tells whether it was put to exactly these, and there is time left.
    fn can_be_joined(&self, pairings: &[&Pairing], now: Timestamp) -> bool {
        let asked = self.requests.iter().map(|(nonce, _)| nonce);
        let live = pairings.iter().map(|pairing| &pairing.agreed.pairing_nonce);
        asked.eq(live) && self.created_at <= now && now < self.expires_at
    }
}

/// What is known about a command that is about to be asked about.
#[derive(Debug)]
pub(super) enum Known {
    /// Nothing: it is for whoever holds the place to ask.
    Nothing(Option<Place>),
    /// What was asked before cannot be looked at; the reason is for a person.
    Unreadable(String),
    /// It was asked already.
    Asked(Question, Place),
    /// It was rejected a moment ago.
    Rejected { reason: Option<String> },
}

/// A place among those who wait for the same decision.
#[derive(Debug)]
pub(super) struct Place {
    file: File,
    lock: SharedLock,
}

/// Looks up what is known about an inquiry, and takes a place.
///
/// No error of the file system keeps anybody from asking a person.
pub(super) fn look_up(directory: &PrivateDir, inquiry: &Inquiry, pairings: &[&Pairing]) -> Known {
    match try_look_up(directory, &name(inquiry), pairings) {
        Ok(known) => known,
        Err(error) => {
            tracing::warn!(%error, "nobody can join this request");
            Known::Unreadable(error.to_string())
        }
    }
}

fn try_look_up(directory: &PrivateDir, name: &str, pairings: &[&Pairing]) -> io::Result<Known> {
    let told = |error: PrivateError| io::Error::other(format!("{error}; {}", error.hint()));
    let directory = directory.subdir("asked").map_err(told)?;
    let file = directory.append(name).map_err(told)?;
    let deadline = Deadline::after(LEAVING);
    loop {
        let (lock, company) = SharedLock::take_within(&file, PATIENCE)?;
        // Whoever was alone with it may have asked only now.
        let (state, now) = (read(&file)?, process::now());
        let place = Place { file: file.try_clone()?, lock };
        match state {
            Some(State::Rejected { until, reason }) if now < until => {
                return Ok(Known::Rejected { reason });
            }
            Some(State::Asked(question)) if question.can_be_joined(pairings, now) => {
                if company == Company::Alone {
                    place.lock.share()?;
                }
                return Ok(Known::Asked(question, place));
            }
            // Those whose question was decided are about to leave, or to ask anew.
            None if company == Company::Others && !deadline.has_passed() => {
                drop(place);
                thread::sleep(LOOK_AGAIN);
            }
            // Somebody is there whom we cannot join: we ask for ourselves.
            _ => return Ok(Known::Nothing((company == Company::Alone).then_some(place))),
        }
    }
}

/// Names the file after everything the approver sees but ids and times, and what the command
/// finds besides: with other variables, or another file as its input, it is another command.
fn name(inquiry: &Inquiry) -> String {
    let mut text = inquiry.case().timeless();
    for entry in inquiry.request().environment().entries().map(CStr::to_bytes) {
        let name = entry.split(|byte| *byte == b'=').next().unwrap_or_default();
        if !is_kill_point(name) {
            text.extend([entry, b"\0"].concat());
        }
    }
    if inquiry.request().input() == InputKind::File
        && let Ok(input) = io::stdin().as_fd().try_clone_to_owned()
    {
        let mut input = File::from(input);
        text.extend(format!("{:?}{:?}", FileState::of(&input), input.stream_position()).bytes());
    }
    Sha256Digest::of(&text).to_string()
}

fn read(mut file: &File) -> io::Result<Option<State>> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.take(LARGEST).read_to_end(&mut bytes)?;
    if bytes.is_empty() {
        return Ok(None);
    }
    // What cannot be read, or is of another version, is nothing to join. Two who are told of
    // one rejection may both have written it down.
    let mut notes = serde_json::Deserializer::from_slice(&bytes).into_iter::<Note>();
    let note = notes.next().and_then(Result::ok);
    Ok(note.filter(|note| note.version == VERSION).map(|note| note.state))
}

impl Place {
    /// Lets others join that question.
    pub(super) fn open(&mut self, question: Question) {
        let opened = self.write(Some(State::Asked(question))).and_then(|()| self.lock.share());
        if let Err(error) = opened {
            tracing::warn!(%error, "nobody can join this request");
        }
    }

    /// Tells whether nobody else waits for the same decision; then nobody can any more.
    pub(super) fn is_last(&self) -> bool {
        self.lock.company().is_ok_and(|company| company == Company::Alone)
    }

    /// Tells whether somebody else waited for the same decision: they are still there,
    /// or have closed the question.
    pub(super) fn was_joined(&self) -> bool {
        !self.is_last() || read(&self.file).is_ok_and(|state| state.is_none())
    }

    /// Forgets the question: it is decided, or taken back.
    pub(super) fn close(mut self) {
        self.end(None);
    }

    /// Remembers that a person said no.
    pub(super) fn reject(mut self, reason: Option<String>, now: Timestamp) {
        let until = now.saturating_add(REJECTION_STANDS).unwrap_or(now);
        self.end(Some(State::Rejected { until, reason }));
    }

    fn end(&mut self, state: Option<State>) {
        if let Err(error) = self.write(state) {
            tracing::warn!(%error, "a request that is over was not forgotten");
        }
    }

    fn write(&mut self, state: Option<State>) -> io::Result<()> {
        let note = state.map(|state| Note { version: VERSION, state });
        let bytes = note.map_or_else(Vec::new, |note| {
            serde_json::to_vec(&note).expect("texts and times are always JSON")
        });
        self.file.set_len(0)?;
        self.file.write_all(&bytes)
    }
}
