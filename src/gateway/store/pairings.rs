//! Pairings: who may ask whom, until one of them revokes it.

use super::Store;
use super::sessions::Session;
use crate::gateway::refusal::Refusal;
use sqlx::{FromRow, SqliteConnection};

/// An exchange that ended without a decision.
#[derive(Debug, Clone, FromRow)]
pub(in crate::gateway) struct Ended {
    pub(in crate::gateway) request_id: String,
    pub(in crate::gateway) approver_id: String,
}

/// What a pairing is called by whoever ends it: one of the two.
#[derive(Debug)]
pub(in crate::gateway) struct PairingKey {
    pub(in crate::gateway) routing_token: Option<String>,
    pub(in crate::gateway) nonce: Option<String>,
}

/// A pairing that is over.
#[derive(Debug)]
pub(in crate::gateway) struct Revocation {
    pub(in crate::gateway) enforcer_id: String,
    pub(in crate::gateway) nonce: String,
    pub(in crate::gateway) cancelled: Vec<Ended>,
}

impl Store {
    /// Finds the session an enforcer of this token opened or claimed.
    pub(in crate::gateway) async fn session(
        &self,
        token_id: i64,
        nonce: &str,
    ) -> Result<Session, Refusal> {
        sqlx::query_as(
            "SELECT pairings.* FROM pairings JOIN enforcers USING (enforcer_id)
             WHERE nonce = ? AND token_id = ?",
        )
        .bind(nonce)
        .bind(token_id)
        .fetch_optional(&self.reader)
        .await?
        .ok_or(Refusal::UnknownSession)
    }

    /// Ends a pairing of this token's enforcer or approver, and what waits in it.
    pub(in crate::gateway) async fn revoke(
        &self,
        token_id: i64,
        named: &PairingKey,
        now: i64,
    ) -> Result<Revocation, Refusal> {
        let mut change = self.change().await?;
        let found: Option<(String, String)> = sqlx::query_as(
            "UPDATE pairings SET revoked_at = coalesce(revoked_at, ?)
             WHERE routing_token IS NOT NULL AND (routing_token = ? OR nonce = ?) AND ? IN (
                 (SELECT token_id FROM enforcers
                  WHERE enforcers.enforcer_id = pairings.enforcer_id),
                 (SELECT token_id FROM approvers
                  WHERE approvers.approver_id = pairings.approver_id))
             RETURNING nonce, enforcer_id",
        )
        .bind(now)
        .bind(&named.routing_token)
        .bind(&named.nonce)
        .bind(token_id)
        .fetch_optional(&mut *change)
        .await?;
        let (nonce, enforcer_id) = found.ok_or(Refusal::UnknownPairing)?;
        let cancelled = cancel_pending(&mut change, &nonce, now).await?;
        change.commit().await?;
        Ok(Revocation { enforcer_id, nonce, cancelled })
    }
}

/// Ends older pairings of the same enforcer and approver: their keys are replaced.
pub(super) async fn supersede(
    connection: &mut SqliteConnection,
    nonce: &str,
    now: i64,
) -> Result<Vec<Ended>, Refusal> {
    let older: Vec<String> = sqlx::query_scalar(
        "UPDATE pairings SET revoked_at = ?1
         WHERE nonce <> ?2 AND revoked_at IS NULL AND routing_token IS NOT NULL
           AND (enforcer_id, approver_id) =
               (SELECT enforcer_id, approver_id FROM pairings WHERE nonce = ?2)
         RETURNING nonce",
    )
    .bind(now)
    .bind(nonce)
    .fetch_all(&mut *connection)
    .await?;
    let mut ended = Vec::new();
    for nonce in older {
        ended.append(&mut cancel_pending(connection, &nonce, now).await?);
    }
    Ok(ended)
}

async fn cancel_pending(
    connection: &mut SqliteConnection,
    nonce: &str,
    now: i64,
) -> Result<Vec<Ended>, Refusal> {
    Ok(sqlx::query_as(
        "UPDATE exchanges SET state = 'cancelled', ended_at = ?
         WHERE pairing_nonce = ? AND state = 'pendingApproval'
         RETURNING request_id, approver_id",
    )
    .bind(now)
    .bind(nonce)
    .fetch_all(connection)
    .await?)
}
