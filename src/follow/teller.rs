//! One command, one approver, and the way between them.

use crate::client::{Enforcer, TransportError};
use crate::crypto::{SealKey, VerifyingKey};
use crate::process;
use crate::protocol::SignerKeyId;
use crate::protocol::follow::{Direction, Sealed};
use crate::protocol::follow::{FollowBody, FollowUp, Subject};
use crate::protocol::{
    ArtifactHash, EnforcerId, Envelope, MessageId, MessageType, Party, RequestId,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::sync::Arc;

/// What a teller is handed over: whom it is about. Nothing of it is secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Brief {
    /// What was decided, by each of those who had to agree.
    pub approvals: Vec<Approval>,
    /// Where the command runs: its settings hold.
    pub directory: PathBuf,
    /// The size of its terminal, columns and rows; nothing of another is seen.
    pub terminal: Option<(u16, u16)>,
}

/// The approval of one of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Approval {
    /// The exchange that was decided.
    pub request_id: RequestId,
    /// The hash that was signed.
    pub artifact_hash: ArtifactHash,
    /// The key that signed.
    pub signer_key_id: SignerKeyId,
    /// The message that brought it, if the gateway was not told yet that it arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<MessageId>,
}

/// Tells one approver of one command.
pub struct Teller {
    /// The way to the gateway.
    enforcer: RefCell<Enforcer>,
    /// Who we are there, and how we get there.
    way: Way,
    /// What it is about.
    approval: Approval,
    /// Which of the approvals that is.
    number: u8,
    /// Seals what only that approver reads.
    pub(super) key: SealKey,
    /// Verifies what that approver orders.
    pub(super) verifying_key: VerifyingKey,
    /// Whether it looks at what the command writes.
    pub(super) watches: Cell<bool>,
    /// Whether it had the command stopped.
    pub(super) stopped: Cell<bool>,
    /// Whether nobody there would read any more.
    pub(super) is_over: Cell<bool>,
    told: Cell<u64>,
}

/// The way to the gateway, and back to it.
#[derive(Clone)]
pub struct Way {
    /// The way to the gateway.
    pub enforcer: Enforcer,
    /// Finds the way anew when it was lost.
    pub reconnect: Arc<dyn Fn() -> Option<Enforcer> + Send + Sync>,
    /// Who we are there.
    pub enforcer_id: EnforcerId,
}

impl Teller {
    /// Tells the approver whose keys these are, who gave the approval of that number.
    #[must_use]
    pub fn of(
        way: Way,
        approval: Approval,
        number: u8,
        key: SealKey,
        verifying_key: VerifyingKey,
    ) -> Self {
        Self {
            enforcer: RefCell::new(way.enforcer.clone()),
            way,
            approval,
            number,
            key,
            verifying_key,
            watches: Cell::default(),
            stopped: Cell::default(),
            is_over: Cell::default(),
            told: Cell::default(),
        }
    }

    /// Returns which of the approvals it was.
    pub(super) fn number(&self) -> u8 {
        self.number
    }

    /// Returns the key that decided.
    pub(super) fn signer(&self) -> (&SignerKeyId, &VerifyingKey) {
        (&self.approval.signer_key_id, &self.verifying_key)
    }

    pub(super) fn subject(&self) -> Subject {
        let Approval { request_id, artifact_hash, .. } = &self.approval;
        Subject { request_id: request_id.clone(), artifact_hash: *artifact_hash }
    }

    /// Returns the way there; a copy, because it may be another the next time.
    pub(super) fn way(&self) -> Enforcer {
        self.enforcer.borrow().clone()
    }

    /// Looks for the way anew where it was lost: a local gateway moves.
    pub(super) async fn recover(&self, error: &TransportError) {
        if !matches!(error, TransportError::Unreachable { .. }) {
            return;
        }
        let reconnect = Arc::clone(&self.way.reconnect);
        if let Ok(Some(found)) = tokio::task::spawn_blocking(move || reconnect()).await {
            self.enforcer.replace(found);
        }
    }

    /// Seals a follow-up at the next place.
    pub(super) fn seal(&self, message: &FollowUp) -> Option<Sealed> {
        let seq = self.told.get() + 1;
        self.told.set(seq);
        self.subject().seal(Direction::FromEnforcer, seq, message, &self.key).ok()
    }

    /// Sends a sealed follow-up once.
    pub(super) async fn send(&self, message: &Sealed, passing: bool) -> Result<(), TransportError> {
        let Approval { request_id: id, artifact_hash, .. } = &self.approval;
        let body = FollowBody { artifact_hash: *artifact_hash, passing, sealed: message.clone() };
        let sender = Party::enforcer(self.way.enforcer_id.clone());
        let now: Timestamp = process::now();
        let envelope = Envelope::new(MessageType::FollowUpSubmit, id.clone(), sender, now, body)
            .map_err(|error| TransportError::Setup { what: error.to_string() })?;
        self.way().follow_up(&envelope).await
    }
}
