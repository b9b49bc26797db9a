//! Whether anybody has looked at a request that waits: an extension of our gateway.
//!
//! Nobody signs it and nothing is decided by it. It is for whoever waits to read.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a gateway that takes [`Attention`] says in the answer to a submission.
pub const EXTENSION: &str = "attention";

/// How far a request came on its approver's side.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// It lies at the gateway.
    #[default]
    None,
    /// The approver has fetched it.
    Delivered,
    /// The approver says that a person was shown it.
    Seen,
}

impl Stage {
    /// Returns the name used on the wire and in words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Delivered => "delivered",
            Self::Seen => "seen",
        }
    }
}

/// When the approver's side did what with a request, by the gateway's clock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attention {
    /// When the approver fetched it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<Timestamp>,
    /// When the approver said that a person was shown it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<Timestamp>,
}

impl Attention {
    /// Tells whether nothing is known.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.stage() == Stage::None
    }

    /// Returns how far it came.
    #[must_use]
    pub fn stage(&self) -> Stage {
        match self {
            Self { seen_at: Some(_), .. } => Stage::Seen,
            Self { delivered_at: Some(_), .. } => Stage::Delivered,
            _ => Stage::None,
        }
    }

    /// Returns when it came that far.
    #[must_use]
    pub fn since(&self) -> Option<Timestamp> {
        self.seen_at.or(self.delivered_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_was_delivered_whatever_else_is_said() {
        let at = Some(Timestamp::UNIX_EPOCH);
        let stage = |delivered_at, seen_at| Attention { delivered_at, seen_at }.stage();
        assert_eq!(stage(None, None), Stage::None);
        assert_eq!(stage(at, None), Stage::Delivered);
        assert_eq!(stage(None, at), Stage::Seen);
        assert!(Stage::None < Stage::Delivered && Stage::Delivered < Stage::Seen);
    }
}
