//! The trail of one command: what the main line tells after each step.

use super::basis::End;
use super::cast::Recorded;
use super::cause;
use super::log::Unsynced;
use super::{AuditError, Command, Durability, Event, Link, Log};
use crate::policy::Denial;
use crate::process::{self, kill_point};
use crate::protocol::artifact::CommandGrant;
use crate::protocol::decision::SettledDecision;
use crate::protocol::{RequestId, SignerKeyId};
use crate::request::git::Kept;
use crate::request::{Marker, Request};
use crate::review::grant::GrantInquiry;
use crate::review::{Authority, Cover, Doubt, Inquiry, Permit, Refusal};
use crate::run::{Exit, RunError};
use std::cell::OnceCell;
use std::fmt::Display;
use std::path::Path;
use std::time::Duration;

/// Where one command's steps are written down.
#[derive(Debug)]
pub struct Trail {
    log: Log,
    marker: Marker,
    /// The command, once it was looked at.
    command: OnceCell<Command>,
}

impl Trail {
    /// Opens the log in one directory; marks secrets by the key in the other.
    ///
    /// # Errors
    ///
    /// [`AuditError`].
    pub fn open(audit: &Path, enforcer: &Path) -> Result<Self, AuditError> {
        let (log, marker) = (Log::open(audit, enforcer)?, Marker::open(enforcer)?);
        Ok(Self { log, marker, command: OnceCell::new() })
    }

    /// Returns what marks secrets, here and in what an approver sees.
    #[must_use]
    pub fn marker(&self) -> &Marker {
        &self.marker
    }

    /// Writes down that a person is about to be asked.
    ///
    /// # Errors
    ///
    /// [`AuditError`]: then nobody must be asked.
    pub fn requested(&self, inquiry: &Inquiry) -> Result<(), AuditError> {
        let command = self.subject(inquiry.request());
        self.asked(inquiry.request_id(), Event::requested(inquiry, command, &self.marker))
    }

    fn asked(&self, request_id: &RequestId, event: Event) -> Result<(), AuditError> {
        self.log.is_open(Some(request_id))?;
        let asked = self.log.append(vec![event], Durability::Written).map(drop);
        if asked.is_err() {
            self.log.is_over();
        }
        kill_point("requested");
        asked
    }

    /// Writes down that the gateway took a request.
    ///
    /// A failure is told as that of [`Trail::refused`] is.
    pub fn submitted(&self, request_id: &RequestId) {
        let event = Event::Submitted { request_id: request_id.clone() };
        if let Err(error) = self.log.append(vec![event], Durability::Written) {
            tracing::warn!(%error, request = %request_id, "a submission was not recorded");
        }
        kill_point("submitted");
    }

    /// Writes down that an answer was not believed.
    ///
    /// A failure is told as that of [`Trail::refused`] is.
    pub fn doubted(&self, request_id: &RequestId, doubt: &Doubt) {
        let event = Event::doubted(request_id, doubt);
        if let Err(error) = self.log.append(vec![event], Durability::Durable) {
            tracing::warn!(%error, request = %request_id, "a doubt was not recorded");
        }
    }

    /// Returns the log itself.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Writes down that a person is about to be asked for a grant.
    ///
    /// # Errors
    ///
    /// [`AuditError`]: then nobody must be asked.
    pub fn grant_requested(&self, inquiry: &GrantInquiry) -> Result<(), AuditError> {
        let event = Event::grant_requested(inquiry, &self.marker);
        self.asked(&inquiry.terms().request_id, event)
    }

    /// Writes down, durably, that it was granted.
    ///
    /// # Errors
    ///
    /// [`AuditError`]: then it must not be kept.
    pub fn granted(
        &self,
        terms: &CommandGrant,
        decision: &SettledDecision,
    ) -> Result<(), AuditError> {
        let granted = self.log.append(Event::granted(terms, decision), Durability::Durable);
        self.log.is_over();
        granted.map(drop)
    }

    /// Writes down that a grant was taken back.
    ///
    /// # Errors
    ///
    /// [`AuditError`].
    pub fn revoked(&self, grant: &str) -> Result<(), AuditError> {
        let event = Event::Revoked { grant: grant.to_owned() };
        self.log.append(vec![event], Durability::Durable).map(drop)
    }

