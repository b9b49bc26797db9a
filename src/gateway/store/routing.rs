//! Which approver an artifact goes to.

use crate::gateway::refusal::Refusal;
use sqlx::{AnyConnection, FromRow};

/// Where a sender wants its artifact to go; never shown to the approver.
#[derive(Debug, Default)]
pub(in crate::gateway) struct Route {
    pub(in crate::gateway) routing_token: Option<String>,
    pub(in crate::gateway) approver_id: Option<String>,
}

/// The pairing an artifact goes through.
#[derive(Debug, FromRow)]
pub(super) struct Destination {
    pub(super) nonce: String,
    pub(super) approver_id: String,
    revoked_at: Option<i64>,
}

/// Finds the pairing: by routing token, else by approver, else the only live one.
pub(super) async fn destination(
    connection: &mut AnyConnection,
    enforcer_id: &str,
    route: &Route,
) -> Result<Destination, Refusal> {
    // Live pairings first, of those the newest.
    let mut found: Vec<Destination> = sqlx::query_as(
        "SELECT nonce, approver_id, revoked_at FROM pairings
         WHERE enforcer_id = $1 AND routing_token IS NOT NULL
           AND ($2 IS NULL OR routing_token = $2)
           AND ($2 IS NOT NULL OR $3 IS NULL OR approver_id = $3)
         ORDER BY revoked_at IS NOT NULL, completed_at DESC LIMIT 2",
    )
    .bind(enforcer_id)
    .bind(&route.routing_token)
    .bind(&route.approver_id)
    .fetch_all(connection)
    .await?;
    found.reverse();
    let first = found.pop().ok_or(Refusal::NoApprover)?;
    let chosen = route.routing_token.is_some() || route.approver_id.is_some();
    match (first.revoked_at, chosen) {
        (Some(_), true) => Err(Refusal::PairingRevoked),
        (Some(_), false) => Err(Refusal::NoApprover),
        (None, false) if found.iter().any(|second| second.revoked_at.is_none()) => {
            Err(Refusal::AmbiguousApprover)
        }
        (None, _) => Ok(first),
    }
}
