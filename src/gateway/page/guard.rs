//! What keeps other sites away from the page and its calls.

use crate::gateway::limits::{PAGE_BODY_BYTES, PAGE_BODY_TIME};
use crate::gateway::refusal::Refusal;
use crate::gateway::routes::BodyBounds;
use axum::extract::Request;
use axum::http::header::{
    CONTENT_SECURITY_POLICY, HOST, HeaderName, ORIGIN, REFERRER_POLICY, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::response::Response;

/// A header that no form and no image can send: with it every call from another site
/// needs a preflight, and none is ever granted.
const OUR_HEADER: HeaderName = HeaderName::from_static("x-airlock-page");
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Security 6, row XSS and row clickjacking.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'";

const HEADERS: [(HeaderName, &str); 6] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
    ),
];

/// Says on every answer what a browser may do with it.
pub(in crate::gateway) fn with_headers(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Lets a call through that the page itself made, and bounds it.
pub(in crate::gateway) fn is_own(request: &mut Request) -> Result<(), Refusal> {
    own_origin(request.method(), request.headers())?;
    if request.headers().get(OUR_HEADER).is_none_or(|value| value != "1") {
        return Err(Refusal::ForeignOrigin);
    }
    let bounds = BodyBounds { bytes: PAGE_BODY_BYTES, time: PAGE_BODY_TIME };
    request.extensions_mut().insert(bounds);
    Ok(())
}

/// Refuses what a page of another origin sends. The Host was checked before: it names
/// us, so an origin with the same authority is ours.
fn own_origin(method: &Method, headers: &HeaderMap) -> Result<(), Refusal> {
    let mut origins = headers.get_all(ORIGIN).iter();
    match (origins.next(), origins.next()) {
        (Some(only), None) if origin(headers).is_some_and(|ours| only == ours.as_str()) => {}
        // A browser sends none with a read of its own origin, and one with every write.
        (None, None) if method == Method::GET => {}
        _ => return Err(Refusal::ForeignOrigin),
    }
    match headers.get(SEC_FETCH_SITE) {
        Some(site) if site != "same-origin" && site != "none" => Err(Refusal::ForeignOrigin),
        _ => Ok(()),
    }
}

/// Returns the origin of the page as its browser names it: by the Host that was allowed.
pub(super) fn origin(headers: &HeaderMap) -> Option<String> {
    let host = headers.get(HOST)?.to_str().ok()?;
    let said = headers.get(ORIGIN).and_then(|said| said.to_str().ok()).unwrap_or_default();
    let scheme = if said.starts_with("https://") { "https" } else { "http" };
    Some(format!("{scheme}://{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(HeaderName, &'static str)]) -> HeaderMap {
        let one = |(name, value): &(HeaderName, &'static str)| {
            (name.clone(), HeaderValue::from_static(value))
        };
        pairs.iter().map(one).collect()
    }

    #[test]
    fn only_our_own_origin_writes() {
        let host = (HOST, "127.0.0.1:80");
        let write = |more: &[(HeaderName, &'static str)]| {
            own_origin(&Method::POST, &headers(&[std::slice::from_ref(&host), more].concat()))
                .is_ok()
        };
        assert!(write(&[(ORIGIN, "http://127.0.0.1:80")]));
        assert!(write(&[(ORIGIN, "http://127.0.0.1:80"), (SEC_FETCH_SITE, "same-origin")]));
        for foreign in ["http://127.0.0.1:81", "http://localhost:80", "http://evil", "null", ""] {
            assert!(!write(&[(ORIGIN, foreign)]), "{foreign}");
        }
        assert!(!write(&[]), "a write without an origin is no browser's");
        assert!(!write(&[(ORIGIN, "http://127.0.0.1:80"), (SEC_FETCH_SITE, "same-site")]));
        let mut twice = headers(&[host.clone(), (ORIGIN, "http://127.0.0.1:80")]);
        twice.append(ORIGIN, HeaderValue::from_static("http://evil"));
        assert!(own_origin(&Method::POST, &twice).is_err());
    }

    #[test]
    fn a_read_needs_no_origin_and_no_foreign_one() {
        let host = (HOST, "localhost:80");
        let read = |more: &[(HeaderName, &'static str)]| {
            own_origin(&Method::GET, &headers(&[std::slice::from_ref(&host), more].concat()))
                .is_ok()
        };
        assert!(read(&[]));
        assert!(read(&[(SEC_FETCH_SITE, "none")]));
        assert!(!read(&[(ORIGIN, "http://evil")]));
        assert!(!read(&[(SEC_FETCH_SITE, "cross-site")]));
    }
}
