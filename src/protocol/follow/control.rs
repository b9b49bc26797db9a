//! What an approver orders, with its signature.
//!
//! The key that seals is known to both sides; what somebody *ordered* is signed, as a
//! decision is:
//!
//! ```text
//! signature = Ed25519(key, "airlock-exec control 1|" word "|" requestId "|" artifactHash "|" seq)
//! ```
//!
//! No decision begins so, and no control is a decision.

use super::{Direction, FollowError, LAST_SEQUENCE, Sealed, Subject};
use crate::crypto::{SealError, SealKey, Signature, SigningKey, VerifyingKey};
use crate::protocol::id::SignerKeyId;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What an approver wants of a command that it approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Control {
    /// Show me what it writes, for the next half minute.
    Watch,
    /// No more of that.
    Unwatch,
    /// End it: asked once it is told to, asked again it is killed.
    Stop,
}

impl Control {
    fn word(self) -> &'static str {
        match self {
            Self::Watch => "watch",
            Self::Unwatch => "unwatch",
            Self::Stop => "stop",
        }
    }

    fn signing_input(self, subject: &Subject, seq: u64) -> String {
        let Subject { request_id, artifact_hash } = subject;
        format!("airlock-exec control 1|{}|{request_id}|{artifact_hash}|{seq}", self.word())
    }

    /// Signs and seals it, at a place after all that were sent before.
    ///
    /// # Errors
    ///
    /// [`SealError`].
    pub fn seal(
        self,
        subject: &Subject,
        seq: u64,
        signer: (&SignerKeyId, &SigningKey),
        key: &SealKey,
    ) -> Result<Sealed, SealError> {
        let (signer_key_id, signing) = signer;
        let signature = signing.sign(self.signing_input(subject, seq).as_bytes()).to_string();
        let message = Message { control: self, signer_key_id: signer_key_id.clone(), signature };
        subject.seal(Direction::FromApprover, seq, &message, key)
    }
}

/// The plaintext.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    control: Control,
    signer_key_id: SignerKeyId,
    signature: String,
}

/// Why a control is not obeyed.
#[derive(Debug, Error)]
pub enum ControlError {
    /// It does not open, or is none.
    #[error(transparent)]
    Follow(#[from] FollowError),
    /// It is at a place that was passed, or at none there can be.
    #[error("obey a control: it came before, or in another order than it was sent")]
    Replayed,
    /// Another key is named than the one that decided.
    #[error("obey a control: it is by another key than the one that approved the command")]
    OtherKey,
    /// The signature is not by that key over this.
    #[error("obey a control: its signature does not verify")]
    BadSignature,
}

/// Controls as they arrive, each obeyed once and in order.
#[derive(Debug, Default)]
pub struct ReceivedControl {
    /// The place of the last one that was to be obeyed.
    last: u64,
}

impl ReceivedControl {
    /// Verifies the next one.
    ///
    /// # Errors
    ///
    /// [`ControlError`]; only what is to be obeyed passes its place.
    pub fn verify(
        &mut self,
        subject: &Subject,
        sealed: &Sealed,
        signer: (&SignerKeyId, &VerifyingKey),
        key: &SealKey,
    ) -> Result<Control, ControlError> {
        if sealed.seq <= self.last || sealed.seq > LAST_SEQUENCE {
            return Err(ControlError::Replayed);
        }
        let message: Message = subject.open(Direction::FromApprover, sealed, key)?;
        let (signer_key_id, verifying) = signer;
        if !message.signer_key_id.names_same_key(signer_key_id) {
            return Err(ControlError::OtherKey);
        }
        let signature: Signature =
            message.signature.parse().map_err(|_| ControlError::BadSignature)?;
        let input = message.control.signing_input(subject, sealed.seq);
        verifying
            .verify_strict(input.as_bytes(), &signature)
            .map_err(|_| ControlError::BadSignature)?;
        self.last = sealed.seq;
        Ok(message.control)
    }
}
