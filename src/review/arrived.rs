//! Decisions that arrived, and run nothing after all.
//!
//! An acknowledgement says that a decision arrived, whatever becomes of it. Where whoever
//! runs the command acknowledges its approval, and nobody runs it, that is done here.
//! Protocol section 3, `POST /v1/acks`.

use super::permit::Permit;
use super::quorum::Agreement;
use super::{Acknowledgement, Reviewer, on_its_way};
use crate::client::{Enforcer, EnforcerIdentity};
use crate::protocol::decision::SettledDecision;
use crate::protocol::{MessageId, RequestId};

/// The decisions of an agreement, and the messages that brought them.
#[derive(Debug)]
pub(super) struct Arrived {
    messages: Vec<(RequestId, MessageId)>,
    decisions: Vec<SettledDecision>,
}

impl Arrived {
    pub(super) fn with(agreement: &Agreement) -> Self {
        let named = |(decision, message): (&SettledDecision, Option<&MessageId>)| {
            Some((decision.request_id.clone(), message?.clone()))
        };
        let messages = agreement.decisions().filter_map(named).collect();
        let decisions = agreement.decisions().map(|(decision, _)| decision.clone()).collect();
        Self { messages, decisions }
    }

    /// Returns what was signed.
    pub(super) fn decisions(&self) -> &[SettledDecision] {
        &self.decisions
    }
}

impl Reviewer {
    /// Acknowledges the approvals of a command that is not run after all.
    pub async fn acknowledge_unused(&self, permit: &Permit) {
        let arrived = permit.decisions().filter_map(|(decision, message)| {
            Some((decision.request_id.clone(), message?.clone()))
        });
        self.acknowledge_each(arrived.collect()).await;
    }

    /// Acknowledges them, unless that was done when they came; nobody waits for an answer.
    pub(super) async fn acknowledge(&self, arrived: Arrived) {
        self.acknowledge_each(arrived.messages).await;
    }

    async fn acknowledge_each(&self, messages: Vec<(RequestId, MessageId)>) {
        if self.terms.acknowledgement != Acknowledgement::WithOutcome {
            return;
        }
        for (request, message) in messages {
            acknowledge_beside(&self.enforcer, &self.identity, request, message);
        }
        on_its_way().await;
    }
}

/// Acknowledges a decision beside whatever else is done.
pub(super) fn acknowledge_beside(
    enforcer: &Enforcer,
    identity: &EnforcerIdentity,
    request: RequestId,
    message: MessageId,
) {
    let (enforcer, id) = (enforcer.clone(), identity.enforcer_id.clone());
    tokio::spawn(async move { enforcer.acknowledge(message, &request, &id).await });
}
