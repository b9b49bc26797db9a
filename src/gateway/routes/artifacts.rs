//! An enforcer submits an artifact.

use super::extract::Body;
use crate::gateway::limits::{
    DEFAULT_LIFETIME_MS, LONGEST_LIFETIME_MS, NAME_BYTES, SHORTEST_LIFETIME_MS, SKEW_MS,
};
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
        expires_at: expiry(body.expires_at.or(envelope.expires_at), envelope.created_at, now)?,
    })
}

fn exposed(token: &RoutingToken) -> String {
    token.expose().to_owned()
}

/// Settles when an exchange expires. Spec: protocol.md section 4, last but one paragraph.
///
/// The sender's clock may differ from ours: by `sent` it says how long it means. An expiry
/// around now ends the exchange when it says, and not before that time is over by our clock.
fn expiry(asked: Option<Timestamp>, sent: Option<Timestamp>, now: i64) -> Result<i64, Refusal> {
    let Some(asked) = asked else { return Ok(now + DEFAULT_LIFETIME_MS) };
    let asked = asked.as_millisecond();
    if asked < now - SKEW_MS {
        return Err(Refusal::ExpiredOnArrival);
    }
    if asked <= now + SKEW_MS {
        let meant = sent.map_or(0, |sent| asked.saturating_sub(sent.as_millisecond()));
        if meant < SHORTEST_LIFETIME_MS {
            // The published clients send the moment of sending when told nothing.
            return Ok(now + DEFAULT_LIFETIME_MS);
        }
        return Ok(now.saturating_add(meant).clamp(asked, asked + SKEW_MS));
    }
    Ok(asked.min(now + LONGEST_LIFETIME_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000_000;

    fn at(offset: i64) -> Timestamp {
        Timestamp::from_millisecond(NOW + offset).expect("a time")
    }

    #[test]
    fn an_expiry_around_now_counts_as_none_and_an_old_one_is_refused() {
        // As the published clients do it: the moment of sending is both.
        let expiry = |offset| expiry(Some(at(offset)), Some(at(offset)), NOW);
        for offset in [-SKEW_MS, 0, SKEW_MS] {
            assert_eq!(expiry(offset).expect("taken"), NOW + DEFAULT_LIFETIME_MS);
        }
        assert_eq!(expiry(SKEW_MS + 1).expect("taken"), NOW + SKEW_MS + 1);
        let longest = expiry(2 * LONGEST_LIFETIME_MS).expect("taken");
        assert_eq!(longest, NOW + LONGEST_LIFETIME_MS);
        assert!(matches!(expiry(-SKEW_MS - 1), Err(Refusal::ExpiredOnArrival)));
        let none = super::expiry(None, Some(at(0)), NOW).expect("taken");
        assert_eq!(none, NOW + DEFAULT_LIFETIME_MS);
    }

    #[test]
    fn a_short_time_is_that_long_whatever_the_sender_takes_the_time_for() {
        let expiry =
            |asked, sent| expiry(Some(at(asked)), Some(at(sent)), NOW).expect("taken") - NOW;
        assert_eq!(expiry(3000, 0), 3000);
        assert_eq!(expiry(SHORTEST_LIFETIME_MS, 0), SHORTEST_LIFETIME_MS);
        assert_eq!(expiry(SHORTEST_LIFETIME_MS - 1, 0), DEFAULT_LIFETIME_MS);
        // It is behind us, and ahead.
        assert_eq!(expiry(-7000, -10_000), 3000);
        assert_eq!(expiry(13_000, 10_000), 13_000);
        assert_eq!(
            super::expiry(Some(at(0)), None, NOW).expect("taken"),
            NOW + DEFAULT_LIFETIME_MS
        );
        // It was sent long ago, or says so: no longer than clocks may differ.
        assert_eq!(expiry(3000, -LONGEST_LIFETIME_MS), 3000 + SKEW_MS);
    }
}
