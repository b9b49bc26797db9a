//! Why a call is refused: one variant for each answer that is not a success.

use super::token::Role;
use crate::protocol::{ErrorCode, WireError};
use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sqlx::error::DatabaseError;
use std::time::Duration;
use thiserror::Error;

/// The reason a call is refused. Its text never quotes what the caller sent.
#[derive(Debug, Error)]
pub(super) enum Refusal {
    #[error("send a valid token as X-PAT or Authorization: Bearer")]
    Unauthenticated,
    #[error("this call needs the token of an {needed}")]
    WrongRole { needed: Role },
    #[error("that identifier belongs to another token")]
    ForeignIdentifier,
    #[error("the pairing was revoked: pair again")]
    PairingRevoked,
    #[error("there is no such path")]
    UnknownPath,
    #[error("the path does not answer to this method")]
    WrongMethod,
    #[error("there is no such pairing session, or it has expired")]
    UnknownSession,
    #[error("there is no such pairing")]
    UnknownPairing,
    #[error("there is no such exchange")]
    UnknownExchange,
    #[error("the pairing session was used before")]
    SessionDone,
    #[error("the requestId is in use with another artifactHash")]
    RequestIdTaken,
    #[error("the exchange is over")]
    AlreadyTerminal,
    #[error("the exchange is not decided")]
    NotDecided,
    #[error("there is another message at this place")]
    PlaceTaken,
    #[error("nobody decided in time")]
    Expired,
    #[error("the exchange was withdrawn")]
    Withdrawn,
    #[error("the exchange was cancelled: its pairing was revoked")]
    Cancelled,
    #[error("the body is larger than 1 MiB")]
    TooLarge,
    #[error("the body is larger than 64 KiB")]
    PageTooLarge,
    #[error("only the page of this gateway may send this")]
    ForeignOrigin,
    #[error("the code is wrong, was used or is too old")]
    WrongCode,
    #[error("this browser has to be let in with a code")]
    UnknownBrowser,
    #[error("too many browsers were let in: revoke one")]
    TooManyBrowsers,
    #[error("too many wrong codes: everybody has to wait")]
    TooManyAttempts { retry_after: Duration },
    #[error("the body did not arrive in time")]
    TooSlow,
    #[error("the body must be application/json or application/harp+json")]
    WrongMediaType,
    #[error("this gateway does not answer to that host name")]
    WrongHost,
    #[error("{field}: {problem}")]
    Invalid { field: &'static str, problem: &'static str },
    #[error("the body is not the JSON this call takes: {0}")]
    Unreadable(String),
    #[error("no approver is paired with this enforcer")]
    NoApprover,
    #[error("several approvers are paired: send metadata.routingToken or metadata.approverId")]
    AmbiguousApprover,
    #[error("the artifactHash is not the exchange's")]
    HashMismatch,
    #[error("the artifact had expired when it arrived")]
    ExpiredOnArrival,
    #[error("too many wrong pairing codes")]
    TooManyGuesses { retry_after: Duration },
    #[error("too many calls: this gateway counts them by the minute")]
    TooManyCalls { retry_after: Duration },
    #[error("too many requests wait for a decision in this pairing")]
    TooManyPending,
    #[error("too many open pairing sessions")]
    TooManySessions,
    #[error("this token has used too many identifiers")]
    TooManyIdentifiers,
    #[error("this path only serves WebSocket upgrades")]
    NoWebSocket,
    #[error("there is no such policy")]
    UnknownPolicy,
    #[error("this enforcer has too many policies")]
    TooManyPolicies,
    #[error("too many waits or streams are open")]
    TooManyOpen,
    #[error("{}", of_store(.0))]
    Store(#[from] sqlx::Error),
    #[error("the tables of the database are those of another release")]
    OtherTables,
    #[error("the gateway cannot read what it stored")]
    Stored,
    #[error("the system has no random numbers")]
    Random,
    #[error("the gateway is stopping")]
    Stopping,
}

/// Says what is wrong with the database, without a word of its own: a client reads it.
fn of_store(error: &sqlx::Error) -> &'static str {
    if is_of_disk(error) {
        "the gateway cannot write its database: its disk is full or does not work"
    } else {
        "the gateway cannot reach its database"
    }
}

/// Tells whether the disk of the database takes nothing.
///
/// Spec: SQLite's result codes 10 (`SQLITE_IOERR`) and 13 (`SQLITE_FULL`), whose extended
/// forms have more bits above; PostgreSQL's 53100 (`disk_full`).
pub(super) fn is_of_disk(error: &sqlx::Error) -> bool {
    if let sqlx::Error::Io(error) = error {
        return error.kind() == std::io::ErrorKind::StorageFull;
    }
    let code = error.as_database_error().and_then(DatabaseError::code);
    let is_result =
        |code: &str| code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 10 | 13));
    code.is_some_and(|code| code == "53100" || code.len() < 5 && is_result(&code))
}

