//! Pairs with an enforcer: learns its key, and introduces ours in a signed answer.
//!
//! The code is what the two people share; the gateway carries it and is not
//! trusted. Our answer is bound to the session's nonce and signed by the key it
//! introduces; both sides show its fingerprint.

use super::gateways::next_step;
use super::keys::Keys;
use super::pairings::{self, Pairing};
use super::standing;
use super::store::StoreError;
use crate::client::{Transport, TransportError};
use crate::process::{self, Deadline, PrivateDir};
use crate::protocol::json::{self, JsonError};
use crate::protocol::pairing::{
    CompleteRequest, PairingState, PreGenerateRequest, PreGenerateResponse, ResolveResponse,
    RevokeRequest,
};
use crate::protocol::{PairingCode, PairingResponse};
use std::time::Duration;
use thiserror::Error;

/// A code this approver made, for an enforcer to claim.
pub type PairingOffer = PreGenerateResponse;

/// How often a code is looked at while nobody claimed it.
const POLL: Duration = Duration::from_secs(2);

/// Why there is no pairing.
#[derive(Debug, Error)]
pub enum PairError {
    /// The gateway is away or refused.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The gateway does not know the code.
    #[error("pair: the code is unknown, was used, or has expired")]
    UnknownCode,
    /// No enforcer has used the code yet.
    #[error("pair: no enforcer has used the code yet")]
    NotClaimed,
    /// The enforcer offers no key to agree on one with.
    #[error("pair: the enforcer sent no X25519 key, so its requests could not be read")]
    NoKey,
    /// The session was completed before.
    #[error("pair: the code was used before")]
    AlreadyCompleted,
    /// The enforcer did not take our answer.
    #[error("{enforcer} refused the pairing{}", .before.words())]
    Refused {
        /// What it calls itself.
        enforcer: String,
        /// Whether it asks all the same.
        before: Before,
    },
    /// The enforcer kept the pairing, and ended it.
    #[error("{enforcer} ended the pairing")]
    Ended {
        /// What it calls itself.
        enforcer: String,
    },
    /// The enforcer may keep the pairing or not.
    #[error("{enforcer} has not said yet whether it keeps the pairing")]
    Unsaid {
        /// What it calls itself.
        enforcer: String,
    },
    /// No enforcer of that name is paired.
    #[error("unpair: no enforcer {0:?} is paired with this approver")]
    UnknownEnforcer(String),
    /// Several enforcers call themselves so.
    #[error("unpair: several enforcers are called {0:?}")]
    Ambiguous(String),
    /// The gateway answered nothing that can be read.
    #[error("pair: {0}")]
    Json(#[from] JsonError),
    /// The gateway answered nothing.
    #[error("pair: the gateway sent an empty answer")]
    Empty,
    /// Our files cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a pairing that was refused was to replace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// There was none.
    Nothing,
    /// An older pairing with the same enforcer, which goes on.
    GoesOn,
}

impl Before {
    fn words(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::GoesOn => ": the one before goes on",
        }
    }
}

impl PairError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        let words = match self {
            Self::Store(error) => return error.hint(),
            Self::Transport(error) => next_step(error),
            Self::UnknownCode | Self::AlreadyCompleted => "make a new code and use it at once",
            Self::NotClaimed => "give the code to the enforcer, then try again",
            Self::Refused { .. } => {
                "see there why, compare the fingerprint, and pair again with a new code"
            }
            Self::Ended { .. } => "ask there why, and pair again with a new code",
            Self::Unsaid { .. } => {
                "compare the fingerprint there and answer its question; it is paired once \
                 something it asks comes here"
            }
            Self::NoKey => "update the enforcer: encryption end to end needs its key",
            Self::UnknownEnforcer(_) | Self::Ambiguous(_) => {
                "name it by its id: see airlock-exec approver id"
            }
            Self::Json(_) | Self::Empty => "check that this is the address of a gateway",
        };
        words.to_owned()
    }
}

/// Pairs with the enforcer behind a code.
///
/// The pairing is kept once the gateway has confirmed it. When its answer is lost,
/// the gateway is asked what became of the session.
pub(super) async fn by_code(
    transport: &Transport,
    directory: &PrivateDir,
    keys: &Keys,
    code: &PairingCode,
) -> Result<Pairing, PairError> {
    let session = resolve(transport, code).await?;
    standing::forget_replaced(transport, directory).await?;
    let pairing = Pairing {
        enforcer_id: session.enforcer_id.ok_or(PairError::NotClaimed)?,
        label: session.enforcer_label.unwrap_or_default(),
        workspace: session.workspace_name,
        gateway: transport.base().to_owned(),
        nonce: session.pairing_nonce,
        x25519_public_key: session.x25519_public_key.ok_or(PairError::NoKey)?,
        paired_at: process::now(),
    };
    // Protocol section 6: a key of small order agrees on nothing.
    if keys.agreement().agree(&pairing.x25519_public_key).is_err() {
        return Err(PairError::NoKey);
    }
    if let Err(error) = complete(transport, keys, &pairing).await {
        let lost = matches!(&error, PairError::Transport(lost) if lost.status().is_none());
        if !lost || resolve(transport, code).await?.state != Some(PairingState::Completed) {
            return Err(error);
        }
    }
    pairings::add(directory, pairing.clone())?;
    Ok(pairing)
}

