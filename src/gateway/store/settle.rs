//! Which of several pairings of the same two holds.
//!
//! An enforcer has the last word about a pairing: it may refuse the answer that completed
//! it, or never store it. So an older pairing goes on until the enforcer says that it keeps
//! the newer one, or asks by its routing token, or ends the older one itself. Nobody is told
//! that it ended: an enforcer with one pairing left could take it for that one.

use super::Store;
use super::change::Change;
use super::pairings::cancel_pending;
use super::upkeep::Rest;
use crate::gateway::limits::{FORGOTTEN_AT_ONCE, REMEMBERED_MS, UNUSED_PAIRINGS};
use crate::gateway::refusal::Refusal;

impl Store {
    /// Notes that this token's enforcer keeps the pairing of that routing token.
    pub(in crate::gateway) async fn keep(
        &self,
        token_id: i64,
        routing_token: &str,
        now: i64,
    ) -> Result<(), Refusal> {
        let found: Option<(String, Option<i64>)> = sqlx::query_as(
            "SELECT nonce, revoked_at FROM pairings JOIN enforcers USING (enforcer_id)
             WHERE routing_token = $1 AND token_id = $2",
        )
        .bind(routing_token)
        .bind(token_id)
        .fetch_optional(&self.readers)
        .await?;
        match found.ok_or(Refusal::UnknownPairing)? {
            (_, Some(_)) => Err(Refusal::PairingRevoked),
            (nonce, None) => self.settle(&nonce, now).await,
        }
    }

    /// Notes that the enforcer keeps the pairing of that nonce, and ends the older ones of
    /// the same two, and whichever was kept before: their keys are replaced.
    pub(super) async fn settle(&self, nonce: &str, now: i64) -> Result<(), Refusal> {
        let mut change = self.change().await?;
        let noted = sqlx::query(
            "UPDATE pairings SET kept_at = $1
             WHERE nonce = $2 AND kept_at IS NULL AND revoked_at IS NULL",
        )
        .bind(now)
        .bind(nonce)
        .execute(&mut *change)
        .await?;
        if noted.rows_affected() > 0 {
            let older: Vec<String> = sqlx::query_scalar(
                "UPDATE pairings SET revoked_at = $1
                 WHERE nonce <> $2 AND revoked_at IS NULL AND routing_token IS NOT NULL
                   AND (enforcer_id, approver_id) =
                       (SELECT enforcer_id, approver_id FROM pairings WHERE nonce = $2)
                   AND (kept_at IS NOT NULL OR completed_at <=
                       (SELECT completed_at FROM pairings WHERE nonce = $2))
                 RETURNING nonce",
            )
            .bind(now)
            .bind(nonce)
            .fetch_all(&mut *change)
            .await?;
            end(&mut change, older, now).await?;
        }
        Ok(change.commit().await?)
    }

    /// Ends some of the pairings that were never used, while an older one of the same two
    /// was, for as long as what was asked is remembered.
    pub(in crate::gateway) async fn end_unused(&self, now: i64) -> Result<Rest, Refusal> {
        let mut change = self.change().await?;
        let unused: Vec<String> = sqlx::query_scalar(
            "UPDATE pairings SET revoked_at = $1 WHERE nonce IN (
                 SELECT newer.nonce FROM pairings AS newer
                     JOIN pairings AS older USING (enforcer_id, approver_id)
                 WHERE newer.routing_token IS NOT NULL AND newer.revoked_at IS NULL
                   AND newer.kept_at IS NULL AND newer.expires_at < $2
                   AND older.kept_at IS NOT NULL AND older.revoked_at IS NULL
                   AND older.completed_at <= newer.completed_at
                   AND EXISTS (
                       SELECT 1 FROM exchanges WHERE exchanges.pairing_nonce = older.nonce
                         AND exchanges.created_at > newer.expires_at)
                 LIMIT $3)
             RETURNING nonce",
        )
        .bind(now)
        .bind(now - REMEMBERED_MS)
        .bind(FORGOTTEN_AT_ONCE)
        .fetch_all(&mut *change)
        .await?;
        let rest = Rest::after(u64::try_from(unused.len()).unwrap_or(u64::MAX));
        end(&mut change, unused, now).await?;
        change.commit().await?;
        Ok(rest)
    }
}

/// Ends the oldest of the pairings of the same two that were never used, where there are too
/// many: who never names a routing token would pile them up.
pub(super) async fn bound_unused(
    change: &mut Change,
    nonce: &str,
    now: i64,
) -> Result<(), Refusal> {
    let unused: Vec<String> = sqlx::query_scalar(
        "UPDATE pairings SET revoked_at = $1 WHERE nonce IN (
             SELECT nonce FROM pairings
             WHERE routing_token IS NOT NULL AND revoked_at IS NULL AND kept_at IS NULL
               AND (enforcer_id, approver_id) =
                   (SELECT enforcer_id, approver_id FROM pairings WHERE nonce = $2)
             ORDER BY nonce = $2 DESC, completed_at DESC, claimed_at DESC
             LIMIT $3 OFFSET $4)
         RETURNING nonce",
    )
    .bind(now)
    .bind(nonce)
    .bind(FORGOTTEN_AT_ONCE)
    .bind(UNUSED_PAIRINGS)
    .fetch_all(&mut **change)
    .await?;
    end(change, unused, now).await
}

/// Ends what waits in pairings that are over.
async fn end(change: &mut Change, over: Vec<String>, now: i64) -> Result<(), Refusal> {
    for nonce in over {
        tracing::info!(nonce, "pairing ended, for another of the same two holds");
        cancel_pending(change, &nonce, now).await?;
    }
    Ok(())
}
