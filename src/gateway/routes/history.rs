//! An approver looks back.

use super::extract::{Parameters, Segment};
use super::messages::{inbox_item, stored_json, time};
use crate::gateway::limits::{PAGE_ITEMS, USUAL_PAGE_ITEMS};
use crate::gateway::principal::Approver;
use crate::gateway::refusal::{Refusal, Refused};
use crate::gateway::relay::Relay;
use crate::gateway::store::Exchange;
use crate::protocol::exchange::InboxItem;
use crate::protocol::{ApproverId, DecisionBody};
use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Debug, Deserialize)]
pub(super) struct HistoryParameters {
    before: Option<i64>,
    limit: Option<i64>,
}

/// A part of what is over.
#[derive(Debug, Serialize)]
pub(super) struct History {
    items: Vec<Ended>,
    /// What to give as `before` for what is older; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<i64>,
}

/// An exchange, and how it ended.
#[derive(Debug, Serialize)]
struct Ended {
    #[serde(flatten)]
    item: InboxItem,
    #[serde(rename = "endedAt", skip_serializing_if = "Option::is_none")]
    at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<DecisionBody>,
}

/// `GET /v1/approvers/{id}/history?before&limit`, ours: what is over, the newest first.
pub(super) async fn history(
    State(relay): State<Arc<Relay>>,
    Approver(caller): Approver,
    Segment(approver_id): Segment<ApproverId>,
    Parameters(parameters): Parameters<HistoryParameters>,
) -> Result<Json<History>, Refused> {
    let limit = parameters.limit.unwrap_or(USUAL_PAGE_ITEMS).clamp(1, PAGE_ITEMS);
    let before = parameters.before.unwrap_or(i64::MAX);
    relay.store.use_approver(caller.token_id, approver_id.as_str()).await?;
    let found = relay.store.recent(approver_id.as_str(), before, limit, relay.now()).await?;
    let items: Result<Vec<Ended>, Refusal> = found.items.iter().map(ended).collect();
    Ok(Json(History { items: items?, next: found.next }))
}

fn ended(exchange: &Exchange) -> Result<Ended, Refusal> {
    Ok(Ended {
        item: inbox_item(exchange)?,
        at: exchange.ended_at.map(time).transpose()?,
        decision: exchange.decision.as_deref().map(stored_json).transpose()?,
    })
}
