//! What a client asks before it does anything.

use super::messages::time;
use crate::gateway::principal::Principal;
use crate::gateway::refusal::Refused;
use crate::gateway::relay::Relay;
use crate::protocol::consent::ConsentStatus;
use crate::protocol::discovery::{Authentication, Discovery, Echo};
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use std::sync::Arc;

/// An answer with the name of this gateway beside it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Named<T> {
    #[serde(flatten)]
    answer: T,
    gateway_id: String,
}

impl<T> Named<T> {
    fn new(relay: &Relay, answer: T) -> Json<Self> {
        Json(Self { answer, gateway_id: relay.store.gateway_id().to_owned() })
    }
}

/// `GET /echo`, for anybody. Our local time is UTC.
pub(super) async fn echo(State(relay): State<Arc<Relay>>) -> Result<Json<Named<Echo>>, Refused> {
    let now = time(relay.now())?.to_string();
    let echo = Echo { utc: now.clone(), local: now, timezone: "UTC".to_owned(), offset_minutes: 0 };
    Ok(Named::new(&relay, echo))
}

/// `GET /v1/integrations/discovery`, for anybody. There is nowhere to sign in.
pub(super) async fn discovery(State(relay): State<Arc<Relay>>) -> Json<Named<Discovery>> {
    let auth = Authentication { pat_supported: true };
    Named::new(&relay, Discovery { idp: None, auth })
}

/// `GET /v1/consents/check`: whoever has a token of ours may use it.
pub(super) async fn consent_check(_: Principal) -> Json<ConsentStatus> {
    Json(ConsentStatus { status: "Allowed".to_owned() })
}

/// `GET /v1/consent/status`: the same in the words of the published clients.
pub(super) async fn consent_status(_: Principal) -> Json<ConsentStatus> {
    Json(ConsentStatus { status: "approved".to_owned() })
}
