//! The envelope around every message. HARP-GW 2.4 and HTTP binding 2.

use super::id::{ApproverId, EnforcerId, MessageId, RequestId};
use crate::crypto::RandomError;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A message: what it is, which request it belongs to, who sent it, the body.
///
/// Published clients leave out `msgId`, `createdAt` or `sender` in places, so
/// these may be absent when read; what we write has them all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Envelope<B> {
    /// Names this message.
    #[serde(rename = "msgId", default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<MessageId>,
    /// What the body is.
    #[serde(rename = "msgType")]
    pub message_type: MessageType,
    /// The request it belongs to.
    pub request_id: RequestId,
    /// When it was made, by the sender's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// When it stops to matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Who sent it, as it says itself.
    #[serde(default, deserialize_with = "null_as_default")]
    pub sender: Party,
    /// Who it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<Party>,
    /// The message itself.
    pub body: B,
}

impl<B> Envelope<B> {
    /// Puts a body in an envelope of its own.
    ///
    /// # Errors
    ///
    /// [`RandomError`] when there is no random message id.
    pub fn new(
        message_type: MessageType,
        request_id: RequestId,
        sender: Party,
        now: Timestamp,
        body: B,
    ) -> Result<Self, RandomError> {
        Ok(Self {
            message_id: Some(MessageId::generate(now)?),
            message_type,
            request_id,
            created_at: Some(now),
            expires_at: None,
            sender,
            recipient: None,
            body,
        })
    }
}

/// A party as named in an envelope: at most one of the three is usual.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Party {
    /// The enforcer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enforcer_id: Option<EnforcerId>,
    /// The approver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approver_id: Option<ApproverId>,
    /// The gateway, by whatever name it goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway_id: Option<String>,
}

impl Party {
    /// Names an enforcer.
    #[must_use]
    pub fn enforcer(id: EnforcerId) -> Self {
        Self { enforcer_id: Some(id), ..Self::default() }
    }

    /// Names an approver.
    #[must_use]
    pub fn approver(id: ApproverId) -> Self {
        Self { approver_id: Some(id), ..Self::default() }
    }

    /// Names a gateway.
    #[must_use]
    pub fn gateway(id: &str) -> Self {
        Self { gateway_id: Some(id.to_owned()), ..Self::default() }
    }
}

/// Makes the enum and its names from one list.
macro_rules! message_types {
    ($($(#[$documentation:meta])* $variant:ident = $name:literal,)*) => {
        /// What a message is. HARP-GW HTTP binding 3 to 6.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum MessageType {
            $($(#[$documentation])* $variant,)*
            /// A type we do not know.
            Other(String),
        }

        impl MessageType {
            /// Returns the name used on the wire.
            #[must_use]
            pub fn name(&self) -> &str {
                match self {
                    $(Self::$variant => $name,)*
                    Self::Other(name) => name,
                }
            }
        }

        impl From<&str> for MessageType {
            fn from(name: &str) -> Self {
                match name {
                    $($name => Self::$variant,)*
                    other => Self::Other(other.to_owned()),
                }
            }
        }
    };
}

message_types! {
    /// Enforcer to gateway: an artifact to decide on.
    ArtifactSubmit = "artifact.submit",
    /// Gateway to enforcer: the artifact is stored.
    ArtifactAccepted = "artifact.accepted",
    /// Gateway to approver: there is something to decide.
    ApprovalRequest = "approval.request",
    /// Approver to gateway: a signed decision.
    DecisionSubmit = "decision.submit",
    /// Gateway to approver: the decision is stored.
    DecisionAccepted = "decision.accepted",
    /// Gateway to enforcer: the same decision.
    DecisionDeliver = "decision.deliver",
    /// Gateway to enforcer: how far an exchange is.
    ExchangeStatus = "exchange.status",
    /// Enforcer to gateway: a decision arrived.
    AckSubmit = "ack.submit",
    /// Gateway to enforcer: the acknowledgement is stored.
    AckAccepted = "ack.accepted",
    /// Gateway to approver: what waits.
    InboxPage = "inbox.page",
    /// Gateway to enforcer: do-not-disturb policies.
    DndEffective = "dnd.effective",
    /// Enforcer to gateway: what became of a command. An extension of ours.
    FollowUpSubmit = "followup.submit",
    /// Gateway to approver: what became of a command. An extension of ours.
    FollowUpPage = "followup.page",
    /// Approver to gateway: what an approver wants of a command. An extension of ours.
    ControlSubmit = "control.submit",
    /// Gateway to enforcer: what an approver wants of a command. An extension of ours.
    ControlPage = "control.page",
    /// Gateway to anybody: something went wrong.
    Error = "error",
}

impl Serialize for MessageType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for MessageType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from(String::deserialize(deserializer)?.as_str()))
    }
}

/// Reads `null` as the default, which some clients send for "nothing".
pub(super) fn null_as_default<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Default + Deserialize<'de>,
    D: Deserializer<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn reads_what_the_published_client_leaves_out() {
        let ack = json!({"msgId": "ack-1", "msgType": "ack.submit", "requestId": "req-1",
            "createdAt": "2026-02-21T12:00:00.123456789+00:00", "sender": {},
            "body": {"msgId": "m", "status": "delivered", "ackAt": "x"}});
        let read: Envelope<Value> = serde_json::from_value(ack).unwrap();
        assert_eq!((read.message_type, read.sender), (MessageType::AckSubmit, Party::default()));
        let bare = json!({"msgType": "x.y", "requestId": "r", "sender": null, "body": 1});
        let read: Envelope<Value> = serde_json::from_value(bare).unwrap();
        assert_eq!(read.message_type, MessageType::Other("x.y".to_owned()));
    }

    #[test]
    fn writes_every_name_it_reads() {
        for name in ["artifact.submit", "decision.deliver", "error", "something.new"] {
            assert_eq!(MessageType::from(name).name(), name);
        }
        assert_eq!(MessageType::from("decision.deliver"), MessageType::DecisionDeliver);
    }
}
