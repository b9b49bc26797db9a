//! The calls of the gateway binding. Spec: protocol.md section 3.

mod acks;
mod approvers;
mod artifacts;
mod decisions;
mod discovery;
mod exchanges;
mod extract;
mod guard;
mod messages;
mod names;
mod pairing;
mod policy;
mod presence;
mod sse;
mod ws;

use super::limits::{BODY_BYTES, BODY_SILENCE};
use super::principal::authenticate;
use super::refusal::{Refusal, Refused};
use super::relay::Relay;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::routing::{get, post};
use std::sync::Arc;
use tower_http::timeout::RequestBodyTimeoutLayer;

/// Builds every route. All but discovery and `/echo` need a token.
pub(super) fn all(relay: &Arc<Relay>) -> Router {
    let open = Router::new()
        .route("/echo", get(discovery::echo))
        .route("/v1/integrations/discovery", get(discovery::discovery));
    let closed = enforcer_side()
        .merge(approver_side())
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(Arc::clone(relay), authenticate));
    open.merge(closed)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(RequestBodyTimeoutLayer::new(BODY_SILENCE))
        .layer(from_fn_with_state(Arc::clone(relay), guard::count))
        .layer(from_fn(guard::loopback_host))
        .layer(map_response(guard::never_stored))
        .with_state(Arc::clone(relay))
}

fn enforcer_side() -> Router<Arc<Relay>> {
    Router::new()
        .route("/v1/consents/check", get(discovery::consent_check))
        .route("/v1/consent/status", get(discovery::consent_status))
        .route("/v1/pairing/initiate", post(pairing::initiate))
        .route("/v1/pairing/claim", post(pairing::claim))
        .route("/v1/pairing/{nonce}/status", get(pairing::status))
        .route("/v1/pairing/revoke", post(pairing::revoke))
        .route("/v1/presence/heartbeat", post(presence::heartbeat))
        .route("/v1/policy/dnd/effective", get(policy::effective))
        .route("/v1/artifacts", post(artifacts::submit))
        .route("/v1/exchanges/{request_id}", get(exchanges::status))
        .route("/v1/exchanges/{request_id}/wait", get(exchanges::wait))
        .route("/v1/exchanges/{request_id}/withdraw", post(exchanges::withdraw))
        .route("/v1/acks", post(acks::submit))
        .route("/v1/ws", get(ws::open))
}

fn approver_side() -> Router<Arc<Relay>> {
    Router::new()
        .route("/v1/pairing/pre-generate", post(pairing::pregenerate))
        .route("/v1/pairing/resolve/{code}", get(pairing::resolve))
        .route("/v1/pairing/complete", post(pairing::complete))
        .route("/v1/approvers/{approver_id}/inbox", get(approvers::pending))
        .route("/v1/approvers/{approver_id}/inbox/expired", get(approvers::ended))
        .route("/v1/decisions", post(decisions::submit))
        .route("/v1/sse/approvers/{approver_id}", get(sse::stream))
        .route("/v1/presence/enforcers", get(presence::enforcers))
        .route("/v1/policy/dnd", get(policy::list).post(policy::set))
        .route("/v1/policy/dnd/{request_id}/end", post(policy::end))
}

async fn unknown_path() -> Refused {
    Refusal::UnknownPath.into()
}

async fn wrong_method() -> Refused {
    Refusal::WrongMethod.into()
}
