//! Pairs with the local approver through the real pairing calls.

use super::{Endpoint, LocalError, Role, connect};
use crate::approver::Approver;
use crate::client::{Agreed, Enforcer, EnforcerIdentity, Pairing, PairingStore};
use crate::config::Paths;
use crate::credential::SecretStore;
use crate::crypto::{Cipher, X25519Secret};
use crate::process::{self, FileLock, PrivateDir};
use crate::protocol::pairing::{
    InitiateRequest, PairingResponse, SignatureCoverage, StatusResponse,
};
use crate::protocol::{PairingNonce, RoutingToken};
use crate::review::{Journal, Reviewer};
use std::time::Duration;

/// One pairing at a time; the others use what it made.
const LOCK: &str = "pairing.lock";
const PATIENCE: Duration = Duration::from_secs(15);

/// Makes a reviewer that asks the local approver, pairing with it when needed.
pub(in crate::cli) async fn reviewer(
    paths: &Paths,
    limit: Duration,
) -> Result<Reviewer, LocalError> {
    let (endpoint, transport) = connect(paths, Role::Enforcer)?;
    let directory = PrivateDir::open(&paths.enforcer())?;
    let store = PairingStore::new(SecretStore::new(directory.clone()));
    let enforcer = Enforcer::new(transport);
    let (identity, pairings) = match paired(&store, &endpoint)? {
        Some(paired) => paired,
        None => pair(paths, &endpoint, &enforcer, &store, &directory).await?,
    };
    let journal = Journal::new(directory);
    let reconnect = reconnect(paths.clone());
    Ok(Reviewer { enforcer, reconnect, identity, pairings, journal, limit })
}

/// A local gateway that was lost is started again, and listens on another port.
fn reconnect(paths: Paths) -> Box<dyn Fn() -> Option<Enforcer>> {
    Box::new(move || {
        connect(&paths, Role::Enforcer).ok().map(|(_, transport)| Enforcer::new(transport))
    })
}

/// Tells whether there is a pairing at that gateway.
pub(super) fn is_paired(paths: &Paths, gateway_id: &str) -> Result<bool, LocalError> {
    let store = PairingStore::new(SecretStore::new(PrivateDir::open(&paths.enforcer())?));
    let pairings = store.load()?.map(|(_, pairings)| pairings).unwrap_or_default();
    Ok(pairings.iter().any(|each| each.gateway_id == gateway_id))
}

/// Returns identity and pairings if one of them holds for this gateway.
fn paired(
    store: &PairingStore,
    endpoint: &Endpoint,
) -> Result<Option<(EnforcerIdentity, Vec<Pairing>)>, LocalError> {
    let Some((identity, mut pairings)) = store.load()? else { return Ok(None) };
    pairings.retain(|each| each.gateway_id == endpoint.gateway_id);
    Ok((!pairings.is_empty()).then_some((identity, pairings)))
}

async fn pair(
    paths: &Paths,
    endpoint: &Endpoint,
    enforcer: &Enforcer,
    store: &PairingStore,
    directory: &PrivateDir,
) -> Result<(EnforcerIdentity, Vec<Pairing>), LocalError> {
    let lock = directory.append(LOCK)?;
    let _pairing = FileLock::take_within(&lock, PATIENCE).map_err(LocalError::Lock)?;
    if let Some(paired) = paired(store, endpoint)? {
        return Ok(paired);
    }
    let (identity, mut pairings) = match store.load()? {
        Some(stored) => stored,
        None => (EnforcerIdentity::generate(process::now())?, Vec::new()),
    };
    let made = introduce(paths, endpoint, enforcer, &identity).await?;
    pairings.push(made);
    store.save(identity, pairings)?;
    paired(store, endpoint)?.ok_or(LocalError::Pairing(crate::client::PairingError::NotPaired))
}

/// Initiates, lets the local approver complete, and verifies its signed answer.
async fn introduce(
    paths: &Paths,
    endpoint: &Endpoint,
    enforcer: &Enforcer,
    identity: &EnforcerIdentity,
) -> Result<Pairing, LocalError> {
    let secret = X25519Secret::generate().map_err(crate::client::PairingError::from)?;
    let started = enforcer
        .initiate_pairing(&InitiateRequest {
            device_id: identity.device_id.clone(),
            enforcer_id: identity.enforcer_id.clone(),
            enforcer_label: Some(process::Identity::capture().host),
            workspace_name: None,
            gateway_url: Some(endpoint.url.clone()),
            x25519_public_key: Some(secret.public()),
        })
        .await?;
    let (_, transport) = connect(paths, Role::Approver)?;
    let approver = Approver::open(&paths.approver())?;
    approver.pair(&transport, &started.pairing_code).await?;
    let status = enforcer.pairing_status(&started.pairing_nonce).await?;
    let (response, routing_token) = completed(status)?;
    agreed(&response, routing_token, &started.pairing_nonce, endpoint, &secret)
}

fn completed(status: StatusResponse) -> Result<(PairingResponse, RoutingToken), LocalError> {
    let missing = |what: &str| LocalError::Answer(format!("the gateway gave no {what}"));
    let json = status.response_json.ok_or_else(|| missing("answer"))?;
    let response =
        PairingResponse::read(&json).map_err(|error| LocalError::Answer(error.to_string()))?;
    Ok((response, status.routing_token.ok_or_else(|| missing("routing token"))?))
}

fn agreed(
    response: &PairingResponse,
    routing_token: RoutingToken,
    nonce: &PairingNonce,
    endpoint: &Endpoint,
    secret: &X25519Secret,
) -> Result<Pairing, LocalError> {
    let untrusted = |what: String| LocalError::Answer(what);
    let introduced = response.verify(nonce).map_err(|error| untrusted(error.to_string()))?;
    if introduced.coverage != SignatureCoverage::BothKeys {
        return Err(untrusted("its X25519 key is not signed".to_owned()));
    }
    let agreement_key =
        introduced.x25519_public.ok_or_else(|| untrusted("it has no X25519 key".to_owned()))?;
    // Protocol section 6: the first common cipher, ours preferred.
    let readable =
        |cipher: &Cipher| introduced.ciphers.is_empty() || introduced.ciphers.contains(cipher);
    let cipher = Cipher::ALL.into_iter().find(readable).unwrap_or(Cipher::XChaCha20Poly1305);
    let agreed = Agreed {
        gateway_id: endpoint.gateway_id.clone(),
        signer_key_id: introduced.signer_key_id,
        signing_key: introduced.verifying_key,
        agreement_key,
        cipher,
        routing_token,
        created_at: process::now(),
    };
    Ok(Pairing::new(agreed, secret))
}
