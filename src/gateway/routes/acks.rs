//! A client acknowledges a message.

use super::extract::Body;
use crate::gateway::principal::Principal;
use crate::gateway::refusal::{Refusal, Refused};
use crate::gateway::relay::Relay;
use crate::protocol::exchange::AckBody;
use crate::protocol::{Envelope, MessageType};
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};
use std::sync::Arc;

/// `POST /v1/acks`. An enforcer's makes a decided exchange `delivered`; an
/// approver's is taken and changes nothing. HARP-GATEWAY 5.5.
pub(super) async fn submit(
    State(relay): State<Arc<Relay>>,
    caller: Principal,
    Body(envelope): Body<Envelope<AckBody>>,
) -> Result<Json<Value>, Refused> {
    let request_id = envelope.request_id.to_string();
    if envelope.message_type != MessageType::AckSubmit {
        let refusal = Refusal::Invalid { field: "msgType", problem: "not ack.submit" };
        return Err(refusal.about(&request_id));
    }
    // Published clients send the msgId as the requestId when they know no other.
    let message_id = envelope.body.message_id.to_string();
    let taken = relay.acknowledge(caller, message_id, request_id.clone()).await;
    taken.map_err(|refusal| refusal.about(&request_id))?;
    Ok(Json(json!({ "status": "ok" })))
}
