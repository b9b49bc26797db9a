//! Reads what a caller sent.

use crate::gateway::limits::{BODY_BYTES, BODY_TIME};
use crate::gateway::refusal::{Refusal, Refused};
use crate::protocol::json;
use axum::body::Bytes;
use axum::extract::path::ErrorKind;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use std::str::FromStr;
use std::time::Duration;

/// How long the body of this request may take, where it is not as long as others.
#[derive(Debug, Clone, Copy)]
pub(in crate::gateway) struct BodyTime(pub(in crate::gateway) Duration);

/// A JSON body, at most 1 MiB.
#[derive(Debug)]
pub(in crate::gateway) struct Body<T>(pub(in crate::gateway) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        // A media type that a web form cannot send is what keeps other sites out.
        if !is_json(request.headers()) {
            return Err(Refusal::WrongMediaType.into());
        }
        // One byte after another is no silence, and would hold a connection for ever.
        let longest = request.extensions().get::<BodyTime>().map_or(BODY_TIME, |time| time.0);
        let read = tokio::time::timeout(longest, Bytes::from_request(request, state)).await;
        let read = read.map_err(|_| Refusal::TooSlow)?;
        let bytes = read.map_err(|error| unread(&error))?;
        let body = json::read_as(&bytes, BODY_BYTES)
            .map_err(|error| Refusal::Unreadable(error.to_string()))?;
        Ok(Self(body))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let named = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = named.and_then(|value| value.split(';').next()).map(str::trim);
    essence.is_some_and(|essence| {
        essence.eq_ignore_ascii_case("application/json")
            || essence.eq_ignore_ascii_case("application/harp+json")
    })
}

fn unread(rejection: &BytesRejection) -> Refusal {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::TooLarge,
        _ => Refusal::TooSlow,
    }
}

/// The one variable part of a path.
#[derive(Debug)]
pub(super) struct Segment<T>(pub(super) T);

impl<S: Send + Sync, T: FromStr> FromRequestParts<S> for Segment<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let Path(text) =
            Path::<String>::from_request_parts(parts, state).await.map_err(|error| bad(&error))?;
        // What cannot be a name of anything names nothing.
        Ok(Self(text.parse().map_err(|_| Refusal::UnknownPath)?))
    }
}

fn bad(rejection: &PathRejection) -> Refusal {
    match rejection {
        PathRejection::FailedToDeserializePathParams(failed)
            if matches!(failed.kind(), ErrorKind::InvalidUtf8InPathParam { .. }) =>
        {
            Refusal::Invalid { field: "path", problem: "not UTF-8" }
        }
        _ => Refusal::UnknownPath,
    }
}

/// The parameters after the question mark.
#[derive(Debug)]
pub(super) struct Parameters<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Parameters<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Refused> {
        let Query(read) = Query::try_from_uri(&parts.uri).map_err(|_| Refusal::Invalid {
            field: "query",
            problem: "not what this call takes",
        })?;
        Ok(Self(read))
    }
}
