//! Who is there.

use super::extract::Body;
use super::messages::{stored, time};
use super::names::name;
use crate::gateway::limits::ONLINE_MS;
use crate::gateway::principal::{Approver, Enforcer};
use crate::gateway::refusal::{Refusal, Refused};
use crate::gateway::relay::Relay;
use crate::gateway::store::Presence;
use crate::protocol::presence::{EnforcerPresence, Heartbeat};
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};
use std::sync::Arc;

/// `POST /v1/presence/heartbeat`.
pub(super) async fn heartbeat(
    State(relay): State<Arc<Relay>>,
    Enforcer(caller): Enforcer,
    Body(heartbeat): Body<Heartbeat>,
) -> Result<Json<Value>, Refused> {
    let presence = Presence {
        enforcer_id: heartbeat.enforcer_id.to_string(),
        enforcer_label: name("enforcerLabel", heartbeat.enforcer_label)?,
        workspace_name: name("workspaceName", heartbeat.workspace_name)?,
        seen_at: relay.now(),
    };
    relay.store.heartbeat(caller.token_id, presence).await?;
    Ok(Json(json!({ "status": "ok" })))
}

/// `GET /v1/presence/enforcers`: those paired with the caller's approvers.
pub(super) async fn enforcers(
    State(relay): State<Arc<Relay>>,
    Approver(caller): Approver,
) -> Result<Json<Vec<EnforcerPresence>>, Refused> {
    let now = relay.now();
    let found = relay.store.present(caller.token_id).await?;
    let shown = found.into_iter().map(|presence| shown(presence, now));
    Ok(Json(shown.collect::<Result<_, _>>()?))
}

fn shown(presence: Presence, now: i64) -> Result<EnforcerPresence, Refusal> {
    Ok(EnforcerPresence {
        enforcer: Heartbeat {
            enforcer_id: stored(&presence.enforcer_id)?,
            workspace_name: presence.workspace_name,
            enforcer_label: presence.enforcer_label,
        },
        online: now.saturating_sub(presence.seen_at) <= ONLINE_MS,
        last_seen_at: Some(time(presence.seen_at)?),
    })
}
