//! An enforcer submits an artifact.

use super::extract::Body;
use crate::gateway::limits::{DEFAULT_LIFETIME_MS, LONGEST_LIFETIME_MS, NAME_BYTES, SKEW_MS};
use crate::gateway::principal::{Enforcer, Principal};
use crate::gateway::refusal::{Refusal, Refused};
use crate::gateway::relay::Relay;
use crate::gateway::store::{Route, Submission, Submitted};
use crate::protocol::exchange::SubmitBody;
use crate::protocol::{Envelope, MessageType, RoutingToken, attention};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::json;
use std::sync::Arc;

/// `POST /v1/artifacts`: 202, or 200 for one we have. HARP-GATEWAY 5.1.
pub(super) async fn submit(
    State(relay): State<Arc<Relay>>,
    Enforcer(caller): Enforcer,
    Body(envelope): Body<Envelope<SubmitBody>>,
) -> Result<Response, Refused> {
    let request_id = envelope.request_id.to_string();
    let about = |refusal: Refusal| refusal.about(&request_id);
    let submission = read(envelope, caller, relay.now()).map_err(about)?;
    let submitted = relay.submit(submission).await.map_err(about)?;
    let status = match submitted {
        Submitted::New => StatusCode::ACCEPTED,
        Submitted::Again => StatusCode::OK,
    };
    tracing::info!(request_id, ?submitted, "artifact");
    let answer = json!({ "requestId": request_id, "extensions": [attention::EXTENSION] });
    Ok((status, Json(answer)).into_response())
}

fn read(
    envelope: Envelope<SubmitBody>,
    caller: Principal,
    now: i64,
) -> Result<Submission, Refusal> {
    if envelope.message_type != MessageType::ArtifactSubmit {
        return Err(Refusal::Invalid { field: "msgType", problem: "not artifact.submit" });
    }
    let missing = Refusal::Invalid { field: "sender.enforcerId", problem: "missing" };
    let enforcer_id = envelope.sender.enforcer_id.ok_or(missing)?;
    let body = envelope.body;
    let artifact_type = &body.artifact_type;
    if artifact_type.is_empty() || artifact_type.len() > NAME_BYTES || artifact_type.contains('\0')
    {
        let problem = "empty, too long or with a NUL";
        return Err(Refusal::Invalid { field: "artifactType", problem });
    }
    let written = |_| Refusal::Stored;
    Ok(Submission {
        token_id: caller.token_id,
        request_id: envelope.request_id.to_string(),
        artifact_hash: body.artifact_hash.to_string(),
        artifact_type: body.artifact_type,
        ciphertext: serde_json::to_string(&body.ciphertext).map_err(written)?,
        // Only what the approver may see is kept. Spec: protocol.md section 4.
        metadata: serde_json::to_string(&body.metadata.for_approver()).map_err(written)?,
        enforcer_id: enforcer_id.to_string(),
        route: Route {
            routing_token: body.metadata.routing_token.as_ref().map(exposed),
            approver_id: body.metadata.approver_id.map(|id| id.to_string()),
        },
        created_at: now,
        expires_at: expiry(body.expires_at.or(envelope.expires_at), now)?,
    })
}

fn exposed(token: &RoutingToken) -> String {
    token.expose().to_owned()
}

/// Settles when an exchange expires. Spec: protocol.md section 4, last but one paragraph.
fn expiry(asked: Option<Timestamp>, now: i64) -> Result<i64, Refusal> {
    let Some(asked) = asked else { return Ok(now + DEFAULT_LIFETIME_MS) };
    let asked = asked.as_millisecond();
    if asked < now - SKEW_MS {
        return Err(Refusal::ExpiredOnArrival);
    }
    if asked <= now + SKEW_MS {
        // The published clients send the moment of sending when told nothing.
        return Ok(now + DEFAULT_LIFETIME_MS);
    }
    Ok(asked.min(now + LONGEST_LIFETIME_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expiry_around_now_counts_as_none_and_an_old_one_is_refused() {
        let now = 1_800_000_000_000;
        let at = |offset: i64| Timestamp::from_millisecond(now + offset).ok();
        assert_eq!(expiry(None, now).expect("taken"), now + DEFAULT_LIFETIME_MS);
        for offset in [-SKEW_MS, 0, SKEW_MS] {
            assert_eq!(expiry(at(offset), now).expect("taken"), now + DEFAULT_LIFETIME_MS);
        }
        assert_eq!(expiry(at(SKEW_MS + 1), now).expect("taken"), now + SKEW_MS + 1);
        let longest = expiry(at(2 * LONGEST_LIFETIME_MS), now).expect("taken");
        assert_eq!(longest, now + LONGEST_LIFETIME_MS);
        assert!(matches!(expiry(at(-SKEW_MS - 1), now), Err(Refusal::ExpiredOnArrival)));
    }
}
