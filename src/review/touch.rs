//! The touch of a passkey that an approval takes.
//!
//! Whether it takes one stands in the artifact, so it is part of what was signed, and holds
//! for what is kept as well.

use crate::client::Pairing;
use crate::protocol::artifact::ArtifactHash;
use crate::protocol::decision::DecisionNonce;
use crate::protocol::passkey::{AssertionError, challenge};
use crate::protocol::{Decision, Plaintext};
use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

/// Whose approval of an artifact takes a touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Touch {
    /// Nobody's.
    NotAsked,
    /// That of an approver who is paired with a passkey.
    OfPasskeys,
    /// Everybody's: without a passkey nobody approves it.
    OfEverybody,
}

/// Why an approval that takes a touch is not believed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Untouched {
    /// Its approver has none, and only who has one may approve.
    #[error("its approver has no passkey, and this approval takes the touch of one")]
    NoPasskey,
    /// It does not show the touch.
    #[error(
        "{why}; this approval takes the passkey of that approver, on its page at {origin}: where \
         it is lost, pair that browser anew"
    )]
    Assertion {
        /// What is wrong.
        why: AssertionError,
        /// Where the page is.
        origin: String,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    #[serde(default)]
    ask_touch: bool,
    #[serde(default)]
    needs_touch: bool,
}

impl Touch {
    /// Reads what an artifact says; of what cannot be read everybody's approval takes one.
    pub(super) fn of(plaintext: &Plaintext) -> Self {
        let asked: Option<Asked> = serde_json::from_slice(plaintext.as_bytes()).ok();
        asked.map_or(Self::OfEverybody, |asked| Self::said(asked.ask_touch, asked.needs_touch))
    }

    /// Returns what the two fields of an artifact say.
    pub(super) fn said(asks: bool, needs: bool) -> Self {
        match (asks, needs) {
            (_, true) => Self::OfEverybody,
            (true, false) => Self::OfPasskeys,
            (false, false) => Self::NotAsked,
        }
    }

    /// Returns the two fields of an artifact: whether it is asked for, and of everybody.
    pub(super) fn fields(self) -> (bool, bool) {
        (self != Self::NotAsked, self == Self::OfEverybody)
    }

    /// Makes sure that an approval brought the touch along that it takes.
    ///
    /// # Errors
    ///
    /// [`Untouched`].
    pub(super) fn check(
        self,
        pairing: &Pairing,
        body: &Value,
        hash: &ArtifactHash,
        nonce: &DecisionNonce,
    ) -> Result<(), Untouched> {
        let passkey = match (self, &pairing.agreed.passkey) {
            (Self::NotAsked, _) | (Self::OfPasskeys, None) => return Ok(()),
            (Self::OfEverybody, None) => return Err(Untouched::NoPasskey),
            (_, Some(passkey)) => passkey,
        };
        let touched = passkey.verify_touch(body, &challenge(hash, Decision::Approve, nonce));
        let origin = || passkey.origin().to_owned();
        touched.map_err(|why| Untouched::Assertion { why, origin: origin() })
    }
}
