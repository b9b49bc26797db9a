//! The keys that were ever paired with this machine: whose signatures count.

use super::LogError;
use crate::client::{Pairing, PairingStore};
use crate::config::Paths;
use crate::crypto::VerifyingKey;
use crate::process::PrivateDir;
use crate::protocol::decision::SettledDecision;
use crate::record::{FaultKind, doubt};

/// The keys that were ever paired with this machine, revoked ones too.
pub(super) struct Keys(Vec<Pairing>);

impl Keys {
    /// Reads them.
    pub(super) fn open(paths: &Paths) -> Result<Self, LogError> {
        Ok(Self(PairingStore::new(PrivateDir::open(&paths.enforcer())?).pairings()?))
    }

    fn pairing_of(&self, decision: &SettledDecision) -> Option<&Pairing> {
        self.0.iter().find(|each| {
            each.agreed.signer_key_id.names_same_key(&decision.signer_key_id)
                && each.agreed.signing_key == decision.signing_key
        })
    }

    /// Returns the key that a decision names.
    pub(super) fn key_of(&self, decision: &SettledDecision) -> Option<VerifyingKey> {
        self.pairing_of(decision).map(|pairing| pairing.agreed.signing_key)
    }

    /// Returns what the pairing of a decision's key is called.
    pub(super) fn name_of(&self, decision: &SettledDecision) -> Option<String> {
        self.pairing_of(decision).map(|pairing| pairing.agreed.name.to_string())
    }

    /// Says who signed.
    pub(super) fn words_about(&self, decision: &SettledDecision) -> String {
        let id = &decision.signer_key_id;
        match self.pairing_of(decision) {
            Some(pairing) => {
                format!("{} ({id}, fingerprint {})", pairing.agreed.name, pairing.fingerprint())
            }
            None => id.to_string(),
        }
    }

    /// Checks a signature anew.
    pub(super) fn doubt(&self, decision: &SettledDecision) -> Option<FaultKind> {
        doubt(decision, |decision| self.key_of(decision))
    }
}
