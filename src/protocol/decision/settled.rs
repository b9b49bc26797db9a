//! A decision that was believed, with all it takes to check it again.

use super::{Decision, DecisionError, Expectation, ReceivedDecision};
use crate::crypto::VerifyingKey;
use crate::protocol::artifact::ArtifactHash;
use crate::protocol::id::{RequestId, SignerKeyId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A decision that passed every check, as it is kept.
///
/// Whoever holds the approver's key can check it again years later; the copy of
/// the key in it only says which key that was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SettledDecision {
    /// The request it decided.
    pub request_id: RequestId,
    /// The artifact it decided.
    pub artifact_hash: ArtifactHash,
    /// The repository that artifact names.
    pub repo_ref: String,
    /// What was decided.
    pub decision: Decision,
    /// The paired key that signed.
    pub signer_key_id: SignerKeyId,
    /// That key.
    pub signing_key: VerifyingKey,
    /// When it was verified first, by the enforcer's clock.
    pub verified_at: Timestamp,
    /// The decision as it was delivered, without the words that nobody signed.
    pub body: Value,
}

impl SettledDecision {
    /// Verifies the signature again, by a key the caller trusts, over an artifact
    /// whose hash the caller computed.
    ///
    /// Whether it came in time was checked when it came.
    ///
    /// # Errors
    ///
    /// [`DecisionError`]: about something else, or not signed by that key.
    pub fn verify(
        &self,
        key: &VerifyingKey,
        artifact_hash: &ArtifactHash,
    ) -> Result<Decision, DecisionError> {
        let (request_id, repo_ref, now) = (&self.request_id, &self.repo_ref, self.verified_at);
        let expected = Expectation { request_id, artifact_hash, repo_ref, now };
        ReceivedDecision::read(&self.body)?.verify(key, &expected)
    }

    /// Finds out whether it is still in time: a decision may have a time of its own.
    ///
    /// # Errors
    ///
    /// [`DecisionError`]: it cannot be read, or came to its end.
    pub fn check_time(&self, now: Timestamp) -> Result<(), DecisionError> {
        ReceivedDecision::read(&self.body)?.check_time(now)
    }
}
