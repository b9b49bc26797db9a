//! The keys that were ever paired with this machine: whose signatures count.

use super::LogError;
use crate::client::{Pairing, PairingStore};
use crate::config::Paths;
use crate::process::PrivateDir;
use crate::protocol::Passkey;
use crate::protocol::decision::SettledDecision;
use crate::record::{FaultKind, doubt, touched};
use crate::review::Touch;

/// The keys that were ever paired with this machine, revoked ones too.
pub(super) struct Keys(Vec<Pairing>);

impl Keys {
    /// Reads them.
    pub(super) fn open(paths: &Paths) -> Result<Self, LogError> {
        Ok(Self(PairingStore::new(PrivateDir::open(&paths.enforcer())?).pairings()?))
    }

    /// Returns the pairing of the key that a decision names: of several that which held then.
    pub(super) fn pairing_of(&self, decision: &SettledDecision) -> Option<&Pairing> {
        let at = decision.verified_at;
        let held = |each: &&Pairing| {
            each.agreed.created_at <= at && each.revoked_at.is_none_or(|end| end > at)
        };
        let named = self.0.iter().filter(|each| {
            each.agreed.signer_key_id.names_same_key(&decision.signer_key_id)
                && each.agreed.signing_key == decision.signing_key
        });
        named.clone().find(held).or_else(|| named.clone().next())
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

    /// Checks a signature anew, and the touch that the request took.
    pub(super) fn doubt(
        &self,
        decision: &SettledDecision,
        touch: Option<Touch>,
    ) -> Option<FaultKind> {
        doubt(decision, touch, self.pairing_of(decision))
    }

    /// Tells of a decision that is not doubted where the passkey is that was touched for it.
    pub(super) fn touched(&self, decision: &SettledDecision) -> Option<&str> {
        let pairing = self.pairing_of(decision).filter(|pairing| touched(decision, pairing))?;
        pairing.agreed.passkey.as_ref().map(Passkey::origin)
    }
}
