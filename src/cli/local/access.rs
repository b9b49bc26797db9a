//! The tokens of local mode: one for each role, in a private file of its own.

use super::{Endpoint, LocalError, pair};
use crate::config::Paths;
use crate::credential::{SecretStore, Token};
use crate::gateway::{self, Gateway};
use crate::process::PrivateDir;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use zeroize::Zeroizing;

const FILE: &str = "local-access.json";

/// Who connects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Role {
    /// The side that asks.
    Enforcer,
    /// The side that decides.
    Approver,
}

impl Role {
    /// Both roles.
    pub(super) const ALL: [Self; 2] = [Self::Enforcer, Self::Approver];

    /// Returns the directory in which this role keeps its secrets.
    fn directory(self, paths: &Paths) -> PathBuf {
        match self {
            Self::Enforcer => paths.enforcer(),
            Self::Approver => paths.approver(),
        }
    }
}

impl From<Role> for gateway::Role {
    fn from(role: Role) -> Self {
        match role {
            Role::Enforcer => Self::Enforcer,
            Role::Approver => Self::Approver,
        }
    }
}

/// A token, and the gateway that made it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Access {
    gateway_id: String,
    token: Zeroizing<String>,
}

/// Returns this role's token for the running gateway.
pub(super) fn token(paths: &Paths, role: Role, endpoint: &Endpoint) -> Result<Token, LocalError> {
    let store = SecretStore::new(PrivateDir::open(&role.directory(paths))?);
    let path = store.directory().path().join(FILE);
    let access = store.document::<Access>(FILE)?;
    if !paths.gateway().exists() {
        return Err(LocalError::OtherState { state: paths.gateway() });
    }
    access
        .filter(|access| access.gateway_id == endpoint.gateway_id)
        .and_then(|access| Token::parse(&access.token).ok())
        .ok_or(LocalError::NoToken { path, gateway: paths.gateway(), pid: Some(endpoint.pid) })
}

/// Makes this role's token unless it has one of this gateway's.
///
/// The gateway binds a pairing to the token that made it. Where there is a pairing
/// and its token is gone, another token would only be refused later.
pub(super) async fn ensure(paths: &Paths, role: Role, gateway: &Gateway) -> Result<(), LocalError> {
    let store = SecretStore::new(PrivateDir::open(&role.directory(paths))?);
    let access = store.document::<Access>(FILE)?;
    if access.is_some_and(|access| access.gateway_id == gateway.id()) {
        return Ok(());
    }
    if pair::is_paired(paths, gateway.id())? {
        let path = store.directory().path().join(FILE);
        return Err(LocalError::NoToken { path, gateway: paths.gateway(), pid: None });
    }
    let token = gateway.create_token(role.into(), Some("local mode")).await?;
    let token = Zeroizing::new(token.expose_secret().to_owned());
    Ok(store.set_document(FILE, &Access { gateway_id: gateway.id().to_owned(), token })?)
}
