//! Stores tokens as digests.

use super::Store;
use crate::gateway::limits::TOKENS;
use crate::gateway::principal::Principal;
use crate::gateway::token::{Role, TokenDigest};

impl Store {
    /// Adds a token; `false` when there are too many.
    pub(in crate::gateway) async fn add_token(
        &self,
        digest: &TokenDigest,
        role: Role,
        label: Option<&str>,
        now: i64,
    ) -> sqlx::Result<bool> {
        let added = sqlx::query(
            "INSERT INTO tokens (digest, role, label, created_at)
             SELECT ?, ?, ?, ? WHERE (SELECT count(*) FROM tokens) < ?",
        )
        .bind(digest.as_slice())
        .bind(role)
        .bind(label)
        .bind(now)
        .bind(TOKENS)
        .execute(&self.writer)
        .await?;
        Ok(added.rows_affected() == 1)
    }

    /// Finds who holds the token of that digest.
    pub(in crate::gateway) async fn principal(
        &self,
        digest: &TokenDigest,
    ) -> sqlx::Result<Option<Principal>> {
        sqlx::query_as("SELECT token_id, role FROM tokens WHERE digest = ?")
            .bind(digest.as_slice())
            .fetch_optional(&self.reader)
            .await
    }
}
