//! What a gateway that does not answer as it should means for the user.

use super::budget::CallBudget;
use super::http::innermost;
use super::tls::{Disbelieved, incompatible};
use crate::display::Displayable;
use crate::display::counted;
use crate::protocol::wire_error::{ErrorCode, WireError};
use std::time::Duration;
use thiserror::Error;

/// Why a call has no usable answer.
#[derive(Debug, Error)]
pub enum TransportError {
    /// The address is not one we may call.
    #[error("{url:?} is not a gateway address: {why}")]
    Address {
        /// The address as it was given.
        url: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// No connection could be made, or it broke.
    #[error("no answer from {url}: {what}")]
    Unreachable {
        /// The gateway.
        url: String,
        /// The innermost cause in the system's words.
        what: String,
    },
    /// Its certificate cannot be believed; nothing was sent.
    #[error(
        "{url} has a certificate that cannot be believed ({why}); it names {subject:?} and was signed by {issuer:?}"
    )]
    Certificate {
        /// The gateway.
        url: String,
        /// Whom the certificate names.
        subject: String,
        /// Who signed it.
        issuer: String,
        /// What is wrong with it.
        why: String,
    },
    /// It speaks no TLS that we do; nothing was sent.
    #[error("{url} speaks no TLS that can be trusted ({why})")]
    Incompatible {
        /// The gateway.
        url: String,
        /// Which rule it breaks.
        why: String,
    },
    /// It did not answer in time.
    #[error("{url} did not answer in time")]
    TimedOut {
        /// The gateway.
        url: String,
    },
    /// It sends us elsewhere; redirects are never followed.
    #[error("{url} answered with a redirect, which is never followed")]
    Redirected {
        /// The gateway.
        url: String,
    },
    /// The answer is not strict JSON of bearable size.
    #[error("{url} sent an answer that cannot be read: {what}")]
    Unreadable {
        /// The gateway.
        url: String,
        /// What is wrong with it.
        what: String,
    },
    /// It refused, in its own words.
    #[error("{url} refused ({status}){}", words(error.as_deref()))]
    Refused {
        /// The gateway.
        url: String,
        /// The HTTP status.
        status: u16,
        /// What it said, when it can be read.
        error: Option<Box<WireError>>,
        /// How long it asked us to wait.
        retry_after: Option<Duration>,
    },
    /// The operating system gave no TLS or HTTP client.
    #[error("the HTTP client could not start: {what}")]
    Setup {
        /// The cause.
        what: String,
    },
}

impl TransportError {
    /// Tells whether the same call may succeed later.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::TimedOut { .. } | Self::Unreadable { .. } => true,
            // A quota does not come back by asking again, unless the gateway says when.
            Self::Refused { retry_after: None, .. }
                if self.code() == Some(&ErrorCode::QuotaExceeded) =>
            {
                false
            }
            Self::Refused { status, .. } => {
                *status == 429 || (*status >= 500 && !matches!(status, 501 | 505))
            }
            Self::Address { .. }
            | Self::Certificate { .. }
            | Self::Incompatible { .. }
            | Self::Redirected { .. }
            | Self::Setup { .. } => false,
        }
    }

    /// Tells whether somebody may stand between us and the gateway.
    #[must_use]
    pub fn is_violation(&self) -> bool {
        matches!(
            self,
            Self::Certificate { .. } | Self::Incompatible { .. } | Self::Redirected { .. }
        )
    }

    /// Tells that a call was not made, because the gateway would have refused it.
    pub(super) fn no_room(url: &str, budget: &CallBudget, wait: Duration) -> Self {
        let allowed = budget.per_minute();
        let words =
            format!("it allows {} a minute, which this machine made", counted(allowed, "call"));
        Self::Refused {
            url: url.to_owned(),
            status: 429,
            error: Some(Box::new(WireError::new(ErrorCode::from("rate_limited"), &words))),
            retry_after: Some(wait),
        }
    }

    /// Tells why a request to an address had no answer.
    pub(super) fn of_request(url: &str, error: &reqwest::Error) -> Self {
        let url = url.to_owned();
        if let Some(Disbelieved { subject, issuer, why }) = Disbelieved::among(error) {
            return Self::Certificate { url, subject, issuer, why };
        }
        if let Some(why) = incompatible(error) {
            return Self::Incompatible { url, why };
        }
        if error.is_timeout() {
            return Self::TimedOut { url };
        }
        Self::Unreachable { url, what: innermost(error) }
    }

    /// Returns how long the gateway asked us to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Returns what went wrong in the gateway's word, when it refused with one.
    #[must_use]
    pub fn code(&self) -> Option<&ErrorCode> {
        match self {
            Self::Refused { error: Some(error), .. } => Some(&error.code),
            _ => None,
        }
    }

    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        if let Self::Refused { error: Some(error), .. } = self
            && let Some(hint) = consent_hint(error)
        {
            return hint;
        }
        if let Self::Certificate { .. } = self {
            return "do not go on; ask whoever runs the gateway; then name its authority: \
                    airlock-exec config set gateway.tls_roots /path/to/ca.pem, or the SHA-256 of \
                    its certificate: gateway.certificate_sha256"
                .to_owned();
        }
        if let Self::Incompatible { .. } = self {
            return "do not go on; whoever runs the gateway must offer TLS 1.2 or later".to_owned();
        }
        let words = match self.status() {
            Some(401) => "sign in again: airlock-exec sign-in",
            Some(403 | 422) => "pair with an approver again: airlock-exec pair",
            Some(400) => "shorten the command or put it into a script",
            Some(413) => {
                "the command is too large for the gateway: put its long words into a file, and \
                 have the program read that"
            }
            Some(_) => "try again later",
            None => "check that the gateway runs and can be reached, then run it again",
        };
        words.to_owned()
    }

    /// Returns the HTTP status when the gateway refused.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } => Some(*status),
            _ => None,
        }
    }
}

/// Returns the gateway's words, escaped: they are not trusted.
fn words(error: Option<&WireError>) -> String {
    match error {
        None => String::new(),
        Some(error) if error.message.is_empty() => format!(": {}", error.code.name()),
        Some(error) => format!(": {}", Displayable::from(error.message.as_str())),
    }
}

/// Says what a person must do before this app may act at the gateway.
fn consent_hint(error: &WireError) -> Option<String> {
    let app = error.consent.app_name.as_deref().unwrap_or("this app");
    let app = Displayable::from(app);
    let place = match &error.consent.consent_url {
        Some(url) => format!("at {}", Displayable::from(url.as_str())),
        None => "in the account's settings".to_owned(),
    };
    Some(match error.code {
        ErrorCode::ConsentRequired => format!(
            "a person must let {app} act, {place}; then run it again (or add --wait-consent)"
        ),
        ErrorCode::ConsentPending => format!(
            "a person was asked to let {app} act and has not answered, {place}; then run it \
             again (or add --wait-consent)"
        ),
        ErrorCode::ConsentDenied => {
            format!("a person said no to {app}; ask them to change that {place}")
        }
        _ => return None,
    })
}
