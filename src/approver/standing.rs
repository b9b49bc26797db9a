//! What an enforcer makes of a pairing that this approver answered.
//!
//! It has the last word: it may compare the fingerprint and refuse. Our gateway knows
//! whether it did, or keeps the pairing, and tells; nobody signs that, and nothing is
//! decided by it.

use super::pairings::{self, Pairing};
use super::store::StoreError;
use crate::client::{Transport, TransportError};
use crate::process::{Deadline, PrivateDir};
use crate::protocol::json;
use crate::protocol::pairing::{PairingState, StatusResponse};
use std::time::Duration;

/// How a pairing stands, as the gateway says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The enforcer keeps it.
    Kept,
    /// It was ended before the enforcer kept it.
    Refused,
    /// The enforcer kept it, and it was ended.
    Ended,
    /// The enforcer has not said yet, or the gateway cannot be reached.
    Unsaid,
    /// This gateway does not tell.
    Untold,
}

/// The first pause between two looks, and the longest.
const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(2)];

/// Looks once, and then until the enforcer has said what it makes of a pairing, or the time
/// is over. Forgets what is over by what it said.
pub(super) async fn wait(
    transport: &Transport,
    directory: &PrivateDir,
    pairing: &Pairing,
    deadline: Deadline,
) -> Result<Standing, StoreError> {
    let [mut pause, longest] = PAUSES;
    let standing = loop {
        let standing = look(transport, pairing).await.unwrap_or(Standing::Unsaid);
        if standing != Standing::Unsaid || deadline.has_passed() {
            break standing;
        }
        tokio::time::sleep(pause.min(deadline.remaining())).await;
        pause = pause.saturating_mul(2).min(longest);
    };
    match standing {
        Standing::Kept => drop(forget_replaced(transport, directory).await?),
        Standing::Refused | Standing::Ended => pairings::remove(directory, pairing)?,
        Standing::Unsaid | Standing::Untold => {}
    }
    Ok(standing)
}

/// Asks how a pairing stands.
async fn look(transport: &Transport, pairing: &Pairing) -> Result<Standing, TransportError> {
    let answer = match transport.get(&format!("/v1/pairing/{}/status", pairing.nonce)).await {
        Err(error) if error.is_passing() => return Err(error),
        // Others have that call for enforcers alone.
        Err(_) => return Ok(Standing::Untold),
        Ok(answer) => answer,
    };
    let status = answer.body.map(json::from_value::<StatusResponse>);
    let Some(Ok(status)) = status else { return Ok(Standing::Untold) };
    Ok(match (status.state, status.kept_at) {
        (PairingState::Revoked, None) => Standing::Refused,
        (PairingState::Revoked, Some(_)) => Standing::Ended,
        (_, Some(_)) => Standing::Kept,
        (_, None) if status.tells_kept() => Standing::Unsaid,
        (_, None) => Standing::Untold,
    })
}

/// Forgets those of several pairings with the same enforcer that are over, as far as the
/// gateway says so, and returns all that are left.
pub(super) async fn forget_replaced(
    transport: &Transport,
    directory: &PrivateDir,
) -> Result<Vec<Pairing>, StoreError> {
    let stored = pairings::load(directory)?;
    let is_one_of_several = |one: &&Pairing| {
        stored.iter().any(|other| other.enforcer_id == one.enforcer_id && other.nonce != one.nonce)
    };
    for doubtful in stored.iter().filter(is_one_of_several) {
        if let Ok(Standing::Refused | Standing::Ended) = look(transport, doubtful).await {
            pairings::remove(directory, doubtful)?;
        }
    }
    pairings::load(directory)
}
