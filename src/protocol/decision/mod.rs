//! What an approver decided, and the checks before anybody believes it.
//!
//! Two forms exist. The gateway's own signs
//!
//! ```text
//! artifactHash "|" decision "|" nonce          Airlock developer guide
//! ```
//!
//! and HARP-CORE's signs the JCS of all fields but `signature` (HARP-CORE 6.1).
//! [`ReceivedDecision::read`] tells them apart and
//! [`ReceivedDecision::verify`] applies each form's rules. What needs state is
//! not checked here: whether the key is paired and not revoked, whether the
//! decision is new, whether the wait is over.

mod body;
mod core;
mod error;
mod settled;
mod signed;

pub use self::core::CoreDecision;
pub use body::DecisionBody;
pub use error::{DecisionError, DecisionField};
pub use settled::SettledDecision;
pub use signed::{DecisionNonce, SignedDecision};

use super::artifact::ArtifactHash;
use super::id::{RequestId, SignerKeyId};
use crate::crypto::VerifyingKey;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How far two clocks may be apart. HARP-CORE 5.4.
pub const CLOCK_SKEW: SignedDuration = SignedDuration::from_secs(60);

/// What an approver decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Run it, once.
    Approve,
    /// Do not run it.
    Reject,
}

impl Decision {
    /// Returns the word that is signed and sent.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
        }
    }

    /// Reads exactly `approve` or `reject`, nothing else.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Approve, Self::Reject].into_iter().find(|decision| decision.word() == word)
    }
}

/// What a decision must be about to count.
#[derive(Debug, Clone, Copy)]
pub struct Expectation<'a> {
    /// The request we made.
    pub request_id: &'a RequestId,
    /// The hash we computed, never one we were told.
    pub artifact_hash: &'a ArtifactHash,
    /// The repository the artifact names.
    pub repo_ref: &'a str,
    /// The time it is.
    pub now: Timestamp,
}

/// A decision as it arrived, in one of the two forms; not verified yet.
#[derive(Debug, Clone)]
pub enum ReceivedDecision {
    /// The gateway's form.
    Gateway(SignedDecision),
    /// HARP-CORE's form.
    Core(CoreDecision),
}

impl ReceivedDecision {
    /// Reads the body of a `decision.deliver`.
    ///
    /// # Errors
    ///
    /// [`DecisionError`]: a missing, malformed or unknown field.
    pub fn read(body: &Value) -> Result<Self, DecisionError> {
        let word = body.get("decision").and_then(Value::as_str);
        // HARP-CORE 6.2 requires sigAlg; its schema says approve and reject, its
        // test vectors allow and deny. A form mistaken for the other one does
        // not verify.
        if body.get("sigAlg").is_some() || matches!(word, Some("allow" | "deny")) {
            return CoreDecision::read(body).map(Self::Core);
        }
        let body = DecisionBody::deserialize(body)
            .map_err(|_| DecisionError::Malformed(DecisionField::Body))?;
        SignedDecision::try_from(&body).map(Self::Gateway)
    }

    /// Returns the name of the key that signed, as it was given.
    #[must_use]
    pub fn signer_key_id(&self) -> &SignerKeyId {
        match self {
            Self::Gateway(decision) => decision.signer_key_id(),
            Self::Core(decision) => decision.signer_key_id(),
        }
    }

    /// Returns the nonce, which must be new for this key.
    #[must_use]
    pub fn nonce(&self) -> &DecisionNonce {
        match self {
            Self::Gateway(decision) => decision.nonce(),
            Self::Core(decision) => decision.nonce(),
        }
    }

    /// Returns the reason, which nobody signed: escape it and say so.
    #[must_use]
    pub fn unsigned_reason(&self) -> Option<&str> {
        match self {
            Self::Gateway(decision) => decision.unsigned_reason(),
            Self::Core(_) => None,
        }
    }

    /// Finds out whether its own time, which HARP-CORE's form has, lasts until then.
    ///
    /// # Errors
    ///
    /// [`DecisionError::Expired`].
    pub fn check_time(&self, now: Timestamp) -> Result<(), DecisionError> {
        match self {
            Self::Gateway(_) => Ok(()),
            Self::Core(decision) => decision.check_time(now),
        }
    }

    /// Verifies that this key decided about exactly what is expected.
    ///
    /// # Errors
    ///
    /// [`DecisionError`]: another artifact or request, a bad signature, and for
    /// HARP-CORE's form also another repository, algorithm or scope, or too late.
    pub fn verify(
        &self,
        key: &VerifyingKey,
        expected: &Expectation<'_>,
    ) -> Result<Decision, DecisionError> {
        match self {
            Self::Gateway(decision) => decision.verify(key, expected.artifact_hash),
            Self::Core(decision) => decision.verify(key, expected),
        }
    }
}
