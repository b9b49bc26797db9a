//! What is over, the newest first.

use super::Store;
use super::exchanges::Exchange;
use crate::gateway::refusal::Refusal;

impl Store {
    /// Reads what of an approver's exchanges ended, from before that position.
    pub(in crate::gateway) async fn recent(
        &self,
        approver_id: &str,
        before: i64,
        limit: i64,
        now: i64,
    ) -> Result<Vec<Exchange>, Refusal> {
        Ok(sqlx::query_as(
            "SELECT * FROM exchanges WHERE approver_id = $1 AND position < $2
               AND (state <> 'pendingApproval' OR expires_at <= $3)
             ORDER BY position DESC LIMIT $4",
        )
        .bind(approver_id)
        .bind(before)
        .bind(now)
        .bind(limit)
        .fetch_all(&self.readers)
        .await?)
    }
}
