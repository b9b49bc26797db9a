//! The gateway's form of a decision.

use super::{Decision, DecisionBody, DecisionError, DecisionField};
use crate::crypto::{RandomError, Signature, SigningKey, VerifyingKey, encoding, random};
use crate::protocol::artifact::ArtifactHash;
use crate::protocol::id::SignerKeyId;
use std::fmt;
use std::str::FromStr;

/// A text that a key signs once: 1 to 256 printable ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DecisionNonce(String);

impl DecisionNonce {
    const LIMIT: usize = 256;

    /// Makes a new one: 32 random bytes as base64url.
    ///
    /// # Errors
    ///
    /// [`RandomError`] when the operating system has no random bytes to give.
    pub fn generate() -> Result<Self, RandomError> {
        Ok(Self(encoding::to_base64url(&random::array::<32>()?)))
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DecisionNonce {
    type Err = DecisionError;

    fn from_str(text: &str) -> Result<Self, DecisionError> {
        let length_is_fine = (1..=Self::LIMIT).contains(&text.len());
        if length_is_fine && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(DecisionError::Malformed(DecisionField::Nonce))
        }
    }
}

impl fmt::Display for DecisionNonce {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

/// A decision with all its fields read, and not verified.
///
/// What was decided is only told by [`SignedDecision::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedDecision {
    artifact_hash: ArtifactHash,
    decision: Decision,
    signer_key_id: SignerKeyId,
    nonce: DecisionNonce,
    signature: Signature,
    reason: Option<String>,
}

impl SignedDecision {
    /// Signs a decision about an artifact whose hash the approver computed.
    ///
    /// `signature = Ed25519(key, artifactHash "|" decision "|" nonce)`.
    #[must_use]
    pub fn sign(
        key: &SigningKey,
        signer_key_id: SignerKeyId,
        artifact_hash: ArtifactHash,
        decision: Decision,
        nonce: DecisionNonce,
    ) -> Self {
        let signature = key.sign(signing_input(&artifact_hash, decision, &nonce).as_bytes());
        Self { artifact_hash, decision, signer_key_id, nonce, signature, reason: None }
    }

    /// Adds a reason, which the signature does not cover.
    #[must_use]
    pub fn with_reason(self, reason: Option<String>) -> Self {
        Self { reason, ..self }
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

    /// Returns the reason, which nobody signed: escape it and say so.
    #[must_use]
    pub fn unsigned_reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// Verifies that this key decided about this artifact, and tells what.
    ///
    /// # Errors
    ///
    /// [`DecisionError::WrongArtifact`] and [`DecisionError::BadSignature`].
    pub fn verify(
        &self,
        key: &VerifyingKey,
        expected: &ArtifactHash,
    ) -> Result<Decision, DecisionError> {
        // Protocol section 7, check 3: the hash is the one we computed.
        if self.artifact_hash != *expected {
            return Err(DecisionError::WrongArtifact);
        }
        // Protocol section 7, check 5. RFC 8032 5.1.7.
        let input = signing_input(expected, self.decision, &self.nonce);
        key.verify_strict(input.as_bytes(), &self.signature)
            .map_err(|_| DecisionError::BadSignature(self.decision))?;
        Ok(self.decision)
    }
}

/// Returns what is signed. Airlock developer guide, signature verification.
fn signing_input(hash: &ArtifactHash, decision: Decision, nonce: &DecisionNonce) -> String {
    format!("{hash}|{}|{nonce}", decision.word())
}

impl TryFrom<&DecisionBody> for SignedDecision {
    type Error = DecisionError;

    fn try_from(body: &DecisionBody) -> Result<Self, DecisionError> {
        use DecisionField::{ArtifactHash, Decision as Word, Nonce, Signature, SignerKeyId};
        let word = required(body.decision.as_ref(), Word)?;
        Ok(Self {
            // Protocol section 7, check 2: the decision is exactly one of two words.
            decision: Decision::from_word(word)
                .ok_or_else(|| DecisionError::UnknownDecision(word.clone()))?,
            artifact_hash: parsed(body.artifact_hash.as_ref(), ArtifactHash)?,
            // Protocol section 7, check 4: these three are present.
            signer_key_id: parsed(body.signer_key_id.as_ref(), SignerKeyId)?,
            nonce: parsed(body.nonce.as_ref(), Nonce)?,
            signature: parsed(body.signature.as_ref(), Signature)?,
            reason: body.reason.clone(),
        })
    }
}

impl From<&SignedDecision> for DecisionBody {
    fn from(decision: &SignedDecision) -> Self {
        Self {
            artifact_hash: Some(decision.artifact_hash.to_string()),
            decision: Some(decision.decision.word().to_owned()),
            reason: decision.reason.clone(),
            signer_key_id: Some(decision.signer_key_id.to_string()),
            nonce: Some(decision.nonce.to_string()),
            signature: Some(decision.signature.to_string()),
            ..Self::default()
        }
    }
}

/// Returns a field that must be there; an empty text counts as missing.
pub(super) fn required(
    value: Option<&String>,
    field: DecisionField,
) -> Result<&String, DecisionError> {
    value.filter(|text| !text.is_empty()).ok_or(DecisionError::Missing(field))
}

/// Parses a field that must be there.
pub(super) fn parsed<T: FromStr>(
    value: Option<&String>,
    field: DecisionField,
) -> Result<T, DecisionError> {
    required(value, field)?.parse().map_err(|_| DecisionError::Malformed(field))
}
