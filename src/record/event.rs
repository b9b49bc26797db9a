//! What is written down: one event for each change of state.

use super::command::Command;
use crate::crypto::Sha256Digest;
use crate::protocol::artifact::{ArtifactKind, CommandGrant};
use crate::protocol::decision::SettledDecision;
use crate::protocol::{ArtifactHash, RequestId};
use crate::review::grant::GrantInquiry;
use crate::review::{Authority, Inquiry, Permit, Refusal};
use crate::run::{Exit, RunError};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// One change of state in the life of a command. HARP-CORE 9.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Event {
    /// A person is about to be asked.
    Requested {
        /// The request.
        request_id: RequestId,
        /// What a decision must be about.
        artifact_hash: ArtifactHash,
        /// What is asked for.
        artifact_type: ArtifactKind,
        /// The command it is about.
        command: Command,
    },
    /// A person decided, and the decision passed every check.
    Decided {
        /// The request, as it was made first.
        request_id: RequestId,
        /// The decision, which can be checked again.
        decision: Box<SettledDecision>,
        /// The words that came along, which nobody signed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unsigned_reason: Option<String>,
    },
    /// A person granted commands for longer than once.
    Granted {
        /// The grant: the request that one of the approvers signed.
        grant: RequestId,
        /// How many runs it is for.
        uses: u32,
        /// Until when.
        until: Timestamp,
    },
    /// A grant was taken back.
    Revoked {
        /// The grant.
        grant: String,
    },
    /// It does not run, and not because a person said so.
    Refused {
        /// The request.
        request_id: RequestId,
        /// One word for what happened.
        cause: String,
        /// The sentence the caller was told.
        detail: String,
    },
    /// A command is about to start; written durably before it does.
    Started {
        /// What allows it.
        by: Basis,
        /// The process that watches it: ours.
        process: u32,
        /// What runs.
        command: Command,
    },
    /// It ended.
    Ended {
        /// The number of the record that it started.
        started: u64,
        /// How it ended.
        #[serde(flatten)]
        end: End,
        /// How long it ran.
        duration_ms: u64,
    },
    /// An end of this file that was never finished was put aside.
    Repaired {
        /// How many bytes it had.
        bytes: u64,
        /// Their digest.
        sha256: Sha256Digest,
        /// The file they were put into, beside this one.
        kept: String,
    },
}

/// What allows a command to start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Basis {
    /// A rule of the policy.
    Rule,
    /// The decision about this request.
    Approval(RequestId),
    /// A do-not-disturb policy, which nobody signed.
    Standing(RequestId),
    /// A grant.
    Grant {
        /// Which.
        id: RequestId,
        /// The number of this use, from 1.
        number: u32,
        /// How many there are.
        of: u32,
    },
}

impl Basis {
    /// Tells whether a request for this very command was written down before.
    #[must_use]
    pub fn was_asked_for(&self) -> bool {
        matches!(self, Self::Approval(_) | Self::Standing(_))
    }
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum End {
    /// It returned this status.
    Status(u8),
    /// It was killed by the signal of this number.
    Signal(i32),
    /// It did not start after all; in the words the caller was told.
    NotStarted(String),
}

impl Event {
    /// Tells that a person is about to be asked.
    #[must_use]
    pub fn requested(inquiry: &Inquiry) -> Self {
        Self::Requested {
            request_id: inquiry.request_id().clone(),
            artifact_hash: inquiry.artifact_hash(),
            artifact_type: ArtifactKind::CommandReview,
            command: Command::of(inquiry.request()),
        }
    }

    /// Tells that a person is about to be asked for a grant.
    #[must_use]
    pub fn grant_requested(inquiry: &GrantInquiry) -> Self {
        Self::Requested {
            request_id: inquiry.terms().request_id.clone(),
            artifact_hash: inquiry.artifact_hash(),
            artifact_type: ArtifactKind::CommandGrant,
            command: Command::of_grant(inquiry.terms()),
        }
    }

    /// Tells that it was granted.
    #[must_use]
    pub fn granted(terms: &CommandGrant, decision: &SettledDecision) -> Vec<Self> {
        let request_id = terms.request_id.clone();
        let decided = Self::Decided {
            request_id,
            decision: Box::new(decision.clone()),
            unsigned_reason: None,
        };
        let grant = decision.request_id.clone();
        vec![decided, Self::Granted { grant, uses: terms.uses, until: terms.until }]
    }

    /// Tells how asking ended when it did not end in a permit.
    #[must_use]
    pub fn refused(request_id: &RequestId, refusal: &Refusal) -> Self {
        if let Refusal::Rejected { decision, .. } = refusal {
            let (request_id, decision) = (request_id.clone(), decision.clone());
            return Self::Decided { request_id, decision, unsigned_reason: refusal.reason() };
        }
        Self::Refused {
            request_id: request_id.clone(),
            cause: cause(refusal).to_owned(),
            detail: refusal.to_string(),
        }
    }

    /// Tells what allows a command, and that it is about to start.
    #[must_use]
    pub fn starting(permit: &Permit) -> Vec<Self> {
        let (decided, by) = match permit.authority() {
            Authority::Rule => (None, Basis::Rule),
            Authority::Standing(policy) => (None, Basis::Standing(policy.clone())),
            Authority::Approval { asked, decision } => {
                let (request_id, decision) = (asked.clone(), decision.clone());
                let decided = Self::Decided { request_id, decision, unsigned_reason: None };
                (Some(decided), Basis::Approval(asked.clone()))
            }
            Authority::Grant(spent) => {
                let (number, of) = spent.count();
                (None, Basis::Grant { id: spent.grant().clone(), number, of })
            }
        };
        let command = Command::of(permit.request());
        let started = Self::Started { by, process: std::process::id(), command };
        decided.into_iter().chain([started]).collect()
    }

    /// Tells how it ended.
    #[must_use]
    pub fn ended(started: u64, ran: &Result<Exit, RunError>, duration: Duration) -> Self {
        let end = match ran {
            Ok(Exit::Code(status)) => End::Status(*status),
            Ok(Exit::Signal(signal)) => End::Signal(*signal),
            Err(error) => End::NotStarted(error.to_string()),
        };
        let duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Self::Ended { started, end, duration_ms }
    }
}

/// Returns one word for what happened, for people who look for it later.
fn cause(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Rejected { .. } => "rejected",
        Refusal::RejectedBefore { .. } => "rejected-before",
        Refusal::TimedOut { .. } => "timed-out",
        Refusal::Ended { .. } => "ended-by-gateway",
        Refusal::DeniedByPolicy { .. } => "do-not-disturb",
        Refusal::Untrusted(_) => "untrusted-answer",
        Refusal::Gateway(_) => "gateway",
        Refusal::Conflict => "conflict",
        Refusal::Pairing(_) => "pairing",
        Refusal::Journal(_) => "journal",
        Refusal::Bind(_) => "unreadable-file",
        Refusal::Changed(_) => "changed",
        Refusal::Seal(_) => "not-sealed",
        Refusal::Interrupted { .. } => "interrupted",
        Refusal::Runtime(_) => "system",
    }
}

/// Returns the time an event happened at, and how long the machine had run by then.
#[must_use]
pub(super) fn clocks() -> (Timestamp, u64) {
    let since_boot = crate::process::since_boot().as_millis();
    (crate::process::now(), u64::try_from(since_boot).unwrap_or(u64::MAX))
}