    /// Writes down when an approver is asked from now on.
    ///
    /// # Errors
    ///
    /// [`AuditError`]: then it must not be changed.
    pub fn pairing(
        &self,
        name: &str,
        fingerprint: &str,
        after_secs: u64,
    ) -> Result<(), AuditError> {
        let (name, fingerprint) = (name.to_owned(), fingerprint.to_owned());
        let event = Event::Pairing { name, fingerprint, after_secs };
        self.log.append(vec![event], Durability::Durable).map(drop)
    }

    /// Writes down what was decided about a request that does not end in a permit all the
    /// same: why, comes next.
    ///
    /// A failure is told as that of [`Trail::refused`] is.
    pub fn decided(&self, request_id: &RequestId, decisions: &[SettledDecision]) {
        if decisions.is_empty() {
            return;
        }
        let events = Event::decided(request_id, decisions);
        if let Err(error) = self.log.append(events, Durability::Written) {
            tracing::warn!(%error, request = %request_id, "a decision was not recorded");
        }
    }

    /// Writes down what allowed a command, and why it does not even start.
    ///
    /// A failure is told as that of [`Trail::refused`] is.
    pub fn in_vain(&self, permit: &Permit, cause: &str, why: &dyn Display) {
        let command = self.subject(permit.request());
        let events = Event::in_vain(permit, command, cause, why.to_string());
        match self.log.append(events, Durability::Durable) {
            Ok(_) => self.log.is_over(),
            // What cannot be written down now stays open: the next process does it.
            Err(error) => tracing::warn!(%error, "an approval in vain was not recorded"),
        }
    }

    /// Writes down why a request did not end in a permit.
    ///
    /// A failure is told to whoever reads our diagnostics and changes nothing: the
    /// command does not run either way.
    pub fn refused(&self, request_id: &RequestId, refusal: &Refusal) {
        let events = vec![Event::refused(request_id, refusal)];
        if let Err(error) = self.log.append(events, Durability::Durable) {
            tracing::warn!(%error, request = %request_id, "a refusal was not recorded");
        }
        self.log.is_over();
    }

    /// Remembers the command, which may come to nothing before anybody is asked.
    ///
    /// It is looked at once; only which file runs can become known later.
    #[must_use]
    pub fn subject(&self, request: &Request) -> Command {
        let command = self.command.get_or_init(|| Command::of(request, &self.marker));
        Command { program_sha256: request.program_sha256(), ..command.clone() }
    }

    /// Writes down that a rule forbids a command.
    ///
    /// A failure is told as that of [`Trail::refused`] is. What the rule's author says
    /// is kept; the words of the command that it reached stand in the command, masked.
    pub fn forbidden(&self, request: &Request, denial: &Denial) {
        let detail = match &denial.reason {
            Some(reason) => format!("{}: {reason}", denial.rule),
            None => denial.rule.clone(),
        };
        self.not_asked(self.subject(request), "forbidden", detail);
    }

    /// Writes down why a command did not even come to a question.
    ///
    /// A failure is told as that of [`Trail::refused`] is.
    pub fn unasked(&self, command: Command, refusal: &Refusal) {
        self.not_asked(command, cause::of(refusal), refusal.to_string());
    }

    /// Writes down that there was no way to ask.
    ///
    /// A failure is told as that of [`Trail::refused`] is.
    pub fn unreachable(&self, command: Command, why: &dyn Display) {
        self.not_asked(command, "no-way-to-ask", why.to_string());
    }

    fn not_asked(&self, command: Command, cause: &str, detail: String) {
        let event = Event::NotAsked { cause: cause.to_owned(), detail, command };
        if let Err(error) = self.log.append(vec![event], Durability::Durable) {
            tracing::warn!(%error, "a refusal was not recorded");
        }
    }

    /// Writes down, durably, that whoever asked may run the command.
    ///
    /// # Errors
    ///
    /// [`AuditError`]: then it must be told no.
    pub fn release(self, permit: &Permit, kept: Vec<Kept>) -> Result<(), AuditError> {
        let events = of_kept(permit, kept).into_iter();
        let events =
            events.chain(Event::released(permit, self.subject(permit.request()))).collect();
        let released = self.log.append(events, Durability::Durable).map(drop);
        kill_point("released");
        if released.is_ok() {
            self.log.is_over();
        }
        released
    }

