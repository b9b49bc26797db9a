//! The bodies of the pairing calls. Protocol section 3.

use crate::crypto::X25519Public;
use crate::protocol::id::{
    ApproverId, DeviceId, EnforcerId, PairingCode, PairingNonce, RoutingToken,
};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// `POST /v1/pairing/initiate`: an enforcer asks for a code to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InitiateRequest {
    /// The machine the enforcer runs on.
    pub device_id: DeviceId,
    /// The enforcer.
    pub enforcer_id: EnforcerId,
    /// What the approver calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enforcer_label: Option<String>,
    /// The workspace it works in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace_name: Option<String>,
    /// Where the approver finds the gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway_url: Option<String>,
    /// The enforcer's key for sealing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x25519_public_key: Option<X25519Public>,
}

/// The answer to [`InitiateRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InitiateResponse {
    /// Names the session; the approver signs it.
    pub pairing_nonce: PairingNonce,
    /// What the person types into the approver.
    pub pairing_code: PairingCode,
    /// The machine, as given.
    pub device_id: DeviceId,
    /// Where the approver finds the gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway_url: Option<String>,
    /// When the code stops to work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// `POST /v1/pairing/claim`: an enforcer uses a code the approver made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClaimRequest {
    /// The code the approver shows.
    pub pairing_code: PairingCode,
    /// The machine the enforcer runs on.
    pub device_id: DeviceId,
    /// The enforcer.
    pub enforcer_id: EnforcerId,
    /// What the approver calls it.
    pub enforcer_label: String,
    /// The workspace it works in.
    pub workspace_name: String,
    /// Where the approver finds the gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway_url: Option<String>,
    /// The enforcer's key for sealing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x25519_public_key: Option<X25519Public>,
}

/// The answer to [`ClaimRequest`]: a session to poll, or (guide) a token at once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClaimResponse {
    /// Names the session to poll.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pairing_nonce: Option<PairingNonce>,
    /// When the session ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Leads to the approver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routing_token: Option<RoutingToken>,
    /// The approver's answer, when it is known at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_json: Option<String>,
}

/// How far a pairing is; read in any letter case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PairingState {
    /// Nobody answered yet.
    Pending,
    /// The approver answered.
    Completed,
    /// Nobody answered in time.
    Expired,
    /// It was ended.
    Revoked,
}

impl PairingState {
    /// Returns the name used on the wire, capital letter first.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Completed => "Completed",
            Self::Expired => "Expired",
            Self::Revoked => "Revoked",
        }
    }

    /// Reads a name in any letter case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let states = [Self::Pending, Self::Completed, Self::Expired, Self::Revoked];
        states.into_iter().find(|state| state.name().eq_ignore_ascii_case(name))
    }
}

impl Serialize for PairingState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for PairingState {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::from_name(&name).ok_or_else(|| de::Error::custom("not a state of a pairing"))
    }
}

/// `GET /v1/pairing/{nonce}/status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusResponse {
    /// The session.
    pub pairing_nonce: PairingNonce,
    /// How far it is.
    pub state: PairingState,
    /// The approver's answer: JSON in a string, see [`super::PairingResponse`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_json: Option<String>,
    /// Leads to the approver, once completed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routing_token: Option<RoutingToken>,
    /// When the session ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Since when the enforcer is known to keep it: an extension of our gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_at: Option<Timestamp>,
    /// What the gateway offers besides: [`KEPT`], where it takes and tells that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<String>,
}

impl StatusResponse {
    /// Tells whether the gateway knows of pairings whether the enforcer keeps them.
    #[must_use]
    pub fn tells_kept(&self) -> bool {
        self.extensions.iter().any(|name| name == KEPT)
    }
}

/// What a gateway that takes [`KeptRequest`] says in the status of a pairing.
pub const KEPT: &str = "kept";

/// `POST /v1/pairing/kept`: the enforcer has stored the pairing. An extension of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeptRequest {
    /// The pairing.
    pub routing_token: RoutingToken,
}

/// `POST /v1/pairing/revoke`: either side ends a pairing.
///
/// An enforcer names it by its routing token. An approver never gets that, and
/// names the session; only our own gateway knows that form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RevokeRequest {
    /// The pairing, as the enforcer knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routing_token: Option<RoutingToken>,
    /// The pairing, as the approver knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pairing_nonce: Option<PairingNonce>,
}

/// The answer to [`RevokeRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RevokeResponse {
    /// `revoked`.
    pub status: String,
    /// The enforcer that was unpaired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enforcer_id: Option<EnforcerId>,
}

/// `POST /v1/pairing/pre-generate`: an approver asks for a code to show.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PreGenerateRequest {
    /// The approver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approver_id: Option<ApproverId>,
}

/// The answer to [`PreGenerateRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PreGenerateResponse {
    /// What the person types into the enforcer; works once.
    pub pairing_code: PairingCode,
    /// Names the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pairing_nonce: Option<PairingNonce>,
    /// When the code stops to work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// `GET /v1/pairing/resolve/{code}`: what an approver learns from a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResolveResponse {
    /// The session; the approver signs it.
    #[serde(alias = "nonce")]
    pub pairing_nonce: PairingNonce,
    /// How far the session is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<PairingState>,
    /// The enforcer, once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enforcer_id: Option<EnforcerId>,
    /// The machine it runs on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_id: Option<DeviceId>,
    /// What it calls itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enforcer_label: Option<String>,
    /// The workspace it works in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace_name: Option<String>,
    /// Where the gateway is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway_url: Option<String>,
    /// The enforcer's key for sealing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x25519_public_key: Option<X25519Public>,
    /// When the session ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// `POST /v1/pairing/complete`: the approver answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CompleteRequest {
    /// The session.
    #[serde(alias = "pairingNonce")]
    pub nonce: PairingNonce,
    /// The approver.
    pub approver_id: ApproverId,
    /// The answer: JSON in a string, see [`super::PairingResponse`].
    pub response_json: String,
    /// The approver's verifying key, which HARP names here as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
}
