//! What an approver finds waiting.

use super::Store;
use super::exchanges::Exchange;
use super::owners::{own_approver, owned};
use crate::gateway::refusal::Refusal;

/// Which part of an inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::gateway) enum Folder {
    /// What waits for a decision.
    Pending,
    /// Everything else that is remembered.
    Ended,
}

/// A part of an inbox, oldest first.
#[derive(Debug)]
pub(in crate::gateway) struct Page {
    pub(in crate::gateway) items: Vec<Exchange>,
    /// The position to go on after, when there is more.
    pub(in crate::gateway) next: Option<i64>,
}

impl Store {
    /// Takes the approver's identifier for the token, or finds that it has it.
    pub(in crate::gateway) async fn use_approver(
        &self,
        token_id: i64,
        approver_id: &str,
    ) -> Result<(), Refusal> {
        let owner = sqlx::query_scalar("SELECT token_id FROM approvers WHERE approver_id = $1")
            .bind(approver_id)
            .fetch_optional(&self.readers)
            .await?;
        if owned(owner, token_id)? {
            return Ok(());
        }
        let mut change = self.change().await?;
        own_approver(&mut change, approver_id, token_id).await?;
        Ok(change.commit().await?)
    }

    /// Reads a page of an approver's inbox.
    pub(in crate::gateway) async fn inbox(
        &self,
        approver_id: &str,
        folder: Folder,
        after: i64,
        limit: i64,
        now: i64,
    ) -> Result<Page, Refusal> {
        let query = match folder {
            Folder::Pending => {
                "SELECT * FROM exchanges WHERE approver_id = $1 AND position > $2
                   AND state = 'pendingApproval' AND expires_at > $3
                 ORDER BY position LIMIT $4"
            }
            Folder::Ended => {
                "SELECT * FROM exchanges WHERE approver_id = $1 AND position > $2
                   AND (state <> 'pendingApproval' OR expires_at <= $3)
                 ORDER BY position LIMIT $4"
            }
        };
        let mut items: Vec<Exchange> = sqlx::query_as(query)
            .bind(approver_id)
            .bind(after)
            .bind(now)
            .bind(limit.saturating_add(1))
            .fetch_all(&self.readers)
            .await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().map(|last| last.position) } else { None };
        Ok(Page { items, next })
    }
}
