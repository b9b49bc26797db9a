//! Do-not-disturb policies.

use super::extract::Parameters;
use super::messages::{stored_json, time};
use crate::gateway::principal::Enforcer;
use crate::gateway::refusal::{Refusal, Refused};
use crate::gateway::relay::Relay;
use crate::protocol::dnd::EffectivePolicies;
use crate::protocol::{EnforcerId, MessageType, RequestId};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
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
