//! An approver decides.

use super::extract::Body;
use crate::gateway::limits::FIELD_BYTES;
use crate::gateway::principal::Approver;
use crate::gateway::refusal::{Refusal, Refused};
use crate::gateway::relay::Relay;
use crate::gateway::store::Verdict;
use crate::protocol::{DecisionBody, Envelope, MessageId, MessageType};
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};
use std::sync::Arc;

/// `POST /v1/decisions`: 200, also for the same one again; 404, 409, 422.
///
/// The gateway has no key and cannot tell whether a signature holds: the enforcer
/// does. HARP-GATEWAY 5.7.
pub(super) async fn submit(
    State(relay): State<Arc<Relay>>,
    Approver(caller): Approver,
    Body(envelope): Body<Envelope<DecisionBody>>,
) -> Result<Json<Value>, Refused> {
    let request_id = envelope.request_id.to_string();
    let about = |refusal: Refusal| refusal.about(&request_id);
    let verdict = read(envelope, &relay).map_err(about)?;
    relay.decide(caller, verdict).await.map_err(about)?;
    tracing::info!(request_id, "decision");
    Ok(Json(json!({ "requestId": request_id, "status": "accepted" })))
}

fn read(envelope: Envelope<DecisionBody>, relay: &Relay) -> Result<Verdict, Refusal> {
    if envelope.message_type != MessageType::DecisionSubmit {
        return Err(Refusal::Invalid { field: "msgType", problem: "not decision.submit" });
    }
    let missing = |field| Refusal::Invalid { field, problem: "missing" };
    let approver_id = envelope.sender.approver_id.ok_or(missing("sender.approverId"))?;
    let body = envelope.body;
    let artifact_hash = body.artifact_hash.clone().ok_or(missing("artifactHash"))?;
    // Spec: protocol.md section 7; `allow` and `deny` are HARP-CORE's words.
    match body.decision.as_deref() {
        Some("approve" | "reject" | "allow" | "deny") => {}
        _ => return Err(Refusal::Invalid { field: "decision", problem: "not one we know" }),
    }
    let signed = [&body.signer_key_id, &body.nonce, &body.signature];
    if signed.iter().any(|field| field.as_deref().is_none_or(str::is_empty)) {
        return Err(missing("signerKeyId, nonce or signature"));
    }
    let decision = serde_json::to_string(&body).map_err(|_| Refusal::Stored)?;
    if decision.len() > FIELD_BYTES {
        return Err(Refusal::Invalid { field: "body", problem: "too long" });
    }
    let now = super::messages::time(relay.now())?;
    let message_id = MessageId::generate(now).map_err(|_| Refusal::Random)?;
    Ok(Verdict {
        request_id: envelope.request_id.to_string(),
        approver_id: approver_id.to_string(),
        artifact_hash,
        decision,
        message_id: message_id.to_string(),
    })
}
