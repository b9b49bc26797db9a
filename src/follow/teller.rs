//! One command, one approver, and the way between them.

use super::{Line, controls, reports};
use crate::client::{Enforcer, TransportError};
use crate::crypto::{SealKey, VerifyingKey};
use crate::process;
use crate::protocol::SignerKeyId;
use crate::protocol::follow::{Direction, Sealed};
use crate::protocol::follow::{FollowBody, FollowUp, Subject};
use crate::protocol::{ArtifactHash, EnforcerId, Envelope, MessageType, Party, RequestId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::io::unix::AsyncFd;

/// What a teller is handed over: whom it is about. Nothing of it is secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Brief {
    /// The exchange that was decided.
    pub request_id: RequestId,
    /// The hash that was signed.
    pub artifact_hash: ArtifactHash,
    /// The key that signed.
    pub signer_key_id: SignerKeyId,
    /// Where the command runs: its settings hold.
    pub directory: PathBuf,
    /// The size of its terminal, columns and rows; nothing of another is seen.
    pub terminal: Option<(u16, u16)>,
}

/// Tells one approver of one command.
pub struct Teller {
    /// The way to the gateway.
    pub enforcer: RefCell<Enforcer>,
    /// Finds the way anew when it was lost.
    pub reconnect: Arc<dyn Fn() -> Option<Enforcer> + Send + Sync>,
    /// Who we are there.
    pub enforcer_id: EnforcerId,
    /// What it is about.
    pub brief: Brief,
    /// Seals what only that approver reads.
    pub key: SealKey,
    /// Verifies what that approver orders.
    pub verifying_key: VerifyingKey,
    /// How many lines of the end of its output may be told.
    pub last_lines: usize,
}

/// What is known of the command meanwhile.
#[derive(Debug, Default)]
pub(super) struct Meanwhile {
    /// Whether the approver had it stopped.
    pub(super) stopped: Cell<bool>,
}

impl Teller {
    /// Tells what comes over the line until the end was told, or cannot be.
    pub async fn follow(&self, line: Line) {
        #[expect(deprecated, reason = "what replaces it is unsafe; the line outlives it here")]
        let Ok(line) = AsyncFd::new(line) else { return };
        let meanwhile = Meanwhile::default();
        tokio::select! {
            () = reports::report(self, &line, &meanwhile) => {}
            () = controls::obey(self, line.get_ref(), &meanwhile) => {}
        }
    }

    pub(super) fn subject(&self) -> Subject {
        let Brief { request_id, artifact_hash, .. } = &self.brief;
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
        let reconnect = Arc::clone(&self.reconnect);
        if let Ok(Some(found)) = tokio::task::spawn_blocking(move || reconnect()).await {
            self.enforcer.replace(found);
        }
    }

    /// Seals a follow-up and sends it once.
    pub(super) async fn send(&self, message: &Sealed, passing: bool) -> Result<(), TransportError> {
        let body = FollowBody {
            artifact_hash: self.brief.artifact_hash,
            passing,
            sealed: message.clone(),
        };
        let (id, sender) = (&self.brief.request_id, Party::enforcer(self.enforcer_id.clone()));
        let now: Timestamp = process::now();
        let envelope = Envelope::new(MessageType::FollowUpSubmit, id.clone(), sender, now, body)
            .map_err(|error| TransportError::Setup { what: error.to_string() })?;
        self.way().follow_up(&envelope).await
    }

    pub(super) fn seal(&self, seq: u64, message: &FollowUp) -> Option<Sealed> {
        self.subject().seal(Direction::FromEnforcer, seq, message, &self.key).ok()
    }
}
