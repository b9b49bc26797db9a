//! The approver's identity: what it signs with and what it can read.
//!
//! One Ed25519 and one X25519 key in one file of mode 0600, made once. The
//! enforcer never opens this directory; it knows public keys only.

use super::store::{self, StoreError};
use crate::crypto::{Fingerprint, SigningKey, VerifyingKey, X25519Secret};
use crate::process::{self, PrivateDir};
use crate::protocol::{ApproverId, SignerKeyId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

const FILE: &str = "identity.json";
const VERSION: u32 = 1;

/// The keys of this approver and the names they go by.
#[derive(Debug)]
pub struct Keys {
    approver_id: ApproverId,
    signer_key_id: SignerKeyId,
    signing: SigningKey,
    agreement: X25519Secret,
    created_at: Timestamp,
}

/// The file: both keys as base64url without padding.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Stored<'a> {
    version: u32,
    approver_id: ApproverId,
    signer_key_id: SignerKeyId,
    signing_key: &'a str,
    agreement_key: &'a str,
    created_at: Timestamp,
}

impl Keys {
    /// Reads the keys, `None` when none were made yet.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the file is loose, damaged or from a newer version.
    pub fn load(directory: &PrivateDir) -> Result<Option<Self>, StoreError> {
        let Some(bytes) = directory.read(FILE)?.map(Zeroizing::new) else { return Ok(None) };
        let damaged = |what: String| StoreError::damaged(directory, FILE, what);
        store::check_version(directory, FILE, &bytes, VERSION)?;
        let stored: Stored<'_> =
            serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        Ok(Some(Self {
            approver_id: stored.approver_id,
            signer_key_id: stored.signer_key_id,
            signing: SigningKey::from_stored(stored.signing_key)
                .map_err(|error| damaged(error.to_string()))?,
            agreement: X25519Secret::from_stored(stored.agreement_key)
                .map_err(|error| damaged(error.to_string()))?,
            created_at: stored.created_at,
        }))
    }

    /// Reads the keys, making them when there are none.
    ///
    /// Of several processes at once one makes them and the others read what it made.
    ///
    /// # Errors
    ///
    /// As [`Keys::load`], and when they cannot be made or written.
    pub fn load_or_create(directory: &PrivateDir) -> Result<Self, StoreError> {
        if let Some(keys) = Self::load(directory)? {
            return Ok(keys);
        }
        let _lock = store::lock(directory)?;
        if let Some(keys) = Self::load(directory)? {
            return Ok(keys);
        }
        let keys = Self::generate()?;
        keys.save(directory)?;
        Ok(keys)
    }

    fn generate() -> Result<Self, StoreError> {
        let now = process::now();
        Ok(Self {
            approver_id: ApproverId::generate(now)?,
            signer_key_id: SignerKeyId::generate(now)?,
            signing: SigningKey::generate()?,
            agreement: X25519Secret::generate()?,
            created_at: now,
        })
    }

    fn save(&self, directory: &PrivateDir) -> Result<(), StoreError> {
        let stored = Stored {
            version: VERSION,
            approver_id: self.approver_id.clone(),
            signer_key_id: self.signer_key_id.clone(),
            signing_key: &self.signing.expose_stored(),
            agreement_key: &self.agreement.expose_stored(),
            created_at: self.created_at,
        };
        let mut bytes = Zeroizing::new(Vec::with_capacity(1024));
        serde_json::to_writer(&mut *bytes, &stored)
            .expect("strings and a timestamp always serialise into memory");
        Ok(directory.write(FILE, &bytes)?)
    }

    /// Returns the name the gateway knows this approver by.
    #[must_use]
    pub fn approver_id(&self) -> &ApproverId {
        &self.approver_id
    }

    /// Returns the name of the signing key.
    #[must_use]
    pub fn signer_key_id(&self) -> &SignerKeyId {
        &self.signer_key_id
    }

    /// Returns what a person compares when pairing.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.signing.verifying_key().fingerprint()
    }

    /// Returns when the keys were made.
    #[must_use]
    pub fn created_at(&self) -> Timestamp {
        self.created_at
    }

    /// Returns the key its decisions are verified with.
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        self.signing.verifying_key()
    }

    pub(super) fn signing(&self) -> &SigningKey {
        &self.signing
    }

    pub(super) fn agreement(&self) -> &X25519Secret {
        &self.agreement
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn sandbox() -> (tempfile::TempDir, PrivateDir) {
        let outer = tempfile::tempdir().expect("temporary directory");
        let inner = PrivateDir::open(&outer.path().join("approver")).expect("private directory");
        (outer, inner)
    }

    #[test]
    fn keeps_the_same_keys_in_a_file_for_the_owner_only() {
        let (_outer, directory) = sandbox();
        assert!(Keys::load(&directory).expect("readable").is_none());
        let made = Keys::load_or_create(&directory).expect("made");
        let read = Keys::load_or_create(&directory).expect("read");
        assert_eq!(made.fingerprint().to_string(), read.fingerprint().to_string());
        assert_eq!(made.agreement().public(), read.agreement().public());
        assert_eq!(made.approver_id(), read.approver_id());
        let found = std::fs::metadata(directory.path().join(FILE)).expect("there");
        assert_eq!(found.permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn many_at_once_make_one_identity() {
        let (_outer, directory) = sandbox();
        let fingerprints: Vec<String> = std::thread::scope(|scope| {
            let make = || Keys::load_or_create(&directory).expect("keys").fingerprint().to_string();
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(make)).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        assert!(fingerprints.windows(2).all(|pair| pair[0] == pair[1]), "{fingerprints:?}");
    }

    #[test]
    fn says_nothing_secret_when_printed() {
        let (_outer, directory) = sandbox();
        let keys = Keys::load_or_create(&directory).expect("made");
        let printed = format!("{keys:?}");
        assert!(!printed.contains(&*keys.signing().expose_stored()), "{printed}");
        assert!(!printed.contains(&*keys.agreement().expose_stored()), "{printed}");
    }

    #[test]
    fn refuses_a_damaged_or_newer_file_and_leaves_it_as_it_is() {
        let (_outer, directory) = sandbox();
        for content in [&b"{"[..], b"{\"version\":1}", b"{\"version\":2}", b""] {
            directory.write(FILE, content).expect("written");
            let error = Keys::load_or_create(&directory).expect_err("refused");
            assert!(!error.hint().is_empty());
            assert_eq!(directory.read(FILE).expect("readable").as_deref(), Some(content));
        }
    }
}
