//! The plaintext of an artifact: what a person reviews and what is hashed.
//!
//! ```text
//! plaintext    = JCS(review)                 RFC 8785
//! artifactHash = hex(SHA-256(plaintext))     HARP-CORE 5.2
//! ```
//!
//! [`Plaintext`] computes both together, so that what is hashed is what is
//! encrypted.

mod evidence;
mod grant;
mod received;
mod review;

pub use evidence::{
    Arguments, BoundText, EnvironmentEntry, FileEvidence, HexBytes, InputKind, InterceptionKind,
    StrayBytes,
};
pub use grant::{
    AnyWord, BootClock, CommandGrant, GrantPlace, GrantPlaceKind, GrantSession, PatternWord,
};
pub use received::{ArtifactError, ReceivedArtifact};
pub use review::{
    ActionDecision, ActionType, ArtifactKind, ButtonStyle, CommandReview, Extensions,
    HashAlgorithm, RequestedAction, RequestedActions,
};

use super::canonical::{self, CanonicalError};
use crate::crypto::{EncodingError, Sha256Digest};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use zeroize::Zeroizing;

/// The digest a decision is bound to: SHA-256 of the canonical plaintext.
///
/// 64 lower-case hexadecimal digits, compared in constant time. HARP-CORE 5.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ArtifactHash(Sha256Digest);

impl ArtifactHash {
    /// Hashes bytes that are canonical already.
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self(Sha256Digest::of(bytes))
    }

    /// Returns the digest.
    #[must_use]
    pub fn digest(&self) -> &Sha256Digest {
        &self.0
    }
}

impl fmt::Display for ArtifactHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl FromStr for ArtifactHash {
    type Err = EncodingError;

    fn from_str(text: &str) -> Result<Self, EncodingError> {
        text.parse().map(Self)
    }
}

/// Canonical bytes and their hash, made together and never apart.
///
/// The bytes are wiped on drop and not part of `Debug`.
#[derive(Clone)]
pub struct Plaintext {
    bytes: Zeroizing<Vec<u8>>,
    hash: ArtifactHash,
}

impl Plaintext {
    /// Canonicalises and hashes. RFC 8785, HARP-CORE 5.2.
    ///
    /// # Errors
    ///
    /// [`CanonicalError`].
    pub fn of<T: Serialize + ?Sized>(artifact: &T) -> Result<Self, CanonicalError> {
        let bytes = Zeroizing::new(canonical::bytes(artifact)?);
        Ok(Self { hash: ArtifactHash::of(&bytes), bytes })
    }

    /// Returns the canonical bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the hash of exactly those bytes.
    #[must_use]
    pub fn hash(&self) -> ArtifactHash {
        self.hash
    }
}

impl fmt::Debug for Plaintext {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Plaintext({})", self.hash)
    }
}
