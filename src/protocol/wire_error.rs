//! How a gateway says no, in both shapes that exist.
//!
//! ```text
//! {"body": {"code", "message", "requestId"?, "details"?}}      HARP-GW 8
//! {"error", "message", ...}                                    Airlock guide
//! ```
//!
//! We write one object that is both.

use super::consent::ConsentDetails;
use super::id::RequestId;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Makes the enum and its names from one list.
macro_rules! codes {
    ($($(#[$documentation:meta])* $variant:ident = $name:literal,)*) => {
        /// What went wrong, in the gateway's word.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum ErrorCode {
            $($(#[$documentation])* $variant,)*
            /// A code we do not know; escape it before it is shown.
            Unknown(String),
        }

        impl ErrorCode {
            /// Returns the code used on the wire.
            #[must_use]
            pub fn name(&self) -> &str {
                match self {
                    $(Self::$variant => $name,)*
                    Self::Unknown(name) => name,
                }
            }
        }

        impl From<&str> for ErrorCode {
            fn from(name: &str) -> Self {
                match name {
                    $($name => Self::$variant,)*
                    other => Self::Unknown(other.to_owned()),
                }
            }
        }
    };
}

codes! {
    /// The user was not asked yet whether this app may act.
    ConsentRequired = "app_consent_required",
    /// The user was asked and has not answered.
    ConsentPending = "app_consent_pending",
    /// The user said no to this app.
    ConsentDenied = "app_consent_denied",
    /// The approver ended the pairing.
    PairingRevoked = "pairing_revoked",
    /// The account's quota is used up.
    QuotaExceeded = "quota_exceeded",
    /// The account has no room for another workspace.
    WorkspaceLimitExceeded = "workspace_limit_exceeded",
    /// Too many requests.
    RateLimited = "rate_limited",
    /// It is too late.
    Expired = "expired",
    /// The token is missing, wrong or too old.
    Unauthorized = "unauthorized",
    /// The token is right and may not do this.
    Forbidden = "forbidden",
    /// There is no such thing.
    NotFound = "not_found",
    /// It contradicts what was said before.
    Conflict = "conflict",
    /// The request makes no sense.
    InvalidRequest = "invalid_request",
    /// The request is too large.
    PayloadTooLarge = "payload_too_large",
    /// Nobody is there to decide.
    NoApprover = "no_approver",
    /// The request id was used with another artifact. HARP-GW 5.1.
    AlreadyExists = "AlreadyExistsConflict",
    /// It is decided, and otherwise. HARP-GW 5.2.
    AlreadyDecided = "AlreadyDecidedConflict",
    /// It has no canonical form. HARP-CORE 8.3, as the following.
    Canonicalization = "HARP_ERR_CANONICALIZATION",
    /// The hash is another one.
    HashMismatch = "HARP_ERR_HASH_MISMATCH",
    /// The signature does not verify.
    SignatureInvalid = "HARP_ERR_SIGNATURE_INVALID",
    /// It is too late.
    HarpExpired = "HARP_ERR_EXPIRED",
    /// It was used before.
    Replay = "HARP_ERR_REPLAY",
    /// A decision's scope is not `once`.
    Scope = "HARP_ERR_SCOPE",
    /// A policy forbids it.
    PolicyDeny = "HARP_ERR_POLICY_DENY",
    /// The way there failed.
    Transport = "HARP_ERR_TRANSPORT",
    /// It is not supported.
    Unsupported = "HARP_ERR_UNSUPPORTED",
    /// The gateway failed.
    Internal = "internal_error",
}

/// An error as a gateway says it. Its texts are not trusted: escape them.
#[derive(Debug, Clone, PartialEq)]
pub struct WireError {
    /// What went wrong.
    pub code: ErrorCode,
    /// The same for a person.
    pub message: String,
    /// The request it is about.
    pub request_id: Option<RequestId>,
    /// More about it.
    pub details: Option<Value>,
    /// Where to consent, for the `app_consent_...` codes.
    pub consent: ConsentDetails,
}

impl WireError {
    /// Makes an error without details.
    #[must_use]
    pub fn new(code: ErrorCode, message: &str) -> Self {
        Self {
            code,
            message: message.to_owned(),
            request_id: None,
            details: None,
            consent: ConsentDetails::default(),
        }
    }

    /// Reads either shape, `None` when there is no code in it.
    #[must_use]
    pub fn read(value: &Value) -> Option<Self> {
        let (object, code) = match value.get("body").filter(|body| body.get("code").is_some()) {
            Some(body) => (body, body.get("code")),
            None => (value, value.get("error").or_else(|| value.get("code"))),
        };
        let text = |name: &str| object.get(name).and_then(Value::as_str);
        let consent = [Some(value), object.get("details"), Some(object)];
        let consent = consent.into_iter().flatten().map(consent_details);
        Some(Self {
            code: ErrorCode::from(code?.as_str()?),
            message: text("message").unwrap_or_default().to_owned(),
            request_id: text("requestId").and_then(|id| id.parse().ok()),
            details: object.get("details").filter(|details| !details.is_null()).cloned(),
            consent: consent.reduce(first_known).unwrap_or_default(),
        })
    }

    /// Writes one object that has both shapes.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let code = self.code.name();
        let mut body = json!({"code": code, "message": self.message});
        if let Some(id) = &self.request_id {
            body["requestId"] = json!(id);
        }
        if let Some(details) = &self.details {
            body["details"] = details.clone();
        }
        let mut object = Map::new();
        if let Ok(Value::Object(consent)) = serde_json::to_value(&self.consent) {
            object.extend(consent);
        }
        object.insert("msgType".to_owned(), json!("error"));
        object.insert("error".to_owned(), json!(code));
        object.insert("message".to_owned(), json!(self.message));
        object.insert("body".to_owned(), body);
        Value::Object(object)
    }
}

fn consent_details(value: &Value) -> ConsentDetails {
    ConsentDetails::deserialize(value).unwrap_or_default()
}

fn first_known(first: ConsentDetails, second: ConsentDetails) -> ConsentDetails {
    ConsentDetails {
        consent_url: first.consent_url.or(second.consent_url),
        app_name: first.app_name.or(second.app_name),
        app_id: first.app_id.or(second.app_id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_shapes() {
        let harp = json!({"msgType": "error", "body": {"code": "expired", "message": "too late",
            "requestId": "req-1", "details": {"at": "x"}}});
        let read = WireError::read(&harp).unwrap();
        assert_eq!((read.code, read.message.as_str()), (ErrorCode::Expired, "too late"));
        assert_eq!(read.request_id.unwrap().as_str(), "req-1");
        assert_eq!(read.details, Some(json!({"at": "x"})));
        let flat = json!({"error": "app_consent_required", "message": "ask",
            "consentUrl": "https://example.test/consent", "appName": "a"});
        let read = WireError::read(&flat).unwrap();
        assert_eq!(read.code, ErrorCode::ConsentRequired);
        assert_eq!(read.consent.consent_url.as_deref(), Some("https://example.test/consent"));
    }

    #[test]
    fn what_is_written_is_read_back_from_either_shape() {
        let mut error = WireError::new(ErrorCode::Unknown("new_code".to_owned()), "text");
        error.request_id = Some("req-1".parse().unwrap());
        error.details = Some(json!([1]));
        error.consent.app_id = Some("app".to_owned());
        let written = error.to_json();
        assert_eq!(WireError::read(&written), Some(error));
        assert_eq!(
            (&written["error"], &written["body"]["code"]),
            (&json!("new_code"), &json!("new_code"))
        );
    }

    #[test]
    fn an_answer_without_a_code_is_no_error_of_ours() {
        for value in [json!(null), json!([]), json!({"message": "x"}), json!({"error": 5})] {
            assert_eq!(WireError::read(&value), None, "{value}");
        }
    }
}
