//! One approver this enforcer is paired with.

use super::PairingError;
use crate::crypto::{
    Cipher, EncodingError, Fingerprint, SealKey, VerifyingKey, X25519Public, X25519Secret,
};
use crate::protocol::id::{DeviceId, PairingNonce, RoutingToken, SignerKeyId};
use crate::protocol::passkey::Passkey;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, de};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;
use zeroize::Zeroizing;

/// What the user calls a pairing: 1 to 64 letters, digits, `-`, `_` or `.`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PairingName(String);

impl PairingName {
    const LIMIT: usize = 64;

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PairingName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl FromStr for PairingName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if !text.is_empty() && text.len() <= Self::LIMIT && text.bytes().all(plain) {
            return Ok(Self(text.to_owned()));
        }
        Err("a name is 1 to 64 letters, digits, hyphens, underscores or dots")
    }
}

impl<'de> Deserialize<'de> for PairingName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// What both sides of a pairing settled on: all of it public.
///
/// Spec: HARP-KEYMGMT 5.1.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Agreed {
    /// What the user calls it.
    pub name: PairingName,
    /// Under which gateway it holds: the own id of a local one, else its address.
    pub gateway_id: String,
    /// The session it was made in.
    pub pairing_nonce: PairingNonce,
    /// The machine it was made for.
    pub device_id: DeviceId,
    /// The key id the approver signs with.
    pub signer_key_id: SignerKeyId,
    /// The approver's Ed25519 key: only its signatures authorise a command.
    pub signing_key: VerifyingKey,
    /// The approver's X25519 key.
    pub agreement_key: X25519Public,
    /// The cipher both read.
    pub cipher: Cipher,
    /// When it was made.
    pub created_at: Timestamp,
    /// The approver's passkey, when it brought one: some approvals take its touch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passkey: Option<Passkey>,
}

/// An approver this enforcer is paired with, and the secrets shared with it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pairing {
    /// What was agreed.
    #[serde(flatten)]
    pub agreed: Agreed,
    /// When it was revoked; a revoked key's decisions are refused at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
    /// For how many seconds nobody must have decided before this approver is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_secs: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    routing_token: Option<RoutingToken>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret: Option<Zeroizing<String>>,
    /// What [`Pairing::seal_key`] derives from it: always the same, and a tenth of a
    /// millisecond to work out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seal_key: Option<Zeroizing<String>>,
}

impl Pairing {
    /// Binds what was agreed to our secret key of this pairing, and to the way there.
    #[must_use]
    pub fn new(agreed: Agreed, routing_token: RoutingToken, secret: &X25519Secret) -> Self {
        let seal_key = secret.agree(&agreed.agreement_key).ok();
        let seal_key = seal_key.map(|shared| shared.derive(agreed.cipher).expose_stored());
        let (secret, routing_token) = (Some(secret.expose_stored()), Some(routing_token));
        let (revoked_at, after_secs) = (None, None);
        Self { agreed, revoked_at, after_secs, routing_token, secret, seal_key }
    }

    /// Tells whether decisions by its key count.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.revoked_at.is_none()
    }

    /// Returns for how long nobody must have decided before this approver is asked.
    #[must_use]
    pub fn delay(&self) -> Duration {
        Duration::from_secs(self.after_secs.unwrap_or(0))
    }

    /// Returns what a person compares.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.agreed.signing_key.fingerprint()
    }

    /// Returns what the gateway routes by, unless it was revoked.
    #[must_use]
    pub fn routing_token(&self) -> Option<&RoutingToken> {
        self.routing_token.as_ref()
    }

    /// Ends it: its secrets are destroyed, and the record of its keys stays.
    pub fn revoke(&mut self, now: Timestamp) {
        self.revoked_at.get_or_insert(now);
        self.routing_token = None;
        (self.secret, self.seal_key) = (None, None);
    }

    /// Returns the key that seals what only this approver may read.
    ///
    /// A pairing of an earlier release does not keep it: it is derived each time.
    ///
    /// # Errors
    ///
    /// [`PairingError::Revoked`] or [`PairingError::DamagedKey`].
    pub fn seal_key(&self) -> Result<SealKey, PairingError> {
        let revoked = || PairingError::Revoked { name: self.agreed.name.clone() };
        let damaged =
            || PairingError::DamagedKey { signer_key_id: self.agreed.signer_key_id.clone() };
        let unreadable = |_: EncodingError| damaged();
        let stored = self.secret.as_ref().filter(|_| self.is_live()).ok_or_else(revoked)?;
        if let Some(kept) = &self.seal_key {
            return SealKey::from_stored(self.agreed.cipher, kept).map_err(unreadable);
        }
        let secret = X25519Secret::from_stored(stored).map_err(unreadable)?;
        let shared = secret.agree(&self.agreed.agreement_key).map_err(|_| damaged())?;
        Ok(shared.derive(self.agreed.cipher))
    }
}

impl fmt::Debug for Pairing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Pairing({})", self.agreed.signer_key_id)
    }
}

#[cfg(test)]
impl Pairing {
    /// Makes a pairing with an approver whose key is always the same.
    pub(in crate::client) fn example() -> Self {
        let secret = X25519Secret::generate().expect("random");
        let agreed = Agreed {
            name: "browser".parse().expect("a name"),
            pairing_nonce: PairingNonce::generate().expect("random"),
            device_id: "dev-1".parse().expect("an id"),
            gateway_id: "gw".to_owned(),
            signer_key_id: "key-1".parse().expect("an id"),
            signing_key: crate::crypto::SigningKey::from_seed(&zeroize::Zeroizing::new([7; 32]))
                .verifying_key(),
            agreement_key: secret.public(),
            cipher: Cipher::Aes256Gcm,
            created_at: Timestamp::UNIX_EPOCH,
            passkey: None,
        };
        Self::new(agreed, "rt_x".parse().expect("a token"), &secret)
    }
}
