//! What can go wrong while one approver is asked, and what it leaves behind.

use super::Refusal;
use crate::client::{Backoff, Pairing, PairingError, PairingStore, TransportError};
use std::time::Duration;

/// How often it is looked whether somebody ended the pairing here.
const LOOK_FOR_REVOCATION: Duration = Duration::from_secs(1);

/// What went wrong since the request was submitted.
#[derive(Default)]
pub(super) struct Trouble {
    pub(super) backoff: Backoff,
    pub(super) failures: u32,
    pub(super) resubmitted: bool,
}

/// Waits until the pairing is revoked, by whichever process of this machine.
///
/// A file that nobody touched says what it said: reading it each second would keep the
/// code that reads it in memory for as long as the person thinks.
pub(super) async fn revoked(store: &PairingStore, pairing: &Pairing) -> Refusal {
    let mut read = None;
    loop {
        tokio::time::sleep(LOOK_FOR_REVOCATION).await;
        let state = store.state();
        if state.is_some() && state == read {
            continue;
        }
        read = state;
        match store.is_live(pairing) {
            Ok(true) => {}
            Ok(false) => return PairingError::Revoked { name: pairing.agreed.name.clone() }.into(),
            Err(error) => return error.into(),
        }
    }
}

/// Tells whether the gateway may still hold a request that nobody waits for.
pub(super) fn leaves_request_pending(refusal: &Refusal) -> bool {
    match refusal {
        Refusal::Untrusted(_) | Refusal::TimedOut { .. } | Refusal::Pairing(_) => true,
        // It said that it was over, and when asked that it is not.
        Refusal::Ended { state } => !state.is_terminal(),
        // There is no connection to take it back on.
        Refusal::Gateway(
            TransportError::Certificate { .. } | TransportError::Incompatible { .. },
        ) => false,
        Refusal::Gateway(error) => error.status() != Some(401),
        _ => false,
    }
}
