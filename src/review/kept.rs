//! A decision that is kept beside what it is about, verified again.
//!
//! Nothing that is kept counts by itself: the hash is computed from the kept bytes, and
//! the signature over it verified by a key that is paired now.

use super::grant::Unusable;
use super::journal::{ENTRY_VERSION, Entry};
use super::touch::Touch;
use crate::client::Pairing;
use crate::protocol::artifact::{ArtifactKind, CommandGrant, CommandReview};
use crate::protocol::decision::SettledDecision;
use crate::protocol::{Decision, ReceivedArtifact, ReceivedDecision, RequestId, SignerKeyId, json};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What an artifact says of itself.
pub(super) struct Label<'a> {
    kind: ArtifactKind,
    request_id: &'a RequestId,
    repo_ref: &'a str,
    /// Until when an approval of it counts.
    until: Timestamp,
    /// Whose approval takes the touch of a passkey.
    touch: Touch,
}

/// An artifact that is kept with its decision.
pub(super) trait Artifact: DeserializeOwned {
    /// What it must be.
    const KIND: ArtifactKind;

    /// Returns what it says of itself.
    fn label(&self) -> Label<'_>;
}

impl Artifact for CommandGrant {
    const KIND: ArtifactKind = ArtifactKind::CommandGrant;

    fn label(&self) -> Label<'_> {
        let (kind, until) = (self.artifact_type, self.until);
        let touch = Touch::said(self.ask_touch, self.needs_touch);
        Label { kind, request_id: &self.request_id, repo_ref: &self.repo_ref, until, touch }
    }
}

impl Artifact for CommandReview {
    const KIND: ArtifactKind = ArtifactKind::CommandReview;

    fn label(&self) -> Label<'_> {
        let (kind, until) = (self.artifact_type, self.expires_at);
        let touch = Touch::said(self.ask_touch, self.needs_touch);
        Label { kind, request_id: &self.request_id, repo_ref: &self.repo_ref, until, touch }
    }
}

/// An artifact whose approval was verified again just now.
pub(super) struct Kept<T> {
    pub(super) artifact: T,
    /// What makes the approval known to the journal.
    pub(super) entry: Entry,
    /// Who signed.
    pub(super) signer: SignerKeyId,
}

/// Verifies what is kept: the hash of its bytes, the signature over it, the key.
///
/// # Errors
///
/// [`Unusable`] by the first check that fails.
pub(super) fn verify<T: Artifact>(
    plaintext: &str,
    decision: &SettledDecision,
    pairings: &[Pairing],
) -> Result<Kept<T>, Unusable> {
    let damaged = |error: &dyn std::fmt::Display| Unusable::Damaged(error.to_string());
    // Protocol section 7, check 3: the hash is computed from the bytes, here again.
    let read = ReceivedArtifact::read(plaintext.as_bytes(), &decision.artifact_hash)
        .map_err(|error| damaged(&error))?;
    let artifact: T =
        json::from_value(Value::Object(read.rows().clone())).map_err(|error| damaged(&error))?;
    let label = artifact.label();
    // What was approved once as a command says nothing about the next, and the reverse.
    if label.kind != T::KIND {
        return Err(Unusable::Damaged(format!("it is not a {}", T::KIND.name())));
    }
    if *label.request_id != decision.request_id || label.repo_ref != decision.repo_ref {
        return Err(Unusable::Damaged("its decision is about another request".to_owned()));
    }
    // Check 4: the key is paired and not revoked, now and not only then.
    let received = ReceivedDecision::read(&decision.body)?;
    let named =
        |each: &&Pairing| each.agreed.signer_key_id.names_same_key(received.signer_key_id());
    let mut named = pairings.iter().filter(named).peekable();
    named.peek().ok_or(Unusable::UnknownKey)?;
    // A pairing that was renewed stands there twice, and counts by the newer one.
    let pairing = named.find(|each| each.is_live()).ok_or(Unusable::RevokedKey)?;
    // Check 5, and check 2 by what it returns.
    if decision.verify(&pairing.agreed.signing_key, &read.hash())? != Decision::Approve {
        return Err(Unusable::Damaged("it was rejected".to_owned()));
    }
    label.touch.check(pairing, &decision.body, &read.hash(), received.nonce())?;
    let entry = Entry {
        version: ENTRY_VERSION,
        signer_key_id: pairing.agreed.signer_key_id.without_prefix().to_owned(),
        nonce: received.nonce().to_string(),
        request_id: label.request_id.to_string(),
        artifact_hash: read.hash().to_string(),
        family: None,
        expires_at: label.until,
    };
    Ok(Kept { entry, signer: pairing.agreed.signer_key_id.clone(), artifact })
}
