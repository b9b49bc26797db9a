//! Who this enforcer is, and which approvers it is paired with.

use crate::credential::{CredentialError, SecretStore};
use crate::crypto::{
    Cipher, EncodingError, RandomError, SealKey, VerifyingKey, X25519Public, X25519Secret,
};
use crate::protocol::id::{DeviceId, EnforcerId, RoutingToken, SignerKeyId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

const FILE: &str = "pairings.json";

/// Why there is no pairing to ask with.
#[derive(Debug, Error)]
pub enum PairingError {
    /// No approver is paired, or all were revoked.
    #[error("no approver is paired with this machine")]
    NotPaired,
    /// The stored pairings cannot be read or written.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// A stored key is not what it should be.
    #[error("the stored key of pairing {signer_key_id} is damaged")]
    DamagedKey {
        /// The approver's key.
        signer_key_id: SignerKeyId,
    },
    /// No random numbers for keys and ids.
    #[error(transparent)]
    Random(#[from] RandomError),
}

impl PairingError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::NotPaired => "pair with an approver first".to_owned(),
            Self::Credential(error) => error.hint(),
            Self::DamagedKey { .. } => {
                "restore the pairings from a backup, or pair again".to_owned()
            }
            Self::Random(error) => error.hint().to_owned(),
        }
    }
}

/// The names under which a gateway knows this enforcer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EnforcerIdentity {
    /// Sent as `sender.enforcerId`.
    pub enforcer_id: EnforcerId,
    /// Sent when pairing.
    pub device_id: DeviceId,
}

impl EnforcerIdentity {
    /// Makes a new one.
    ///
    /// # Errors
    ///
    /// [`PairingError::Random`].
    pub fn generate(now: Timestamp) -> Result<Self, PairingError> {
        Ok(Self { enforcer_id: EnforcerId::generate(now)?, device_id: DeviceId::generate(now)? })
    }
}

/// An approver this enforcer is paired with, and the keys shared with it.
///
/// Spec: HARP-KEYMGMT 5.1.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pairing {
    /// Under which gateway it holds: the gateway's own id.
    pub gateway_id: String,
    /// The key id the approver signs with.
    pub signer_key_id: SignerKeyId,
    /// The approver's Ed25519 key: only its signatures authorise a command.
    pub signing_key: VerifyingKey,
    /// The approver's X25519 key.
    pub agreement_key: X25519Public,
    /// The cipher both read.
    pub cipher: Cipher,
    /// What the gateway routes by.
    pub routing_token: RoutingToken,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was revoked; a revoked key's decisions are refused at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
    secret: Zeroizing<String>,
}

impl Pairing {
    /// Binds what was agreed to our secret key of this pairing.
    #[must_use]
    pub fn new(agreed: Agreed, secret: &X25519Secret) -> Self {
        Self {
            gateway_id: agreed.gateway_id,
            signer_key_id: agreed.signer_key_id,
            signing_key: agreed.signing_key,
            agreement_key: agreed.agreement_key,
            cipher: agreed.cipher,
            routing_token: agreed.routing_token,
            created_at: agreed.created_at,
            revoked_at: None,
            secret: secret.expose_stored(),
        }
    }

    /// Tells whether decisions by its key count.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.revoked_at.is_none()
    }

    /// Derives the key that seals what only this approver may read.
    ///
    /// # Errors
    ///
    /// [`PairingError::DamagedKey`].
    pub fn seal_key(&self) -> Result<SealKey, PairingError> {
        let damaged = || PairingError::DamagedKey { signer_key_id: self.signer_key_id.clone() };
        let secret =
            X25519Secret::from_stored(&self.secret).map_err(|_: EncodingError| damaged())?;
        let shared = secret.agree(&self.agreement_key).map_err(|_| damaged())?;
        Ok(shared.derive(self.cipher))
    }
}

impl std::fmt::Debug for Pairing {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Pairing({})", self.signer_key_id)
    }
}

/// What both sides of a pairing settled on.
#[derive(Debug)]
pub struct Agreed {
    /// The gateway's own id.
    pub gateway_id: String,
    /// The key id the approver signs with.
    pub signer_key_id: SignerKeyId,
    /// The approver's Ed25519 key.
    pub signing_key: VerifyingKey,
    /// The approver's X25519 key.
    pub agreement_key: X25519Public,
    /// The cipher both read.
    pub cipher: Cipher,
    /// What the gateway routes by.
    pub routing_token: RoutingToken,
    /// When it was made.
    pub created_at: Timestamp,
}

/// The identity and pairings of this enforcer, on disk.
#[derive(Debug, Clone)]
pub struct PairingStore {
    store: SecretStore,
}

#[derive(Serialize, Deserialize)]
struct Document {
    identity: EnforcerIdentity,
    pairings: Vec<Pairing>,
}

impl PairingStore {
    /// Keeps the pairings in that store.
    #[must_use]
    pub fn new(store: SecretStore) -> Self {
        Self { store }
    }

    /// Returns the identity, if there is one, and all pairings, revoked ones too.
    ///
    /// # Errors
    ///
    /// [`PairingError::Credential`]: a lost or damaged file is never "unpaired
    /// means allow"; without a pairing nothing can be approved.
    pub fn load(&self) -> Result<Option<(EnforcerIdentity, Vec<Pairing>)>, PairingError> {
        let document: Option<Document> = self.store.document(FILE)?;
        Ok(document.map(|document| (document.identity, document.pairings)))
    }

    /// Replaces identity and pairings.
    ///
    /// The caller holds the lock that keeps other processes from pairing.
    ///
    /// # Errors
    ///
    /// [`PairingError::Credential`]; what was stored stays whole.
    pub fn save(
        &self,
        identity: EnforcerIdentity,
        pairings: Vec<Pairing>,
    ) -> Result<(), PairingError> {
        Ok(self.store.set_document(FILE, &Document { identity, pairings })?)
    }
}
