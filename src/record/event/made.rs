//! Makes the events of what happens.

use super::{Basis, Command, End, Event, one};
use crate::protocol::RequestId;
use crate::protocol::artifact::{ArtifactKind, CommandGrant};
use crate::protocol::decision::SettledDecision;
use crate::record::cause;
use crate::record::command::sentences;
use crate::request::Marker;
use crate::review::grant::GrantInquiry;
use crate::review::{Authority, Cover, Doubt, Inquiry, Permit, Refusal};
use crate::run::{Exit, RunError};
use std::time::Duration;

impl Event {
    /// Tells that a person is about to be asked.
    #[must_use]
    pub fn requested(inquiry: &Inquiry, command: Command, marker: &Marker) -> Self {
        let about = |texts: Vec<String>| sentences(&texts, inquiry.request(), marker);
        Self::Requested {
            request_id: inquiry.request_id().clone(),
            artifact_hash: inquiry.artifact_hash(),
            artifact_type: ArtifactKind::CommandReview,
            approvals: inquiry.approvals().number(),
            touch: inquiry.touch().recorded(),
            command,
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
            touch: inquiry.touch().recorded(),
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
    pub fn refused(request_id: &RequestId, refusal: &Refusal) -> Self {
        let request_id = request_id.clone();
        match refusal {
            Refusal::Rejected { decision, .. } => Self::Decided {
                request_id,
                decision: decision.clone(),
                unsigned_reason: refusal.reason(),
            },
            _ => Self::Refused {
                request_id,
                cause: cause::of(refusal).to_owned(),
                detail: refusal.to_string(),
            },
        }
    }

    /// Tells what was decided about a request.
    #[must_use]
    pub fn decided(request_id: &RequestId, decisions: &[SettledDecision]) -> Vec<Self> {
        let decided = |decision: &SettledDecision| Self::Decided {
            request_id: request_id.clone(),
            decision: Box::new(decision.clone()),
            unsigned_reason: None,
        };
        decisions.iter().map(decided).collect()
    }

    /// Tells what allowed a command, and why it does not even start.
    #[must_use]
    pub fn in_vain(permit: &Permit, command: Command, cause: &str, detail: String) -> Vec<Self> {
        let (mut events, _) = allowed_by(permit);
        let cause = cause.to_owned();
        events.push(match permit.authority() {
            Authority::Approval { asked, .. } => {
                Self::Refused { request_id: asked.clone(), cause, detail }
            }
            _ => Self::NotAsked { cause, detail, command },
        });
        events
    }

    /// Tells what allows a command, and that it is about to start.
    #[must_use]
    pub fn starting(permit: &Permit, command: Command) -> Vec<Self> {
        let (decided, by) = allowed_by(permit);
        let started = Self::Started { by, process: std::process::id(), command };
        decided.into_iter().chain([started]).collect()
    }

    /// Tells what allows a command, and that whoever asked is told so.
    #[must_use]
    pub fn released(permit: &Permit, command: Command) -> Vec<Self> {
        let (decided, by) = allowed_by(permit);
        let to = permit.request().invocation().interception().word().to_owned();
        let released = Self::Released { by, to, command };
        decided.into_iter().chain([released]).collect()
    }

    /// Tells that a command runs by the approval of the one around it.
    #[must_use]
    pub fn nested(permit: &Permit, cover: &Cover, command: Command) -> Self {
        let to = permit.request().invocation().interception().word().to_owned();
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
            (Event::decided(asked, decisions), Basis::Approval(asked.clone()))
        }
        Authority::Grant(spent) => {
            let (number, of) = spent.count();
            (Vec::new(), Basis::Grant { id: spent.grant().clone(), number, of })
        }
    }
}
