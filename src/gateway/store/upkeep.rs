//! What time does to the store.

use super::Store;
use super::pairings::Ended;
use crate::gateway::limits::REMEMBERED_MS;
use crate::gateway::refusal::Refusal;

impl Store {
    /// Ends what has waited too long.
    pub(in crate::gateway) async fn expire(&self, now: i64) -> Result<Vec<Ended>, Refusal> {
        Ok(sqlx::query_as(
            "UPDATE exchanges SET state = 'expired', ended_at = ?1
             WHERE state = 'pendingApproval' AND expires_at <= ?1
             RETURNING request_id, approver_id",
        )
        .bind(now)
        .fetch_all(&self.writer)
        .await?)
    }

    /// Returns the moment the next exchange expires.
    pub(in crate::gateway) async fn next_expiry(&self) -> Result<Option<i64>, Refusal> {
        Ok(sqlx::query_scalar(
            "SELECT min(expires_at) FROM exchanges WHERE state = 'pendingApproval'",
        )
        .fetch_one(&self.reader)
        .await?)
    }

    /// Forgets what ended long ago, and pairing codes nobody used.
    pub(in crate::gateway) async fn forget(&self, now: i64) -> Result<(), Refusal> {
        sqlx::query("DELETE FROM exchanges WHERE ended_at < ?")
            .bind(now - REMEMBERED_MS)
            .execute(&self.writer)
            .await?;
        sqlx::query("DELETE FROM pairings WHERE routing_token IS NULL AND expires_at < ?")
            .bind(now - REMEMBERED_MS)
            .execute(&self.writer)
            .await?;
        sqlx::query("DELETE FROM dnd_policies WHERE expires_at < ?")
            .bind(now)
            .execute(&self.writer)
            .await?;
        Ok(())
    }
}
