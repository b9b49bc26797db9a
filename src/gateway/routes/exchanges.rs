//! An enforcer asks how far its exchange is, waits for it, or takes it back.

use super::extract::{Parameters, Segment};
use super::messages::{attention, from_gateway, status_body, stored, stored_json, time};
use crate::gateway::principal::{Enforcer, Principal};
use crate::gateway::refusal::{Refusal, Refused};
use crate::gateway::relay::Relay;
use crate::gateway::store::Exchange;
use crate::protocol::exchange::StatusBody;
use crate::protocol::{
    DecisionBody, Envelope, ExchangeState, MessageType, Party, RequestId, Stage,
};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// `GET /v1/exchanges/{requestId}`. HARP-GATEWAY 5.2.
pub(super) async fn status(
    State(relay): State<Arc<Relay>>,
    caller: Principal,
    Segment(request_id): Segment<RequestId>,
) -> Result<Json<Envelope<StatusBody>>, Refused> {
    let answer = async {
        let exchange = current(&relay, caller, &request_id).await?;
        let body = status_body(&exchange)?;
        from_gateway(&relay, MessageType::ExchangeStatus, request_id.clone(), body)
    };
    answer.await.map(Json).map_err(|refusal| refusal.about(request_id.as_str()))
}

#[derive(Debug, Deserialize)]
pub(super) struct WaitParameters {
    timeout: Option<u64>,
    /// What the caller knows of the approver's attention; who says it is told of more.
    attention: Option<Stage>,
}

/// What a wait brings.
enum News {
    /// A decision.
    Decision(Envelope<DecisionBody>),
    /// The approver did something with it that the caller did not know of.
    Noticed(Envelope<StatusBody>),
}

/// `GET /v1/exchanges/{requestId}/wait?timeout=25`: 200 with the decision, 204 when
/// there is none yet, 410 when there will be none. HARP-GATEWAY 5.3.
///
/// An extension: to `attention=none|delivered|seen`, what the caller knows of, a 200 may
/// bring an `exchange.status` as soon as there is more to know.
pub(super) async fn wait(
    State(relay): State<Arc<Relay>>,
    Enforcer(caller): Enforcer,
    Segment(request_id): Segment<RequestId>,
    Parameters(parameters): Parameters<WaitParameters>,
) -> Result<Response, Refused> {
    let timeout = Duration::from_secs(parameters.timeout.unwrap_or(25).clamp(1, 60));
    let waited = async {
        let _open = relay.waits.take(caller.token_id, &relay.lasting.waits)?;
        tokio::select! {
            news = news(&relay, caller, &request_id, parameters.attention) => news.map(Some),
            () = tokio::time::sleep(timeout) => Ok(None),
            () = relay.closed() => Ok(None),
        }
    };
    match waited.await {
        Ok(Some(News::Decision(decision))) => Ok(Json(decision).into_response()),
        Ok(Some(News::Noticed(status))) => Ok(Json(status).into_response()),
        // Another node may be there at once, and this one soon.
        Ok(None) if relay.is_closing() => {
            Ok((StatusCode::NO_CONTENT, [(RETRY_AFTER, "1")]).into_response())
        }
        Ok(None) => Ok(StatusCode::NO_CONTENT.into_response()),
        Err(refusal) => Err(refusal.about(request_id.as_str())),
    }
}

/// Waits until the exchange is over or there is something to tell, however long that
/// takes.
async fn news(
    relay: &Arc<Relay>,
    caller: Principal,
    request_id: &RequestId,
    known: Option<Stage>,
) -> Result<News, Refusal> {
    let listening = relay.audience.wakeups.listen(request_id.as_str());
    loop {
        // Listening begins before the look, so nothing falls between it and the sleep.
        let change = listening.change();
        // Apart, so that it takes no room during the sleep.
        let exchange = Box::pin(current(relay, caller, request_id)).await?;
        match exchange.state.0 {
            ExchangeState::PendingApproval => {
                let stage = attention(&exchange)?.stage();
                if known.is_some_and(|known| known < stage) {
                    let body = status_body(&exchange)?;
                    let kind = MessageType::ExchangeStatus;
                    return from_gateway(relay, kind, request_id.clone(), body).map(News::Noticed);
                }
                change.await;
            }
            ExchangeState::Decided | ExchangeState::Delivered => {
                return delivery(relay, &exchange).map(News::Decision);
            }
            ExchangeState::Expired => return Err(Refusal::Expired),
            ExchangeState::Withdrawn => return Err(Refusal::Withdrawn),
            ExchangeState::Cancelled => return Err(Refusal::Cancelled),
        }
    }
}

/// Reads an exchange, which expires here if nobody came round to it before.
async fn current(
    relay: &Arc<Relay>,
    caller: Principal,
    request_id: &RequestId,
) -> Result<Exchange, Refusal> {
    let exchange = relay.store.exchange(caller, request_id.as_str()).await?;
    let overdue = exchange.expires_at <= relay.now();
    if exchange.state.0 == ExchangeState::PendingApproval && overdue {
        relay.expire().await?;
        return relay.store.exchange(caller, request_id.as_str()).await;
    }
    Ok(exchange)
}

/// The same message, however often it is asked for.
fn delivery(relay: &Relay, exchange: &Exchange) -> Result<Envelope<DecisionBody>, Refusal> {
    let message_id = exchange.decision_message_id.as_deref().ok_or(Refusal::Stored)?;
    let decision = exchange.decision.as_deref().ok_or(Refusal::Stored)?;
    Ok(Envelope {
        message_id: Some(stored(message_id)?),
        message_type: MessageType::DecisionDeliver,
        request_id: stored(&exchange.request_id)?,
        created_at: exchange.ended_at.map(time).transpose()?,
        expires_at: Some(time(exchange.expires_at)?),
        sender: Party::gateway(relay.store.gateway_id()),
        recipient: Some(Party::enforcer(stored(&exchange.enforcer_id)?)),
        body: stored_json(decision)?,
    })
}

/// `POST /v1/exchanges/{requestId}/withdraw`: 200, 404, 409. HARP-GATEWAY 5.4.
pub(super) async fn withdraw(
    State(relay): State<Arc<Relay>>,
    Enforcer(caller): Enforcer,
    Segment(request_id): Segment<RequestId>,
) -> Result<Response, Refused> {
    let request_id = request_id.to_string();
    let withdrawn = relay.withdraw(caller, request_id.clone()).await;
    withdrawn.map_err(|refusal| refusal.about(&request_id))?;
    tracing::info!(request_id, "withdrawn");
    let state = ExchangeState::Withdrawn;
    Ok(Json(json!({ "requestId": request_id, "state": state })).into_response())
}
