//! Exchanges: one artifact, and what became of it.
//!
//! ```text
//!                  ┌─> expired | withdrawn | cancelled
//! pendingApproval ─┤
//!                  └─> decided ─> delivered
//! ```
//!
//! `delivered` is reached by the enforcer's acknowledgement, not by handing the
//! decision out: an answer may be lost on its way, and the enforcer asks again.

use super::Store;
use super::pairings::Ended;
use crate::gateway::hints::Happening;
use crate::gateway::principal::Principal;
use crate::gateway::refusal::Refusal;
use crate::protocol::ExchangeState;
use sqlx::{AnyConnection, FromRow};
use thiserror::Error;

/// Where an exchange stands, by its name on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::gateway) struct StoredState(pub(in crate::gateway) ExchangeState);

impl TryFrom<String> for StoredState {
    type Error = UnknownState;

    fn try_from(name: String) -> Result<Self, UnknownState> {
        ExchangeState::from_name(&name).map(Self).ok_or(UnknownState)
    }
}

/// The database holds a state we do not know.
#[derive(Debug, Error)]
#[error("unknown state of an exchange")]
pub(in crate::gateway) struct UnknownState;

/// An exchange as it is stored.
#[derive(Debug, Clone, FromRow)]
pub(in crate::gateway) struct Exchange {
    pub(in crate::gateway) position: i64,
    pub(in crate::gateway) request_id: String,
    pub(in crate::gateway) artifact_hash: String,
    pub(in crate::gateway) artifact_type: String,
    pub(in crate::gateway) ciphertext: String,
    pub(in crate::gateway) metadata: String,
    pub(in crate::gateway) enforcer_id: String,
    pub(in crate::gateway) approver_id: String,
    pub(in crate::gateway) created_at: i64,
    pub(in crate::gateway) expires_at: i64,
    #[sqlx(try_from = "String")]
    pub(in crate::gateway) state: StoredState,
    pub(in crate::gateway) ended_at: Option<i64>,
    pub(in crate::gateway) decision: Option<String>,
    pub(in crate::gateway) decision_message_id: Option<String>,
    pub(in crate::gateway) delivered_at: Option<i64>,
    pub(in crate::gateway) seen_at: Option<i64>,
}

impl Exchange {
    /// Refuses an exchange for which nobody waits any more: it ended, or its time is over.
    pub(super) fn must_wait(&self, now: i64) -> Result<(), Refusal> {
        if self.state.0 == ExchangeState::PendingApproval && self.expires_at > now {
            Ok(())
        } else {
            Err(Refusal::AlreadyTerminal)
        }
    }
}

impl Store {
    /// Finds an exchange, if the token submitted it or owns its approver.
    pub(in crate::gateway) async fn exchange(
        &self,
        principal: Principal,
        request_id: &str,
    ) -> Result<Exchange, Refusal> {
        let mut connection = self.readers.acquire().await?;
        visible(&mut connection, principal, request_id).await
    }

    /// Takes back an exchange nobody has decided.
    pub(in crate::gateway) async fn withdraw(
        &self,
        principal: Principal,
        request_id: &str,
        now: i64,
    ) -> Result<(), Refusal> {
        let mut change = self.change_of(request_id).await?;
        let exchange = visible(&mut change, principal, request_id).await?;
        if let Err(refusal) = exchange.must_wait(now) {
            return Err(change.refused(refusal).await?);
        }
        let ended = withdraw_pending(&mut change, request_id, now).await?;
        change.tell(ended.news(Happening::Withdrawn)).await?;
        Ok(change.commit().await?)
    }

    /// Finds the exchange of that decision message or request, and when it is the
    /// enforcer who got the decision, notes that it did.
    pub(in crate::gateway) async fn acknowledge(
        &self,
        principal: Principal,
        message_id: &str,
        request_id: &str,
    ) -> Result<(), Refusal> {
        let mut change = self.change_of(request_id).await?;
        let known: Option<String> = sqlx::query_scalar(
            "SELECT request_id FROM exchanges WHERE decision_message_id = $1
             UNION ALL SELECT request_id FROM exchanges WHERE request_id = $2 LIMIT 1",
        )
        .bind(message_id)
        .bind(request_id)
        .fetch_optional(&mut *change)
        .await?;
        let known = known.ok_or(Refusal::UnknownExchange)?;
        let exchange = visible(&mut change, principal, &known).await?;
        if principal.is_enforcer() && exchange.decision_message_id.as_deref() == Some(message_id) {
            sqlx::query(
                "UPDATE exchanges SET state = 'delivered'
                 WHERE request_id = $1 AND state = 'decided'",
            )
            .bind(&known)
            .execute(&mut *change)
            .await?;
        }
        Ok(change.commit().await?)
    }
}

/// Finds an exchange within what the principal may see; anything else does not exist.
pub(super) async fn visible(
    connection: &mut AnyConnection,
    principal: Principal,
    request_id: &str,
) -> Result<Exchange, Refusal> {
    let owner = if principal.is_enforcer() {
        "SELECT exchanges.* FROM exchanges JOIN enforcers USING (enforcer_id)
         WHERE request_id = $1 AND token_id = $2 AND EXISTS (
             SELECT 1 FROM tokens WHERE tokens.token_id = $2 AND revoked_at IS NULL)"
    } else {
        "SELECT exchanges.* FROM exchanges JOIN approvers USING (approver_id)
         WHERE request_id = $1 AND token_id = $2 AND EXISTS (
             SELECT 1 FROM tokens WHERE tokens.token_id = $2 AND revoked_at IS NULL)"
    };
    sqlx::query_as(owner)
        .bind(request_id)
        .bind(principal.token_id)
        .fetch_optional(connection)
        .await?
        .ok_or(Refusal::UnknownExchange)
}

async fn withdraw_pending(
    connection: &mut AnyConnection,
    request_id: &str,
    now: i64,
) -> Result<Ended, Refusal> {
    sqlx::query_as(
        "UPDATE exchanges SET state = 'withdrawn', ended_at = $1
         WHERE request_id = $2 AND state = 'pendingApproval'
         RETURNING request_id, approver_id",
    )
    .bind(now)
    .bind(request_id)
    .fetch_optional(connection)
    .await?
    .ok_or(Refusal::AlreadyTerminal)
}
