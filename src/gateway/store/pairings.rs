//! Pairings: who may ask whom, until one of them revokes it.

use super::Store;
use super::change::Change;
use super::sessions::Session;
use crate::gateway::hints::Happening;
use crate::gateway::news::News;
use crate::gateway::principal::Principal;
use crate::gateway::refusal::Refusal;
use sqlx::FromRow;

/// An exchange that ended without a decision.
#[derive(Debug, Clone, FromRow)]
pub(in crate::gateway) struct Ended {
    pub(in crate::gateway) request_id: String,
    pub(in crate::gateway) approver_id: String,
}

impl Ended {
    /// Says how it ended.
    pub(super) fn news(self, happening: Happening) -> News {
        News::Ended { happening, request_id: self.request_id, approver_id: self.approver_id }
    }
}

/// What a pairing is called by whoever ends it: one of the two.
#[derive(Debug)]
pub(in crate::gateway) struct PairingKey {
    pub(in crate::gateway) routing_token: Option<String>,
    pub(in crate::gateway) nonce: Option<String>,
}

/// A pairing as whoever runs the gateway sees it.
#[derive(Debug, FromRow)]
pub(in crate::gateway) struct PairingRow {
    pub(in crate::gateway) nonce: String,
    pub(in crate::gateway) enforcer_id: String,
    pub(in crate::gateway) enforcer_label: Option<String>,
    pub(in crate::gateway) workspace_name: Option<String>,
    pub(in crate::gateway) approver_id: String,
    pub(in crate::gateway) completed_at: i64,
    pub(in crate::gateway) kept_at: Option<i64>,
    pub(in crate::gateway) revoked_at: Option<i64>,
    pub(in crate::gateway) pending: i64,
}

/// A pairing that is over.
#[derive(Debug)]
pub(in crate::gateway) struct Revocation {
    pub(in crate::gateway) enforcer_id: String,
    pub(in crate::gateway) nonce: String,
}

impl Store {
    /// Finds the session that this enforcer opened or claimed, or this approver completed.
    pub(in crate::gateway) async fn session(
        &self,
        principal: Principal,
        nonce: &str,
    ) -> Result<Session, Refusal> {
        let owned = if principal.is_enforcer() {
            "SELECT pairings.* FROM pairings JOIN enforcers USING (enforcer_id)
             WHERE nonce = $1 AND token_id = $2"
        } else {
            "SELECT pairings.* FROM pairings JOIN approvers USING (approver_id)
             WHERE nonce = $1 AND token_id = $2"
        };
        sqlx::query_as(owned)
            .bind(nonce)
            .bind(principal.token_id)
            .fetch_optional(&self.readers)
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
            "UPDATE pairings SET revoked_at = coalesce(revoked_at, $1)
             WHERE routing_token IS NOT NULL AND (routing_token = $2 OR nonce = $3) AND $4 IN (
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
        end(change, found, now).await
    }

    /// Ends the pairing of that nonce, whosever it is, and what waits in it.
    pub(in crate::gateway) async fn end_pairing(
        &self,
        nonce: &str,
        now: i64,
    ) -> Result<Revocation, Refusal> {
        let mut change = self.change().await?;
        let found: Option<(String, String)> = sqlx::query_as(
            "UPDATE pairings SET revoked_at = coalesce(revoked_at, $1)
             WHERE routing_token IS NOT NULL AND nonce = $2 RETURNING nonce, enforcer_id",
        )
        .bind(now)
        .bind(nonce)
        .fetch_optional(&mut *change)
        .await?;
        end(change, found, now).await
    }

    /// Lists all pairings, newest first.
    pub(in crate::gateway) async fn all_pairings(&self) -> sqlx::Result<Vec<PairingRow>> {
        sqlx::query_as(
            "SELECT nonce, enforcer_id, enforcer_label, workspace_name, approver_id,
                 completed_at, kept_at, revoked_at,
                 (SELECT count(*) FROM exchanges WHERE pairing_nonce = pairings.nonce
                    AND state = 'pendingApproval') AS pending
             FROM pairings WHERE routing_token IS NOT NULL
             ORDER BY completed_at DESC, nonce",
        )
        .fetch_all(&self.readers)
        .await
    }
}

/// Cancels what waits in the pairing that was found, and lets everybody know.
async fn end(
    mut change: Change,
    found: Option<(String, String)>,
    now: i64,
) -> Result<Revocation, Refusal> {
    let (nonce, enforcer_id) = found.ok_or(Refusal::UnknownPairing)?;
    cancel_pending(&mut change, &nonce, now).await?;
    let unpaired = News::Unpaired { enforcer_id: enforcer_id.clone(), nonce: nonce.clone() };
    change.tell(unpaired).await?;
    change.commit().await?;
    Ok(Revocation { enforcer_id, nonce })
}

/// Ends what waits in a pairing that is over.
pub(super) async fn cancel_pending(
    change: &mut Change,
    nonce: &str,
    now: i64,
) -> Result<(), Refusal> {
    let cancelled: Vec<Ended> = sqlx::query_as(
        "UPDATE exchanges SET state = 'cancelled', ended_at = $1
         WHERE pairing_nonce = $2 AND state = 'pendingApproval'
         RETURNING request_id, approver_id",
    )
    .bind(now)
    .bind(nonce)
    .fetch_all(&mut **change)
    .await?;
    for ended in cancelled {
        change.tell(ended.news(Happening::Withdrawn)).await?;
    }
    Ok(())
}
