//! What holds for every call.

use crate::gateway::listen::Peer;
use crate::gateway::refusal::{Refusal, Refused};
use crate::gateway::relay::Relay;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{CACHE_CONTROL, HOST, X_CONTENT_TYPE_OPTIONS};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use std::net::IpAddr;
use std::sync::Arc;

/// Lets requests in that name us as their host, from addresses that do not call too often;
/// counts each as open until it is answered, and the answer.
///
/// One layer and not three, since each costs a kilobyte as long as a command waits.
pub(super) async fn admit(
    State((relay, hosts)): State<(Arc<Relay>, Arc<Hosts>)>,
    request: Request,
    next: Next,
) -> Response {
    // A web page that rebinds its name to our address cannot hide that name.
    if !is_ours(request.headers(), &hosts) {
        return Refused::from(Refusal::WrongHost).into_response();
    }
    let _busy = relay.activity.begin();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let peer = request.extensions().get::<Peer>();
    let response = match peer.map_or(Ok(()), |peer| relay.count_address(peer.0.ip())) {
        Ok(()) => next.run(request).await,
        Err(refusal) => Refused::from(refusal).into_response(),
    };
    let route = route.as_ref().map_or("unknown", MatchedPath::as_str);
    relay.metrics.answered(route, response.status().as_u16());
    response
}

/// The hosts that a gateway answers to, besides loopback.
#[derive(Debug, Default)]
pub(in crate::gateway) struct Hosts {
    names: Vec<String>,
    /// Whether it answers to every address as well.
    has_addresses: bool,
}

impl Hosts {
    /// Answers to these names.
    pub(in crate::gateway) fn named(names: Vec<String>) -> Self {
        Self { names, has_addresses: false }
    }

    /// Answers to these names, and to every address: what rebinds is always a name.
    pub(in crate::gateway) fn public(names: Vec<String>) -> Self {
        Self { names, has_addresses: true }
    }

    fn knows(&self, host: &str) -> bool {
        self.has_addresses && host.parse::<IpAddr>().is_ok()
            || self.names.iter().any(|name| name.eq_ignore_ascii_case(host))
    }
}

fn is_ours(headers: &HeaderMap, known: &Hosts) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(only), None) = (hosts.next(), hosts.next()) else { return false };
    let Ok(authority) = only.to_str().unwrap_or_default().parse::<Authority>() else {
        return false;
    };
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        || known.knows(host)
}

/// Keeps answers out of caches, and their type as we say.
pub(super) fn never_stored(mut response: Response) -> Response {
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
            assert!(is_ours(&host(ours), &Hosts::default()), "{ours}");
        }
        for other in ["evil.example", "evil.example:80", "10.0.0.1", "", "localhost.evil.example"] {
            assert!(!is_ours(&host(other), &Hosts::default()), "{other}");
        }
        assert!(!is_ours(&HeaderMap::new(), &Hosts::default()));
        let mut twice = host("localhost");
        twice.append(HOST, HeaderValue::from_static("evil.example"));
        assert!(!is_ours(&twice, &Hosts::default()));
    }

    #[test]
    fn a_public_one_answers_to_its_names_and_to_addresses() {
        let hosts = Hosts::public(vec!["gateway.lan".to_owned()]);
        for ours in ["gateway.lan:8750", "Gateway.LAN", "192.0.2.1:8750", "[2001:db8::1]:1"] {
            assert!(is_ours(&host(ours), &hosts), "{ours}");
        }
        for other in ["evil.example", "gateway.lan.evil.example", "x192.0.2.1"] {
            assert!(!is_ours(&host(other), &hosts), "{other}");
        }
    }

    #[test]
    fn one_behind_a_proxy_answers_to_the_names_of_that() {
        let hosts = Hosts::named(vec!["gateway.lan".to_owned()]);
        for ours in ["gateway.lan", "Gateway.LAN:443", "127.0.0.1:8750", "localhost"] {
            assert!(is_ours(&host(ours), &hosts), "{ours}");
        }
        for other in ["192.0.2.1:8750", "[2001:db8::1]:1", "evil.example", "x.gateway.lan"] {
            assert!(!is_ours(&host(other), &hosts), "{other}");
        }
    }
}
