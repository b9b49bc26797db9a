//! Who is online: heartbeats and the optional channel. Protocol section 3.

use super::id::{EnforcerId, PairingNonce};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// `POST /v1/presence/heartbeat`, about every 30 seconds while paired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Heartbeat {
    /// Who is alive.
    pub enforcer_id: EnforcerId,
    /// The workspace it works in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace_name: Option<String>,
    /// What the approver calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enforcer_label: Option<String>,
}

/// One entry of `GET /v1/presence/enforcers`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EnforcerPresence {
    /// The enforcer.
    #[serde(flatten)]
    pub enforcer: Heartbeat,
    /// Whether it was heard of lately.
    pub online: bool,
    /// When it was heard of last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<Timestamp>,
}

/// A frame of the WebSocket `/v1/ws`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "msgType", rename_all_fields = "camelCase")]
pub enum Frame {
    /// The enforcer's first frame.
    #[serde(rename = "hello")]
    Hello {
        /// What it can do.
        #[serde(default)]
        capabilities: Vec<String>,
        /// The workspace it works in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        workspace_name: Option<String>,
        /// What the approver calls it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        enforcer_label: Option<String>,
    },
    /// The gateway asks whether the enforcer is there.
    #[serde(rename = "ping")]
    Ping,
    /// The enforcer is there.
    #[serde(rename = "pong")]
    Pong,
    /// A pairing ended.
    #[serde(rename = "pairing.revoked")]
    PairingRevoked {
        /// The session it was made in; a gateway may leave it out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pairing_nonce: Option<PairingNonce>,
    },
    /// The gateway asks for fresh presence.
    #[serde(rename = "refresh.request")]
    RefreshRequest,
    /// A frame we do not know.
    #[serde(other, rename = "unknown")]
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn frames_are_told_by_their_type_and_unknown_ones_are_taken() {
        let read = |value| serde_json::from_value::<Frame>(value).unwrap();
        assert_eq!(read(json!({"msgType": "ping", "extra": 1})), Frame::Ping);
        let revoked = Frame::PairingRevoked { pairing_nonce: None };
        assert_eq!(read(json!({"msgType": "pairing.revoked", "body": {}})), revoked);
        assert_eq!(read(json!({"msgType": "tomorrow"})), Frame::Unknown);
        let hello = Frame::Hello {
            capabilities: vec!["command.review".to_owned()],
            workspace_name: Some("w".to_owned()),
            enforcer_label: None,
        };
        let written = json!({"msgType": "hello", "capabilities": ["command.review"],
            "workspaceName": "w"});
        assert_eq!(serde_json::to_value(&hello).unwrap(), written);
        assert_eq!(read(written), hello);
    }
}
