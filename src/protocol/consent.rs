//! Whether the user lets this app act at a hosted gateway. Protocol section 3.

use serde::{Deserialize, Serialize};

/// The answer of `GET /v1/consents/check` and `GET /v1/consent/status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentStatus {
    /// `Allowed` (guide) or `approved` (published clients).
    pub status: String,
}

impl ConsentStatus {
    /// Tells whether the user consented; anything unknown is a no.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        ["allowed", "approved"].iter().any(|word| word.eq_ignore_ascii_case(&self.status))
    }
}

/// What a 403 with an `app_consent_...` code says beside its code.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConsentDetails {
    /// Where the user can consent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent_url: Option<String>,
    /// The app's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_name: Option<String>,
    /// The app's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_id: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_words_are_a_consent() {
        let is_allowed = |status: &str| ConsentStatus { status: status.to_owned() }.is_allowed();
        assert!(is_allowed("Allowed") && is_allowed("approved"));
        assert!(!is_allowed("") && !is_allowed("pending") && !is_allowed("not allowed"));
    }
}
