//! What an approver finds waiting.

use super::Store;
use super::exchanges::Exchange;
use super::owners::{own_approver, owned};
use crate::gateway::limits::PAGE_FULL_BYTES;
use crate::gateway::refusal::Refusal;

/// How many are read from the database at once: each may have a megabyte.
const AT_ONCE: usize = 8;

/// Which part of an inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::gateway) enum Folder {
    /// What waits for a decision.
    Pending,
    /// Everything else that is remembered.
    Ended,
}

/// A part of what an approver was asked.
#[derive(Debug)]
pub(in crate::gateway) struct Page {
    pub(in crate::gateway) items: Vec<Exchange>,
    /// The position to go on from, when there is more.
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

    /// Reads a page of an approver's inbox, oldest first.
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
        self.part(query, approver_id, after, limit, now).await
    }

    /// Reads on from a position until there are enough, or they have enough bytes: those of
    /// a statement that takes approver, position, time and number.
    pub(super) async fn part(
        &self,
        statement: &'static str,
        approver_id: &str,
        mut from: i64,
        limit: i64,
        now: i64,
    ) -> Result<Page, Refusal> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let (mut items, mut bytes) = (Vec::new(), 0);
        loop {
            let wanted = AT_ONCE.min(limit.saturating_sub(items.len()));
            let mut found: Vec<Exchange> = sqlx::query_as(statement)
                .bind(approver_id)
                .bind(from)
                .bind(now)
                // One more tells that there is more.
                .bind(i64::try_from(wanted.saturating_add(1)).unwrap_or(i64::MAX))
                .fetch_all(&self.readers)
                .await?;
            let more = found.len() > wanted;
            found.truncate(wanted);
            from = found.last().map_or(from, |last| last.position);
            bytes += found.iter().map(|each| each.ciphertext.len()).sum::<usize>();
            items.append(&mut found);
            if !more || items.len() >= limit || bytes >= PAGE_FULL_BYTES {
                return Ok(Page { items, next: more.then_some(from) });
            }
        }
    }
}
