//! What enforcer and approver tell each other after a decision.
//!
//! Each side has an order of its own, which it counts itself. Old messages make room for
//! new ones; who reads sees by the numbers that some are gone.

use super::Store;
use super::exchanges::visible;
use crate::gateway::limits::{CONTROLS_PER_EXCHANGE, FOLLOW_UPS_PER_EXCHANGE};
use crate::gateway::news::News;
use crate::gateway::principal::Principal;
use crate::gateway::refusal::Refusal;
use crate::protocol::ExchangeState;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

/// Who said it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::gateway) enum Side {
    /// The enforcer: follow-ups.
    Enforcer,
    /// The approver: controls.
    Approver,
}

impl Side {
    /// Returns the name it is stored under.
    pub(in crate::gateway) fn name(self) -> &'static str {
        match self {
            Self::Enforcer => "enforcer",
            Self::Approver => "approver",
        }
    }

    /// Returns the bell of those who wait for what it tells; no request has its name.
    pub(in crate::gateway) fn bell(self, request_id: &str) -> String {
        format!("{request_id}|{}", self.name())
    }

    /// Returns how many of its messages are kept for one exchange.
    fn most(self) -> i64 {
        match self {
            Self::Enforcer => FOLLOW_UPS_PER_EXCHANGE,
            Self::Approver => CONTROLS_PER_EXCHANGE,
        }
    }
}

/// A message as it arrives.
#[derive(Debug)]
pub(in crate::gateway) struct Told {
    pub(in crate::gateway) request_id: String,
    pub(in crate::gateway) artifact_hash: String,
    pub(in crate::gateway) side: Side,
    pub(in crate::gateway) seq: i64,
    /// Whether it may be forgotten soon.
    pub(in crate::gateway) passing: bool,
    pub(in crate::gateway) ciphertext: String,
}

/// A message as it is stored.
#[derive(Debug, FromRow)]
pub(in crate::gateway) struct FollowUp {
    pub(in crate::gateway) seq: i64,
    pub(in crate::gateway) ciphertext: String,
}

impl Store {
    /// Takes a message of a decided exchange. The same one again is no error.
    pub(in crate::gateway) async fn tell(
        &self,
        principal: Principal,
        told: Told,
        now: i64,
    ) -> Result<(), Refusal> {
        let mut change = self.change_of(&told.request_id).await?;
        let exchange = visible(&mut change, principal, &told.request_id).await?;
        if exchange.artifact_hash != told.artifact_hash {
            return Err(Refusal::HashMismatch);
        }
        if !matches!(exchange.state.0, ExchangeState::Decided | ExchangeState::Delivered) {
            return Err(Refusal::NotDecided);
        }
        let known: Option<String> = sqlx::query_scalar(
            "SELECT ciphertext FROM follow_ups WHERE request_id = $1 AND side = $2 AND seq = $3",
        )
        .bind(&told.request_id)
        .bind(told.side.name())
        .bind(told.seq)
        .fetch_optional(&mut *change)
        .await?;
        match known {
            // Perhaps it is only in the commit that is under way.
            Some(known) if known == told.ciphertext => return Ok(change.commit().await?),
            Some(_) => return Err(change.refused(Refusal::PlaceTaken).await?),
            None => {}
        }
        sqlx::query(
            "INSERT INTO follow_ups (request_id, side, seq, passing, ciphertext, received_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&told.request_id)
        .bind(told.side.name())
        .bind(told.seq)
        .bind(i64::from(told.passing))
        .bind(&told.ciphertext)
        .bind(now)
        .execute(&mut *change)
        .await?;
        sqlx::query(
            "DELETE FROM follow_ups WHERE request_id = $1 AND side = $2 AND seq NOT IN
               (SELECT seq FROM follow_ups WHERE request_id = $1 AND side = $2
                ORDER BY passing, seq DESC LIMIT $3)",
        )
        .bind(&told.request_id)
        .bind(told.side.name())
        .bind(told.side.most())
        .execute(&mut *change)
        .await?;
        let Told { request_id, side, .. } = told;
        let approver_id = exchange.approver_id;
        change.tell(News::Told { side, request_id, approver_id }).await?;
        Ok(change.commit().await?)
    }

    /// Reads what one side said after a place, in its order.
    pub(in crate::gateway) async fn told(
        &self,
        principal: Principal,
        request_id: &str,
        side: Side,
        after: i64,
        limit: i64,
    ) -> Result<Vec<FollowUp>, Refusal> {
        let mut connection = self.readers.acquire().await?;
        visible(&mut connection, principal, request_id).await?;
        Ok(sqlx::query_as(
            "SELECT seq, ciphertext FROM follow_ups
             WHERE request_id = $1 AND side = $2 AND seq > $3 ORDER BY seq LIMIT $4",
        )
        .bind(request_id)
        .bind(side.name())
        .bind(after)
        .bind(limit)
        .fetch_all(&mut *connection)
        .await?)
    }
}
