//! What browsers come in with, and the sessions they have: any node takes what another
//! gave out.

use super::Store;
use crate::gateway::limits::{
    PAGE_CHALLENGE_MS, PAGE_CHALLENGES, PAGE_CODE_MS, PAGE_CODES, PAGE_SESSION_IDLE_MS,
    PAGE_SESSION_MS, PAGE_SESSION_NOTED_MS, PAGE_SESSIONS,
};
use crate::gateway::refusal::Refusal;
use crate::gateway::token::TokenDigest;
use sqlx::AnyConnection;

/// What is given out by the page changes one after another.
const GIVEN: &str = "what the page gave out";

impl Store {
    /// Keeps a code, by which one browser may come in for the token.
    pub(in crate::gateway) async fn give_code(
        &self,
        digest: &TokenDigest,
        host: i64,
        now: i64,
    ) -> Result<(), Refusal> {
        let mut change = self.change_of(GIVEN).await?;
        let open: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM page_given WHERE token_id = $1 AND expires_at > $2",
        )
        .bind(host)
        .bind(now)
        .fetch_one(&mut *change)
        .await?;
        if open >= PAGE_CODES {
            return Err(Refusal::TooManyOpen);
        }
        give(&mut change, digest, Some(host), now + PAGE_CODE_MS, now).await?;
        Ok(change.commit().await?)
    }

    /// Takes a code, which is its one use, and returns the token it stands for.
    pub(in crate::gateway) async fn take_code(
        &self,
        digest: &TokenDigest,
        now: i64,
    ) -> Result<Option<i64>, Refusal> {
        let mut change = self.change_of(GIVEN).await?;
        let taken: Option<(i64, i64)> = sqlx::query_as(
            "DELETE FROM page_given WHERE digest = $1 AND token_id IN
                 (SELECT token_id FROM tokens WHERE revoked_at IS NULL)
             RETURNING token_id, expires_at",
        )
        .bind(digest.as_slice())
        .fetch_optional(&mut *change)
        .await?;
        change.commit().await?;
        Ok(taken.filter(|(_, until)| *until > now).map(|(host, _)| host))
    }

    /// Keeps a challenge, which a browser signs to come back.
    pub(in crate::gateway) async fn give_challenge(
        &self,
        digest: &TokenDigest,
        now: i64,
    ) -> Result<(), Refusal> {
        let mut change = self.change_of(GIVEN).await?;
        let open: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM page_given WHERE token_id IS NULL AND expires_at > $1",
        )
        .bind(now)
        .fetch_one(&mut *change)
        .await?;
        if open >= PAGE_CHALLENGES {
            return Err(Refusal::TooManyOpen);
        }
        give(&mut change, digest, None, now + PAGE_CHALLENGE_MS, now).await?;
        Ok(change.commit().await?)
    }

    /// Takes a challenge, which is its one use; `false` when it is not a good one.
    pub(in crate::gateway) async fn take_challenge(
        &self,
        digest: &TokenDigest,
        now: i64,
    ) -> Result<bool, Refusal> {
        let mut change = self.change_of(GIVEN).await?;
        let until: Option<i64> = sqlx::query_scalar(
            "DELETE FROM page_given WHERE digest = $1 AND token_id IS NULL RETURNING expires_at",
        )
        .bind(digest.as_slice())
        .fetch_optional(&mut *change)
        .await?;
        change.commit().await?;
        Ok(until.is_some_and(|until| until > now))
    }

    /// Keeps the bearer of a browser's new session. The one that was used least recently
    /// makes room: a tab that is gone.
    pub(in crate::gateway) async fn open_page_session(
        &self,
        digest: &TokenDigest,
        browser: i64,
        now: i64,
    ) -> Result<(), Refusal> {
        let mut change = self.change_of(&format!("browser {browser}")).await?;
        sqlx::query(
            "DELETE FROM page_sessions WHERE token_id = $1 AND digest NOT IN (
                 SELECT digest FROM page_sessions
                 WHERE token_id = $1 AND opened_at > $2 AND used_at > $3
                 ORDER BY used_at DESC, opened_at DESC LIMIT $4)",
        )
        .bind(browser)
        .bind(now - PAGE_SESSION_MS)
        .bind(now - PAGE_SESSION_IDLE_MS)
        .bind(PAGE_SESSIONS - 1)
        .execute(&mut *change)
        .await?;
        sqlx::query(
            "INSERT INTO page_sessions (digest, token_id, opened_at, used_at)
             VALUES ($1, $2, $3, $3)",
        )
        .bind(digest.as_slice())
        .bind(browser)
        .bind(now)
        .execute(&mut *change)
        .await?;
        Ok(change.commit().await?)
    }

    /// Finds the browser whose session has that bearer, and notes from time to time that
    /// it is used.
    pub(in crate::gateway) async fn page_session(
        &self,
        digest: &TokenDigest,
        now: i64,
    ) -> Result<Option<i64>, Refusal> {
        let found: Option<(i64, i64)> = sqlx::query_as(
            "SELECT token_id, used_at FROM page_sessions JOIN tokens USING (token_id)
             WHERE page_sessions.digest = $1 AND opened_at > $2 AND used_at > $3
               AND revoked_at IS NULL",
        )
        .bind(digest.as_slice())
        .bind(now - PAGE_SESSION_MS)
        .bind(now - PAGE_SESSION_IDLE_MS)
        .fetch_optional(&self.readers)
        .await?;
        let Some((browser, used_at)) = found else { return Ok(None) };
        if used_at + PAGE_SESSION_NOTED_MS <= now {
            let mut change = self.change_of(&format!("browser {browser}")).await?;
            sqlx::query("UPDATE page_sessions SET used_at = $1 WHERE digest = $2")
                .bind(now)
                .bind(digest.as_slice())
                .execute(&mut *change)
                .await?;
            change.commit().await?;
        }
        Ok(Some(browser))
    }
}

async fn give(
    connection: &mut AnyConnection,
    digest: &TokenDigest,
    host: Option<i64>,
    until: i64,
    now: i64,
) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM page_given WHERE expires_at <= $1")
        .bind(now)
        .execute(&mut *connection)
        .await?;
    sqlx::query("INSERT INTO page_given (digest, token_id, expires_at) VALUES ($1, $2, $3)")
        .bind(digest.as_slice())
        .bind(host)
        .bind(until)
        .execute(connection)
        .await
        .map(|_| ())
}

#[cfg(test)]
mod tests;