    /// Writes down that a command is about to run by the approval of the one around it.
    ///
    /// That approval is written durably; this is on its way.
    ///
    /// # Errors
    ///
    /// [`AuditError`]: then it must not start.
    pub fn nested(self, permit: &Permit, cover: &Cover) -> Result<(), AuditError> {
        let event = Event::nested(permit, cover, self.subject(permit.request()));
        self.log.append(vec![event], Durability::Written).map(drop)
    }

    /// Writes down that a command is about to start and what allows it; it starts once that
    /// is durable: see [`Beginning::durable`].
    ///
    /// # Errors
    ///
    /// [`AuditError`]: then it must not start.
    pub fn begin(self, permit: &Permit, kept: Vec<Kept>) -> Result<Beginning, AuditError> {
        let asked = match permit.authority() {
            Authority::Approval { asked, .. } => Some(asked),
            _ => None,
        };
        self.log.is_open(asked)?;
        kill_point("permitted");
        let events = of_kept(permit, kept).into_iter();
        let command = self.subject(permit.request());
        let events = events.chain(Event::starting(permit, command)).collect();
        // What cannot be written down now stays open: the next process does it.
        Ok(Beginning(self.log.append_unsynced(events)?))
    }
}

/// A command whose start is written down, and may not have reached the disk.
#[derive(Debug)]
#[must_use = "it starts once this is durable"]
pub struct Beginning(Unsynced);

impl Beginning {
    /// Waits until the disk has taken it.
    ///
    /// # Errors
    ///
    /// [`AuditError`]: then the command must not start, which is written down.
    pub fn durable(self) -> Result<Begun, AuditError> {
        let Unsynced { place, log, .. } = &self.0;
        let (log, started) = (log.clone(), place.seq);
        let durable = self.0.sync();
        let begun = |durable| Begun { log, started, at: process::since_boot(), durable };
        match durable {
            Ok(place) => {
                kill_point("started");
                Ok(begun(Some(place)))
            }
            Err(error) => {
                begun(None).not_started(&error);
                Err(error)
            }
        }
    }
}

/// Returns the event of what was kept for a command, if anything was.
fn of_kept(permit: &Permit, kept: Vec<Kept>) -> Option<Event> {
    let request_id = permit.authority().request_id()?.clone();
    (!kept.is_empty()).then_some(Event::Kept { request_id, kept })
}

/// A command whose start is written down.
#[derive(Debug)]
pub struct Begun {
    log: Log,
    started: u64,
    at: Duration,
    /// How far the log is known to be durable.
    durable: Option<Link>,
}

impl Begun {
    /// Writes down that an approver has it stopped, durably; a failure is only told, for
    /// it must stop all the same.
    pub fn stopping(&self, by: &SignerKeyId) {
        let event = Event::Stopped { started: self.started, by: by.clone() };
        if let Err(error) = self.log.append(vec![event], Durability::Durable) {
            tracing::warn!(%error, started = self.started, "a stop was not recorded");
        }
    }

    /// Writes down how it ended. It has run, so a failure here changes nothing.
    pub fn ended(&self, ran: &Result<Exit, RunError>, recording: Option<Recorded>) {
        kill_point("ended");
        let duration = process::since_boot().saturating_sub(self.at);
        let started = self.started;
        let recorded = recording.map(|recording| Event::Recorded { started, recording });
        let ended = Event::ended(started, ran, duration);
        self.over(recorded.into_iter().chain([ended]).collect());
        kill_point("over");
    }

    /// Writes down why it did not start after all.
    pub fn not_started(&self, why: &dyn Display) {
        let (started, end) = (self.started, End::NotStarted(why.to_string()));
        self.over(vec![Event::Ended { started, end, duration_ms: 0 }]);
    }

    fn over(&self, events: Vec<Event>) {
        if let Err(error) = self.log.append_knowing(events, self.durable) {
            tracing::warn!(%error, started = self.started, "the end was not recorded");
        }
        self.log.is_over();
    }
}
