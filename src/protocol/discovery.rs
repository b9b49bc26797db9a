//! What a gateway says about itself. Protocol section 3.

use serde::{Deserialize, Serialize};

/// The answer of `GET /v1/integrations/discovery`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discovery {
    /// Where users sign in, when there are users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idp: Option<IdentityProvider>,
    /// How users prove who they are.
    #[serde(default)]
    pub auth: Authentication,
}

/// Where users sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IdentityProvider {
    /// Its URL.
    pub base_url: String,
    /// The client to sign in as.
    pub client_id: String,
}

/// How users prove who they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Authentication {
    /// Whether `X-PAT` is taken.
    #[serde(default)]
    pub pat_supported: bool,
}

/// The answer of `GET /echo`: the gateway's clock. Texts, since they are only shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Echo {
    /// The time in UTC.
    pub utc: String,
    /// The time where the gateway is.
    pub local: String,
    /// The name of its time zone.
    pub timezone: String,
    /// How far it is ahead of UTC, in minutes.
    pub offset_minutes: i32,
}
