//! What is written down: one event for each change of state.

use super::allowed::AllowedCommand;
use super::basis::{Basis, End};
use super::cast::Recorded;
use super::cause;
use super::command::{Command, sentences};
use super::line::Link;
use crate::crypto::Sha256Digest;
use crate::protocol::artifact::{ArtifactKind, CommandGrant};
use crate::protocol::decision::SettledDecision;
use crate::protocol::{ArtifactHash, RequestId, SignerKeyId};
use crate::request::Marker;
use crate::request::git::Kept;
use crate::review::grant::GrantInquiry;
use crate::review::{Authority, Cover, Doubt, Inquiry, Permit, Refusal};
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
        /// How many different approvers must approve.
        #[serde(default = "one", skip_serializing_if = "is_one")]
        approvals: u8,
        /// The command it is about.
        command: Command,
        /// Why the policy asks.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
        /// What the approver is told besides.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        notes: Vec<String>,
        /// The process that asks: ours.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        process: Option<u32>,
    },
    /// The gateway took the request.
    Submitted {
        /// The request.
        request_id: RequestId,
    },
    /// An answer came that was not believed; the wait goes on.
    Doubted {
        /// The request, as it was made first.
        request_id: RequestId,
        /// One word for what was wrong with it.
        cause: String,
        /// What was.
        detail: String,
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
    /// When an approver is asked was changed.
    Pairing {
        /// What the pairing is called.
        name: String,
        /// The fingerprint of the approver's key.
        fingerprint: String,
        /// For how many seconds nobody must have decided before it is asked.
        after_secs: u64,
    },
    /// The decisions of a key count from now on.
    Paired {
        /// What the pairing is called.
        name: String,
        /// Its name in what it signs.
        signer_key_id: String,
        /// The fingerprint of the key.
        fingerprint: String,
        /// At which gateway.
        gateway: String,
    },
    /// The decisions of a key count no longer: unpaired, or its keys were replaced.
    Unpaired {
        /// What the pairing was called.
        name: String,
        /// Its name in what it signed.
        signer_key_id: String,
    },
    /// A policy file is another one than when somebody was last asked.
    PolicyChanged {
        /// The file.
        path: String,
        /// Its digest; none when it is gone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sha256: Option<Sha256Digest>,
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
    /// It does not run, and nobody was asked.
    NotAsked {
        /// One word for what happened.
        cause: String,
        /// The sentence the caller was told.
        detail: String,
        /// What was to run.
        command: Command,
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
    /// Whoever asked was told that it may run, and runs it, if at all; written durably
    /// before that was said.
    Released {
        /// What allows it.
        by: Basis,
        /// How it came to us.
        to: String,
        /// What may run.
        command: Command,
    },
    /// A command that an approved command started is about to run in our place.
    Nested {
        /// What was approved: the command that runs around it.
        within: RequestId,
        /// How it came to us.
        to: String,
        /// What runs.
        command: Command,
    },
    /// An approver had it stopped while it ran.
    Stopped {
        /// The number of the record that it started.
        started: u64,
        /// The key that signed the order: the one that approved it.
        by: SignerKeyId,
    },
    /// What a command takes away was kept, so that it can be brought back; written before
    /// it starts.
    Kept {
        /// What allows the command.
        request_id: RequestId,
        /// What was kept, and how it comes back.
        kept: Vec<Kept>,
    },
    /// What went over its terminal was recorded.
    Recorded {
        /// The number of the record that it started.
        started: u64,
        /// Where, and how much of it.
        recording: Recorded,
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
    /// Commands that a rule allowed, as they came.
    Allowed {
        /// The file they were first written to. A crash may have them copied twice:
        /// those of one file and part are the same.
        source: String,
        /// Which part of it, from 1.
        part: u32,
        /// The commands.
        commands: Vec<AllowedCommand>,
    },
    /// This file goes on where another is full.
    Continued {
        /// The full one, beside this one.
        after: String,
    },
    /// Old parts of the log were let go, as the settings say.
    LetGo {
        /// The last record that went.
        through: u64,
        /// The files they stood in.
        files: Vec<String>,
    },
    /// The log was begun anew, because it was not what was written.
    BegunAnew {
        /// Where what was there is kept, beside this file.
        kept: String,
        /// What was wrong with it.
        faults: Vec<String>,
        /// The last record of it, as far as it could be told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last: Option<Link>,
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

impl Event {
    /// Tells that a person is about to be asked.
    #[must_use]
    pub fn requested(inquiry: &Inquiry, marker: &Marker) -> Self {
        let about = |texts: Vec<String>| sentences(&texts, inquiry.request(), marker);
        Self::Requested {
            request_id: inquiry.request_id().clone(),
            artifact_hash: inquiry.artifact_hash(),
            artifact_type: ArtifactKind::CommandReview,
            approvals: inquiry.approvals().number(),
            command: Command::of(inquiry.request(), marker),
            why: inquiry.why().and_then(|why| about(vec![why.whole.clone()]).pop()),
            notes: about(inquiry.notes()),
            process: Some(std::process::id()),
        }
    }

    /// Tells that a person is about to be asked for a grant.
    #[must_use]
    pub fn grant_requested(inquiry: &GrantInquiry, marker: &Marker) -> Self {
        Self::Requested {
            request_id: inquiry.terms().request_id.clone(),
            artifact_hash: inquiry.artifact_hash(),
            artifact_type: ArtifactKind::CommandGrant,
            approvals: one(),
            command: Command::of_grant(inquiry.terms(), marker),
            why: None,
            notes: Vec::new(),
            process: Some(std::process::id()),
        }
    }

    /// Tells that an answer was not believed.
    #[must_use]
    pub fn doubted(request_id: &RequestId, doubt: &Doubt) -> Self {
        let cause = cause::of_doubt(doubt);
        Self::Doubted {
            request_id: request_id.clone(),
            cause: cause.to_owned(),
            detail: doubt.to_string(),
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
    pub fn refused(request_id: &RequestId, refusal: &Refusal) -> Vec<Self> {
        let decided = |decision: &SettledDecision, unsigned_reason| Self::Decided {
            request_id: request_id.clone(),
            decision: Box::new(decision.clone()),
            unsigned_reason,
        };
        // What some had approved before is of interest later, too.
        let earlier = match refusal {
            Refusal::Rejected { earlier, .. } => earlier.as_slice(),
            Refusal::TooFew { given, .. } => given.as_slice(),
            _ => &[],
        };
        let mut events: Vec<Self> = earlier.iter().map(|each| decided(each, None)).collect();
        events.push(match refusal {
            Refusal::Rejected { decision, .. } => decided(decision, refusal.reason()),
            _ => Self::Refused {
                request_id: request_id.clone(),
                cause: cause::of(refusal).to_owned(),
                detail: refusal.to_string(),
            },
        });
        events
    }

    /// Tells what allows a command, and that it is about to start.
    #[must_use]
    pub fn starting(permit: &Permit, marker: &Marker) -> Vec<Self> {
        let (decided, by) = allowed_by(permit);
        let command = Command::of(permit.request(), marker);
        let started = Self::Started { by, process: std::process::id(), command };
        decided.into_iter().chain([started]).collect()
    }

    /// Tells what allows a command, and that whoever asked is told so.
    #[must_use]
    pub fn released(permit: &Permit, marker: &Marker) -> Vec<Self> {
        let (decided, by) = allowed_by(permit);
        let to = permit.request().invocation().interception().word().to_owned();
        let released = Self::Released { by, to, command: Command::of(permit.request(), marker) };
        decided.into_iter().chain([released]).collect()
    }

    /// Tells that a command runs by the approval of the one around it.
    #[must_use]
    pub fn nested(permit: &Permit, cover: &Cover, marker: &Marker) -> Self {
        let to = permit.request().invocation().interception().word().to_owned();
        let command = Command::of(permit.request(), marker);
        Self::Nested { within: cover.request_id().clone(), to, command }
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

/// Returns the events of the decisions that allow a command, when there are any, and
/// what allows it.
fn allowed_by(permit: &Permit) -> (Vec<Event>, Basis) {
    match permit.authority() {
        Authority::Rule => (Vec::new(), Basis::Rule),
        Authority::Nested(cover) => (Vec::new(), Basis::Nested(cover.request_id().clone())),
        Authority::Standing(policy) => (Vec::new(), Basis::Standing(policy.clone())),
        Authority::Approval { asked, decisions } => {
            let decided = |decision: &SettledDecision| Event::Decided {
                request_id: asked.clone(),
                decision: Box::new(decision.clone()),
                unsigned_reason: None,
            };
            (decisions.iter().map(decided).collect(), Basis::Approval(asked.clone()))
        }
        Authority::Grant(spent) => {
            let (number, of) = spent.count();
            (Vec::new(), Basis::Grant { id: spent.grant().clone(), number, of })
        }
    }
}

fn one() -> u8 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_one(number: &u8) -> bool {
    *number == 1
}

/// Returns the time an event happened at, and how long the machine had run by then.
#[must_use]
pub(super) fn clocks() -> (Timestamp, u64) {
    let since_boot = crate::process::since_boot().as_millis();
    (crate::process::now(), u64::try_from(since_boot).unwrap_or(u64::MAX))
}
