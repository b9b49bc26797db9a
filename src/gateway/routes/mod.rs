//! The calls of the gateway binding. Spec: protocol.md section 3.

mod acks;
mod approvers;
mod artifacts;
mod decisions;
mod discovery;
mod exchanges;
mod extract;
mod follow;
mod guard;
mod health;
mod history;
mod messages;
mod names;
mod pairing;
mod policy;
mod presence;
mod sse;
mod ws;

pub(super) use extract::{Body, BodyBounds};
pub(super) use guard::Hosts;
pub(super) use messages::time;
pub(super) use names::name;

use super::limits::BODY_SILENCE;
use super::page;
use super::principal::authenticate;
use super::refusal::{Refusal, Refused};
use super::relay::Relay;
use axum::Router;
use axum::middleware::{from_fn_with_state, map_response};
use axum::routing::{get, post};
use std::sync::Arc;
use tower_http::timeout::RequestBodyTimeoutLayer;

/// Builds every route. All but discovery and `/echo` need a token.
pub(super) fn all(relay: &Arc<Relay>, hosts: Hosts) -> Router {
    let has_page = relay.doors.get().is_some();
    let mut open = Router::new()
        .route("/echo", get(discovery::echo))
        .route("/v1/integrations/discovery", get(discovery::discovery));
    let mut closed = enforcer_side().merge(approver_side());
    if has_page {
        open = open.merge(page::assets()).merge(page::entrance(relay));
        closed = closed.merge(page::inside());
    }
    let closed = closed
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(Arc::clone(relay), authenticate));
    open.merge(closed)
        .method_not_allowed_fallback(wrong_method)
        .layer(RequestBodyTimeoutLayer::new(BODY_SILENCE))
        .layer(from_fn_with_state((Arc::clone(relay), Arc::new(hosts)), guard::admit))
        .merge(watched())
        .layer(map_response(async |response| page::with_headers(guard::never_stored(response))))
        .with_state(Arc::clone(relay))
}

/// What a balancer asks by our address, and says nothing of what is carried.
fn watched() -> Router<Arc<Relay>> {
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .method_not_allowed_fallback(wrong_method)
}

fn enforcer_side() -> Router<Arc<Relay>> {
    Router::new()
        .route("/v1/consents/check", get(discovery::consent_check))
        .route("/v1/consent/status", get(discovery::consent_status))
        .route("/v1/pairing/initiate", post(pairing::initiate))
        .route("/v1/pairing/claim", post(pairing::claim))
        .route("/v1/pairing/{nonce}/status", get(pairing::status))
        .route("/v1/pairing/revoke", post(pairing::revoke))
        .route("/v1/pairing/kept", post(pairing::kept))
        .route("/v1/presence/heartbeat", post(presence::heartbeat))
        .route("/v1/policy/dnd/effective", get(policy::effective))
        .route("/v1/artifacts", post(artifacts::submit))
        .route("/v1/exchanges/{request_id}", get(exchanges::status))
        .route("/v1/exchanges/{request_id}/wait", get(exchanges::wait))
        .route("/v1/exchanges/{request_id}/withdraw", post(exchanges::withdraw))
        .route(
            "/v1/exchanges/{request_id}/follow-ups",
            get(follow::follow_ups).post(follow::follow_up),
        )
        .route("/v1/exchanges/{request_id}/controls", get(follow::controls).post(follow::control))
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
        .route("/v1/exchanges/{request_id}/seen", post(approvers::seen))
        .route("/v1/approvers/{approver_id}/history", get(history::history))
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
