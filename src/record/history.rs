//! The records of a log, folded into the life of each command.

use super::allowed::AllowedCommand;
use super::basis::{Basis, End};
use super::cast::Recorded;
use super::event::Event;
use super::line::Record;
use super::{Command, LeftOut};
use crate::display::counted;
use crate::protocol::artifact::ArtifactKind;
use crate::protocol::decision::SettledDecision;
use crate::protocol::{Decision, RequestId, SignerKeyId};
use crate::request::git::Kept;
use crate::review::Touch;
use jiff::{SignedDuration, Timestamp};
use std::collections::{HashMap, HashSet};

/// The life of one command, or one change of ours.
#[derive(Debug, Clone)]
pub struct Life {
    /// The numbers of the records that tell of it, in order; the first names it.
    pub records: Vec<u64>,
    /// Which of the commands in its first record it is, where there are several.
    pub index: Option<usize>,
    /// When it began.
    pub time: Timestamp,
    /// What it is about.
    pub subject: Subject,
    /// The request, when somebody was asked.
    pub request: Option<RequestId>,
    /// Why somebody was asked.
    pub why: Option<String>,
    /// What the approver was told besides.
    pub notes: Vec<String>,
    /// Whose approval takes the touch of a passkey.
    pub touch: Option<Touch>,
    /// What was not believed, one word and a sentence each.
    pub doubts: Vec<(String, String)>,
    /// The decisions of people, in order.
    pub decided: Vec<Decided>,
    /// What allowed it.
    pub by: Option<Basis>,
    /// When it started, and the process that watched it.
    pub started: Option<(Timestamp, u32)>,
    /// How it ended, and after how many milliseconds.
    pub ended: Option<(End, u64)>,
    /// How it was let run by whoever asked.
    pub released: Option<String>,
    /// Why it did not run, one word and a sentence.
    pub refused: Option<(String, String)>,
    /// What was kept of what it takes away.
    pub kept: Vec<Kept>,
    /// What was recorded of it.
    pub recording: Option<Recorded>,
    /// The key of the approver who had it stopped.
    pub stopped: Option<SignerKeyId>,
}

/// What a life is about.
#[derive(Debug, Clone)]
pub enum Subject {
    /// A command.
    Command(Command),
    /// Commands of a pattern, for longer than once.
    Grant(Command),
    /// A change of ours: one word, and a sentence.
    Ours(&'static str, String),
}

/// The decision of a person.
#[derive(Debug, Clone)]
pub struct Decided {
    /// When it was written down.
    pub time: Timestamp,
    /// What was signed.
    pub decision: Box<SettledDecision>,
    /// The words that came along, which nobody signed.
    pub reason: Option<String>,
}

impl Life {
    fn new(record: &Record, subject: Subject) -> Self {
        Self {
            records: vec![record.seq],
            index: None,
            time: record.time,
            subject,
            request: None,
            why: None,
            notes: Vec::new(),
            touch: None,
            doubts: Vec::new(),
            decided: Vec::new(),
            by: None,
            started: None,
            ended: None,
            released: None,
            refused: None,
            kept: Vec::new(),
            recording: None,
            stopped: None,
        }
    }

    fn of_command(record: &Record, command: &Command) -> Self {
        Self::new(record, Subject::Command(command.clone()))
    }

    /// Returns what it is called: the request, or `#` and the number of its record.
    #[must_use]
    pub fn id(&self) -> String {
        match (&self.request, self.index) {
            (Some(request), _) => request.to_string(),
            (None, None) => format!("#{}", self.records[0]),
            (None, Some(index)) => format!("#{}.{index}", self.records[0]),
        }
    }

    /// Returns enough of that to name it.
    #[must_use]
    pub fn short_id(&self) -> String {
        self.request.as_ref().map_or_else(|| self.id(), |request| request.short().to_owned())
    }

    /// Returns the command, when it is about one.
    #[must_use]
    pub fn command(&self) -> Option<&Command> {
        match &self.subject {
            Subject::Command(command) | Subject::Grant(command) => Some(command),
            Subject::Ours(..) => None,
        }
    }

