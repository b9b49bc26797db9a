//! What became of a request that waits no more.

use crate::client::{Transport, TransportError};
use crate::protocol::exchange::StatusBody;
use crate::protocol::json;
use crate::protocol::{Envelope, ExchangeState, RequestId};
use serde_json::Value;

/// How a request ended, as the gateway says it: nothing here is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It still waits.
    Waits,
    /// Somebody approved it.
    Approved,
    /// Somebody rejected it.
    Rejected,
    /// Nobody decided in time.
    Expired,
    /// Whoever asked took it back.
    Withdrawn,
    /// The gateway does not say.
    Unknown,
}

impl Fate {
    /// Returns the word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Waits => "waits",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
            Self::Unknown => "gone",
        }
    }
}

/// Asks the gateway.
///
/// # Errors
///
/// [`TransportError`] when it is away; a refusal to say is [`Fate::Unknown`].
pub(super) async fn of(transport: &Transport, request: &RequestId) -> Result<Fate, TransportError> {
    let answer = match transport.get(&format!("/v1/exchanges/{request}")).await {
        Err(error) if error.status().is_some_and(|status| status < 500) => {
            return Ok(Fate::Unknown);
        }
        answer => answer?,
    };
    let body = answer.body.map(json::from_value::<Envelope<StatusBody>>);
    let Some(Ok(Envelope { body, .. })) = body else { return Ok(Fate::Unknown) };
    let decision = body.decision.as_ref().and_then(|decision| decision.get("decision"));
    Ok(match (body.state, decision.and_then(Value::as_str)) {
        (ExchangeState::PendingApproval, _) => Fate::Waits,
        (ExchangeState::Expired, _) => Fate::Expired,
        (ExchangeState::Withdrawn | ExchangeState::Cancelled, _) => Fate::Withdrawn,
        (ExchangeState::Decided | ExchangeState::Delivered, Some("approve")) => Fate::Approved,
        (ExchangeState::Decided | ExchangeState::Delivered, Some("reject")) => Fate::Rejected,
        (ExchangeState::Decided | ExchangeState::Delivered, _) => Fate::Unknown,
    })
}
