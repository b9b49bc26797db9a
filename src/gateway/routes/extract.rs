//! Reads what a caller sent.

use crate::gateway::limits::{BODY_BYTES, BODY_TIME, UNREAD_BYTES};
use crate::gateway::refusal::{Refusal, Refused};
use crate::protocol::json;
use axum::body::BodyDataStream;
use axum::extract::path::ErrorKind;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;
use std::str::FromStr;
use std::time::Duration;

/// How much the body of a request may be, and how long it may take.
#[derive(Debug, Clone, Copy)]
pub(in crate::gateway) struct BodyBounds {
    pub(in crate::gateway) bytes: usize,
    pub(in crate::gateway) time: Duration,
}

impl BodyBounds {
    /// What holds where nothing else is said.
    const USUAL: Self = Self { bytes: BODY_BYTES, time: BODY_TIME };
}

/// A JSON body, at most 1 MiB.
#[derive(Debug)]
pub(in crate::gateway) struct Body<T>(pub(in crate::gateway) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Refused> {
        // A media type that a web form cannot send is what keeps other sites out.
        if !is_json(request.headers()) {
            return Err(Refusal::WrongMediaType.into());
        }
        let bounds = request.extensions().get().copied().unwrap_or(BodyBounds::USUAL);
        let pieces = request.into_body().into_data_stream();
        // One byte after another is no silence, and would hold a connection for ever.
        let read = tokio::time::timeout(bounds.time, read(pieces, bounds.bytes)).await;
        let bytes = read.map_err(|_| Refusal::TooSlow)??;
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

/// Reads a body of at most so many bytes.
///
/// One that is too large is read on for a while and thrown away: whoever is still writing
/// would find the connection broken, and never read that it is.
async fn read(mut pieces: BodyDataStream, largest: usize) -> Result<Vec<u8>, Refusal> {
    let (mut bytes, mut length) = (Vec::new(), 0_usize);
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| Refusal::TooSlow)?;
        length = length.saturating_add(piece.len());
        if length <= largest {
            bytes.extend_from_slice(&piece);
        } else if length > UNREAD_BYTES {
            break;
        } else {
            bytes = Vec::new();
        }
    }
    if length <= largest {
        return Ok(bytes);
    }
    Err(if largest < BODY_BYTES { Refusal::PageTooLarge } else { Refusal::TooLarge })
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
