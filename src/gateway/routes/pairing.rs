//! An enforcer and an approver find each other by a code.
//!
//! Either side may begin. The enforcer does with `initiate`; the approver reads the
//! code with `resolve` and answers with `complete`. The approver does with
//! `pre-generate`; the enforcer uses the code with `claim`, and the approver, who
//! sees that in `resolve`, completes. The approver may also complete beforehand:
//! then `claim` returns the routing token at once.

use super::extract::{Body, Segment};
use super::messages::{stored, time};
use super::names::{long, name};
use crate::gateway::principal::{Approver, Enforcer, Principal};
use crate::gateway::refusal::{Refusal, Refused};
use crate::gateway::relay::Relay;
use crate::gateway::store::{Claim, Completion, PairingKey, Session};
use crate::protocol::pairing::{
    ClaimRequest, ClaimResponse, CompleteRequest, InitiateRequest, InitiateResponse, KEPT,
    KeptRequest, PairingState, PreGenerateRequest, PreGenerateResponse, ResolveResponse,
    RevokeRequest, RevokeResponse, StatusResponse,
};
use crate::protocol::{PairingCode, PairingNonce};
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Instant;

/// `POST /v1/pairing/initiate`: a code that is good for 10 minutes.
pub(super) async fn initiate(
    State(relay): State<Arc<Relay>>,
    Enforcer(caller): Enforcer,
    Body(request): Body<InitiateRequest>,
) -> Result<Json<InitiateResponse>, Refused> {
    let claim = Claim {
        enforcer_id: request.enforcer_id.to_string(),
        device_id: request.device_id.to_string(),
        enforcer_label: name("enforcerLabel", request.enforcer_label)?,
        workspace_name: name("workspaceName", request.workspace_name)?,
        gateway_url: long("gatewayUrl", request.gateway_url)?,
        x25519_public_key: request.x25519_public_key.map(|key| key.to_string()),
    };
    let session = relay.store.initiate(caller.token_id, claim, relay.now()).await?;
    tracing::info!(nonce = session.nonce, "pairing initiated");
    Ok(Json(InitiateResponse {
        pairing_nonce: stored(&session.nonce)?,
        pairing_code: stored(&session.code)?,
        device_id: request.device_id,
        gateway_url: session.gateway_url,
        expires_at: Some(time(session.expires_at)?),
    }))
}

/// `POST /v1/pairing/pre-generate`: a code that is good for 30 minutes.
pub(super) async fn pregenerate(
    State(relay): State<Arc<Relay>>,
    Approver(caller): Approver,
    Body(request): Body<PreGenerateRequest>,
) -> Result<Json<PreGenerateResponse>, Refused> {
    if let Some(approver_id) = request.approver_id {
        relay.store.use_approver(caller.token_id, approver_id.as_str()).await?;
    }
    let session = relay.store.pregenerate(caller.token_id, relay.now()).await?;
    tracing::info!(nonce = session.nonce, "pairing code made");
    Ok(Json(PreGenerateResponse {
        pairing_code: stored(&session.code)?,
        pairing_nonce: Some(stored(&session.nonce)?),
        expires_at: Some(time(session.expires_at)?),
    }))
}

/// `GET /v1/pairing/resolve/{code}`: the session of a code.
pub(super) async fn resolve(
    State(relay): State<Arc<Relay>>,
    Approver(caller): Approver,
    Segment(code): Segment<PairingCode>,
) -> Result<Json<ResolveResponse>, Refused> {
    relay.guesses.attempt(caller.token_id, Instant::now())?;
    let now = relay.now();
    let found = relay.store.resolve(caller.token_id, &code, now).await?;
    let session = found.ok_or(Refusal::UnknownSession)?;
    relay.guesses.right(caller.token_id);
    Ok(Json(ResolveResponse {
        pairing_nonce: stored(&session.nonce)?,
        state: Some(state(&session, now)),
        enforcer_id: optional(session.enforcer_id.as_deref())?,
        device_id: optional(session.device_id.as_deref())?,
        enforcer_label: session.enforcer_label,
        workspace_name: session.workspace_name,
        gateway_url: session.gateway_url,
        x25519_public_key: optional(session.x25519_public_key.as_deref())?,
        expires_at: Some(time(session.expires_at)?),
    }))
}