/// Finds the newest pairing with the enforcer of that id or label; without either, with the
/// only one.
pub(super) fn known(directory: &PrivateDir, wanted: Option<&str>) -> Result<Pairing, PairError> {
    let named = |each: &Pairing| {
        wanted.is_none_or(|name| each.enforcer_id.as_str() == name || each.label == name)
    };
    let mut found = pairings::load(directory)?.into_iter().rev().filter(named);
    let name = || wanted.unwrap_or("(any)").to_owned();
    let pairing = found.next().ok_or_else(|| PairError::UnknownEnforcer(name()))?;
    if found.any(|other| other.enforcer_id != pairing.enforcer_id) {
        return Err(PairError::Ambiguous(name()));
    }
    Ok(pairing)
}

/// Ends the pairing with an enforcer, and older ones with it: at the gateway, then here.
///
/// What it sealed for us can still be read until then, and nothing after.
pub(super) async fn unpair(
    transport: &Transport,
    directory: &PrivateDir,
    enforcer: &str,
) -> Result<Pairing, PairError> {
    let newest = known(directory, Some(enforcer))?;
    let all = pairings::load(directory)?.into_iter();
    for pairing in all.filter(|each| each.enforcer_id == newest.enforcer_id) {
        let nonce = Some(pairing.nonce.clone());
        let request = RevokeRequest { routing_token: None, pairing_nonce: nonce };
        match transport.post("/v1/pairing/revoke", &request).await {
            Ok(_) => {}
            // The gateway has forgotten it, or the enforcer ended it first.
            Err(error) if matches!(error.status(), Some(404 | 410)) => {}
            Err(error) => return Err(error.into()),
        }
        pairings::remove(directory, &pairing)?;
    }
    Ok(newest)
}

/// Waits until an enforcer has claimed a code of ours.
pub(super) async fn claimed(
    transport: &Transport,
    code: &PairingCode,
    deadline: Deadline,
) -> Result<(), PairError> {
    while !deadline.has_passed() {
        if resolve(transport, code).await?.enforcer_id.is_some() {
            return Ok(());
        }
        tokio::time::sleep(POLL.min(deadline.remaining())).await;
    }
    Err(PairError::NotClaimed)
}

/// Makes a code.
pub(super) async fn offer(transport: &Transport, keys: &Keys) -> Result<PairingOffer, PairError> {
    let request = PreGenerateRequest { approver_id: Some(keys.approver_id().clone()) };
    let answer = transport.post("/v1/pairing/pre-generate", &request).await?;
    Ok(json::from_value(answer.body.ok_or(PairError::Empty)?)?)
}

async fn resolve(transport: &Transport, code: &PairingCode) -> Result<ResolveResponse, PairError> {
    let answer = transport.get(&format!("/v1/pairing/resolve/{code}")).await;
    let answer = answer.map_err(|error| match error.status() {
        Some(404 | 410) => PairError::UnknownCode,
        Some(409) => PairError::AlreadyCompleted,
        _ => PairError::Transport(error),
    })?;
    Ok(json::from_value(answer.body.ok_or(PairError::Empty)?)?)
}

async fn complete(transport: &Transport, keys: &Keys, pairing: &Pairing) -> Result<(), PairError> {
    let response = PairingResponse::sign(
        keys.signing(),
        keys.signer_key_id().clone(),
        pairing.nonce.clone(),
        pairing.paired_at,
        &keys.agreement().public(),
    );
    let request = CompleteRequest {
        nonce: pairing.nonce.clone(),
        approver_id: keys.approver_id().clone(),
        response_json: response.to_json(),
        public_key: Some(keys.signing().verifying_key().to_string()),
    };
    match transport.post("/v1/pairing/complete", &request).await {
        Ok(_) => Ok(()),
        Err(error) => Err(match error.status() {
            Some(404 | 410) => PairError::UnknownCode,
            Some(409) => PairError::AlreadyCompleted,
            _ => PairError::Transport(error),
        }),
    }
}
