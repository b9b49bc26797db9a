//! What time does to the store, a bounded piece at a time.

use super::Store;
use super::change::Writer;
use super::pairings::Ended;
use crate::gateway::hints::Happening;
use crate::gateway::limits::{FORGOTTEN_AT_ONCE, PAGE_SESSION_MS, PASSING_MS, REMEMBERED_MS};
use crate::gateway::refusal::Refusal;

/// Whether there is more of the same to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::gateway) enum Rest {
    More,
    Nothing,
}

impl Rest {
    pub(super) fn after(done: u64) -> Self {
        if i64::try_from(done).is_ok_and(|done| done < FORGOTTEN_AT_ONCE) {
            Self::Nothing
        } else {
            Self::More
        }
    }
}

impl Store {
    /// Ends some of what has waited too long, oldest first.
    pub(in crate::gateway) async fn expire(&self, now: i64) -> Result<Rest, Refusal> {
        let mut change = self.change().await?;
        let expired: Vec<Ended> = sqlx::query_as(
            "UPDATE exchanges SET state = 'expired', ended_at = $1
             WHERE position IN (
                 SELECT position FROM exchanges
                 WHERE state = 'pendingApproval' AND expires_at <= $1
                 ORDER BY expires_at LIMIT $2)
             RETURNING request_id, approver_id",
        )
        .bind(now)
        .bind(FORGOTTEN_AT_ONCE)
        .fetch_all(&mut *change)
        .await?;
        if expired.is_empty() {
            return Ok(Rest::Nothing);
        }
        let rest = Rest::after(u64::try_from(expired.len()).unwrap_or(u64::MAX));
        for ended in expired {
            change.tell(ended.news(Happening::Expired)).await?;
        }
        change.commit().await?;
        Ok(rest)
    }

    /// Returns the moment the next exchange expires.
    pub(in crate::gateway) async fn next_expiry(&self) -> Result<Option<i64>, Refusal> {
        Ok(sqlx::query_scalar(
            "SELECT min(expires_at) FROM exchanges WHERE state = 'pendingApproval'",
        )
        .fetch_one(&self.readers)
        .await?)
    }

    /// Forgets some of what ended long ago, and of the pairing codes nobody used.
    pub(in crate::gateway) async fn forget(&self, now: i64) -> Result<Rest, Refusal> {
        let mut change = self.change().await?;
        let mut most = 0;
        for (query, before) in [
            (
                "DELETE FROM exchanges WHERE position IN (
                     SELECT position FROM exchanges WHERE ended_at < $1
                     ORDER BY ended_at LIMIT $2)",
                now - REMEMBERED_MS,
            ),
            (
                "DELETE FROM pairings WHERE nonce IN (
                     SELECT nonce FROM pairings
                     WHERE routing_token IS NULL AND expires_at < $1 LIMIT $2)",
                now - REMEMBERED_MS,
            ),
            (
                "DELETE FROM dnd_policies WHERE policy_id IN (
                     SELECT policy_id FROM dnd_policies WHERE expires_at < $1 LIMIT $2)",
                now,
            ),
            (
                "DELETE FROM follow_ups WHERE (request_id, side, seq) IN (
                     SELECT request_id, side, seq FROM follow_ups
                     WHERE passing = 1 AND received_at < $1 LIMIT $2)",
                now - PASSING_MS,
            ),
            (
                "DELETE FROM page_given WHERE digest IN (
                     SELECT digest FROM page_given WHERE expires_at < $1 LIMIT $2)",
                now,
            ),
            (
                "DELETE FROM page_sessions WHERE digest IN (
                     SELECT digest FROM page_sessions WHERE opened_at < $1 LIMIT $2)",
                now - PAGE_SESSION_MS,
            ),
        ] {
            let done = sqlx::query(query)
                .bind(before)
                .bind(FORGOTTEN_AT_ONCE)
                .execute(&mut *change)
                .await?;
            most = most.max(done.rows_affected());
        }
        change.commit().await?;
        Ok(Rest::after(most))
    }

    /// Gives some space that is free within the file back to the disk. `PostgreSQL`
    /// looks after itself.
    pub(in crate::gateway) async fn shrink(&self) -> Result<(), Refusal> {
        if matches!(self.writer, Writer::Group(_)) {
            let mut change = self.change().await?;
            sqlx::raw_sql("PRAGMA incremental_vacuum(1000)").execute(&mut *change).await?;
            change.commit().await?;
        }
        Ok(())
    }
}
