//! What holds for every call.

use crate::gateway::refusal::{Refusal, Refused};
use crate::gateway::relay::Relay;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, HOST, X_CONTENT_TYPE_OPTIONS};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use std::net::IpAddr;
use std::sync::Arc;

/// Counts the request as open until it is answered.
pub(super) async fn count(
    State(relay): State<Arc<Relay>>,
    request: Request,
    next: Next,
) -> Response {
    let _busy = relay.activity.begin();
    next.run(request).await
}

/// Refuses requests for another host: a web page that rebinds its name to our
/// address cannot hide that name.
pub(super) async fn loopback_host(request: Request, next: Next) -> Result<Response, Refused> {
    if is_loopback(request.headers()) {
        return Ok(next.run(request).await);
    }
    Err(Refusal::WrongHost.into())
}

fn is_loopback(headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(only), None) = (hosts.next(), hosts.next()) else { return false };
    let Ok(authority) = only.to_str().unwrap_or_default().parse::<Authority>() else {
        return false;
    };
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Keeps answers out of caches, and their type as we say.
pub(super) async fn never_stored(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(name: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(HOST, HeaderValue::from_static(name))])
    }

    #[test]
    fn only_loopback_names_are_ours() {
        for ours in ["127.0.0.1:8080", "127.0.0.1", "localhost:1", "LOCALHOST", "[::1]:80", "[::1]"]
        {
            assert!(is_loopback(&host(ours)), "{ours}");
        }
        for other in ["evil.example", "evil.example:80", "10.0.0.1", "", "localhost.evil.example"] {
            assert!(!is_loopback(&host(other)), "{other}");
        }
        assert!(!is_loopback(&HeaderMap::new()));
        let mut twice = host("localhost");
        twice.append(HOST, HeaderValue::from_static("evil.example"));
        assert!(!is_loopback(&twice));
    }
}
