//! The trail of one command: what the main line tells after each step.

use super::{AuditError, Durability, Event, Log};
use crate::process;
use crate::protocol::RequestId;
use crate::protocol::artifact::CommandGrant;
use crate::protocol::decision::SettledDecision;
use crate::review::grant::GrantInquiry;
use crate::review::{Inquiry, Permit, Refusal};
use crate::run::{Exit, RunError};
use std::path::Path;
use std::time::Duration;

/// Where one command's steps are written down.
#[derive(Debug)]
pub struct Trail {
    log: Log,
}

impl Trail {
    /// Opens the log in that directory.
    ///
    /// # Errors
    ///
    /// [`AuditError`].
    pub fn open(directory: &Path) -> Result<Self, AuditError> {
        Ok(Self { log: Log::open(directory)? })
    }

    /// Writes down that a person is about to be asked.
    ///
    /// # Errors
    ///
    /// [`AuditError`]: then nobody must be asked.
    pub fn requested(&self, inquiry: &Inquiry) -> Result<(), AuditError> {
        self.log.append(vec![Event::requested(inquiry)], Durability::Written).map(drop)
    }

    /// Writes down that a person is about to be asked for a grant.
    ///
    /// # Errors
    ///
    /// [`AuditError`]: then nobody must be asked.
    pub fn grant_requested(&self, inquiry: &GrantInquiry) -> Result<(), AuditError> {
        self.log.append(vec![Event::grant_requested(inquiry)], Durability::Written).map(drop)
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
        self.log.append(Event::granted(terms, decision), Durability::Durable).map(drop)
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

    /// Writes down why a request did not end in a permit.
    ///
    /// A failure is told to whoever reads our diagnostics and changes nothing: the
    /// command does not run either way.
    pub fn refused(&self, request_id: &RequestId, refusal: &Refusal) {
        let event = Event::refused(request_id, refusal);
        if let Err(error) = self.log.append(vec![event], Durability::Durable) {
            tracing::warn!(%error, request = %request_id, "a refusal was not recorded");
        }
    }

    /// Writes down, durably, that a command is about to start and what allows it.
    ///
    /// # Errors
    ///
    /// [`AuditError`]: then it must not start.
    pub fn begin(self, permit: &Permit) -> Result<Begun, AuditError> {
        let started = self.log.append(Event::starting(permit), Durability::Durable)?;
        Ok(Begun { log: self.log, started, at: process::since_boot() })
    }
}

/// A command whose start is written down.
#[derive(Debug)]
pub struct Begun {
    log: Log,
    started: u64,
    at: Duration,
}

impl Begun {
    /// Writes down how it ended. It has run, so a failure here changes nothing.
    pub fn ended(self, ran: &Result<Exit, RunError>) {
        let duration = process::since_boot().saturating_sub(self.at);
        let event = Event::ended(self.started, ran, duration);
        if let Err(error) = self.log.append(vec![event], Durability::Written) {
            tracing::warn!(%error, started = self.started, "the end was not recorded");
        }
    }
}
