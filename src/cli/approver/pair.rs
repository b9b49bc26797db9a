//! Pairing by code, in both directions, and who this approver is.

use super::connection::Connection;
use super::error::ApproverCommandError;
use crate::approver::{Approver, Before, PairError, Pairing, Standing, time};
use crate::cli::output::{say, say_json};
use crate::client::Transport;
use crate::display::Displayable;
use crate::process::{self, Deadline};
use serde_json::{Value, json};
use std::time::Duration;

/// How long an enforcer is waited for when the gateway does not say.
const PATIENCE: Duration = Duration::from_mins(30);

/// Pairs with the enforcer that shows a code.
pub(super) async fn by_code(
    connection: &Connection,
    code: &str,
    wait: Duration,
) -> Result<(), ApproverCommandError> {
    let code = code.parse()?;
    let approver = Approver::open(&connection.paths().approver())?;
    let transport = connection.transport()?;
    let pairing = approver.pair(&transport, &code).await?;
    conclude(&approver, &transport, &pairing, wait).await
}

/// Makes a code, and pairs with the enforcer that claims it.
pub(super) async fn offer(
    connection: &Connection,
    wait: Duration,
) -> Result<(), ApproverCommandError> {
    let approver = Approver::open(&connection.paths().approver())?;
    let transport = connection.transport()?;
    let offer = approver.offer_code(&transport).await?;
    let now = process::now();
    let left = offer.expires_at.and_then(|at| Duration::try_from(at.duration_since(now)).ok());
    say(&format!("code: {}", offer.pairing_code))?;
    if let Some(at) = offer.expires_at {
        say(&format!("good until {}; waiting for an enforcer to use it", time::until(at, now)))?;
    }
    let deadline = Deadline::after(left.unwrap_or(PATIENCE));
    approver.claimed(&transport, &offer.pairing_code, deadline).await?;
    let pairing = approver.pair(&transport, &offer.pairing_code).await?;
    conclude(&approver, &transport, &pairing, wait).await
}

/// Ends the pairing with an enforcer.
pub(super) async fn end(
    connection: &Connection,
    enforcer: &str,
) -> Result<(), ApproverCommandError> {
    let approver = Approver::open(&connection.paths().approver())?;
    let ended = approver.unpair(&connection.transport()?, enforcer).await?;
    let label = Displayable::from(ended.label.as_str());
    Ok(say(&format!("no longer paired with {label} ({})", ended.enforcer_id))?)
}

/// Says who this approver is.
pub(super) fn identity(connection: &Connection) -> Result<(), ApproverCommandError> {
    let approver = Approver::open(&connection.paths().approver())?;
    let keys = approver.keys();
    say(&format!("approver:    {}", keys.approver_id()))?;
    say(&format!("signing key: {}", keys.signer_key_id()))?;
    say(&format!("fingerprint: {}", keys.fingerprint()))?;
    say(&format!("made:        {}", time::moment(keys.created_at())))?;
    let pairings = approver.pairings()?;
    for (number, pairing) in pairings.iter().enumerate() {
        // The older one stays until the enforcer keeps this one.
        let older = pairings.iter().take(number);
        let is_anew = older.into_iter().any(|each| each.enforcer_id == pairing.enforcer_id);
        say(&format!(
            "paired with: {} ({}), {}{}",
            Displayable::from(pairing.label.as_str()),
            pairing.enforcer_id,
            time::moment(pairing.paired_at),
            if is_anew { ", unless it refuses" } else { "" },
        ))?;
    }
    Ok(())
}

/// Says the same to a program.
pub(super) fn identity_as_json(connection: &Connection) -> Result<(), ApproverCommandError> {
    let approver = Approver::open(&connection.paths().approver())?;
    let keys = approver.keys();
    let pairings: Vec<Value> = approver
        .pairings()?
        .iter()
        .map(|pairing| {
            json!({
                "label": pairing.label,
                "enforcerId": pairing.enforcer_id,
                "pairedAt": pairing.paired_at,
            })
        })
        .collect();
    let known = json!({
        "version": 1,
        "approverId": keys.approver_id(),
        "signerKeyId": keys.signer_key_id(),
        "fingerprint": keys.fingerprint().to_string(),
        "createdAt": keys.created_at(),
        "pairings": pairings,
    });
    Ok(say_json(&known)?)
}

/// Says what the enforcer makes of our answer, once it has said so or that time is over.
async fn conclude(
    approver: &Approver,
    transport: &Transport,
    pairing: &Pairing,
    wait: Duration,
) -> Result<(), ApproverCommandError> {
    let enforcer = match Displayable::from(pairing.label.as_str()).to_string() {
        label if label.is_empty() => pairing.enforcer_id.to_string(),
        label => label,
    };
    let named = format!("{enforcer} ({})", pairing.enforcer_id);
    let compare = format!("compare this fingerprint there: {}", approver.keys().fingerprint());
    let mut standing =
        approver.standing(transport, pairing, Deadline::after(Duration::ZERO)).await?;
    if standing == Standing::Untold {
        say(&format!("paired with {named}"))?;
        return Ok(say(&compare)?);
    }
    say(&format!("answered {named}"))?;
    say(&compare)?;
    if standing == Standing::Unsaid && !wait.is_zero() {
        standing = approver.standing(transport, pairing, Deadline::after(wait)).await?;
    }
    let same = |other: &Pairing| other.enforcer_id == pairing.enforcer_id;
    match standing {
        Standing::Kept => Ok(say(&format!("paired with {named}: it keeps the pairing"))?),
        Standing::Refused if approver.pairings()?.iter().any(same) => {
            Err(PairError::Refused { enforcer, before: Before::GoesOn }.into())
        }
        Standing::Refused => Err(PairError::Refused { enforcer, before: Before::Nothing }.into()),
        Standing::Ended => Err(PairError::Ended { enforcer }.into()),
        // Whoever does not wait knows that nothing is known.
        Standing::Unsaid | Standing::Untold if wait.is_zero() => {
            Ok(say(&PairError::Unsaid { enforcer }.to_string())?)
        }
        Standing::Unsaid | Standing::Untold => Err(PairError::Unsaid { enforcer }.into()),
    }
}
