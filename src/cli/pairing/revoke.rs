//! Ends pairings: here first, then at the gateway.

use super::error::PairingCommandError;
use crate::cli::output::say;
use crate::cli::upstream::Upstream;
use crate::client::{Pairing, PairingError, TransportError};
use crate::process;
use crate::protocol::RoutingToken;
use std::time::Duration;

/// How long the gateway may take: what had to be done here is done.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// Ends the pairing of that name.
pub(super) async fn named(upstream: &Upstream, name: &str) -> Result<(), PairingCommandError> {
    let enrolment = upstream.pairings.load()?.ok_or(PairingError::NotPaired)?;
    revoke(upstream, enrolment.live(name)?).await
}

/// Ends the only pairing.
pub(super) async fn only(upstream: &Upstream) -> Result<(), PairingCommandError> {
    match live(upstream)?.as_slice() {
        [] => Err(PairingError::NotPaired.into()),
        [only] => revoke(upstream, only).await,
        several => Err(PairingCommandError::Several { count: several.len() }),
    }
}

/// Ends every pairing.
pub(super) async fn all(upstream: &Upstream) -> Result<(), PairingCommandError> {
    for pairing in live(upstream)? {
        revoke(upstream, &pairing).await?;
    }
    Ok(())
}

fn live(upstream: &Upstream) -> Result<Vec<Pairing>, PairingCommandError> {
    Ok(upstream.pairings.pairings()?.into_iter().filter(Pairing::is_live).collect())
}

async fn revoke(upstream: &Upstream, pairing: &Pairing) -> Result<(), PairingCommandError> {
    // From here on its decisions are refused, whatever the gateway says.
    upstream.pairings.revoke(pairing, process::now())?;
    let name = &pairing.agreed.name;
    say(&format!("{name} is no longer paired: its decisions are refused from now on"))?;
    if pairing.agreed.gateway_id != upstream.id {
        say("it is with another gateway, which was not told: end it in the approver as well")?;
        return Ok(());
    }
    let Some(token) = pairing.routing_token() else { return Ok(()) };
    match at_gateway(upstream, token).await {
        Ok(()) => Ok(()),
        Err(error) => {
            Ok(say(&format!("the gateway was not told ({error}): end it in the approver as well"))?)
        }
    }
}

/// Ends a pairing at the gateway.
pub(super) async fn at_gateway(
    upstream: &Upstream,
    token: &RoutingToken,
) -> Result<(), TransportError> {
    match upstream.enforcer.clone().within(PATIENCE).revoke_pairing(token).await {
        // The gateway has forgotten it, which is all we want.
        Err(error) if matches!(error.status(), Some(404 | 410)) => Ok(()),
        told => told,
    }
}
