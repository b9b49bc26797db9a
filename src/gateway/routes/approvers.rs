//! An approver looks into its inbox.

use super::extract::{Parameters, Segment};
use super::messages::{from_gateway, inbox_item};
use crate::gateway::limits::{PAGE_ITEMS, USUAL_PAGE_ITEMS};
use crate::gateway::principal::{Approver, Principal};
use crate::gateway::refusal::{Refusal, Refused};
use crate::gateway::relay::Relay;
use crate::gateway::store::Folder;
use crate::protocol::exchange::InboxPage;
use crate::protocol::{ApproverId, Envelope, MessageType, RequestId, Stage};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(Debug, Deserialize)]
pub(super) struct PageParameters {
    cursor: Option<String>,
    limit: Option<i64>,
}

/// `GET /v1/approvers/{id}/inbox`: what waits for a decision. HARP-GATEWAY 5.6.
pub(super) async fn pending(
    State(relay): State<Arc<Relay>>,
    Approver(caller): Approver,
    Segment(approver_id): Segment<ApproverId>,
    Parameters(parameters): Parameters<PageParameters>,
) -> Result<Json<Envelope<InboxPage>>, Refused> {
    Ok(Json(page(&relay, caller, &approver_id, Folder::Pending, &parameters).await?))
}

/// `GET /v1/approvers/{id}/inbox/expired`: what is over, however it ended.
pub(super) async fn ended(
    State(relay): State<Arc<Relay>>,
    Approver(caller): Approver,
    Segment(approver_id): Segment<ApproverId>,
    Parameters(parameters): Parameters<PageParameters>,
) -> Result<Json<Envelope<InboxPage>>, Refused> {
    Ok(Json(page(&relay, caller, &approver_id, Folder::Ended, &parameters).await?))
}

/// `POST /v1/exchanges/{requestId}/seen`: the approver says that a person was shown it.
///
/// An extension. Nobody signs it: it is for whoever waits to read, and decides nothing.
pub(super) async fn seen(
    State(relay): State<Arc<Relay>>,
    Approver(caller): Approver,
    Segment(request_id): Segment<RequestId>,
) -> Result<Json<Value>, Refused> {
    let noted = relay.see(caller, request_id.to_string()).await;
    noted.map_err(|refusal| refusal.about(request_id.as_str()))?;
    Ok(Json(json!({ "requestId": request_id, "attention": Stage::Seen })))
}

async fn page(
    relay: &Arc<Relay>,
    caller: Principal,
    approver_id: &ApproverId,
    folder: Folder,
    parameters: &PageParameters,
) -> Result<Envelope<InboxPage>, Refusal> {
    let after = match parameters.cursor.as_deref() {
        None | Some("") => 0,
        Some(cursor) => cursor
            .parse()
            .map_err(|_| Refusal::Invalid { field: "cursor", problem: "not one we gave" })?,
    };
    let limit = parameters.limit.unwrap_or(USUAL_PAGE_ITEMS).clamp(1, PAGE_ITEMS);
    relay.store.use_approver(caller.token_id, approver_id.as_str()).await?;
    let now = relay.now();
    let page = relay.store.inbox(approver_id.as_str(), folder, after, limit, now).await?;
    if folder == Folder::Pending {
        relay.hand_out(&page.items).await;
    }
    let items = page.items.iter().map(inbox_item).collect::<Result<_, _>>()?;
    let body = InboxPage { items, next_cursor: page.next.map(|next| next.to_string()) };
    let request_id = RequestId::generate(super::messages::time(now)?);
    let request_id = request_id.map_err(|_| Refusal::Random)?;
    from_gateway(relay, MessageType::InboxPage, request_id, body)
}