    /// Says in one word what was decided, and by whom or what.
    #[must_use]
    pub fn verdict(&self) -> &'static str {
        let words = self.decided.iter().map(|decided| decided.decision.decision);
        // One no is enough.
        let decided = words.reduce(|one, other| match (one, other) {
            (Decision::Approve, Decision::Approve) => Decision::Approve,
            _ => Decision::Reject,
        });
        match (&self.subject, decided, &self.by, &self.refused) {
            (Subject::Ours(word, _), ..) => word,
            (_, Some(Decision::Reject), ..) => "rejected",
            (_, _, _, Some((cause, _))) if cause == "forbidden" => "forbidden",
            (_, _, _, Some(_)) => "refused",
            (_, Some(Decision::Approve), ..) | (_, _, Some(Basis::Approval(_)), _) => "approved",
            (_, _, Some(Basis::Rule), _) => "allowed",
            (_, _, Some(Basis::Standing(_)), _) => "standing",
            (_, _, Some(Basis::Nested(_)), _) => "nested",
            (_, _, Some(Basis::Grant { .. }), _) => "granted",
            (_, None, None, None) => "pending",
        }
    }

    /// Tells whether it started and nobody has written down how it ended.
    #[must_use]
    pub fn is_unfinished(&self) -> Option<u32> {
        let (_, process) = self.started?;
        self.ended.is_none().then_some(process)
    }

    /// Returns how long it took until it was decided.
    #[must_use]
    pub fn decision_took(&self) -> Option<SignedDuration> {
        let decided = self.decided.last()?;
        Some(decided.decision.verified_at.duration_since(self.time).max(SignedDuration::ZERO))
    }
}

/// Folds records into lives, in the order in which each began.
#[must_use]
pub fn lives(records: &[Record]) -> Vec<Life> {
    let mut history = History::default();
    for record in records {
        history.take(record);
    }
    history.lives
}

#[derive(Default)]
struct History {
    lives: Vec<Life>,
    /// The newest life of each request.
    of_request: HashMap<RequestId, usize>,
    /// The life that each start belongs to.
    of_start: HashMap<u64, usize>,
    /// What was copied already: a crash may have it copied twice.
    copied: HashSet<(String, u32)>,
}

impl History {
    fn push(&mut self, life: Life) -> &mut Life {
        self.lives.push(life);
        self.lives.last_mut().expect("it was just added")
    }

    fn ours(&mut self, record: &Record, word: &'static str, what: String) {
        self.push(Life::new(record, Subject::Ours(word, what)));
    }

    fn about(&mut self, record: &Record, request: &RequestId) -> Option<&mut Life> {
        let life = self.lives.get_mut(*self.of_request.get(request)?)?;
        life.records.push(record.seq);
        Some(life)
    }

    fn of_start(&mut self, record: &Record, started: u64) -> Option<&mut Life> {
        let life = self.lives.get_mut(*self.of_start.get(&started)?)?;
        life.records.push(record.seq);
        Some(life)
    }

    fn take(&mut self, record: &Record) {
        match &record.event {
            Event::Requested { request_id, command, artifact_type, why, notes, touch, .. } => {
                let subject = match artifact_type {
                    ArtifactKind::CommandReview => Subject::Command(command.clone()),
                    ArtifactKind::CommandGrant => Subject::Grant(command.clone()),
                };
                self.of_request.insert(request_id.clone(), self.lives.len());
                let life = self.push(Life::new(record, subject));
                life.request = Some(request_id.clone());
                life.why.clone_from(why);
                life.notes.clone_from(notes);
                life.touch = *touch;
            }
            Event::Submitted { request_id } => {
                let _ = self.about(record, request_id);
            }
            Event::Doubted { request_id, cause, detail } => {
                if let Some(life) = self.about(record, request_id) {
                    life.doubts.push((cause.clone(), detail.clone()));
                }
            }
            Event::Decided { request_id, decision, unsigned_reason } => {
                if let Some(life) = self.about(record, request_id) {
                    let (time, decision) = (record.time, decision.clone());
                    let reason = unsigned_reason.clone();
                    life.decided.push(Decided { time, decision, reason });
                }
            }
            Event::Refused { request_id, cause, detail } => {
                if let Some(life) = self.about(record, request_id) {
                    life.refused = Some((cause.clone(), detail.clone()));
                }
            }
            Event::NotAsked { cause, detail, command } => {
                let life = self.push(Life::of_command(record, command));
                life.refused = Some((cause.clone(), detail.clone()));
            }
            Event::Started { by, process, command } => {
                let life = self.begun(record, by, command);
                let (time, process) = (record.time, *process);
                self.lives[life].started = Some((time, process));
                self.of_start.insert(record.seq, life);
            }
            Event::Released { by, to, command } => {
                let life = self.begun(record, by, command);
                self.lives[life].released = Some(to.clone());
            }
            Event::Nested { within, to, command } => {
                let life = self.push(Life::of_command(record, command));
                life.by = Some(Basis::Nested(within.clone()));
                life.released = Some(to.clone());
            }
            Event::Ended { started, end, duration_ms } => {
                if let Some(life) = self.of_start(record, *started) {
                    life.ended = Some((end.clone(), *duration_ms));
                }
            }
            Event::Allowed { source, part, commands } => {
                if self.copied.insert((source.clone(), *part)) {
                    for (index, command) in commands.iter().enumerate() {
                        self.push(allowed(record, index + 1, command));
                    }
                }
            }
            Event::Unreadable { source, .. } => {
                if self.copied.insert((source.clone(), 0)) {
                    self.ours(record, "unreadable", record.event.warning().unwrap_or_default());
                }
            }
            Event::Kept { request_id, kept } => {
                if let Some(life) = self.about(record, request_id) {
                    life.kept.clone_from(kept);
                }
            }
            Event::Stopped { started, by } => {
                if let Some(life) = self.of_start(record, *started) {
                    life.stopped = Some(by.clone());
                }
            }
            Event::Recorded { started, recording } => {
                if let Some(life) = self.of_start(record, *started) {
                    life.recording = Some(recording.clone());
                }
            }
            Event::Granted { .. } => {}
            ours => self.take_ours(record, ours),
        }
    }

