//! Who is calling.

use super::limits::{RATE_KEYS, TOKEN_REMEMBERED};
use super::page::is_own;
use super::refusal::{Refusal, Refused};
use super::relay::Relay;
use super::token::{self, Role, TokenDigest};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tokio::sync::OwnedSemaphorePermit;

/// The holder of a token.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub(super) struct Principal {
    pub(super) token_id: i64,
    #[sqlx(try_from = "String")]
    role: Role,
    /// Set for a browser, which holds no token and came by the page.
    #[sqlx(skip)]
    browser: bool,
}

impl Principal {
    /// Returns the approver in a browser.
    fn in_browser(token_id: i64) -> Self {
        Self { token_id, role: Role::Approver, browser: true }
    }

    /// Tells whether it is a browser that was let in.
    pub(super) fn is_browser(self) -> bool {
        self.browser
    }

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
    // Apart, so that it takes no room while the call waits.
    let principal = Box::pin(holder(&relay, token)).await?;
    let _place = if principal.is_browser() {
        is_own(&mut request)?;
        Some(place(&relay)?)
    } else {
        None
    };
    relay.count_call(principal)?;
    request.extensions_mut().insert(principal);
    Ok(next.run(request).await)
}

/// Takes one of the places that browsers have among all requests.
fn place(relay: &Relay) -> Result<OwnedSemaphorePermit, Refusal> {
    let places = relay.doors.get().map(|doors| Arc::clone(&doors.places));
    let place = places.and_then(|places| places.try_acquire_owned().ok());
    place.ok_or(Refusal::TooManyOpen)
}

/// Finds who holds the token that came along; browsers do not count.
pub(super) async fn identify(relay: &Relay, headers: &HeaderMap) -> Result<Principal, Refusal> {
    let token = presented(headers).filter(|token| !token::is_page_bearer(token));
    holder(relay, token.ok_or(Refusal::Unauthenticated)?).await
}

async fn holder(relay: &Relay, token: &str) -> Result<Principal, Refusal> {
    let digest = token::digest(token);
    if let Some(principal) = relay.known.find(&digest, Instant::now()) {
        return Ok(principal);
    }
    let found = if token::is_page_bearer(token) {
        relay.store.page_session(&digest, relay.now()).await?.map(Principal::in_browser)
    } else {
        relay.store.principal(&digest).await?
    };
    let found = found.ok_or(Refusal::Unauthenticated)?;
    relay.known.keep(digest, found, Instant::now());
    Ok(found)
}

/// Who was known a moment ago. A token or browser that is revoked is good for a second more, here
/// and at every other node.
#[derive(Debug, Default)]
pub(super) struct Known(Mutex<HashMap<TokenDigest, (Principal, Instant)>>);

impl Known {
    fn find(&self, digest: &TokenDigest, now: Instant) -> Option<Principal> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (principal, seen) = known.get(digest)?;
        (now.duration_since(*seen) < TOKEN_REMEMBERED).then_some(*principal)
    }

    /// Looks again for who has that token when it comes next.
    pub(super) fn forget(&self, token_id: i64) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, (principal, _)| principal.token_id != token_id);
    }

    fn keep(&self, digest: TokenDigest, principal: Principal, now: Instant) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= RATE_KEYS {
            known.clear();
        }
        known.insert(digest, (principal, now));
    }
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