impl Refusal {
    /// Returns the HTTP status and the code of the error body.
    ///
    /// Spec: protocol.md section 9.
    fn status_and_code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Unauthenticated => (StatusCode::UNAUTHORIZED, "unauthorized"),
            Self::WrongCode => (StatusCode::UNAUTHORIZED, "wrong_code"),
            Self::UnknownBrowser => (StatusCode::UNAUTHORIZED, "unknown_browser"),
            Self::WrongRole { .. } | Self::ForeignIdentifier | Self::ForeignOrigin => {
                (StatusCode::FORBIDDEN, "forbidden")
            }
            Self::PairingRevoked => (StatusCode::FORBIDDEN, "pairing_revoked"),
            Self::UnknownPath
            | Self::UnknownSession
            | Self::UnknownPairing
            | Self::UnknownPolicy
            | Self::UnknownExchange => (StatusCode::NOT_FOUND, "not_found"),
            Self::WrongMethod => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::SessionDone
            | Self::RequestIdTaken
            | Self::AlreadyTerminal
            | Self::NotDecided
            | Self::PlaceTaken => (StatusCode::CONFLICT, "conflict"),
            Self::Expired => (StatusCode::GONE, "expired"),
            Self::Withdrawn => (StatusCode::GONE, "withdrawn"),
            Self::Cancelled => (StatusCode::GONE, "cancelled"),
            Self::TooLarge | Self::PageTooLarge => {
                (StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large")
            }
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, "timeout"),
            Self::WrongMediaType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"),
            Self::NoWebSocket => (StatusCode::UPGRADE_REQUIRED, "unsupported"),
            Self::WrongHost => (StatusCode::MISDIRECTED_REQUEST, "wrong_host"),
            Self::Invalid { .. } | Self::Unreadable(_) => {
                (StatusCode::UNPROCESSABLE_ENTITY, "invalid_request")
            }
            Self::NoApprover => (StatusCode::UNPROCESSABLE_ENTITY, "no_approver"),
            Self::AmbiguousApprover => (StatusCode::UNPROCESSABLE_ENTITY, "ambiguous_approver"),
            Self::HashMismatch => (StatusCode::UNPROCESSABLE_ENTITY, "invalid_request"),
            Self::ExpiredOnArrival => (StatusCode::UNPROCESSABLE_ENTITY, "expired"),
            Self::TooManyGuesses { .. }
            | Self::TooManyAttempts { .. }
            | Self::TooManyCalls { .. } => (StatusCode::TOO_MANY_REQUESTS, "rate_limited"),
            Self::TooManyPending
            | Self::TooManySessions
            | Self::TooManyIdentifiers
            | Self::TooManyPolicies
            | Self::TooManyBrowsers
            | Self::TooManyOpen => (StatusCode::TOO_MANY_REQUESTS, "quota_exceeded"),
            Self::Store(_) | Self::OtherTables | Self::Stored | Self::Random | Self::Stopping => {
                (StatusCode::SERVICE_UNAVAILABLE, "internal_error")
            }
        }
    }

    /// Returns when it makes sense to ask again.
    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooManyGuesses { retry_after }
            | Self::TooManyAttempts { retry_after }
            | Self::TooManyCalls { retry_after } => Some(*retry_after),
            Self::TooManyPending
            | Self::TooManySessions
            | Self::TooManyIdentifiers
            | Self::TooManyOpen => Some(Duration::from_secs(5)),
            Self::Store(_) | Self::OtherTables | Self::Stopping => Some(Duration::from_secs(1)),
            _ => None,
        }
    }

    /// Tells whether the client may still be sending what nobody reads, so that its
    /// connection is of no further use.
    fn leaves_something_unread(&self) -> bool {
        matches!(self, Self::TooLarge | Self::PageTooLarge | Self::TooSlow)
    }

    /// Says which request it is about.
    pub(super) fn about(self, request_id: &str) -> Refused {
        Refused { refusal: self, request_id: Some(request_id.to_owned()) }
    }
}

/// A refusal as an answer.
#[derive(Debug)]
pub(super) struct Refused {
    refusal: Refusal,
    request_id: Option<String>,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, request_id: None }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, code) = self.refusal.status_and_code();
        if status.is_server_error() {
            tracing::error!(code, error = ?self.refusal, "cannot serve");
        } else {
            tracing::debug!(code, status = status.as_u16(), "refused");
        }
        let mut error = WireError::new(ErrorCode::from(code), &self.refusal.to_string());
        error.request_id = self.request_id.and_then(|id| id.parse().ok());
        let mut envelope = error.to_json();
        if let Some(request_id) = error.request_id {
            envelope["requestId"] = request_id.as_str().into();
        }
        let mut response = (status, Json(envelope)).into_response();
        if let Some(wait) = self.refusal.retry_after() {
            let seconds = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0));
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        if self.refusal.leaves_something_unread() {
            let close = header::HeaderValue::from_static("close");
            response.headers_mut().insert(header::CONNECTION, close);
        }
        response
    }
}
