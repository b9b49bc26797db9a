//! The touch of a passkey that an approval takes.
//!
//! Whether it takes one stands in the artifact, so it is part of what was signed, and holds
//! for what is kept as well.

use super::Inquiry;
use super::grant::GrantInquiry;
use crate::client::Pairing;
use crate::protocol::artifact::ArtifactHash;
use crate::protocol::decision::{DecisionNonce, SettledDecision};
use crate::protocol::passkey::{AssertionError, challenge, has_touch};
use crate::protocol::{Decision, DecisionError, Plaintext, ReceivedDecision};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

/// Whose approval of an artifact takes a touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Touch {
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

impl Untouched {
    /// Says why, to somebody who cannot do anything about it any more.
    #[must_use]
    pub fn cause(&self) -> String {
        match self {
            Self::NoPasskey => self.to_string(),
            Self::Assertion { why, .. } => why.to_string(),
        }
    }
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

    /// Returns what is written down of it: nothing where nobody's approval takes one.
    #[must_use]
    pub fn recorded(self) -> Option<Self> {
        Some(self).filter(|touch| *touch != Self::NotAsked)
    }

    /// Makes sure again of the touch of a decision that was believed when it came, by what
    /// was written down of the request.
    ///
    /// Where nothing was, as before it was written down, a touch that came along is one.
    ///
    /// # Errors
    ///
    /// [`Untouched`]; [`DecisionError`] when the decision cannot be read.
    pub fn check_again(
        recorded: Option<Self>,
        pairing: &Pairing,
        decision: &SettledDecision,
    ) -> Result<Result<(), Untouched>, DecisionError> {
        if decision.decision != Decision::Approve {
            return Ok(Ok(()));
        }
        let came = if has_touch(&decision.body) { Self::OfPasskeys } else { Self::NotAsked };
        let received = ReceivedDecision::read(&decision.body)?;
        let (hash, nonce) = (&decision.artifact_hash, received.nonce());
        Ok(recorded.unwrap_or(came).check(pairing, &decision.body, hash, nonce))
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

impl Inquiry {
    /// Returns whose approval takes a touch.
    #[must_use]
    pub fn touch(&self) -> Touch {
        Touch::of(self.case().plaintext())
    }
}

impl GrantInquiry {
    /// Returns whose approval takes a touch.
    #[must_use]
    pub fn touch(&self) -> Touch {
        Touch::of(self.case().plaintext())
    }
}
