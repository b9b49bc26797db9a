//! Browsers that were let in: each has a token of its own, which nobody holds, and
//! comes by a key.

use super::Store;
use crate::gateway::limits::{BROWSER_IDLE_MS, BROWSER_LIFETIME_MS, BROWSERS_PER_TOKEN, TOKENS};
use crate::gateway::news::News;
use crate::gateway::principal::Principal;
use crate::gateway::refusal::Refusal;
use crate::gateway::token::{self, Role};
use secrecy::ExposeSecret as _;
use sqlx::FromRow;

/// A browser as it is stored.
#[derive(Debug, Clone, FromRow)]
pub(in crate::gateway) struct Browser {
    pub(in crate::gateway) token_id: i64,
    pub(in crate::gateway) label: Option<String>,
    pub(in crate::gateway) admitted_at: i64,
    pub(in crate::gateway) seen_at: i64,
}

impl Browser {
    /// Returns until when it may come, if it does not come before.
    pub(in crate::gateway) fn expires_at(&self) -> i64 {
        (self.admitted_at + BROWSER_LIFETIME_MS).min(self.seen_at + BROWSER_IDLE_MS)
    }
}

impl Store {
    /// Lets the browser with that key in, for the token whose code it had. One that was
    /// there before keeps its own token, and with it what it is paired with.
    pub(in crate::gateway) async fn admit_browser(
        &self,
        host: i64,
        access_key: &str,
        label: Option<String>,
        now: i64,
    ) -> Result<Browser, Refusal> {
        let mut change = self.change().await?;
        let known: Option<i64> = sqlx::query_scalar(
            "UPDATE browsers SET admitted_by = $1, admitted_at = $2, seen_at = $2, label = $3,
                 revoked_at = NULL
             WHERE access_key = $4 RETURNING token_id",
        )
        .bind(host)
        .bind(now)
        .bind(&label)
        .bind(access_key)
        .fetch_optional(&mut *change)
        .await?;
        if known.is_none() {
            let live: i64 = sqlx::query_scalar(
                "SELECT count(*) FROM browsers WHERE admitted_by = $1 AND revoked_at IS NULL
                   AND admitted_at > $2 AND seen_at > $3",
            )
            .bind(host)
            .bind(now - BROWSER_LIFETIME_MS)
            .bind(now - BROWSER_IDLE_MS)
            .fetch_one(&mut *change)
            .await?;
            if live >= BROWSERS_PER_TOKEN {
                return Err(Refusal::TooManyBrowsers);
            }
            // Drawn and forgotten: nobody can come by this token, only by the key.
            let token = token::draw().map_err(|_| Refusal::Random)?;
            let added: Option<i64> = sqlx::query_scalar(
                "INSERT INTO tokens (digest, role, label, created_at)
                 SELECT $1, $2, 'browser', $3 
                 WHERE (SELECT count(*) FROM tokens WHERE revoked_at IS NULL) < $4
                 RETURNING token_id",
            )
            .bind(token::digest(token.expose_secret()).as_slice())
            .bind(Role::Approver.name())
            .bind(now)
            .bind(TOKENS)
            .fetch_optional(&mut *change)
            .await?;
            sqlx::query(
                "INSERT INTO browsers
                     (token_id, access_key, label, admitted_by, admitted_at, seen_at)
                 VALUES ($1, $2, $3, $4, $5, $5)",
            )
            .bind(added.ok_or(Refusal::TooManyBrowsers)?)
            .bind(access_key)
            .bind(&label)
            .bind(host)
            .bind(now)
            .execute(&mut *change)
            .await?;
        }
        let browser: Option<Browser> = sqlx::query_as(
            "SELECT token_id, browsers.label, admitted_at, seen_at
             FROM browsers JOIN tokens USING (token_id)
             WHERE access_key = $1 AND tokens.revoked_at IS NULL",
        )
        .bind(access_key)
        .fetch_optional(&mut *change)
        .await?;
        // Whoever revoked its token at the gateway wants it out for good.
        let browser = browser.ok_or(Refusal::UnknownBrowser)?;
        change.commit().await?;
        Ok(browser)
    }

    /// Finds the browser with that key, if it still may come, and notes that it did.
    pub(in crate::gateway) async fn browser(
        &self,
        access_key: &str,
        now: i64,
    ) -> Result<Option<Browser>, Refusal> {
        let mut change = self.change_of(access_key).await?;
        let found: Option<Browser> = sqlx::query_as(
            "UPDATE browsers SET seen_at = $1 WHERE access_key = $2 AND revoked_at IS NULL
               AND admitted_at > $3 AND seen_at > $4
               AND token_id IN (SELECT token_id FROM tokens WHERE tokens.revoked_at IS NULL)
             RETURNING token_id, label, admitted_at, seen_at",
        )
        .bind(now)
        .bind(access_key)
        .bind(now - BROWSER_LIFETIME_MS)
        .bind(now - BROWSER_IDLE_MS)
        .fetch_optional(&mut *change)
        .await?;
        change.commit().await?;
        Ok(found)
    }

    /// Lists the browsers that may come and that the token let in, or is.
    pub(in crate::gateway) async fn browsers(
        &self,
        caller: Principal,
        now: i64,
    ) -> Result<Vec<Browser>, Refusal> {
        let found: Vec<Browser> = sqlx::query_as(
            "SELECT token_id, label, admitted_at, seen_at FROM browsers
             WHERE (admitted_by = $1 OR token_id = $1) AND revoked_at IS NULL
             ORDER BY seen_at DESC",
        )
        .bind(caller.token_id)
        .fetch_all(&self.readers)
        .await?;
        Ok(found.into_iter().filter(|browser| browser.expires_at() > now).collect())
    }

    /// Keeps a browser out that the token let in, or is.
    pub(in crate::gateway) async fn revoke_browser(
        &self,
        caller: Principal,
        browser: i64,
        now: i64,
    ) -> Result<(), Refusal> {
        let mut change = self.change().await?;
        let revoked = sqlx::query(
            "UPDATE browsers SET revoked_at = $1
             WHERE token_id = $2 AND (admitted_by = $3 OR token_id = $3) AND revoked_at IS NULL",
        )
        .bind(now)
        .bind(browser)
        .bind(caller.token_id)
        .execute(&mut *change)
        .await?;
        if revoked.rows_affected() == 0 {
            return Err(Refusal::UnknownBrowser);
        }
        sqlx::query("DELETE FROM page_sessions WHERE token_id = $1")
            .bind(browser)
            .execute(&mut *change)
            .await?;
        change.tell(News::Left { browser }).await?;
        Ok(change.commit().await?)
    }
}
