//! The presence channel of an enforcer: it is there, and hears at once what ended.
//!
//! Nothing is decided here, and nothing is asked: a channel that breaks costs nothing
//! but time.

use super::extract::Parameters;
use super::messages::stored;
use super::names::name;
use crate::gateway::limits::{FIELD_BYTES, PING_EVERY};
use crate::gateway::news::Unpaired;
use crate::gateway::principal::{Enforcer, Principal};
use crate::gateway::refusal::{Refusal, Refused};
use crate::gateway::relay::Relay;
use crate::gateway::store::Presence;
use crate::protocol::EnforcerId;
use crate::protocol::json;
use crate::protocol::presence::Frame;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use serde::Deserialize;
use std::sync::Arc;
use tokio::sync::broadcast::error::RecvError;

#[derive(Debug, Deserialize)]
pub(super) struct ChannelParameters {
    role: String,
    id: EnforcerId,
}

/// `GET /v1/ws?role=enforcer&id=`: becomes a WebSocket.
pub(super) async fn open(
    State(relay): State<Arc<Relay>>,
    Enforcer(caller): Enforcer,
    Parameters(asked): Parameters<ChannelParameters>,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Result<Response, Refused> {
    let upgrade = upgrade.map_err(|_| Refusal::NoWebSocket)?;
    if asked.role != "enforcer" {
        return Err(Refusal::Invalid { field: "role", problem: "only enforcers" }.into());
    }
    let here = here(&relay, caller, &asked.id, None, None).await?;
    let held = relay.streams.take(caller.token_id, &relay.lasting.presences)?;
    let busy = relay.activity.begin();
    let upgrade = upgrade.max_message_size(FIELD_BYTES).max_frame_size(FIELD_BYTES);
    Ok(upgrade.on_upgrade(async move |socket| {
        let channel = Channel { relay, caller, enforcer_id: here, socket };
        channel.run().await;
        drop((held, busy));
    }))
}

/// Notes that the enforcer is there, if it is the caller's.
async fn here(
    relay: &Relay,
    caller: Principal,
    enforcer_id: &EnforcerId,
    label: Option<String>,
    workspace: Option<String>,
) -> Result<EnforcerId, Refusal> {
    let presence = Presence {
        enforcer_id: enforcer_id.to_string(),
        enforcer_label: name("enforcerLabel", label)?,
        workspace_name: name("workspaceName", workspace)?,
        seen_at: relay.now(),
    };
    relay.store.heartbeat(caller.token_id, presence).await?;
    Ok(enforcer_id.clone())
}

/// Does the same when it is said again, and does not mind a failure.
async fn note(
    relay: &Relay,
    caller: Principal,
    enforcer_id: &EnforcerId,
    label: Option<String>,
    workspace: Option<String>,
) {
    if let Err(error) = here(relay, caller, enforcer_id, label, workspace).await {
        tracing::warn!(?error, "presence was not noted");
    }
}

struct Channel {
    relay: Arc<Relay>,
    caller: Principal,
    enforcer_id: EnforcerId,
    socket: WebSocket,
}

impl Channel {
    /// Serves until either side is gone.
    async fn run(mut self) {
        let mut unpaired = self.relay.audience.unpaired.subscribe();
        let mut ping = tokio::time::interval(PING_EVERY);
        loop {
            let told = tokio::select! {
                () = self.relay.closed() => return,
                heard = self.socket.recv() => match heard {
                    Some(Ok(message)) => self.hear(message).await,
                    Some(Err(_)) | None => return,
                },
                _ = ping.tick() => self.say(&Frame::Ping).await,
                ended = unpaired.recv() => match ended {
                    Ok(Some(ended)) => self.tell(&ended).await,
                    // Too slow to follow, or cut off: it may look for itself.
                    Ok(None) | Err(RecvError::Lagged(_)) => self.say(&Frame::RefreshRequest).await,
                    Err(RecvError::Closed) => return,
                },
            };
            if told.is_err() {
                return;
            }
        }
    }

    async fn hear(&mut self, message: Message) -> Result<(), axum::Error> {
        let Message::Text(text) = message else { return Ok(()) };
        match json::read_as::<Frame>(text.as_bytes(), FIELD_BYTES) {
            Ok(Frame::Hello { enforcer_label, workspace_name, .. }) => {
                let (relay, id) = (&self.relay, &self.enforcer_id);
                note(relay, self.caller, id, enforcer_label, workspace_name).await;
                Ok(())
            }
            Ok(Frame::Pong) => {
                note(&self.relay, self.caller, &self.enforcer_id, None, None).await;
                Ok(())
            }
            Ok(Frame::Ping) => self.say(&Frame::Pong).await,
            // What we do not know does no harm.
            Ok(_) | Err(_) => Ok(()),
        }
    }

    async fn tell(&mut self, ended: &Unpaired) -> Result<(), axum::Error> {
        if ended.enforcer_id != self.enforcer_id.as_str() {
            return Ok(());
        }
        let Ok(nonce) = stored(&ended.nonce) else { return Ok(()) };
        self.say(&Frame::PairingRevoked { pairing_nonce: Some(nonce) }).await
    }

    async fn say(&mut self, frame: &Frame) -> Result<(), axum::Error> {
        let text = serde_json::to_string(frame).map_err(axum::Error::new)?;
        self.socket.send(Message::Text(text.into())).await
    }
}
