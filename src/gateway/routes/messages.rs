//! Makes messages of what is stored.

use crate::gateway::refusal::Refusal;
use crate::gateway::relay::Relay;
use crate::gateway::store::Exchange;
use crate::protocol::exchange::{InboxItem, StatusBody};
use crate::protocol::{Attention, Envelope, MessageType, Party, RequestId};
use jiff::Timestamp;
use std::str::FromStr;

/// Puts a body in an envelope from this gateway.
pub(super) fn from_gateway<B>(
    relay: &Relay,
    message_type: MessageType,
    request_id: RequestId,
    body: B,
) -> Result<Envelope<B>, Refusal> {
    let sender = Party::gateway(relay.store.gateway_id());
    let now = time(relay.now())?;
    Envelope::new(message_type, request_id, sender, now, body).map_err(|_| Refusal::Random)
}

/// Shows an exchange to its approver. The routing was never stored.
pub(super) fn inbox_item(exchange: &Exchange) -> Result<InboxItem, Refusal> {
    Ok(InboxItem {
        request_id: stored(&exchange.request_id)?,
        enforcer_id: Some(stored(&exchange.enforcer_id)?),
        artifact_type: exchange.artifact_type.clone(),
        artifact_hash: stored(&exchange.artifact_hash)?,
        ciphertext: stored_json(&exchange.ciphertext)?,
        state: exchange.state.0,
        created_at: time(exchange.created_at)?,
        expires_at: time(exchange.expires_at)?,
        metadata: stored_json(&exchange.metadata)?,
    })
}

/// Says how far an exchange is.
pub(super) fn status_body(exchange: &Exchange) -> Result<StatusBody, Refusal> {
    Ok(StatusBody {
        request_id: stored(&exchange.request_id)?,
        state: exchange.state.0,
        created_at: Some(time(exchange.created_at)?),
        expires_at: Some(time(exchange.expires_at)?),
        artifact_hash: Some(stored(&exchange.artifact_hash)?),
        decision: exchange.decision.as_deref().map(stored_json).transpose()?,
        attention: attention(exchange)?,
    })
}

/// Says whether anybody has looked at an exchange.
pub(super) fn attention(exchange: &Exchange) -> Result<Attention, Refusal> {
    Ok(Attention {
        delivered_at: exchange.delivered_at.map(time).transpose()?,
        seen_at: exchange.seen_at.map(time).transpose()?,
    })
}

/// Reads a time that is stored in milliseconds since 1970.
pub(in crate::gateway) fn time(milliseconds: i64) -> Result<Timestamp, Refusal> {
    Timestamp::from_millisecond(milliseconds).map_err(|_| Refusal::Stored)
}

/// Reads a name we stored.
pub(super) fn stored<T: FromStr>(text: &str) -> Result<T, Refusal> {
    text.parse().map_err(|_| Refusal::Stored)
}

/// Reads JSON we stored.
pub(super) fn stored_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Refusal> {
    serde_json::from_str(text).map_err(|_| Refusal::Stored)
}