    fn take_ours(&mut self, record: &Record, event: &Event) {
        match event {
            Event::Revoked { grant } => self.ours(record, "revoked", format!("grant {grant}")),
            Event::Paired { name, fingerprint, passkey, .. } => {
                let passkey = passkey.as_ref().map(|own| format!(", passkey of {}", own.origin()));
                let what = format!("{name}, fingerprint {fingerprint}");
                self.ours(record, "paired", what + &passkey.unwrap_or_default());
            }
            Event::Pairing { name, fingerprint, after_secs } => {
                let what = format!("{name} ({fingerprint}) is asked after {after_secs} s");
                self.ours(record, "changed", what);
            }
            Event::Unpaired { name, signer_key_id } => {
                self.ours(record, "unpaired", format!("{name}, key {signer_key_id}"));
            }
            Event::PolicyChanged { path, sha256 } => {
                let what = match sha256 {
                    Some(sha256) => format!("{path} (sha256 {sha256})"),
                    None => format!("{path} is gone"),
                };
                self.ours(record, "policy", what);
            }
            Event::Repaired { bytes, kept, .. } => {
                let what = format!(
                    "a crash left {} of a record that was never finished, kept in {kept}",
                    counted(*bytes, "byte")
                );
                self.ours(record, "repaired", what);
            }
            Event::Continued { after } => {
                self.ours(
                    record,
                    "continued",
                    format!("{after} is full, and this goes on behind it"),
                );
            }
            Event::LetGo { through, files } => {
                let what = format!("{} up to record {through} were old", files.join(", "));
                self.ours(record, "let go", what);
            }
            Event::BegunAnew { kept, faults, .. } => {
                let what = format!(
                    "it was not what was written ({}); what was there is in {kept}",
                    faults.join("; ")
                );
                self.ours(record, "begun anew", what);
            }
            _ => {}
        }
    }

    /// Returns the life of a command that is about to run: that of its request, or a new one.
    fn begun(&mut self, record: &Record, by: &Basis, command: &Command) -> usize {
        let known = match by {
            Basis::Approval(request) => self.of_request.get(request).copied(),
            Basis::Rule | Basis::Standing(_) | Basis::Nested(_) | Basis::Grant { .. } => None,
        };
        let at = known.unwrap_or(self.lives.len());
        if known.is_some() {
            self.lives[at].records.push(record.seq);
        } else {
            self.push(Life::of_command(record, command));
        }
        self.lives[at].by = Some(by.clone());
        at
    }
}

fn allowed(record: &Record, index: usize, allowed: &AllowedCommand) -> Life {
    let command = Command {
        argv: allowed.argv.clone(),
        left_out: None::<LeftOut>,
        cwd: allowed.cwd.clone(),
        repository: None,
        program: allowed.program.clone(),
        program_sha256: None,
        user: String::new(),
        agent: allowed.agent.clone(),
        session: allowed.session.clone(),
    };
    let mut life = Life::new(record, Subject::Command(command));
    life.index = Some(index);
    life.time = allowed.time();
    life.by = Some(Basis::Rule);
    life.released = Some(allowed.way.clone());
    life
}
