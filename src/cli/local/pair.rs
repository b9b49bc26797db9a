//! Pairs with the local approver through the real pairing calls.

use super::{LocalError, Role, connect};
use crate::approver::Approver;
use crate::cli::upstream::Upstream;
use crate::client::{Ceremony, Conditions, Enforcer, Enrolment, PairingError, PairingStore};
use crate::config::Paths;
use crate::process::{self, FileLock, PrivateDir};
use crate::review::{Reviewer, Terms};
use std::sync::Arc;
use std::time::Duration;

/// One pairing at a time; the others use what it made.
const LOCK: &str = "pairing.lock";
const PATIENCE: Duration = Duration::from_secs(15);

/// Makes a reviewer that asks the approvers of the local gateway, pairing with the
/// local one when there has never been any.
pub(in crate::cli) async fn reviewer(paths: &Paths, terms: Terms) -> Result<Reviewer, LocalError> {
    let mut upstream = Upstream::local(paths)?;
    let enrolment = match paired(&upstream)? {
        Some(paired) => paired,
        None => pair(paths, &upstream).await?,
    };
    let patience = terms.connect_budget;
    upstream.enforcer = upstream.enforcer.within(patience);
    Ok(upstream.reviewer_of(enrolment, reconnect(paths.clone(), patience), terms))
}

/// A local gateway that was lost is started again, and listens on another port.
fn reconnect(paths: Paths, patience: Duration) -> Arc<dyn Fn() -> Option<Enforcer> + Send + Sync> {
    Arc::new(move || {
        let (_, transport) = connect(&paths, Role::Enforcer).ok()?;
        Some(Enforcer::new(transport).within(patience))
    })
}

/// Tells whether there is a pairing at that gateway.
pub(super) fn is_paired(paths: &Paths, gateway_id: &str) -> Result<bool, LocalError> {
    let store = PairingStore::new(PrivateDir::open(&paths.enforcer())?);
    Ok(store.load()?.is_some_and(|enrolment| enrolment.at(gateway_id).next().is_some()))
}

/// Returns the enrolment if there is or was a pairing at this gateway: whoever
/// revoked the last one does not want another by itself.
fn paired(upstream: &Upstream) -> Result<Option<Enrolment>, LocalError> {
    let enrolment = upstream.pairings.load()?;
    Ok(enrolment.filter(|enrolment| enrolment.at(&upstream.id).next().is_some()))
}

async fn pair(paths: &Paths, upstream: &Upstream) -> Result<Enrolment, LocalError> {
    let lock = upstream.directory.append(LOCK)?;
    let _pairing = FileLock::take_within(&lock, PATIENCE).map_err(LocalError::Lock)?;
    if let Some(paired) = paired(upstream)? {
        return Ok(paired);
    }
    introduce(paths, upstream).await?;
    paired(upstream)?.ok_or(LocalError::Pairing(PairingError::NotPaired))
}

/// Initiates, lets the local approver complete, and verifies its signed answer.
async fn introduce(paths: &Paths, upstream: &Upstream) -> Result<(), LocalError> {
    let begun = Ceremony::initiate(upstream.enforcer.clone(), upstream.introducer()?);
    let (ceremony, code) = begun.await?;
    let (_, transport) = connect(paths, Role::Approver)?;
    let approver = Approver::open(&paths.approver())?;
    approver.pair(&transport, &code).await?;
    let candidate = ceremony.answer(upstream.pairing_poll, Conditions::default()).await?;
    // Its keys lie on this machine, so nobody needs to compare fingerprints.
    if *candidate.signing_key() != approver.keys().verifying_key() {
        return Err(LocalError::OtherApprover);
    }
    let now = process::now();
    upstream.pairings.change(now, |enrolment| {
        let name = enrolment.free_name();
        // Nobody was ever paired at this gateway, so none is replaced.
        enrolment.add(candidate.trusted_as(name, now)).map(drop)
    })?;
    Ok(())
}
