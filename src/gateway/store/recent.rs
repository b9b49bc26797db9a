//! What is over, the newest first.

use super::Store;
use super::inbox::Page;
use crate::gateway::refusal::Refusal;

impl Store {
    /// Reads what of an approver's exchanges ended, from before that position.
    pub(in crate::gateway) async fn recent(
        &self,
        approver_id: &str,
        before: i64,
        limit: i64,
        now: i64,
    ) -> Result<Page, Refusal> {
        let statement = "SELECT * FROM exchanges WHERE approver_id = $1 AND position < $2
               AND (state <> 'pendingApproval' OR expires_at <= $3)
             ORDER BY position DESC LIMIT $4";
        self.part(statement, approver_id, before, limit, now).await
    }
}
