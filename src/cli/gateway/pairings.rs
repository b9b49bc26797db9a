//! Who is paired with whom at this gateway.

use super::arguments::{ListArguments, StoreArguments};
use super::{GatewayCommandError, say, say_json};
use crate::approver::time;
use crate::display::Displayable;
use crate::gateway::PairingLine;
use crate::process::Environment;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct PairingsArguments {
    #[command(subcommand)]
    action: Option<PairingsAction>,
    #[command(flatten)]
    list: ListArguments,
}

#[derive(Debug, Subcommand)]
enum PairingsAction {
    /// List the pairings, newest first
    List(ListArguments),
    /// End a pairing, and what waits in it
    Revoke(RevokeArguments),
}

#[derive(Debug, Args)]
struct RevokeArguments {
    /// Its nonce, or how that begins
    #[arg(allow_hyphen_values = true)]
    nonce: String,
    #[command(flatten)]
    store: StoreArguments,
}

pub(super) async fn run(
    arguments: PairingsArguments,
    environment: &Environment,
) -> Result<(), GatewayCommandError> {
    match arguments.action.unwrap_or(PairingsAction::List(arguments.list)) {
        PairingsAction::List(list) => {
            let store = list.store.open(environment).await?;
            let pairings = store.pairings(list.revoked()).await;
            store.close().await;
            show(&pairings?, list.store.json)
        }
        PairingsAction::Revoke(revoke) => {
            let store = revoke.store.open(environment).await?;
            let ended = store.revoke_pairing(&revoke.nonce).await;
            store.close().await;
            let nonce = ended?;
            let words = format!("pairing {nonce} is over, and so is what waited in it");
            revoke.store.answer(&json!({"pairingNonce": nonce, "status": "revoked"}), &words)
        }
    }
}

/// How much of a nonce tells it from all others.
const SHOWN: usize = 12;

fn show(pairings: &[PairingLine], json: bool) -> Result<(), GatewayCommandError> {
    if json {
        return say_json(&pairings.iter().map(described).collect::<Vec<_>>());
    }
    if pairings.is_empty() {
        return say("nobody is paired at this gateway");
    }
    for pairing in pairings {
        let nonce = pairing.nonce.get(..SHOWN).unwrap_or(&pairing.nonce);
        let name = pairing.enforcer_label.as_deref().unwrap_or(&pairing.enforcer_id);
        let place = pairing.workspace_name.as_deref().map(Displayable::from);
        let place = place.map(|place| format!(" ({place})")).unwrap_or_default();
        let since = time::moment(pairing.completed_at);
        let state = match (pairing.revoked_at, pairing.kept_at) {
            (Some(at), _) => format!("over since {}", time::moment(at)),
            (None, Some(_)) => format!("since {since}"),
            (None, None) => format!("since {since}, not used yet"),
        };
        let (name, approver) =
            (Displayable::from(name), Displayable::from(pairing.approver_id.as_str()));
        let pending = pairing.pending;
        say(&format!("{nonce}  {name}{place} asks {approver}  {pending} waiting  {state}"))?;
    }
    Ok(())
}

fn described(pairing: &PairingLine) -> Value {
    json!({
        "pairingNonce": pairing.nonce,
        "enforcerId": pairing.enforcer_id,
        "enforcerLabel": pairing.enforcer_label,
        "workspaceName": pairing.workspace_name,
        "approverId": pairing.approver_id,
        "completedAt": pairing.completed_at,
        "keptAt": pairing.kept_at,
        "revokedAt": pairing.revoked_at,
        "pending": pairing.pending,
    })
}
