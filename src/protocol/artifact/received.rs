//! An artifact as the approver reads it: from anybody, about anything.

use super::{ArtifactHash, CommandReview};
use crate::protocol::canonical::{self, CanonicalError};
use crate::protocol::json::{self, JsonError};
use serde_json::{Map, Value};
use thiserror::Error;

/// Why decrypted bytes are not an artifact that can be shown.
#[derive(Debug, Error)]
pub enum ArtifactError {
    /// Not strict JSON.
    #[error("read the artifact: {0}")]
    Json(#[from] JsonError),
    /// JSON, but not an object. Protocol section 5.
    #[error("read the artifact: it is not a JSON object")]
    NotAnObject,
    /// It has no canonical form, so it cannot be hashed.
    #[error("read the artifact: {0}")]
    Canonical(#[from] CanonicalError),
    /// The hash we computed is not the one the gateway told us.
    #[error("read the artifact: its hash is {computed}, the gateway says {claimed}")]
    WrongHash {
        /// What the plaintext hashes to.
        computed: ArtifactHash,
        /// What came beside the ciphertext.
        claimed: ArtifactHash,
    },
}

/// A decrypted artifact whose hash was computed, not believed.
#[derive(Debug, Clone)]
pub struct ReceivedArtifact {
    object: Map<String, Value>,
    hash: ArtifactHash,
}

impl ReceivedArtifact {
    /// Reads decrypted bytes and checks the hash that came beside them.
    ///
    /// The hash is that of the canonical form of what is shown. A foreign
    /// enforcer may have hashed and sealed bytes that are not canonical: these
    /// count too, since they are what was read. Either way the hash is bound to
    /// the content.
    ///
    /// # Errors
    ///
    /// [`ArtifactError`].
    pub fn read(bytes: &[u8], claimed: &ArtifactHash) -> Result<Self, ArtifactError> {
        let value = json::read(bytes, json::LIMIT)?;
        let canonical = ArtifactHash::of(&canonical::bytes(&value)?);
        // HARP-CORE 5.2: an approver computes the hash itself before it signs it.
        if canonical != *claimed && ArtifactHash::of(bytes) != *claimed {
            return Err(ArtifactError::WrongHash { computed: canonical, claimed: *claimed });
        }
        match value {
            Value::Object(object) => Ok(Self { object, hash: *claimed }),
            _ => Err(ArtifactError::NotAnObject),
        }
    }

    /// Returns the hash to sign.
    #[must_use]
    pub fn hash(&self) -> ArtifactHash {
        self.hash
    }

    /// Returns every row of the artifact, also those we do not know.
    #[must_use]
    pub fn rows(&self) -> &Map<String, Value> {
        &self.object
    }

    /// Reads it as a review of a command; unknown keys are ignored here.
    ///
    /// # Errors
    ///
    /// [`JsonError::Shape`] when it is about something else, or from an enforcer
    /// that writes it differently: show its [`ReceivedArtifact::rows`] then.
    pub fn command(&self) -> Result<CommandReview, JsonError> {
        json::from_value(Value::Object(self.object.clone()))
    }
}
