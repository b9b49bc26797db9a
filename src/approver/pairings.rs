//! The enforcers this approver is paired with.

use super::store::{self, StoreError};
use crate::crypto::X25519Public;
use crate::process::PrivateDir;
use crate::protocol::{EnforcerId, PairingNonce};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

const FILE: &str = "pairings.json";
const VERSION: u32 = 1;
/// How many older pairings with an enforcer are kept at most, where no gateway tells which of
/// them are over.
const OLDER: usize = 4;

/// An enforcer whose requests this approver can read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pairing {
    /// The enforcer's name at the gateway.
    pub enforcer_id: EnforcerId,
    /// What it calls itself; its own words, never trusted.
    pub label: String,
    /// The workspace it named, when it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    /// Where the gateway was; a local one has a new port at every start.
    pub gateway: String,
    /// The nonce of the pairing.
    pub nonce: PairingNonce,
    /// What its requests are sealed with.
    pub x25519_public_key: X25519Public,
    /// When it was paired.
    pub paired_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    version: u32,
    pairings: Vec<Pairing>,
}

/// Reads all pairings, in the order they were made.
///
/// # Errors
///
/// [`StoreError`] when the file is loose, damaged or from a newer version.
pub(super) fn load(directory: &PrivateDir) -> Result<Vec<Pairing>, StoreError> {
    let Some(bytes) = directory.read(FILE)? else { return Ok(Vec::new()) };
    store::check_version(directory, FILE, &bytes, VERSION)?;
    let stored: Stored = serde_json::from_slice(&bytes)
        .map_err(|error| StoreError::damaged(directory, FILE, error.to_string()))?;
    Ok(stored.pairings)
}

/// Adds a pairing. An older one with the same enforcer stays until the gateway says that it
/// is over: the enforcer may refuse the new one, and seals with the older one until it keeps
/// that.
///
/// # Errors
///
/// As [`load`], and when it cannot be written.
pub(super) fn add(directory: &PrivateDir, pairing: Pairing) -> Result<(), StoreError> {
    change(directory, |pairings| {
        let same = |old: &Pairing| old.enforcer_id == pairing.enforcer_id;
        let mut over = pairings.iter().filter(|old| same(old)).count().saturating_sub(OLDER);
        pairings.retain(|old| {
            let is_over = over > 0 && same(old);
            over -= usize::from(is_over);
            !is_over
        });
        pairings.push(pairing);
    })
}

/// Forgets a pairing, and with it how to read what its enforcer seals.
///
/// # Errors
///
/// As [`load`], and when it cannot be written.
pub(super) fn remove(directory: &PrivateDir, pairing: &Pairing) -> Result<(), StoreError> {
    change(directory, |pairings| pairings.retain(|old| old.nonce != pairing.nonce))
}

fn change(
    directory: &PrivateDir,
    change: impl FnOnce(&mut Vec<Pairing>),
) -> Result<(), StoreError> {
    let _lock = store::lock(directory)?;
    let mut pairings = load(directory)?;
    change(&mut pairings);
    let bytes = serde_json::to_vec_pretty(&Stored { version: VERSION, pairings })
        .expect("strings and timestamps always serialise into memory");
    Ok(directory.write(FILE, &bytes)?)
}

#[cfg(test)]
impl Pairing {
    /// Makes a pairing with an enforcer that has that key.
    pub(in crate::approver) fn with(x25519_public_key: crate::crypto::X25519Public) -> Self {
        Self {
            enforcer_id: "enf-1".parse().expect("an id"),
            label: "laptop".to_owned(),
            workspace: None,
            gateway: "http://127.0.0.1:1/".to_owned(),
            nonce: "n".parse().expect("a nonce"),
            x25519_public_key,
            paired_at: Timestamp::UNIX_EPOCH,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::X25519Secret;

    fn pairing(enforcer: &str, nonce: &str) -> Pairing {
        Pairing {
            enforcer_id: enforcer.parse().expect("an id"),
            nonce: nonce.parse().expect("a nonce"),
            ..Pairing::with(X25519Secret::generate().expect("random").public())
        }
    }

    #[test]
    fn keeps_some_older_pairings_with_the_same_enforcer() {
        let outer = tempfile::tempdir().expect("temporary directory");
        let directory = PrivateDir::open(&outer.path().join("a")).expect("private directory");
        assert!(load(&directory).expect("none yet").is_empty());
        add(&directory, pairing("one", "n1")).expect("added");
        add(&directory, pairing("two", "n2")).expect("added");
        for nonce in ["n3", "n4", "n5", "n6", "n7"] {
            add(&directory, pairing("one", nonce)).expect("added");
        }
        let nonces: Vec<String> = load(&directory)
            .expect("read")
            .into_iter()
            .map(|pairing| pairing.nonce.to_string())
            .collect();
        assert_eq!(nonces, ["n2", "n3", "n4", "n5", "n6", "n7"]);
    }
}
