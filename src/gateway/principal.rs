//! Who is calling.

use super::refusal::{Refusal, Refused};
use super::relay::Relay;
use super::token::{self, Role};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;

/// The holder of a token.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub(super) struct Principal {
    pub(super) token_id: i64,
    role: Role,
}

impl Principal {
    /// Tells whether it is an enforcer; otherwise it is an approver.
    pub(super) fn is_enforcer(self) -> bool {
        self.role == Role::Enforcer
    }
}

/// A caller with an enforcer's token.
#[derive(Debug, Clone, Copy)]
pub(super) struct Enforcer(pub(super) Principal);

/// A caller with an approver's token.
#[derive(Debug, Clone, Copy)]
pub(super) struct Approver(pub(super) Principal);

/// Lets only holders of a token through, and tells the routes who it is.
pub(super) async fn authenticate(
    State(relay): State<Arc<Relay>>,
    mut request: Request,
    next: Next,
) -> Result<Response, Refused> {
    let token = presented(request.headers()).ok_or(Refusal::Unauthenticated)?;
    let digest = token::digest(token);
    let found = relay.store.principal(&digest).await.map_err(Refusal::from)?;
    let principal = found.ok_or(Refusal::Unauthenticated)?;
    request.extensions_mut().insert(principal);
    Ok(next.run(request).await)
}

/// Reads the token: `X-PAT` first, then `Authorization: Bearer`.
///
/// Spec: protocol.md section 2.
fn presented(headers: &HeaderMap) -> Option<&str> {
    if let Some(token) = headers.get("x-pat") {
        return text(token);
    }
    let (scheme, token) = text(headers.get(AUTHORIZATION)?)?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The most bytes that are hashed; tokens of ours are far shorter.
const LONGEST_TOKEN: usize = 4096;

fn text(value: &HeaderValue) -> Option<&str> {
    value.to_str().ok().filter(|text| !text.is_empty() && text.len() <= LONGEST_TOKEN)
}

impl<S: Sync> FromRequestParts<S> for Principal {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Refused> {
        Ok(parts.extensions.get().copied().ok_or(Refusal::Unauthenticated)?)
    }
}

impl<S: Sync> FromRequestParts<S> for Enforcer {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let principal = Principal::from_request_parts(parts, state).await?;
        if principal.is_enforcer() {
            return Ok(Self(principal));
        }
        Err(Refusal::WrongRole { needed: Role::Enforcer }.into())
    }
}

impl<S: Sync> FromRequestParts<S> for Approver {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let principal = Principal::from_request_parts(parts, state).await?;
        if principal.is_enforcer() {
            return Err(Refusal::WrongRole { needed: Role::Approver }.into());
        }
        Ok(Self(principal))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_at_x_pat_first_and_never_past_it() {
        let mut headers = HeaderMap::new();
        assert_eq!(presented(&headers), None);
        headers.insert(AUTHORIZATION, HeaderValue::from_static("bearer two"));
        assert_eq!(presented(&headers), Some("two"));
        headers.insert("x-pat", HeaderValue::from_static("one"));
        assert_eq!(presented(&headers), Some("one"));
        headers.insert("x-pat", HeaderValue::from_static(""));
        assert_eq!(presented(&headers), None);
    }
}
