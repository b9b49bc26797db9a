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
    kept_at: Option<i64>,
    revoked_at: Option<i64>,
    /// How many approvers the enforcer is paired with.
    approvers: i64,
}

impl Destination {
    /// Tells whether this shows for the first time that the enforcer keeps the pairing: it
    /// names what only this one has. One that names none may mean an older one.
    pub(super) fn is_first_use(&self, route: &Route) -> bool {
        self.kept_at.is_none() && route.routing_token.is_some()
    }
}

/// Finds the pairing: by routing token, else by approver, else that with the only one.
pub(super) async fn destination(
    connection: &mut AnyConnection,
    enforcer_id: &str,
    route: &Route,
) -> Result<Destination, Refusal> {
    // Live pairings first, of those the newest.
    let found: Option<Destination> = sqlx::query_as(
        "SELECT nonce, approver_id, kept_at, revoked_at,
             (SELECT count(DISTINCT live.approver_id) FROM pairings AS live
              WHERE live.enforcer_id = $1 AND live.routing_token IS NOT NULL
                AND live.revoked_at IS NULL) AS approvers
         FROM pairings
         WHERE enforcer_id = $1 AND routing_token IS NOT NULL
           AND ($2 IS NULL OR routing_token = $2)
           AND ($2 IS NOT NULL OR $3 IS NULL OR approver_id = $3)
         ORDER BY revoked_at IS NOT NULL, completed_at DESC LIMIT 1",
    )
    .bind(enforcer_id)
    .bind(&route.routing_token)
    .bind(&route.approver_id)
    .fetch_optional(connection)
    .await?;
    let found = found.ok_or(Refusal::NoApprover)?;
    let chosen = route.routing_token.is_some() || route.approver_id.is_some();
    match (found.revoked_at, chosen) {
        (Some(_), true) => Err(Refusal::PairingRevoked),
        (Some(_), false) => Err(Refusal::NoApprover),
        (None, false) if found.approvers > 1 => Err(Refusal::AmbiguousApprover),
        (None, _) => Ok(found),
    }
}
