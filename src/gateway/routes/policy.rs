//! Do-not-disturb policies: an approver sets them, an enforcer asks which hold.

use super::extract::{Body, Parameters, Segment};
use super::messages::{stored_json, time};
use crate::gateway::limits::{FIELD_BYTES, NAME_BYTES};
use crate::gateway::principal::{Approver, Enforcer};
use crate::gateway::refusal::{Refusal, Refused};
use crate::gateway::relay::Relay;
use crate::gateway::store::Policy;
use crate::protocol::dnd::{DndPolicy, EffectivePolicies};
use crate::protocol::{EnforcerId, MessageType, RequestId};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(Debug, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the names on the wire")]
#[serde(rename_all = "camelCase")]
pub(super) struct PolicyParameters {
    enforcer_id: EnforcerId,
    workspace_id: String,
    session_id: Option<String>,
}

/// `GET /v1/policy/dnd/effective?enforcerId&workspaceId&sessionId?`: the policies
/// that hold, an empty array when there are none.
pub(super) async fn effective(
    State(relay): State<Arc<Relay>>,
    Enforcer(caller): Enforcer,
    Parameters(asked): Parameters<PolicyParameters>,
) -> Result<Json<EffectivePolicies>, Refused> {
    let now = relay.now();
    let found = relay.store.effective_policies(
        caller.token_id,
        asked.enforcer_id.as_str(),
        &asked.workspace_id,
        asked.session_id.as_deref(),
        now,
    );
    let found = found.await?;
    let request_id = RequestId::generate(time(now)?).map_err(|_| Refusal::Random)?;
    Ok(Json(EffectivePolicies {
        message_type: MessageType::DndEffective.name().to_owned(),
        request_id: Some(request_id.to_string()),
        body: found.iter().map(|policy| stored_json(policy)).collect::<Result<_, _>>()?,
    }))
}

/// `POST /v1/policy/dnd`, ours: an approver sets a policy for an enforcer it is paired
/// with, in place of one with the same `requestId`.
pub(super) async fn set(
    State(relay): State<Arc<Relay>>,
    Approver(caller): Approver,
    Body(policy): Body<DndPolicy>,
) -> Result<Json<Value>, Refused> {
    if policy.expires_at.as_millisecond() <= relay.now() {
        return Err(Refusal::ExpiredOnArrival.into());
    }
    let text = serde_json::to_string(&policy).map_err(|_| Refusal::Stored)?;
    if policy.workspace_id.contains('\0') {
        return Err(Refusal::Invalid { field: "workspaceId", problem: "has a NUL" }.into());
    }
    if text.len() > FIELD_BYTES || policy.workspace_id.len() > NAME_BYTES {
        return Err(Refusal::Invalid { field: "policy", problem: "too long" }.into());
    }
    let stored = Policy {
        id: policy.request_id.to_string(),
        enforcer_id: policy.enforcer_id.to_string(),
        workspace_id: policy.workspace_id,
        session_id: policy.session_id.map(|id| id.to_string()),
        text,
        expires_at: policy.expires_at.as_millisecond(),
    };
    let policy_id = stored.id.clone();
    relay.store.set_policy(caller.token_id, stored, relay.now()).await?;
    tracing::info!(policy_id, "do-not-disturb policy set");
    Ok(Json(json!({ "requestId": policy_id, "status": "set" })))
}

/// `GET /v1/policy/dnd`, ours: the policies for the enforcers of the caller's approvers.
pub(super) async fn list(
    State(relay): State<Arc<Relay>>,
    Approver(caller): Approver,
) -> Result<Json<Vec<DndPolicy>>, Refused> {
    let found = relay.store.policies(caller.token_id, relay.now()).await?;
    let read = found.iter().map(|policy| stored_json(policy));
    Ok(Json(read.collect::<Result<_, _>>()?))
}

/// `POST /v1/policy/dnd/{requestId}/end`, ours.
pub(super) async fn end(
    State(relay): State<Arc<Relay>>,
    Approver(caller): Approver,
    Segment(policy_id): Segment<RequestId>,
) -> Result<Json<Value>, Refused> {
    relay.store.end_policy(caller.token_id, policy_id.as_str()).await?;
    tracing::info!(%policy_id, "do-not-disturb policy ended");
    Ok(Json(json!({ "requestId": policy_id, "status": "ended" })))
}
