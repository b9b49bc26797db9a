//! Who was heard of, and when.

use super::Store;
use super::owners::own_enforcer;
use crate::gateway::refusal::Refusal;
use sqlx::FromRow;

/// An enforcer that was heard of.
#[derive(Debug, FromRow)]
pub(in crate::gateway) struct Presence {
    pub(in crate::gateway) enforcer_id: String,
    pub(in crate::gateway) enforcer_label: Option<String>,
    pub(in crate::gateway) workspace_name: Option<String>,
    pub(in crate::gateway) seen_at: i64,
}

impl Store {
    /// Notes that the enforcer is there.
    pub(in crate::gateway) async fn heartbeat(
        &self,
        token_id: i64,
        presence: Presence,
    ) -> Result<(), Refusal> {
        let mut change = self.change_of(&presence.enforcer_id).await?;
        own_enforcer(&mut change, &presence.enforcer_id, token_id).await?;
        sqlx::query(
            "UPDATE enforcers SET seen_at = $1,
                 enforcer_label = coalesce($2, enforcer_label),
                 workspace_name = coalesce($3, workspace_name)
             WHERE enforcer_id = $4",
        )
        .bind(presence.seen_at)
        .bind(presence.enforcer_label)
        .bind(presence.workspace_name)
        .bind(presence.enforcer_id)
        .execute(&mut *change)
        .await?;
        Ok(change.commit().await?)
    }

    /// Lists the enforcers paired with this token's approvers that were ever heard of.
    pub(in crate::gateway) async fn present(
        &self,
        token_id: i64,
    ) -> Result<Vec<Presence>, Refusal> {
        Ok(sqlx::query_as(
            "SELECT enforcer_id, enforcer_label, workspace_name, seen_at FROM enforcers
             WHERE seen_at IS NOT NULL AND enforcer_id IN (
                 SELECT pairings.enforcer_id FROM pairings JOIN approvers USING (approver_id)
                 WHERE approvers.token_id = $1
                   AND routing_token IS NOT NULL AND revoked_at IS NULL)
             ORDER BY enforcer_id",
        )
        .bind(token_id)
        .fetch_all(&self.readers)
        .await?)
    }
}
