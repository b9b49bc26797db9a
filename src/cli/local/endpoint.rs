//! Where the gateway of local mode listens.

use super::LocalError;
use crate::config::Paths;
use crate::credential::SecretStore;
use crate::process::{FileLock, PrivateDir};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

const FILE: &str = "gateway.json";
/// Held by the running gateway of local mode from before it listens until it ends.
const LOCK: &str = "gateway.lock";
/// Where another session finds the one that runs: beside its database.
const SESSION: &str = "session.json";

/// The session that the running gateway was started in.
#[derive(Debug, Serialize, Deserialize)]
struct Session {
    /// The runtime directory there.
    runtime: PathBuf,
}

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
        match Self::in_session(paths.runtime())? {
            Some(endpoint) => Ok(Some(endpoint)),
            None => Self::in_another_session(paths),
        }
    }

    fn in_session(runtime: &Path) -> Result<Option<Self>, LocalError> {
        let directory = PrivateDir::open(runtime)?;
        let lock = directory.append(LOCK)?;
        if FileLock::try_take(lock).map_err(LocalError::Lock)?.is_some() {
            return Ok(None);
        }
        // Whoever holds the lock wrote the address into it, too: the file may be gone.
        let noted = directory.read(LOCK)?.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Ok(SecretStore::new(directory).document(FILE)?.or(noted))
    }

    /// Looks for the gateway of a session with another `XDG_RUNTIME_DIR`: there is one
    /// database for all of them, so there is one gateway.
    fn in_another_session(paths: &Paths) -> Result<Option<Self>, LocalError> {
        if !paths.gateway().exists() {
            return Ok(None);
        }
        let store = SecretStore::new(PrivateDir::open(&paths.gateway())?);
        match store.document::<Session>(SESSION)? {
            Some(Session { runtime }) if runtime != paths.runtime() && runtime.exists() => {
                Self::in_session(&runtime)
            }
            _ => Ok(None),
        }
    }

    /// Takes the place of the one running gateway, `None` when it is taken.
    pub(super) fn claim(paths: &Paths) -> Result<Option<Claim>, LocalError> {
        let directory = PrivateDir::open(paths.runtime())?;
        // An endpoint that was left behind must not be read as ours.
        let file = directory.append(LOCK)?;
        let taken = file.try_clone().and_then(FileLock::try_take).map_err(LocalError::Lock)?;
        let Some(lock) = taken else { return Ok(None) };
        file.set_len(0).map_err(LocalError::Lock)?;
        directory.remove(FILE)?;
        Ok(Some(Claim { store: SecretStore::new(directory), file, _lock: lock }))
    }
}

/// The place of the one running gateway, given up when dropped.
#[derive(Debug)]
pub(super) struct Claim {
    store: SecretStore,
    file: File,
    _lock: FileLock,
}

impl Claim {
    /// Tells everybody where we listen: this session, and by that directory the others.
    pub(super) fn publish(
        &self,
        endpoint: &Endpoint,
        database: PrivateDir,
    ) -> Result<(), LocalError> {
        let noted = serde_json::to_vec(endpoint).expect("texts and a number are always JSON");
        (&self.file).write_all(&noted).map_err(LocalError::Lock)?;
        let session = Session { runtime: self.store.directory().path().to_owned() };
        SecretStore::new(database).set_document(SESSION, &session)?;
        Ok(self.store.set_document(FILE, endpoint)?)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        // The lock tells the truth even if the file stays.
        let _ = self.store.directory().remove(FILE);
    }
}
