//! The touch of a passkey: that a person was there when an approval was signed.
//!
//! An extension of ours, see docs/harp.md. An approver whose browser has a passkey introduces
//! it when it pairs, signed by the key that decides. An approval that takes a touch then
//! brings an assertion along, over a challenge that is made of what was signed: it is good
//! for that one decision. Whoever drives the browser can sign, and cannot touch.
//!
//! Spec: WebAuthn Level 3, 7.2. The counter of signatures is not looked at: passkeys that are
//! kept by a service count none.

mod assertion;

pub use assertion::{AssertionError, challenge, has_touch};

use super::id::PairingNonce;
use crate::crypto::encoding::{decode_any, to_base64url};
use crate::crypto::{P256Key, Signature, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use url::Url;

/// The most bytes of a credential's id. WebAuthn 4: 1023.
const LONGEST_ID: usize = 1023;

/// Why a passkey that was introduced is not taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PasskeyError {
    /// Its id is no base64url of 1 to 1023 bytes.
    #[error("its id is malformed")]
    Id,
    /// It is not for the place where it says the page is.
    #[error("it is not for a page at {origin}")]
    Origin {
        /// Where it says the page is.
        origin: String,
    },
    /// The key that decides did not sign it.
    #[error("it is not signed by the key that is introduced with it")]
    BadSignature,
}

/// The passkey of an approver: what verifies its touch, and where it is used. Public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "Unchecked")]
pub struct Passkey {
    credential_id: String,
    public_key: P256Key,
    user_verified: bool,
    rp_id: String,
    origin: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Unchecked {
    credential_id: String,
    public_key: P256Key,
    user_verified: bool,
    rp_id: String,
    origin: String,
}

impl TryFrom<Unchecked> for Passkey {
    type Error = PasskeyError;

    fn try_from(read: Unchecked) -> Result<Self, PasskeyError> {
        let Unchecked { credential_id, public_key, user_verified, rp_id, origin } = read;
        let id = decode_any(&credential_id).map_err(|_| PasskeyError::Id)?;
        if !(1..=LONGEST_ID).contains(&id.len()) {
            return Err(PasskeyError::Id);
        }
        if !is_place(&origin, &rp_id) {
            return Err(PasskeyError::Origin { origin });
        }
        Ok(Self { credential_id: to_base64url(&id), public_key, user_verified, rp_id, origin })
    }
}

/// Tells whether a page at that origin has passkeys of that host: over HTTPS, or at
/// `localhost`. WebAuthn 5.1.3.
fn is_place(origin: &str, host: &str) -> bool {
    let Ok(url) = Url::parse(origin) else { return false };
    let is_secure = match url.scheme() {
        "https" => true,
        "http" => host == "localhost",
        _ => false,
    };
    // A domain and no address: those have no passkeys.
    is_secure && url.domain() == Some(host) && url.origin().ascii_serialization() == origin
}

impl Passkey {
    /// Returns where the page is, with the port.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }
}

/// A passkey as an approver introduces it, in its answer to a pairing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntroducedPasskey {
    #[serde(flatten)]
    passkey: Passkey,
    signature: String,
}

impl IntroducedPasskey {
    /// Signs an introduction.
    ///
    /// `signature = Ed25519(key, "airlock-exec passkey 1|" pairingNonce "|" credentialId "|"
    /// publicKey "|" ("1" or "0": userVerified) "|" rpId "|" origin)`.
    #[must_use]
    pub fn sign(key: &SigningKey, nonce: &PairingNonce, passkey: Passkey) -> Self {
        let signature = key.sign(signing_input(nonce, &passkey).as_bytes()).to_string();
        Self { passkey, signature }
    }

    /// Verifies that the key which is introduced with it signed it, for our pairing.
    ///
    /// # Errors
    ///
    /// [`PasskeyError::BadSignature`].
    pub fn verify(
        &self,
        key: &VerifyingKey,
        nonce: &PairingNonce,
    ) -> Result<Passkey, PasskeyError> {
        let signature: Signature =
            self.signature.parse().map_err(|_| PasskeyError::BadSignature)?;
        key.verify_strict(signing_input(nonce, &self.passkey).as_bytes(), &signature)
            .map_err(|_| PasskeyError::BadSignature)?;
        Ok(self.passkey.clone())
    }
}

/// Returns what is signed: no field behind our own nonce can hold a bar.
fn signing_input(nonce: &PairingNonce, passkey: &Passkey) -> String {
    let Passkey { credential_id, public_key, user_verified, rp_id, origin } = passkey;
    let verified = u8::from(*user_verified);
    format!(
        "airlock-exec passkey 1|{nonce}|{credential_id}|{public_key}|{verified}|{rp_id}|{origin}"
    )
}

#[cfg(test)]
pub(crate) mod tests;
