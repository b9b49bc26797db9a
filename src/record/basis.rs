//! What allows a command to start, and how it ends.

use crate::protocol::RequestId;
use serde::{Deserialize, Serialize};

/// What allows a command to start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Basis {
    /// A rule of the policy.
    Rule,
    /// The decision about this request.
    Approval(RequestId),
    /// A do-not-disturb policy, which nobody signed.
    Standing(RequestId),
    /// The approval of what it is part of.
    Nested(RequestId),
    /// A grant.
    Grant {
        /// Which.
        id: RequestId,
        /// The number of this use, from 1.
        number: u32,
        /// How many there are.
        of: u32,
    },
}

impl Basis {
    /// Tells whether a request for this very command was written down before.
    #[must_use]
    pub fn was_asked_for(&self) -> bool {
        matches!(self, Self::Approval(_) | Self::Standing(_))
    }
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum End {
    /// It returned this status.
    Status(u8),
    /// It was killed by the signal of this number.
    Signal(i32),
    /// It did not start after all; in the words the caller was told.
    NotStarted(String),
    /// Nobody saw it end; why.
    Lost(String),
}