/// `POST /v1/pairing/complete`: 404 unknown or expired, 409 done before.
pub(super) async fn complete(
    State(relay): State<Arc<Relay>>,
    Approver(caller): Approver,
    Body(request): Body<CompleteRequest>,
) -> Result<Json<Value>, Refused> {
    let response_json = long("responseJson", Some(request.response_json))?;
    let missing = Refusal::Invalid { field: "responseJson", problem: "empty" };
    let completion = Completion {
        nonce: request.nonce.to_string(),
        approver_id: request.approver_id.to_string(),
        response_json: response_json.ok_or(missing)?,
    };
    let session = relay.complete(caller, completion).await?;
    tracing::info!(nonce = session.nonce, "pairing completed");
    let state = state(&session, relay.now());
    Ok(Json(json!({ "pairingNonce": session.nonce, "state": state })))
}

/// `POST /v1/pairing/claim`: takes a code an approver made.
pub(super) async fn claim(
    State(relay): State<Arc<Relay>>,
    Enforcer(caller): Enforcer,
    Body(request): Body<ClaimRequest>,
) -> Result<Json<ClaimResponse>, Refused> {
    let claim = Claim {
        enforcer_id: request.enforcer_id.to_string(),
        device_id: request.device_id.to_string(),
        enforcer_label: name("enforcerLabel", Some(request.enforcer_label))?,
        workspace_name: name("workspaceName", Some(request.workspace_name))?,
        gateway_url: long("gatewayUrl", request.gateway_url)?,
        x25519_public_key: request.x25519_public_key.map(|key| key.to_string()),
    };
    relay.guesses.attempt(caller.token_id, Instant::now())?;
    let session = relay.claim(caller, request.pairing_code, claim).await?;
    relay.guesses.right(caller.token_id);
    tracing::info!(nonce = session.nonce, "pairing claimed");
    Ok(Json(ClaimResponse {
        pairing_nonce: Some(stored(&session.nonce)?),
        expires_at: Some(time(session.expires_at)?),
        routing_token: optional(session.routing_token.as_deref())?,
        response_json: session.response_json,
    }))
}

/// `GET /v1/pairing/{nonce}/status`, for the enforcer that initiated or claimed it; for the
/// approver that completed it, which learns no more than how it stands, ours.
pub(super) async fn status(
    State(relay): State<Arc<Relay>>,
    caller: Principal,
    Segment(nonce): Segment<PairingNonce>,
) -> Result<Json<StatusResponse>, Refused> {
    let session = relay.store.session(caller, nonce.as_str()).await?;
    let state = state(&session, relay.now());
    let answered = state == PairingState::Completed && caller.is_enforcer();
    Ok(Json(StatusResponse {
        pairing_nonce: stored(&session.nonce)?,
        state,
        response_json: session.response_json.filter(|_| answered),
        routing_token: optional(session.routing_token.as_deref().filter(|_| answered))?,
        expires_at: Some(time(session.expires_at)?),
        kept_at: session.kept_at.map(time).transpose()?,
        extensions: vec![KEPT.to_owned()],
    }))
}

/// `POST /v1/pairing/kept`, ours: the enforcer has stored the pairing, so that the older one
/// is over.
pub(super) async fn kept(
    State(relay): State<Arc<Relay>>,
    Enforcer(caller): Enforcer,
    Body(request): Body<KeptRequest>,
) -> Result<Json<Value>, Refused> {
    relay.keep(caller, request.routing_token.expose().to_owned()).await?;
    Ok(Json(json!({ "status": "kept" })))
}

/// `POST /v1/pairing/revoke`: ends the pairing and everything that waits in it.
pub(super) async fn revoke(
    State(relay): State<Arc<Relay>>,
    caller: Principal,
    Body(request): Body<RevokeRequest>,
) -> Result<Json<RevokeResponse>, Refused> {
    let named = PairingKey {
        routing_token: request.routing_token.map(|token| token.expose().to_owned()),
        // An enforcer's own name for it is the token.
        nonce: request.pairing_nonce.filter(|_| !caller.is_enforcer()).map(|n| n.to_string()),
    };
    let revoked = relay.revoke(caller, named).await?;
    tracing::info!(nonce = revoked.nonce, "pairing revoked");
    Ok(Json(RevokeResponse {
        status: "revoked".to_owned(),
        enforcer_id: Some(stored(&revoked.enforcer_id)?),
    }))
}

fn state(session: &Session, now: i64) -> PairingState {
    if session.revoked_at.is_some() {
        PairingState::Revoked
    } else if session.routing_token.is_some() {
        PairingState::Completed
    } else if session.expires_at <= now {
        PairingState::Expired
    } else {
        PairingState::Pending
    }
}

fn optional<T: FromStr>(text: Option<&str>) -> Result<Option<T>, Refusal> {
    text.map(stored).transpose()
}
