//! Pairing sessions: a code that brings an enforcer and an approver together.

use super::Store;
use super::change::Change;
use super::owners::{own_approver, own_enforcer};
use super::settle::bound_unused;
use crate::gateway::limits::{INITIATED_CODE_MS, PREGENERATED_CODE_MS, SESSIONS_PER_TOKEN};
use crate::gateway::refusal::Refusal;
use crate::protocol::{PairingCode, PairingNonce, RoutingToken};
use sqlx::{AnyConnection, FromRow};

/// A pairing session as it is stored.
#[derive(Debug, Clone, FromRow)]
pub(in crate::gateway) struct Session {
    pub(in crate::gateway) nonce: String,
    pub(in crate::gateway) code: String,
    pub(in crate::gateway) expires_at: i64,
    pub(in crate::gateway) generated_by: Option<i64>,
    pub(in crate::gateway) enforcer_id: Option<String>,
    pub(in crate::gateway) device_id: Option<String>,
    pub(in crate::gateway) enforcer_label: Option<String>,
    pub(in crate::gateway) workspace_name: Option<String>,
    pub(in crate::gateway) gateway_url: Option<String>,
    pub(in crate::gateway) x25519_public_key: Option<String>,
    pub(in crate::gateway) claimed_at: Option<i64>,
    pub(in crate::gateway) response_json: Option<String>,
    pub(in crate::gateway) completed_at: Option<i64>,
    pub(in crate::gateway) routing_token: Option<String>,
    pub(in crate::gateway) kept_at: Option<i64>,
    pub(in crate::gateway) revoked_at: Option<i64>,
}

/// What an enforcer brings to a session.
#[derive(Debug)]
pub(in crate::gateway) struct Claim {
    pub(in crate::gateway) enforcer_id: String,
    pub(in crate::gateway) device_id: String,
    pub(in crate::gateway) enforcer_label: Option<String>,
    pub(in crate::gateway) workspace_name: Option<String>,
    pub(in crate::gateway) gateway_url: Option<String>,
    pub(in crate::gateway) x25519_public_key: Option<String>,
}

/// What an approver brings to a session.
#[derive(Debug)]
pub(in crate::gateway) struct Completion {
    pub(in crate::gateway) nonce: String,
    pub(in crate::gateway) approver_id: String,
    pub(in crate::gateway) response_json: String,
}

impl Store {
    /// Opens a session for an enforcer.
    pub(in crate::gateway) async fn initiate(
        &self,
        token_id: i64,
        claim: Claim,
        now: i64,
    ) -> Result<Session, Refusal> {
        let mut change = self.change().await?;
        own_enforcer(&mut change, &claim.enforcer_id, token_id).await?;
        let open: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM pairings JOIN enforcers USING (enforcer_id)
             WHERE token_id = $1 AND generated_by IS NULL
               AND completed_at IS NULL AND revoked_at IS NULL AND expires_at > $2",
        )
        .bind(token_id)
        .bind(now)
        .fetch_one(&mut *change)
        .await?;
        bounded(open)?;
        let nonce = new_session(&mut change, None, now, now + INITIATED_CODE_MS).await?;
        bind_enforcer(&mut change, &nonce, &claim, now).await?;
        let session = by_nonce(&mut change, &nonce).await?.ok_or(Refusal::UnknownSession)?;
        change.commit().await?;
        Ok(session)
    }

    /// Opens a session for an approver.
    pub(in crate::gateway) async fn pregenerate(
        &self,
        token_id: i64,
        now: i64,
    ) -> Result<Session, Refusal> {
        let mut change = self.change().await?;
        let open: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM pairings WHERE generated_by = $1
               AND routing_token IS NULL AND revoked_at IS NULL AND expires_at > $2",
        )
        .bind(token_id)
        .bind(now)
        .fetch_one(&mut *change)
        .await?;
        bounded(open)?;
        let expires_at = now + PREGENERATED_CODE_MS;
        let nonce = new_session(&mut change, Some(token_id), now, expires_at).await?;
        let session = by_nonce(&mut change, &nonce).await?.ok_or(Refusal::UnknownSession)?;
        change.commit().await?;
        Ok(session)
    }

    /// Finds the session of a code for an approver who may complete it, or did.
    pub(in crate::gateway) async fn resolve(
        &self,
        token_id: i64,
        code: &PairingCode,
        now: i64,
    ) -> Result<Option<Session>, Refusal> {
        Ok(sqlx::query_as(
            "SELECT * FROM pairings WHERE code_key = $1 AND revoked_at IS NULL
               AND (generated_by IS NULL OR generated_by = $2)
               AND CASE WHEN completed_at IS NULL THEN expires_at > $3
                   ELSE (SELECT token_id FROM approvers
                         WHERE approvers.approver_id = pairings.approver_id) = $2 END",
        )
        .bind(code.key())
        .bind(token_id)
        .bind(now)
        .fetch_optional(&self.readers)
        .await?)
    }

    /// Gives the enforcer's part to a session an approver opened.
    pub(in crate::gateway) async fn claim(
        &self,
        token_id: i64,
        code: &PairingCode,
        claim: Claim,
        now: i64,
    ) -> Result<Session, Refusal> {
        let mut change = self.change().await?;
        let found: Option<Session> = sqlx::query_as(
            "SELECT * FROM pairings WHERE code_key = $1 AND generated_by IS NOT NULL
               AND revoked_at IS NULL AND (expires_at > $2 OR claimed_at IS NOT NULL)",
        )
        .bind(code.key())
        .bind(now)
        .fetch_optional(&mut *change)
        .await?;
        let session = found.ok_or(Refusal::UnknownSession)?;
        if session.claimed_at.is_some() {
            return Err(change.refused(Refusal::SessionDone).await?);
        }
        own_enforcer(&mut change, &claim.enforcer_id, token_id).await?;
        bind_enforcer(&mut change, &session.nonce, &claim, now).await?;
        join(&mut change, &session.nonce, now).await?;
        let session =
            by_nonce(&mut change, &session.nonce).await?.ok_or(Refusal::UnknownSession)?;
        change.commit().await?;
        Ok(session)
    }

    /// Gives the approver's part to a session.
    pub(in crate::gateway) async fn complete(
        &self,
        token_id: i64,
        completion: Completion,
        now: i64,
    ) -> Result<Session, Refusal> {
        let mut change = self.change().await?;
        let session = by_nonce(&mut change, &completion.nonce)
            .await?
            .filter(|session| session.generated_by.is_none_or(|owner| owner == token_id))
            .filter(|session| session.revoked_at.is_none())
            .ok_or(Refusal::UnknownSession)?;
        if session.completed_at.is_some() {
            return Err(change.refused(Refusal::SessionDone).await?);
        }
        if session.expires_at <= now {
            return Err(Refusal::UnknownSession);
        }
        own_approver(&mut change, &completion.approver_id, token_id).await?;
        sqlx::query(
            "UPDATE pairings SET approver_id = $1, response_json = $2, completed_at = $3
             WHERE nonce = $4",
        )
        .bind(&completion.approver_id)
        .bind(&completion.response_json)
        .bind(now)
        .bind(&session.nonce)
        .execute(&mut *change)
        .await?;
        join(&mut change, &session.nonce, now).await?;
        let session =
            by_nonce(&mut change, &session.nonce).await?.ok_or(Refusal::UnknownSession)?;
        change.commit().await?;
        Ok(session)
    }
}

