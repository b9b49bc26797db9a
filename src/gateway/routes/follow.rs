//! After a decision: enforcer and approver tell each other what happens.
//!
//! An extension of this gateway. Spec: docs/harp.md, extensions.

use super::extract::{Body, Parameters, Segment};
use super::messages::{from_gateway, stored_json};
use crate::gateway::limits::{FOLLOW_UP_BYTES, FOLLOW_UPS_AT_ONCE};
use crate::gateway::principal::{Approver, Enforcer, Principal};
use crate::gateway::refusal::{Refusal, Refused};
use crate::gateway::relay::Relay;
use crate::gateway::store::{FollowUp, Side, Told};
use crate::protocol::follow::{FollowBody, FollowPage, LAST_SEQUENCE, Sealed};
use crate::protocol::{Envelope, MessageType, RequestId};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// `POST /v1/exchanges/{requestId}/follow-ups`: 202; 404, 409, 422.
pub(super) async fn follow_up(
    State(relay): State<Arc<Relay>>,
    Enforcer(caller): Enforcer,
    Segment(request_id): Segment<RequestId>,
    Body(envelope): Body<Envelope<FollowBody>>,
) -> Result<Response, Refused> {
    take(&relay, caller, Side::Enforcer, &request_id, envelope).await
}

/// `POST /v1/exchanges/{requestId}/controls`: 202; 404, 409, 422.
pub(super) async fn control(
    State(relay): State<Arc<Relay>>,
    Approver(caller): Approver,
    Segment(request_id): Segment<RequestId>,
    Body(envelope): Body<Envelope<FollowBody>>,
) -> Result<Response, Refused> {
    take(&relay, caller, Side::Approver, &request_id, envelope).await
}

#[derive(Debug, Deserialize)]
pub(super) struct AfterParameters {
    #[serde(default)]
    after: u64,
    #[serde(default)]
    timeout: u64,
}

/// `GET /v1/exchanges/{requestId}/follow-ups?after=0&timeout=25`: 200, or 204 when there
/// is none in time.
pub(super) async fn follow_ups(
    State(relay): State<Arc<Relay>>,
    Approver(caller): Approver,
    Segment(request_id): Segment<RequestId>,
    Parameters(parameters): Parameters<AfterParameters>,
) -> Result<Response, Refused> {
    wait(&relay, caller, Side::Enforcer, &request_id, &parameters).await
}

/// `GET /v1/exchanges/{requestId}/controls?after=0&timeout=25`: 200, or 204 when there is
/// none in time.
pub(super) async fn controls(
    State(relay): State<Arc<Relay>>,
    Enforcer(caller): Enforcer,
    Segment(request_id): Segment<RequestId>,
    Parameters(parameters): Parameters<AfterParameters>,
) -> Result<Response, Refused> {
    wait(&relay, caller, Side::Approver, &request_id, &parameters).await
}

async fn take(
    relay: &Arc<Relay>,
    caller: Principal,
    side: Side,
    request_id: &RequestId,
    envelope: Envelope<FollowBody>,
) -> Result<Response, Refused> {
    let about = |refusal: Refusal| refusal.about(request_id.as_str());
    let told = read(side, request_id, envelope).map_err(about)?;
    relay.tell(caller, told).await.map_err(about)?;
    Ok((StatusCode::ACCEPTED, Json(json!({ "requestId": request_id }))).into_response())
}

fn read(
    side: Side,
    request_id: &RequestId,
    envelope: Envelope<FollowBody>,
) -> Result<Told, Refusal> {
    let expected = match side {
        Side::Enforcer => MessageType::FollowUpSubmit,
        Side::Approver => MessageType::ControlSubmit,
    };
    if envelope.message_type != expected {
        return Err(Refusal::Invalid { field: "msgType", problem: "not that of this call" });
    }
    if envelope.request_id != *request_id {
        return Err(Refusal::Invalid { field: "requestId", problem: "not that of the path" });
    }
    let FollowBody { artifact_hash, passing, sealed: Sealed { seq, ciphertext } } = envelope.body;
    if seq == 0 || seq > LAST_SEQUENCE {
        return Err(Refusal::Invalid { field: "seq", problem: "not 1 to 2^53 - 1" });
    }
    let ciphertext = serde_json::to_string(&ciphertext).map_err(|_| Refusal::Stored)?;
    if ciphertext.len() > FOLLOW_UP_BYTES {
        return Err(Refusal::Invalid { field: "ciphertext", problem: "too long" });
    }
    Ok(Told {
        request_id: request_id.to_string(),
        artifact_hash: artifact_hash.to_string(),
        side,
        seq: i64::try_from(seq).map_err(|_| Refusal::Stored)?,
        passing: passing && side == Side::Enforcer,
        ciphertext,
    })
}

async fn wait(
    relay: &Arc<Relay>,
    caller: Principal,
    side: Side,
    request_id: &RequestId,
    parameters: &AfterParameters,
) -> Result<Response, Refused> {
    let timeout = Duration::from_secs(parameters.timeout.min(60));
    let after = i64::try_from(parameters.after).unwrap_or(i64::MAX);
    match items(relay, caller, side, request_id.as_str(), after, timeout).await {
        Ok(items) if items.is_empty() => Ok(StatusCode::NO_CONTENT.into_response()),
        Ok(items) => {
            let page = page(relay, side, request_id, items);
            Ok(Json(page.map_err(|refusal| refusal.about(request_id.as_str()))?).into_response())
        }
        Err(refusal) => Err(refusal.about(request_id.as_str())),
    }
}

/// Waits until there is something, no longer than that; it is looked once in any case.
async fn items(
    relay: &Arc<Relay>,
    caller: Principal,
    side: Side,
    request_id: &str,
    after: i64,
    timeout: Duration,
) -> Result<Vec<FollowUp>, Refusal> {
    let _open = relay.waits.take(caller.token_id, &relay.lasting.follow_ups)?;
    let listening = relay.audience.wakeups.listen(&side.bell(request_id));
    let mut late = std::pin::pin!(tokio::time::sleep(timeout));
    loop {
        // Listening begins before the look, so nothing falls between it and the sleep.
        let change = listening.change();
        let found = relay.store.told(caller, request_id, side, after, FOLLOW_UPS_AT_ONCE).await?;
        if !found.is_empty() {
            return Ok(found);
        }
        tokio::select! {
            () = change => {}
            () = &mut late => return Ok(Vec::new()),
            () = relay.closed() => return Ok(Vec::new()),
        }
    }
}

fn page(
    relay: &Relay,
    side: Side,
    request_id: &RequestId,
    items: Vec<FollowUp>,
) -> Result<Envelope<FollowPage>, Refusal> {
    let items = items.into_iter().map(|item| {
        let seq = u64::try_from(item.seq).map_err(|_| Refusal::Stored)?;
        Ok(Sealed { seq, ciphertext: stored_json(&item.ciphertext)? })
    });
    let page = FollowPage { items: items.collect::<Result<_, Refusal>>()? };
    let message_type = match side {
        Side::Enforcer => MessageType::FollowUpPage,
        Side::Approver => MessageType::ControlPage,
    };
    from_gateway(relay, message_type, request_id.clone(), page)
}
