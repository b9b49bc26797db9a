//! Stores tokens as digests.

use super::Store;
use crate::gateway::limits::TOKENS;
use crate::gateway::news::News;
use crate::gateway::principal::Principal;
use crate::gateway::token::{Role, TokenDigest};
use sqlx::FromRow;

/// A token as it is listed.
#[derive(Debug, FromRow)]
pub(in crate::gateway) struct TokenLine {
    pub(in crate::gateway) token_id: i64,
    #[sqlx(try_from = "String")]
    pub(in crate::gateway) role: Role,
    pub(in crate::gateway) label: Option<String>,
    pub(in crate::gateway) created_at: i64,
    pub(in crate::gateway) revoked_at: Option<i64>,
    pub(in crate::gateway) identifiers: i64,
}

impl Store {
    /// Adds a token; `false` when there are too many.
    pub(in crate::gateway) async fn add_token(
        &self,
        digest: &TokenDigest,
        role: Role,
        label: Option<&str>,
        now: i64,
    ) -> sqlx::Result<bool> {
        let mut change = self.change().await?;
        let added = sqlx::query(
            "INSERT INTO tokens (digest, role, label, created_at)
             SELECT $1, $2, $3, $4
             WHERE (SELECT count(*) FROM tokens WHERE revoked_at IS NULL) < $5",
        )
        .bind(digest.as_slice())
        .bind(role.name())
        .bind(label)
        .bind(now)
        .bind(TOKENS)
        .execute(&mut *change)
        .await?;
        change.commit().await?;
        Ok(added.rows_affected() == 1)
    }

    /// Finds who holds the token of that digest.
    pub(in crate::gateway) async fn principal(
        &self,
        digest: &TokenDigest,
    ) -> sqlx::Result<Option<Principal>> {
        sqlx::query_as("SELECT token_id, role FROM tokens WHERE digest = $1 AND revoked_at IS NULL")
            .bind(digest.as_slice())
            .fetch_optional(&self.readers)
            .await
    }

    /// Lists all tokens, oldest first.
    pub(in crate::gateway) async fn tokens(&self) -> sqlx::Result<Vec<TokenLine>> {
        sqlx::query_as(
            "SELECT token_id, role, label, created_at, revoked_at,
                 (SELECT count(*) FROM enforcers WHERE enforcers.token_id = tokens.token_id)
                 + (SELECT count(*) FROM approvers WHERE approvers.token_id = tokens.token_id)
                 AS identifiers
             FROM tokens ORDER BY token_id",
        )
        .fetch_all(&self.readers)
        .await
    }

    /// Revokes a token; `false` when there is none that is good.
    pub(in crate::gateway) async fn revoke_token(
        &self,
        token_id: i64,
        now: i64,
    ) -> sqlx::Result<bool> {
        let mut change = self.change().await?;
        let revoked = sqlx::query(
            "UPDATE tokens SET revoked_at = $1 WHERE token_id = $2 AND revoked_at IS NULL",
        )
        .bind(now)
        .bind(token_id)
        .execute(&mut *change)
        .await?;
        // Whoever waits or listens with it must be asked again who it is.
        change.tell(News::Access).await?;
        change.commit().await?;
        Ok(revoked.rows_affected() == 1)
    }
}
