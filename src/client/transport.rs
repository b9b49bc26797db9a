//! One HTTP connection to one gateway, with limits.

use super::account::Account;
use super::tls;
use super::transport_error::TransportError;
use crate::config::{AddressError, GatewayUrl, TlsRoots};
use crate::credential::Token;
use crate::protocol::json;
use crate::protocol::wire_error::WireError;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, Upgraded, Url, redirect};
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

/// The most bytes of an answer's body that are read.
const LARGEST_BODY: usize = 1 << 20;
/// The most bytes of a WebSocket's message.
const LARGEST_FRAME: usize = 64 << 10;
/// How long an ordinary call may take, waits of a long-poll not counted.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// A successful answer.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status, 200 to 299.
    pub status: u16,
    /// The body, `None` when it was empty.
    pub body: Option<Value>,
}

/// HTTP to one gateway: bounded, strict, without redirects, proxies or cookies.
#[derive(Debug, Clone)]
pub struct Transport {
    http: Client,
    base: Url,
    caller: Caller,
}

/// Who calls.
#[derive(Debug, Clone)]
enum Caller {
    /// Always the same headers, or none.
    Fixed(HeaderMap),
    /// Somebody whose token can be renewed.
    Account(Arc<Account>),
}

impl Transport {
    /// Makes a client for the gateway at that address; it connects when first used.
    ///
    /// Plain `http` is allowed to a loopback address only.
    ///
    /// # Errors
    ///
    /// [`TransportError::Address`] or [`TransportError::Setup`].
    pub fn new(base: &str, token: Option<&Token>) -> Result<Self, TransportError> {
        let mut headers = HeaderMap::new();
        if let Some(token) = token {
            headers.insert(HeaderName::from_static("x-pat"), secret_header(token)?);
        }
        let url: GatewayUrl = base.parse().map_err(|error: AddressError| {
            TransportError::Address { url: base.to_owned(), why: error.0 }
        })?;
        let http = http(&TlsRoots::BuiltIn)?;
        Ok(Self { http, base: url.url().clone(), caller: Caller::Fixed(headers) })
    }

    /// Makes a client for a gateway that is not told who calls.
    ///
    /// # Errors
    ///
    /// [`TransportError::Setup`].
    pub fn anonymous(gateway: &GatewayUrl, roots: &TlsRoots) -> Result<Self, TransportError> {
        let caller = Caller::Fixed(HeaderMap::new());
        Ok(Self { http: http(roots)?, base: gateway.url().clone(), caller })
    }

    /// Makes a client for the gateway of an account.
    ///
    /// # Errors
    ///
    /// [`TransportError::Setup`].
    pub fn of_account(account: Arc<Account>) -> Result<Self, TransportError> {
        let http = http(account.roots())?;
        Ok(Self { http, base: account.gateway().url().clone(), caller: Caller::Account(account) })
    }

    /// Returns the gateway's base address.
    #[must_use]
    pub fn base(&self) -> &str {
        self.base.as_str()
    }

    /// Gets a path below the base address.
    ///
    /// # Errors
    ///
    /// [`TransportError`] for anything but a 2xx answer that can be read.
    pub async fn get(&self, path: &str) -> Result<Answer, TransportError> {
        self.call(Method::GET, path, None, CALL_TIMEOUT).await
    }

