//! The gateway this machine's commands are asked at.

use super::local::{self, LocalError, Role};
use crate::client::{Enforcer, Introducer, PairingStore};
use crate::config::Paths;
use crate::credential::SecretStore;
use crate::process::{self, PrivateDir};
use std::time::Duration;

/// A gateway we can talk to as the enforcer, and the files that go with it.
#[derive(Debug)]
pub(super) struct Upstream {
    /// What pairings with it are known by: see [`crate::client::Agreed::gateway_id`].
    pub(super) id: String,
    /// Where it is.
    pub(super) url: String,
    /// The way there.
    pub(super) enforcer: Enforcer,
    /// Where the enforcer keeps its files.
    pub(super) directory: PrivateDir,
    /// The pairings, those with other gateways too.
    pub(super) pairings: PairingStore,
    /// How often it may be asked how far a pairing is.
    pub(super) pairing_poll: Duration,
}

impl Upstream {
    /// Connects to the local gateway, starting it when none runs.
    pub(super) fn open(paths: &Paths) -> Result<Self, LocalError> {
        let (endpoint, transport) = local::connect(paths, Role::Enforcer)?;
        let directory = PrivateDir::open(&paths.enforcer())?;
        Ok(Self {
            id: endpoint.gateway_id,
            url: endpoint.url,
            enforcer: Enforcer::new(transport),
            pairings: PairingStore::new(SecretStore::new(directory.clone())),
            directory,
            // On loopback nobody counts.
            pairing_poll: Duration::from_millis(250),
        })
    }

    /// Returns what the enforcer says of itself when it pairs there.
    pub(super) fn introducer(&self) -> Result<Introducer, LocalError> {
        Ok(Introducer {
            identity: self.pairings.load_or_create(process::now())?.identity,
            label: process::Identity::capture().host,
            workspace: None,
            gateway_url: self.url.clone(),
            gateway_id: self.id.clone(),
        })
    }
}
