//! Whether the gateway lives, whether it can serve, and what it counts.

use crate::gateway::listen::Peer;
use crate::gateway::metrics::Now;
use crate::gateway::principal::identify;
use crate::gateway::refusal::{Refusal, Refused};
use crate::gateway::relay::Relay;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use std::sync::Arc;

/// What a proxy adds: behind one, everybody seems to be near.
const PROXIED: [&str; 4] = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];

/// `GET /healthz`, for anybody: the process answers.
pub(super) async fn alive() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// `GET /readyz`, for anybody: 200 when requests can be served here, 503 when not.
pub(super) async fn ready(State(relay): State<Arc<Relay>>) -> Result<Json<Value>, Refused> {
    if relay.is_closing() {
        return Err(Refusal::Stopping.into());
    }
    relay.store.ready().await?;
    Ok(Json(json!({ "status": "ready" })))
}

/// `GET /metrics`, for callers on this machine and holders of a token.
pub(super) async fn metrics(
    State(relay): State<Arc<Relay>>,
    request: Request,
) -> Result<Response, Refused> {
    let peer = request.extensions().get::<Peer>();
    let near = peer.is_some_and(|peer| peer.0.ip().to_canonical().is_loopback());
    if !near || proxied(request.headers()) {
        identify(&relay, request.headers()).await?;
    }
    let now = Now {
        requests: relay.activity.open(),
        waits: relay.lasting.waits.open(),
        follow_ups: relay.lasting.follow_ups.open(),
        streams: relay.lasting.streams.open(),
        presences: relay.lasting.presences.open(),
        pending: relay.store.pending().await.ok(),
    };
    let text = relay.metrics.write(&now).map_err(|_| Refusal::Stored)?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(CONTENT_TYPE, kind)], text).into_response())
}

fn proxied(headers: &HeaderMap) -> bool {
    PROXIED.iter().any(|name| headers.contains_key(*name))
}