    /// Gets a path with these parameters.
    ///
    /// # Errors
    ///
    /// As [`Transport::get`].
    pub async fn get_with(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Answer, TransportError> {
        let mut url = self.at(path);
        url.query_pairs_mut().extend_pairs(query);
        let parameters = url.query().unwrap_or_default();
        self.get(&format!("{path}?{parameters}")).await
    }

    /// Gets a path whose answer the gateway may hold back that long.
    ///
    /// # Errors
    ///
    /// As [`Transport::get`].
    pub async fn long_poll(&self, path: &str, held: Duration) -> Result<Answer, TransportError> {
        self.call(Method::GET, path, None, held + CALL_TIMEOUT).await
    }

    /// Posts JSON to a path below the base address.
    ///
    /// # Errors
    ///
    /// As [`Transport::get`].
    pub async fn post(&self, path: &str, body: &impl Serialize) -> Result<Answer, TransportError> {
        let body = serde_json::to_vec(body)
            .map_err(|error| TransportError::Setup { what: error.to_string() })?;
        self.call(Method::POST, path, Some(body), CALL_TIMEOUT).await
    }

    /// Opens a stream of server-sent events; its bytes come unread.
    ///
    /// # Errors
    ///
    /// As [`Transport::get`].
    pub async fn stream(&self, path: &str) -> Result<Response, TransportError> {
        let request = self.http.get(self.at(path)).header("accept", "text/event-stream");
        let response = self.send(request).await?;
        if response.status().is_success() {
            return Ok(response);
        }
        Err(match self.finish(response).await {
            Err(error) => error,
            Ok(_) => self.unreadable("a success that is none".to_owned()),
        })
    }

    /// Asks for a WebSocket at a path; its frames come unread.
    ///
    /// # Errors
    ///
    /// As [`Transport::get`]; a gateway without one refuses.
    pub async fn web_socket(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<WebSocketStream<Upgraded>, TransportError> {
        let mut url = self.at(path);
        url.query_pairs_mut().extend_pairs(query);
        let key = generate_key();
        let request = self
            .http
            .get(url)
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", &key);
        let response = tokio::time::timeout(CALL_TIMEOUT, self.send(request)).await;
        let response = response
            .unwrap_or_else(|_| Err(TransportError::TimedOut { url: self.base.to_string() }))?;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            self.finish(response).await?;
            return Err(self.unreadable("no WebSocket".to_owned()));
        }
        // RFC 6455 4.1: it answers to this key, or it is no WebSocket.
        let accepted = response.headers().get("sec-websocket-accept");
        if accepted.is_none_or(|value| value != derive_accept_key(key.as_bytes()).as_str()) {
            return Err(self.unreadable("a WebSocket that answers somebody else".to_owned()));
        }
        let upgraded = response.upgrade().await.map_err(|error| self.broken(&error))?;
        let bounds = WebSocketConfig::default()
            .max_message_size(Some(LARGEST_FRAME))
            .max_frame_size(Some(LARGEST_FRAME));
        Ok(WebSocketStream::from_raw_socket(upgraded, Role::Client, Some(bounds)).await)
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
        timeout: Duration,
    ) -> Result<Answer, TransportError> {
        let mut request = self.http.request(method, self.at(path)).timeout(timeout);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        let response = self.send(request).await?;
        self.finish(response).await
    }

    /// Sends a request as whoever calls; once more when a token was renewed for it.
    async fn send(&self, request: RequestBuilder) -> Result<Response, TransportError> {
        let account = match &self.caller {
            Caller::Fixed(headers) => {
                let request = request.headers(headers.clone());
                return request.send().await.map_err(|error| self.broken(&error));
            }
            Caller::Account(account) => account,
        };
        let again = request.try_clone();
        let shown = account.headers()?;
        let response =
            request.headers(shown.headers).send().await.map_err(|error| self.broken(&error))?;
        // Security 7.1: 401, refresh once under the lock, retry once.
        let Some(again) = again.filter(|_| response.status() == StatusCode::UNAUTHORIZED) else {
            return Ok(response);
        };
        match account.renew(&shown.credential).await {
            Ok(true) => {
                let headers = account.headers()?.headers;
                again.headers(headers).send().await.map_err(|error| self.broken(&error))
            }
            Ok(false) => Ok(response),
            Err(error) => {
                tracing::warn!(%error, "the sign-in could not be renewed");
                Ok(response)
            }
        }
    }

    async fn finish(&self, mut response: Response) -> Result<Answer, TransportError> {
        let status = response.status();
        if status.is_redirection() {
            return Err(TransportError::Redirected { url: self.base.to_string() });
        }
        let retry_after = retry_after(&response);
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.broken(&error))? {
            if bytes.len() + chunk.len() > LARGEST_BODY {
                return Err(self.unreadable(format!("more than {LARGEST_BODY} bytes")));
            }
            bytes.extend_from_slice(&chunk);
        }
        let body = if bytes.is_empty() { None } else { Some(json::read(&bytes, LARGEST_BODY)) };
        if !status.is_success() {
            let error =
                body.and_then(Result::ok).and_then(|value| WireError::read(&value)).map(Box::new);
            return Err(TransportError::Refused {
                url: self.base.to_string(),
                status: status.as_u16(),
                error,
                retry_after,
            });
        }
        let body = body.transpose().map_err(|error| self.unreadable(error.to_string()))?;
        Ok(Answer { status: status.as_u16(), body })
    }

    fn at(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        let (path, query) = path.split_once('?').map_or((path, None), |(p, q)| (p, Some(q)));
        let prefix = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{prefix}{path}"));
        url.set_query(query);
        url
    }

    fn broken(&self, error: &reqwest::Error) -> TransportError {
        TransportError::of_request(self.base.as_str(), error)
    }

    fn unreadable(&self, what: String) -> TransportError {
        TransportError::Unreadable { url: self.base.to_string(), what }
    }
}

/// Makes an HTTP client: no redirects, no proxies, TLS by these roots.
pub(super) fn http(roots: &TlsRoots) -> Result<Client, TransportError> {
    let setup = |what| TransportError::Setup { what };
    Client::builder()
        .tls_backend_preconfigured(tls::settings(roots).map_err(setup)?)
        .user_agent(concat!("airlock-exec/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .no_proxy()
        .connect_timeout(CALL_TIMEOUT)
        .build()
        .map_err(|error| setup(innermost(&error)))
}

/// Makes a header of a secret, which is then never printed.
pub(super) fn secret_header(token: &Token) -> Result<HeaderValue, TransportError> {
    let mut value = HeaderValue::from_str(token.expose())
        .map_err(|_| TransportError::Setup { what: "the token is no header".to_owned() })?;
    value.set_sensitive(true);
    Ok(value)
}

/// Reads `Retry-After` in seconds; RFC 9110 10.2.3 also allows a date.
fn retry_after(response: &Response) -> Option<Duration> {
    if !matches!(response.status(), StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE)
    {
        return None;
    }
    let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_secs)
}

/// Returns what is at the bottom of an error.
pub(super) fn innermost(error: &dyn std::error::Error) -> String {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_paths_below_a_base_with_a_path() {
        let transport = Transport::new("https://example.org/gateway/", None).expect("an address");
        let url = transport.at("/v1/exchanges/req-1/wait?timeout=25");
        assert_eq!(url.as_str(), "https://example.org/gateway/v1/exchanges/req-1/wait?timeout=25");
    }
}
