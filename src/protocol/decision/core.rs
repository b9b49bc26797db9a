//! HARP-CORE's form of a decision: every field but the signature is signed.

use super::signed::parsed;
use super::{CLOCK_SKEW, Decision, DecisionError, DecisionField, DecisionNonce, Expectation};
use crate::crypto::{Signature, VerifyingKey};
use crate::protocol::artifact::ArtifactHash;
use crate::protocol::canonical;
use crate::protocol::id::{RequestId, SignerKeyId};
use jiff::Timestamp;
use serde_json::Value;
use std::str::FromStr;

/// A decision whose whole content is signed. HARP-CORE 6.
///
/// `signature = Ed25519(key, JCS(all fields but signature))`. Not verified until
/// [`CoreDecision::verify`] says so.
#[derive(Debug, Clone)]
pub struct CoreDecision {
    request_id: RequestId,
    artifact_hash: ArtifactHash,
    artifact_hash_alg: String,
    repo_ref: String,
    decision: Decision,
    scope: String,
    expires_at: Timestamp,
    nonce: DecisionNonce,
    signer_key_id: SignerKeyId,
    sig_alg: String,
    signature: Signature,
    signed: Vec<u8>,
}

impl CoreDecision {
    /// Reads a decision and keeps the bytes its signature covers.
    ///
    /// # Errors
    ///
    /// [`DecisionError`]: a missing, malformed or unknown field.
    pub fn read(body: &Value) -> Result<Self, DecisionError> {
        use DecisionField as Field;
        let mut fields = body.as_object().ok_or(DecisionError::Malformed(Field::Body))?.clone();
        let signature = fields.remove(Field::Signature.name());
        let signed =
            canonical::bytes(&fields).map_err(|_| DecisionError::Malformed(Field::Body))?;
        let text = |field: Field| text(fields.get(field.name()), field);
        let word = text(Field::Decision)?;
        let decision = match word.as_str() {
            "allow" | "approve" => Decision::Approve,
            "deny" | "reject" => Decision::Reject,
            _ => return Err(DecisionError::UnknownDecision(word)),
        };
        Ok(Self {
            request_id: parse(&text(Field::RequestId)?, Field::RequestId)?,
            artifact_hash: parse(&text(Field::ArtifactHash)?, Field::ArtifactHash)?,
            artifact_hash_alg: text(Field::ArtifactHashAlg)?,
            repo_ref: text(Field::RepoRef)?,
            decision,
            scope: text(Field::Scope)?,
            expires_at: parse(&text(Field::ExpiresAt)?, Field::ExpiresAt)?,
            nonce: parse(&text(Field::Nonce)?, Field::Nonce)?,
            signer_key_id: parse(&text(Field::SignerKeyId)?, Field::SignerKeyId)?,
            sig_alg: text(Field::SigAlg)?,
            signature: parse(&self::text(signature.as_ref(), Field::Signature)?, Field::Signature)?,
            signed,
        })
    }

    /// Returns the name of the key that signed, as it was given.
    #[must_use]
    pub fn signer_key_id(&self) -> &SignerKeyId {
        &self.signer_key_id
    }

    /// Returns the nonce, which must be new for this key.
    #[must_use]
    pub fn nonce(&self) -> &DecisionNonce {
        &self.nonce
    }

    /// Verifies it by HARP-CORE's rules and tells what was decided.
    ///
    /// # Errors
    ///
    /// [`DecisionError`]. The scope is looked at last, so that it is only named
    /// when the rest holds.
    pub fn verify(
        &self,
        key: &VerifyingKey,
        expected: &Expectation<'_>,
    ) -> Result<Decision, DecisionError> {
        // HARP-CORE 5.3 and 6.2: algorithms are named, and only these exist.
        if self.artifact_hash_alg != "SHA-256" {
            return Err(DecisionError::Algorithm(DecisionField::ArtifactHashAlg));
        }
        if self.sig_alg != "Ed25519" {
            return Err(DecisionError::Algorithm(DecisionField::SigAlg));
        }
        // HARP-CORE 6.3 rule 3, and the request and repository it names are ours.
        if self.request_id != *expected.request_id {
            return Err(DecisionError::WrongRequest);
        }
        if self.artifact_hash != *expected.artifact_hash {
            return Err(DecisionError::WrongArtifact);
        }
        if self.repo_ref != expected.repo_ref {
            return Err(DecisionError::WrongRepository);
        }
        // HARP-CORE 6.3 rule 1.
        key.verify_strict(&self.signed, &self.signature)
            .map_err(|_| DecisionError::BadSignature(self.decision))?;
        self.check_time(expected.now)?;
        // HARP-CORE 7.1: a wider scope is not ours to grant; a rejection has none to widen.
        if self.decision == Decision::Approve && self.scope != "once" {
            return Err(DecisionError::Scope(self.scope.clone()));
        }
        Ok(self.decision)
    }

    /// Finds out whether it is in time. HARP-CORE 6.3 rule 2; the skew is that of 5.4.
    pub(super) fn check_time(&self, now: Timestamp) -> Result<(), DecisionError> {
        if now > self.expires_at.saturating_add(CLOCK_SKEW).unwrap_or(Timestamp::MAX) {
            return Err(DecisionError::Expired(self.expires_at));
        }
        Ok(())
    }
}

fn text(value: Option<&Value>, field: DecisionField) -> Result<String, DecisionError> {
    match value {
        None | Some(Value::Null) => Err(DecisionError::Missing(field)),
        Some(Value::String(text)) if text.is_empty() => Err(DecisionError::Missing(field)),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(DecisionError::Malformed(field)),
    }
}

fn parse<T: FromStr>(text: &String, field: DecisionField) -> Result<T, DecisionError> {
    parsed(Some(text), field)
}
