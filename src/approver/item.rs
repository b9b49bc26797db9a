//! A request as it lies in the inbox, opened where it can be.

use super::pairings::Pairing;
use crate::crypto::Cipher;
use crate::protocol::{ArtifactHash, RequestId};
use jiff::Timestamp;
use serde_json::{Map, Value};
use thiserror::Error;

/// A request that waits for this approver.
#[derive(Debug)]
pub struct Item {
    /// Its id.
    pub request_id: RequestId,
    /// The hash a decision names: recomputed where it could be opened.
    pub artifact_hash: ArtifactHash,
    /// Who asks, when this approver is paired with them.
    pub sender: Option<Pairing>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when a decision counts.
    pub expires_at: Timestamp,
    /// What it says.
    pub content: Content,
}

/// What a request says, if it could be opened.
#[derive(Debug)]
pub enum Content {
    /// Decrypted, and every check held.
    Opened(Opened),
    /// It cannot be read or does not match; it can only be rejected.
    Closed(Closed),
}

/// A plaintext whose hash was recomputed and matches.
///
/// Only this module's parent makes one, after all checks; only what is opened
/// can be approved.
#[derive(Debug)]
pub struct Opened {
    fields: Map<String, Value>,
    cipher: Cipher,
}

impl Opened {
    pub(super) fn new(fields: Map<String, Value>) -> Self {
        Self { fields, cipher: Cipher::ALL[0] }
    }

    /// Says what it was sealed with.
    pub(super) fn sealed_with(self, cipher: Cipher) -> Self {
        Self { cipher, ..self }
    }

    /// Returns what it was sealed with, and what goes back is.
    pub(super) fn cipher(&self) -> Cipher {
        self.cipher
    }

    /// Returns the fields of the plaintext, as they were signed over.
    #[must_use]
    pub fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }

    /// Returns a field that is text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.fields.get(name)?.as_str()
    }
}

/// Why a request cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Closed {
    /// The envelope names no enforcer we are paired with.
    #[error("it does not come from an enforcer this approver is paired with")]
    UnknownSender,
    /// A cipher we do not know, or a key that cannot be.
    #[error("it is sealed in a way this approver does not know")]
    UnknownSeal,
    /// It does not open with the key of the pairing.
    #[error("it was changed on the way, or sealed for somebody else")]
    NotAuthentic,
    /// The plaintext is not one JSON object.
    #[error("its content is not readable")]
    Unreadable,
    /// The plaintext does not hash to what the envelope says.
    #[error("its content is not what its hash says")]
    HashMismatch,
    /// The plaintext names another request.
    #[error("its content belongs to another request")]
    OtherRequest,
}

impl Item {
    /// Returns the end of the id that a person types.
    #[must_use]
    pub fn short_id(&self) -> &str {
        self.request_id.short()
    }

    /// Returns for how many seconds it has been over by this machine's clock.
    ///
    /// The gateway lists what is not over by its own, so one of the two is wrong.
    #[must_use]
    pub fn overdue(&self, now: Timestamp) -> Option<i64> {
        let seconds = now.duration_since(self.expires_at).as_secs();
        (now >= self.expires_at).then_some(seconds)
    }

    /// Returns what was opened.
    #[must_use]
    pub fn opened(&self) -> Option<&Opened> {
        match &self.content {
            Content::Opened(opened) => Some(opened),
            Content::Closed(_) => None,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::crypto::Sha256Digest;
    use serde_json::json;

    /// Makes an item of that plaintext.
    pub(in crate::approver) fn item(plaintext: Value) -> Item {
        named("req-01J2V8V3K6B2Z9X6G1V7Y2QK8H", plaintext)
    }

    /// Makes an item of that id and plaintext, asked by somebody whose keys are fixed.
    pub(in crate::approver) fn named(id: &str, plaintext: Value) -> Item {
        let digest = Sha256Digest::of(plaintext.to_string().as_bytes());
        let Value::Object(fields) = plaintext else { panic!("an object") };
        let sender = serde_json::from_value(json!({
            "enforcerId": "enf-1", "label": "laptop", "gateway": "http://127.0.0.1:1/",
            "nonce": "n", "pairedAt": "1970-01-01T00:00:00Z",
            "x25519PublicKey": "hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo=",
        }));
        Item {
            request_id: id.parse().expect("an id"),
            artifact_hash: digest.to_string().parse().expect("a hash"),
            sender: Some(sender.expect("a pairing")),
            created_at: Timestamp::UNIX_EPOCH,
            expires_at: Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_mins(10),
            content: Content::Opened(Opened::new(fields)),
        }
    }
}
