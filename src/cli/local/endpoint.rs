//! Where the gateway of local mode listens.

use super::LocalError;
use crate::config::Paths;
use crate::credential::SecretStore;
use crate::process::{FileLock, PrivateDir};
use serde::{Deserialize, Serialize};

const FILE: &str = "gateway.json";
/// Held by the running gateway of local mode from before it listens until it ends.
const LOCK: &str = "gateway.lock";

/// The address and the identity of the running gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct Endpoint {
    /// Its base URL: loopback.
    pub(in crate::cli) url: String,
    /// The id it keeps in its database; pairings hold for this id.
    pub(in crate::cli) gateway_id: String,
    /// Its process.
    pub(in crate::cli) pid: u32,
}

impl Endpoint {
    /// Returns the endpoint of the gateway that runs, if one does.
    ///
    /// A file left behind by a gateway that was killed is told from a live one by
    /// the lock: otherwise whoever took its port would be sent our token.
    ///
    /// # Errors
    ///
    /// [`LocalError`] when the runtime directory or the file cannot be trusted.
    pub(in crate::cli) fn of_running(paths: &Paths) -> Result<Option<Self>, LocalError> {
        let directory = PrivateDir::open(paths.runtime())?;
        let lock = directory.append(LOCK)?;
        if FileLock::try_take(lock).map_err(LocalError::Lock)?.is_some() {
            return Ok(None);
        }
        Ok(SecretStore::new(directory).document(FILE)?)
    }

    /// Takes the place of the one running gateway, `None` when it is taken.
    pub(super) fn claim(paths: &Paths) -> Result<Option<Claim>, LocalError> {
        let directory = PrivateDir::open(paths.runtime())?;
        // An endpoint that was left behind must not be read as ours.
        let lock = FileLock::try_take(directory.append(LOCK)?).map_err(LocalError::Lock)?;
        let Some(lock) = lock else { return Ok(None) };
        directory.remove(FILE)?;
        Ok(Some(Claim { store: SecretStore::new(directory), _lock: lock }))
    }
}

/// The place of the one running gateway, given up when dropped.
#[derive(Debug)]
pub(super) struct Claim {
    store: SecretStore,
    _lock: FileLock,
}

impl Claim {
    /// Tells everybody where we listen.
    pub(super) fn publish(&self, endpoint: &Endpoint) -> Result<(), LocalError> {
        Ok(self.store.set_document(FILE, endpoint)?)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        // The lock tells the truth even if the file stays.
        let _ = self.store.directory().remove(FILE);
    }
}
