//! Do-not-disturb: standing answers this approver leaves at our own gateway.
//!
//! Nobody signs them. An enforcer honours a denial always, and an approval only where
//! its user chose to trust the gateway. Protocol section 7.

use super::pairings::Pairing;
use crate::client::{Transport, TransportError};
use crate::crypto::RandomError;
use crate::protocol::dnd::{ActionSelector, DndPolicy, PolicyMode};
use crate::protocol::json::{self, JsonError};
use crate::protocol::{RequestId, SessionId};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;
use thiserror::Error;

/// Why no policy was set, listed or ended.
#[derive(Debug, Error)]
pub enum DndError {
    /// The gateway is away or refused.
    #[error("do-not-disturb: {0}")]
    Transport(#[from] TransportError),
    /// The gateway answered nothing that can be read.
    #[error("do-not-disturb: {0}")]
    Json(#[from] JsonError),
    /// No name for the policy could be drawn.
    #[error(transparent)]
    Random(#[from] RandomError),
}

impl DndError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Transport(error) if error.status() == Some(404) => {
                "see which policies there are: airlock-exec approver dnd list; a hosted gateway \
                 takes them from its own app only"
                    .to_owned()
            }
            Self::Transport(error) => error.hint(),
            Self::Json(_) => "check that this is the address of a gateway".to_owned(),
            Self::Random(error) => error.hint().to_owned(),
        }
    }
}

/// What a policy answers, to what, and for how long.
#[derive(Debug, Clone)]
pub struct StandingAnswer {
    /// The answer.
    pub mode: PolicyMode,
    /// The workspace it is for.
    pub workspace: String,
    /// The session it is for; none: every session.
    pub session: Option<SessionId>,
    /// The words a command must start with; none: every command.
    pub words: Vec<String>,
    /// How long it holds.
    pub lasts: Duration,
}

/// Leaves a standing answer for an enforcer.
pub(super) async fn set(
    transport: &Transport,
    pairing: &Pairing,
    answer: StandingAnswer,
    now: Timestamp,
) -> Result<DndPolicy, DndError> {
    let lasts = SignedDuration::try_from(answer.lasts).unwrap_or(SignedDuration::MAX);
    let for_action = !answer.words.is_empty();
    let selector = for_action
        .then(|| ActionSelector { argv_prefix: Some(answer.words), other: BTreeMap::new() });
    let object = if for_action { "airlock.dnd.action" } else { "airlock.dnd.workspace" };
    let policy = DndPolicy {
        request_id: RequestId::generate(now)?,
        object_type: object.to_owned(),
        workspace_id: answer.workspace,
        session_id: answer.session,
        enforcer_id: pairing.enforcer_id.clone(),
        policy_mode: answer.mode,
        target_artifact_type: None,
        action_selector: selector,
        created_at: Some(now),
        expires_at: now.saturating_add(lasts).unwrap_or(Timestamp::MAX),
    };
    transport.post("/v1/policy/dnd", &policy).await?;
    Ok(policy)
}

/// Lists what holds.
pub(super) async fn list(transport: &Transport) -> Result<Vec<DndPolicy>, DndError> {
    let answer = transport.get("/v1/policy/dnd").await?;
    Ok(json::from_value(answer.body.unwrap_or(Value::Null))?)
}

/// Ends a standing answer.
pub(super) async fn end(transport: &Transport, policy: &RequestId) -> Result<(), DndError> {
    transport.post(&format!("/v1/policy/dnd/{policy}/end"), &Value::Null).await?;
    Ok(())
}
