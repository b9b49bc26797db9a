//! What a passkey signs when it is touched, and the checks before anybody believes it.

use super::Passkey;
use crate::crypto::Sha256Digest;
use crate::crypto::encoding::{decode_any, to_base64url};
use crate::display::Displayable;
use crate::protocol::artifact::ArtifactHash;
use crate::protocol::decision::{Decision, DecisionNonce};
use crate::protocol::json;
use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

/// The field of a decision that holds it.
const FIELD: &str = "assertion";
/// The most bytes of each part that are read.
const LARGEST: usize = 4 << 10;
/// Bits of the byte behind the hash of the host. WebAuthn 6.1.
const PRESENT: u8 = 1;
const VERIFIED: u8 = 1 << 2;

/// Why an approval shows no touch of the passkey.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AssertionError {
    /// There is none.
    #[error("it came without the touch of a passkey")]
    Missing,
    /// A part of it cannot be read.
    #[error("the {0} of its passkey is malformed")]
    Malformed(&'static str),
    /// By another passkey.
    #[error("it was touched with another passkey")]
    OtherPasskey,
    /// For another purpose.
    #[error("its passkey was asked for something else than a touch")]
    OtherPurpose,
    /// Over another challenge: another request, another word, or another signature.
    #[error("the touch of its passkey was for another decision")]
    OtherChallenge,
    /// On another page.
    #[error("its passkey was touched on a page at {}", Displayable::from(.0.as_str()))]
    OtherOrigin(String),
    /// On a page inside another one.
    #[error("its passkey was touched on a page inside another page")]
    Framed,
    /// For another host.
    #[error("its passkey is for another host")]
    OtherHost,
    /// Nobody touched it.
    #[error("its passkey was not touched")]
    NotPresent,
    /// Whose touch it was, was not verified, and it was when the passkey was added.
    #[error("its passkey did not verify the user, by a PIN or a finger, say")]
    NotVerified,
    /// The passkey did not sign it.
    #[error("the signature of its passkey does not verify")]
    BadSignature,
}

/// Returns what a passkey is asked to sign: 32 bytes.
///
/// ```text
/// challenge = SHA-256("airlock-exec touch 1|" artifactHash "|" decision "|" nonce)
/// ```
///
/// of the fields of a decision, as they are written there. The hash has 64 digits and the
/// decision is one of two words, so no two decisions have the same text. The nonce is one
/// that a key signs once.
#[must_use]
pub fn challenge(hash: &ArtifactHash, decision: Decision, nonce: &DecisionNonce) -> Sha256Digest {
    let text = format!("airlock-exec touch 1|{hash}|{}|{nonce}", decision.word());
    Sha256Digest::of(text.as_bytes())
}

/// An assertion as a decision carries it, each part in base64url.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Assertion {
    credential_id: String,
    authenticator_data: String,
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    signature: String,
}

/// What the browser says of the page. WebAuthn 5.8.1.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
    #[serde(default)]
    top_origin: Option<Value>,
}

/// Tells whether a decision with this body says that a passkey was touched for it.
#[must_use]
pub fn has_touch(body: &Value) -> bool {
    body.get(FIELD).is_some_and(|given| !given.is_null())
}

impl Passkey {
    /// Verifies that this passkey was touched for the decision with this body, whose
    /// challenge the caller computed.
    ///
    /// # Errors
    ///
    /// [`AssertionError`] by the first check that fails.
    pub fn verify_touch(
        &self,
        body: &Value,
        challenge: &Sha256Digest,
    ) -> Result<(), AssertionError> {
        let given = body.get(FIELD).filter(|given| !given.is_null());
        let given = given.ok_or(AssertionError::Missing)?;
        let given =
            Assertion::deserialize(given).map_err(|_| AssertionError::Malformed("assertion"))?;
        // WebAuthn 7.2 step 5: one of the credentials that were asked for.
        let id = part(&given.credential_id, "id")?;
        if to_base64url(&id) != self.credential_id {
            return Err(AssertionError::OtherPasskey);
        }
        let client_data = part(&given.client_data, "clientDataJSON")?;
        self.check_page(&client_data, challenge)?;
        let authenticator_data = part(&given.authenticator_data, "authenticatorData")?;
        self.check_authenticator(&authenticator_data)?;
        let signature = part(&given.signature, "signature")?;
        // Steps 20 and 21.
        let signed = [&authenticator_data[..], Sha256Digest::of(&client_data).as_bytes()].concat();
        self.public_key.verify(&signed, &signature).map_err(|_| AssertionError::BadSignature)
    }

    /// Checks what the browser says: steps 10 to 14.
    fn check_page(&self, bytes: &[u8], challenge: &Sha256Digest) -> Result<(), AssertionError> {
        let page: ClientData = json::read_as(bytes, LARGEST)
            .map_err(|_| AssertionError::Malformed("clientDataJSON"))?;
        if page.r#type != "webauthn.get" {
            return Err(AssertionError::OtherPurpose);
        }
        if page.challenge != to_base64url(challenge.as_bytes()) {
            return Err(AssertionError::OtherChallenge);
        }
        // With the port: at `localhost` a passkey is for the pages of all of them.
        if page.origin != self.origin {
            return Err(AssertionError::OtherOrigin(page.origin));
        }
        if page.cross_origin || page.top_origin.is_some() {
            return Err(AssertionError::Framed);
        }
        Ok(())
    }

    /// Checks what the authenticator says: steps 15 to 17. WebAuthn 6.1.
    fn check_authenticator(&self, bytes: &[u8]) -> Result<(), AssertionError> {
        let malformed = AssertionError::Malformed("authenticatorData");
        let (host, rest) = bytes.split_first_chunk::<32>().ok_or(malformed.clone())?;
        // The flags, and four bytes that count signatures.
        let (flags, rest) = rest.split_first().ok_or(malformed.clone())?;
        if rest.len() < 4 {
            return Err(malformed);
        }
        if host != Sha256Digest::of(self.rp_id.as_bytes()).as_bytes() {
            return Err(AssertionError::OtherHost);
        }
        if flags & PRESENT == 0 {
            return Err(AssertionError::NotPresent);
        }
        if self.user_verified && flags & VERIFIED == 0 {
            return Err(AssertionError::NotVerified);
        }
        Ok(())
    }
}

fn part(text: &str, name: &'static str) -> Result<Vec<u8>, AssertionError> {
    // Three bytes are four characters.
    if text.len() > LARGEST / 3 * 4 {
        return Err(AssertionError::Malformed(name));
    }
    decode_any(text).map_err(|_| AssertionError::Malformed(name))
}