fn bounded(open: i64) -> Result<(), Refusal> {
    if open < SESSIONS_PER_TOKEN { Ok(()) } else { Err(Refusal::TooManySessions) }
}

async fn by_nonce(connection: &mut AnyConnection, nonce: &str) -> Result<Option<Session>, Refusal> {
    Ok(sqlx::query_as("SELECT * FROM pairings WHERE nonce = $1")
        .bind(nonce)
        .fetch_optional(connection)
        .await?)
}

/// Makes a session with a fresh nonce (256 bits) and code, and returns the nonce.
async fn new_session(
    connection: &mut AnyConnection,
    generated_by: Option<i64>,
    now: i64,
    expires_at: i64,
) -> Result<String, Refusal> {
    let nonce = PairingNonce::generate().map_err(|_| Refusal::Random)?.to_string();
    let code = PairingCode::generate().map_err(|_| Refusal::Random)?;
    sqlx::query(
        "INSERT INTO pairings (nonce, code, code_key, created_at, expires_at, generated_by)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&nonce)
    .bind(code.as_str())
    .bind(code.key())
    .bind(now)
    .bind(expires_at)
    .bind(generated_by)
    .execute(connection)
    .await?;
    Ok(nonce)
}

/// Writes the enforcer's part, and leaves the approver time for its own.
async fn bind_enforcer(
    connection: &mut AnyConnection,
    nonce: &str,
    claim: &Claim,
    now: i64,
) -> Result<(), Refusal> {
    sqlx::query(
        "UPDATE pairings SET enforcer_id = $1, device_id = $2, enforcer_label = $3,
             workspace_name = $4, gateway_url = $5, x25519_public_key = $6, claimed_at = $7,
             expires_at = CASE WHEN expires_at > $8 THEN expires_at ELSE $8 END
         WHERE nonce = $9",
    )
    .bind(&claim.enforcer_id)
    .bind(&claim.device_id)
    .bind(&claim.enforcer_label)
    .bind(&claim.workspace_name)
    .bind(&claim.gateway_url)
    .bind(&claim.x25519_public_key)
    .bind(now)
    .bind(now + INITIATED_CODE_MS)
    .bind(nonce)
    .execute(connection)
    .await?;
    Ok(())
}

/// Makes a session with both parts a pairing: it gets its routing token. An older pairing
/// of the same two goes on, since the enforcer has not taken the answer yet.
async fn join(change: &mut Change, nonce: &str, now: i64) -> Result<(), Refusal> {
    let routing_token = RoutingToken::generate().map_err(|_| Refusal::Random)?;
    let joined = sqlx::query(
        "UPDATE pairings SET routing_token = $1
         WHERE nonce = $2 AND claimed_at IS NOT NULL AND completed_at IS NOT NULL",
    )
    .bind(routing_token.expose())
    .bind(nonce)
    .execute(&mut **change)
    .await?;
    if joined.rows_affected() == 0 {
        return Ok(());
    }
    bound_unused(change, nonce, now).await
}
