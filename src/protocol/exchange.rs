//! One request's way through the gateway: submit, status, inbox, ack.

use super::artifact::ArtifactHash;
use super::attention::Attention;
use super::ciphertext::Ciphertext;
use super::envelope::null_as_default;
use super::id::{ApproverId, EnforcerId, MessageId, RequestId, RoutingToken};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use std::collections::BTreeMap;

/// The body of `artifact.submit`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubmitBody {
    /// What the artifact is about, for example `command.review`.
    pub artifact_type: String,
    /// The hash of the plaintext, as the enforcer says.
    pub artifact_hash: ArtifactHash,
    /// The sealed plaintext.
    pub ciphertext: Ciphertext,
    /// When the enforcer stops waiting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Clear text for routing and display.
    #[serde(default, deserialize_with = "null_as_default")]
    pub metadata: Metadata,
}

/// Clear text beside an artifact, as the gateway gets it.
///
/// `routingToken`, `approverId` and `tenantId` are for routing and never reach
/// the approver: [`Metadata::for_approver`] gives a type that cannot hold them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    /// Leads to the approver of a pairing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routing_token: Option<RoutingToken>,
    /// Names the approver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approver_id: Option<ApproverId>,
    /// Names the tenant of a hosted gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// What is for display.
    #[serde(flatten)]
    pub display: DisplayMetadata,
}

/// The part of the metadata an approver may see. Not authenticated: a relay can
/// write anything here.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DisplayMetadata {
    /// The workspace's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace_name: Option<String>,
    /// The repository's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repo_name: Option<String>,
    /// A line for a list, with nothing sensitive in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_label: Option<String>,
    /// Everything else, for example `dndAudit`.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

impl Metadata {
    const ROUTING: [&str; 3] = ["routingToken", "approverId", "tenantId"];

    /// Returns what may reach the approver: everything but the routing, also in
    /// any other letter case. HARP-GW 6.3 and 6.4.
    #[must_use]
    pub fn for_approver(&self) -> DisplayMetadata {
        let mut display = self.display.clone();
        let routing =
            |key: &str| Self::ROUTING.iter().any(|routing| routing.eq_ignore_ascii_case(key));
        display.other.retain(|key, _| !routing(key));
        display
    }
}

/// How far an exchange is. HARP-GW 4.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExchangeState {
    /// Nobody decided yet.
    PendingApproval,
    /// Decided, and not fetched yet.
    Decided,
    /// Decided, fetched and acknowledged.
    Delivered,
    /// Nobody decided in time.
    Expired,
    /// The enforcer took it back.
    Withdrawn,
    /// The gateway or an administrator ended it.
    Cancelled,
}

impl ExchangeState {
    /// All states.
    pub const ALL: [Self; 6] = [
        Self::PendingApproval,
        Self::Decided,
        Self::Delivered,
        Self::Expired,
        Self::Withdrawn,
        Self::Cancelled,
    ];

    /// Returns the name used on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PendingApproval => "pendingApproval",
            Self::Decided => "decided",
            Self::Delivered => "delivered",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads a name in any letter case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name().eq_ignore_ascii_case(name))
    }

    /// Tells whether nothing can be decided any more.
    #[must_use]
    pub fn is_terminal(self) -> bool {
        self != Self::PendingApproval
    }
}

impl Serialize for ExchangeState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for ExchangeState {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::from_name(&name).ok_or_else(|| serde::de::Error::custom("not a state of an exchange"))
    }
}

/// The body of `exchange.status`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusBody {
    /// The request asked about.
    pub request_id: RequestId,
    /// How far it is.
    pub state: ExchangeState,
    /// When it was submitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// When it expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The hash it was submitted with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_hash: Option<ArtifactHash>,
    /// The decision, when there is one: not verified, not to be acted upon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Value>,
    /// Whether anybody has looked at it: an extension of our gateway.
    #[serde(default, skip_serializing_if = "Attention::is_none")]
    pub attention: Attention,
}

/// The body of `ack.submit`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AckBody {
    /// The message that arrived.
    #[serde(rename = "msgId")]
    pub message_id: MessageId,
    /// How far it came.
    pub status: AckStatus,
    /// When, by the enforcer's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ack_at: Option<Timestamp>,
}

/// How far a message came: clients send `delivered`, HARP-GW 7.2 has the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AckStatus {
    /// It arrived: what we and the published clients send.
    Delivered,
    /// It arrived.
    Received,
    /// It was acted upon.
    Processed,
}

/// The body of `inbox.page`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InboxPage {
    /// The exchanges on this page, oldest first.
    pub items: Vec<InboxItem>,
    /// Where the next page starts, `None` on the last one.
    #[serde(default)]
    pub next_cursor: Option<String>,
}

/// One exchange as the approver gets it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InboxItem {
    /// The request to decide on.
    pub request_id: RequestId,
    /// Who asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enforcer_id: Option<EnforcerId>,
    /// What the artifact is about.
    pub artifact_type: String,
    /// The hash of the plaintext, as the enforcer says: compute your own.
    pub artifact_hash: ArtifactHash,
    /// The sealed plaintext.
    pub ciphertext: Ciphertext,
    /// How far it is.
    pub state: ExchangeState,
    /// When it was submitted.
    pub created_at: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
    /// Clear text for display.
    #[serde(default, deserialize_with = "null_as_default")]
    pub metadata: DisplayMetadata,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn routing_never_reaches_the_approver() {
        let metadata: Metadata = serde_json::from_value(json!({
            "routingToken": "rt_secret", "approverId": "apr-1", "tenantId": "t-secret",
            "ROUTINGTOKEN": "rt_secret", "workspaceName": "w", "repoName": "r",
            "requestLabel": "l", "dndAudit": "true"
        }))
        .unwrap();
        assert_eq!(metadata.routing_token.as_ref().unwrap().expose(), "rt_secret");
        let shown = serde_json::to_value(metadata.for_approver()).unwrap();
        let expected =
            json!({"workspaceName": "w", "repoName": "r", "requestLabel": "l", "dndAudit": "true"});
        assert_eq!(shown, expected);
    }

    #[test]
    fn states_are_read_in_any_case_and_written_in_one() {
        for state in ExchangeState::ALL {
            let upper = json!(state.name().to_uppercase());
            assert_eq!(serde_json::from_value::<ExchangeState>(upper).unwrap(), state);
            assert_eq!(serde_json::to_value(state).unwrap(), json!(state.name()));
        }
        assert!(serde_json::from_value::<ExchangeState>(json!("approved")).is_err());
    }

    #[test]
    fn takes_the_metadata_null_of_the_published_client() {
        let body = json!({"artifactType": "command-approval", "artifactHash": "0".repeat(64),
            "ciphertext": {"alg": "AES-256-GCM", "data": "", "nonce": "", "tag": ""},
            "expiresAt": "2026-02-21T12:00:00+00:00", "metadata": null});
        let body: SubmitBody = serde_json::from_value(body).unwrap();
        assert_eq!(body.metadata, Metadata::default());
    }
}
