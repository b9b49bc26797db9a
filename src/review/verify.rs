//! The checks between an answer of the gateway and a permit.
//!
//! The gateway may forge, replay and reorder anything. What it delivers counts
//! only when all checks of protocol.md section 7 hold; each is named beside its
//! `if`. This room and `approver` share no code, so that each checks the other.

use super::artifact::Case;
use super::journal::{ENTRY_VERSION, Entry};
use super::touch::{Touch, Untouched};
use crate::client::Pairing;
use crate::protocol::decision::{CLOCK_SKEW, Expectation, SettledDecision};
use crate::protocol::{
    Decision, DecisionError, Envelope, MessageId, MessageType, ReceivedDecision, json,
};
use jiff::Timestamp;
use serde_json::Value;
use thiserror::Error;

/// Why an answer is no decision of ours.
#[derive(Debug, Error)]
pub enum Doubt {
    /// Not a message of the protocol.
    #[error("not a message: {0}")]
    NotAMessage(String),
    /// A message of another type.
    #[error("a message of type {0}")]
    OtherType(String),
    /// About another request or artifact.
    #[error("about another command")]
    OtherCommand,
    /// A field is missing, malformed, or the signature does not verify.
    #[error(transparent)]
    Decision(#[from] DecisionError),
    /// By a key that is not paired.
    #[error("signed by a key that is not paired")]
    UnknownKey,
    /// By a key that was revoked.
    #[error("signed by a key that was revoked")]
    RevokedKey,
    /// An approval that takes the touch of a passkey does not show it.
    #[error(transparent)]
    Touch(#[from] Untouched),
    /// After the artifact expired.
    #[error("it came after the request expired")]
    Late,
}

impl Doubt {
    /// Tells whether somebody claimed to have decided, and in time.
    pub(super) fn is_about_a_decision(&self) -> bool {
        match self {
            Self::OtherCommand
            | Self::Decision(_)
            | Self::UnknownKey
            | Self::RevokedKey
            | Self::Touch(_) => true,
            Self::NotAMessage(_) | Self::OtherType(_) | Self::Late => false,
        }
    }
}

/// A decision that passed every check but that of the journal.
#[derive(Debug)]
pub enum Verified {
    /// A paired person said yes to exactly this.
    Approval(VerifiedApproval),
    /// A paired person said no.
    Rejection {
        /// The words the relay brought along: not signed.
        reason: Option<String>,
        /// What makes the rejection known to the journal too.
        entry: Entry,
        /// What was signed.
        decision: SettledDecision,
        /// The message that brought it, if it has a name.
        message: Option<MessageId>,
    },
}

impl Verified {
    /// Returns the message that brought it, if it has a name.
    pub(super) fn message(&self) -> Option<&MessageId> {
        let (Self::Approval(VerifiedApproval { message, .. }) | Self::Rejection { message, .. }) =
            self;
        message.as_ref()
    }
}

/// A verified approval, not used yet.
#[derive(Debug)]
pub struct VerifiedApproval {
    entry: Entry,
    decision: SettledDecision,
    /// The message that brought it, if it has a name.
    message: Option<MessageId>,
}

impl VerifiedApproval {
    /// Returns what makes it known to the journal.
    pub(super) fn entry(&self) -> &Entry {
        &self.entry
    }

    /// Returns what was signed.
    pub(super) fn decision(&self) -> &SettledDecision {
        &self.decision
    }

    /// Returns the message that brought it, if it has a name.
    pub(super) fn message(&self) -> Option<&MessageId> {
        self.message.as_ref()
    }

    /// Returns what was signed, and the message that brought it.
    pub(super) fn into_parts(self) -> (SettledDecision, Option<MessageId>) {
        (self.decision, self.message)
    }
}

#[cfg(test)]
impl VerifiedApproval {
    /// Makes the approval of a request by the key of that seed, as if it were verified.
    pub(super) fn by_key(seed: u8, request: &str) -> Self {
        let key = crate::crypto::SigningKey::from_seed(&zeroize::Zeroizing::new([seed; 32]));
        let artifact_hash = "a".repeat(64).parse().expect("a hash");
        let (name, now) = (format!("key-{seed}"), crate::process::now());
        let decision = SettledDecision {
            request_id: request.parse().expect("an id"),
            artifact_hash,
            repo_ref: "none".to_owned(),
            decision: Decision::Approve,
            signer_key_id: name.parse().expect("a key id"),
            signing_key: key.verifying_key(),
            verified_at: now,
            body: Value::Null,
        };
        let entry = Entry {
            version: ENTRY_VERSION,
            signer_key_id: name,
            nonce: format!("nonce-{request}"),
            request_id: request.to_owned(),
            artifact_hash: artifact_hash.to_string(),
            family: None,
            expires_at: now,
        };
        Self { entry, decision, message: None }
    }
}

/// Verifies what the gateway delivered for this case.
///
/// `now` is the time by a clock that nobody can set during the wait; that the wait
/// itself is not over is for the caller.
pub(super) fn verify(
    answer: Value,
    case: &Case,
    pairings: &[Pairing],
    now: Timestamp,
) -> Result<Verified, Doubt> {
    let envelope: Envelope<Value> =
        json::from_value(answer).map_err(|error| Doubt::NotAMessage(error.to_string()))?;
    // Check 1: the type, and our request.
    if envelope.message_type != MessageType::DecisionDeliver {
        return Err(Doubt::OtherType(envelope.message_type.name().to_owned()));
    }
    if envelope.request_id != *case.request_id() {
        return Err(Doubt::OtherCommand);
    }
    // Checks 2 and 4: exactly one of two words, and every field present.
    let received = ReceivedDecision::read(&envelope.body)?;
    // Check 4: the key is paired and not revoked.
    let mut named = pairings
        .iter()
        .filter(|each| each.agreed.signer_key_id.names_same_key(received.signer_key_id()));
    let pairing = named.next().ok_or(Doubt::UnknownKey)?;
    if !pairing.is_live() {
        return Err(Doubt::RevokedKey);
    }
    // Checks 3 and 5: the hash we computed, and a signature by that key over it.
    let hash = case.plaintext().hash();
    let expected = Expectation {
        request_id: case.request_id(),
        artifact_hash: &hash,
        repo_ref: case.repo_ref(),
        now,
    };
    let decision =
        received.verify(&pairing.agreed.signing_key, &expected).map_err(|error| match error {
            DecisionError::WrongRequest | DecisionError::WrongArtifact => Doubt::OtherCommand,
            other => Doubt::Decision(other),
        })?;
    // An extension of ours: docs/harp.md, the touch of a passkey.
    if decision == Decision::Approve {
        let touch = Touch::of(case.plaintext());
        touch.check(pairing, &envelope.body, &hash, received.nonce())?;
    }
    // Check 6: not past the artifact's expiry, give or take two clocks.
    if now > case.expires_at().saturating_add(CLOCK_SKEW).unwrap_or(Timestamp::MAX) {
        return Err(Doubt::Late);
    }
    let entry = Entry {
        version: ENTRY_VERSION,
        // The paired name, so that another spelling of it is the same key.
        signer_key_id: pairing.agreed.signer_key_id.without_prefix().to_owned(),
        nonce: received.nonce().to_string(),
        request_id: case.request_id().to_string(),
        artifact_hash: hash.to_string(),
        family: Some(case.family().to_string()),
        expires_at: case.expires_at(),
    };
    let reason = received.unsigned_reason().map(str::to_owned);
    let mut body = envelope.body;
    if let Some(fields) = body.as_object_mut().filter(|_| reason.is_some()) {
        fields.remove("reason");
    }
    let settled = SettledDecision {
        request_id: case.request_id().clone(),
        artifact_hash: hash,
        repo_ref: case.repo_ref().to_owned(),
        decision,
        signer_key_id: pairing.agreed.signer_key_id.clone(),
        signing_key: pairing.agreed.signing_key,
        verified_at: now,
        body,
    };
    let message = envelope.message_id;
    Ok(match decision {
        Decision::Approve => {
            Verified::Approval(VerifiedApproval { entry, decision: settled, message })
        }
        Decision::Reject => Verified::Rejection { reason, entry, decision: settled, message },
    })
}

#[cfg(test)]
mod tests;
