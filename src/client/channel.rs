//! The presence channel, where a gateway offers one. Protocol section 3.
//!
//! It can only end things: a forged frame on it costs a pairing, which the relay could
//! refuse to serve as well, and never lets a command run.

use super::transport::LARGEST_FRAME;
use super::{Enforcer, TransportError};
use crate::protocol::PairingNonce;
use crate::protocol::json;
use crate::protocol::presence::{Frame, Heartbeat};
use futures_util::{SinkExt as _, StreamExt as _};
use reqwest::Upgraded;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

/// What an enforcer of ours can do.
const CAPABILITIES: [&str; 1] = ["command.review"];

/// What a gateway says on the channel that somebody must act upon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    /// A pairing ended; without a name, whichever it was.
    Unpaired(Option<PairingNonce>),
    /// It wants to hear that we are there.
    Refresh,
}

/// An open channel.
#[derive(Debug)]
pub(super) struct Channel {
    socket: WebSocketStream<Upgraded>,
}

impl Channel {
    /// Opens it and says who is there.
    pub(super) async fn open(
        enforcer: &Enforcer,
        sign: &Heartbeat,
    ) -> Result<Self, TransportError> {
        let socket = enforcer.channel(&sign.enforcer_id).await?;
        let mut channel = Self { socket };
        let hello = Frame::Hello {
            capabilities: CAPABILITIES.map(str::to_owned).to_vec(),
            workspace_name: sign.workspace_name.clone(),
            enforcer_label: sign.enforcer_label.clone(),
        };
        // A channel that broke already says so when it is listened to.
        channel.say(&hello).await;
        Ok(channel)
    }

    /// Answers what needs no more than an answer, and returns the first that does;
    /// `None` when the channel is closed.
    pub(super) async fn next(&mut self) -> Option<Told> {
        loop {
            let text = match self.socket.next().await?.ok()? {
                Message::Text(text) => text,
                Message::Close(_) => return None,
                _ => continue,
            };
            match json::read_as::<Frame>(text.as_bytes(), LARGEST_FRAME) {
                Ok(Frame::Ping) => self.say(&Frame::Pong).await,
                Ok(Frame::PairingRevoked { pairing_nonce }) => {
                    return Some(Told::Unpaired(pairing_nonce));
                }
                Ok(Frame::RefreshRequest) => return Some(Told::Refresh),
                Ok(Frame::Hello { .. } | Frame::Pong | Frame::Unknown) => {}
                Err(error) => tracing::info!(%error, "a frame that cannot be read"),
            }
        }
    }

    async fn say(&mut self, frame: &Frame) {
        let text = serde_json::to_string(frame).expect("texts are always JSON");
        let _ = self.socket.send(Message::Text(text.into())).await;
    }
}
