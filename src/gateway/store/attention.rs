//! What an approver's side did with an exchange that waits.

use super::Store;
use super::exchanges::visible;
use crate::gateway::news::News;
use crate::gateway::principal::Principal;
use crate::gateway::refusal::Refusal;

impl Store {
    /// Notes that an approver was handed what waits by these names, oldest first; the
    /// first time counts.
    pub(in crate::gateway) async fn note_delivered(
        &self,
        request_ids: Vec<String>,
        now: i64,
    ) -> Result<(), Refusal> {
        let Some(first) = request_ids.first() else { return Ok(()) };
        let mut change = self.change_of(first).await?;
        for request_id in request_ids {
            sqlx::query(
                "UPDATE exchanges SET delivered_at = coalesce(delivered_at, $1)
                 WHERE request_id = $2 AND state = 'pendingApproval'",
            )
            .bind(now)
            .bind(&request_id)
            .execute(&mut *change)
            .await?;
            change.tell(News::Noticed { request_id }).await?;
        }
        Ok(change.commit().await?)
    }

    /// Notes that an approver says it was shown to a person; the first time counts.
    pub(in crate::gateway) async fn note_seen(
        &self,
        principal: Principal,
        request_id: &str,
        now: i64,
    ) -> Result<(), Refusal> {
        let mut change = self.change_of(request_id).await?;
        visible(&mut change, principal, request_id).await?.must_wait(now)?;
        sqlx::query(
            "UPDATE exchanges SET delivered_at = coalesce(delivered_at, $1),
                 seen_at = coalesce(seen_at, $1)
             WHERE request_id = $2",
        )
        .bind(now)
        .bind(request_id)
        .execute(&mut *change)
        .await?;
        change.tell(News::Noticed { request_id: request_id.to_owned() }).await?;
        Ok(change.commit().await?)
    }
}
