//! What goes between enforcer and approver after a decision. An extension of ours.
//!
//! *Follow-ups* tell the approver what became of the command: that it started, what it
//! writes while somebody watches, how it ended. *Controls* go the other way: watch, watch
//! no more, stop. Both are sealed with the key of the pairing, and what they are about is
//! authenticated with them:
//!
//! ```text
//! aad = "airlock-exec follow 1|" direction "|" requestId "|" artifactHash "|" seq
//! ```
//!
//! It never travels: each side puts together what it expects. So a relay can drop a
//! message and nothing else: it can neither change one, nor deliver it for another
//! exchange, in the other direction or at another place in the order. Nothing here makes a
//! command run.
//!
//! Spec: docs/harp.md, extensions.

mod control;
mod message;

pub use control::{Control, ControlError, ReceivedControl};
pub use message::{End, FollowUp, View};

use super::artifact::ArtifactHash;
use super::ciphertext::{Ciphertext, UnsealError};
use super::id::RequestId;
use super::json::{self, JsonError};
use crate::crypto::{SealError, SealKey};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

/// The largest number a message may have: JSON's integers are exact up to there.
pub const LAST_SEQUENCE: u64 = (1 << 53) - 1;
/// The most bytes of a message before it is sealed.
const LARGEST_PLAINTEXT: usize = 64 << 10;

/// The exchange that messages belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The request that was decided.
    pub request_id: RequestId,
    /// The hash that was signed.
    pub artifact_hash: ArtifactHash,
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// A follow-up.
    FromEnforcer,
    /// A control.
    FromApprover,
}

impl Direction {
    fn name(self) -> &'static str {
        match self {
            Self::FromEnforcer => "enforcer",
            Self::FromApprover => "approver",
        }
    }
}

impl Subject {
    /// Returns what is authenticated with a message; no name has a `|` in it.
    fn bound(&self, direction: Direction, seq: u64) -> String {
        let Self { request_id, artifact_hash } = self;
        format!("airlock-exec follow 1|{}|{request_id}|{artifact_hash}|{seq}", direction.name())
    }

    /// Seals a message at its place.
    ///
    /// # Errors
    ///
    /// [`SealError`].
    pub fn seal<T: Serialize>(
        &self,
        direction: Direction,
        seq: u64,
        message: &T,
        key: &SealKey,
    ) -> Result<Sealed, SealError> {
        let plaintext = Zeroizing::new(serde_json::to_vec(message).unwrap_or_default());
        let bound = self.bound(direction, seq);
        let ciphertext = Ciphertext::seal_bound(&plaintext, key, bound.as_bytes())?;
        Ok(Sealed { seq, ciphertext })
    }

    /// Opens a message, if it is about this exchange and stands at the place it says.
    ///
    /// # Errors
    ///
    /// [`FollowError`].
    pub fn open<T: DeserializeOwned>(
        &self,
        direction: Direction,
        sealed: &Sealed,
        key: &SealKey,
    ) -> Result<T, FollowError> {
        let bound = self.bound(direction, sealed.seq);
        let plaintext = sealed.ciphertext.open_bound(key, bound.as_bytes())?;
        Ok(json::read_as(&plaintext, LARGEST_PLAINTEXT)?)
    }
}

/// Why a message does not count.
#[derive(Debug, Error)]
pub enum FollowError {
    /// It was changed, moved, or is not for us.
    #[error(transparent)]
    Unsealed(#[from] UnsealError),
    /// It opens, and is none of those we know.
    #[error("read the message: {0}")]
    Unknown(#[from] JsonError),
}

/// A sealed message and its place in the order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sealed {
    /// Follow-ups count from 1. Controls have the milliseconds since 1970 by the
    /// approver's clock, and more than the one before.
    pub seq: u64,
    /// The message.
    pub ciphertext: Ciphertext,
}

/// The body of `followup.submit` and `control.submit`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FollowBody {
    /// The hash of the exchange.
    pub artifact_hash: ArtifactHash,
    /// Whether a gateway may forget it soon: output, which only matters while it comes.
    #[serde(default)]
    pub passing: bool,
    /// The message.
    #[serde(flatten)]
    pub sealed: Sealed,
}

/// The body of `followup.page` and `control.page`: what came after a place, in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FollowPage {
    /// The messages.
    pub items: Vec<Sealed>,
}

#[cfg(test)]
mod tests;
