//! One HTTP connection to one gateway, with limits.

use super::account::Account;
use super::budget::{CallBudget, Urgency};
use super::date::{date, retry_after};
use super::http::{http, secret_header};
use super::link::{LONGEST_CALL, Link};
use super::stream::ByteStream;
use super::transport_error::TransportError;
use crate::config::{AddressError, CertificatePin, GatewayUrl, TlsRoots};
use crate::credential::Token;
use crate::process;
use crate::protocol::json;
use crate::protocol::wire_error::WireError;
use reqwest::header::{HeaderMap, HeaderName};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, Upgraded, Url};
use serde::Serialize;
use serde_json::Value;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

/// The most bytes of an answer's body that are read.
const LARGEST_BODY: usize = 1 << 20;
/// The most bytes of a decision that are read.
const LARGEST_DECISION: usize = 64 << 10;
/// The most bytes of a WebSocket's message.
pub(super) const LARGEST_FRAME: usize = 64 << 10;

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
    limit: Duration,
    /// How many calls it allows, when it counts.
    budget: Option<CallBudget>,
    /// How many seconds our clock was ahead when the gateway first told the time.
    ahead: Arc<OnceLock<i64>>,
}

/// Who calls.
#[derive(Debug, Clone)]
enum Caller {
    /// Always the same headers, or none.
    Fixed(Arc<HeaderMap>),
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
        Self::pinned(base, token, None)
    }

    /// Makes one that takes no other certificate than that.
    ///
    /// # Errors
    ///
    /// As [`Transport::new`].
    pub fn pinned(
        base: &str,
        token: Option<&Token>,
        certificate: Option<&CertificatePin>,
    ) -> Result<Self, TransportError> {
        let mut headers = HeaderMap::new();
        if let Some(token) = token {
            headers.insert(HeaderName::from_static("x-pat"), secret_header(token)?);
        }
        let url: GatewayUrl = base.parse().map_err(|error: AddressError| {
            TransportError::Address { url: base.to_owned(), why: error.0 }
        })?;
        let (http, caller) =
            (http(&TlsRoots::BuiltIn, certificate)?, Caller::Fixed(Arc::new(headers)));
        Ok(Self::assembled(http, url.url().clone(), caller, LONGEST_CALL))
    }

    /// Makes a client for a gateway that is not told who calls.
    ///
    /// # Errors
    ///
    /// [`TransportError::Setup`].
    pub fn anonymous(gateway: &GatewayUrl, link: &Link) -> Result<Self, TransportError> {
        let (http, caller) =
            (http(link.roots(), link.certificate())?, Caller::Fixed(Arc::default()));
        Ok(Self::assembled(http, gateway.url().clone(), caller, link.limit()))
    }

    /// Makes a client for the gateway of an account.
    ///
    /// # Errors
    ///
    /// [`TransportError::Setup`].
    pub fn of_account(account: Arc<Account>) -> Result<Self, TransportError> {
        let link = account.link();
        let (http, limit) = (http(link.roots(), link.certificate())?, link.limit());
        let base = account.gateway().url().clone();
        Ok(Self::assembled(http, base, Caller::Account(account), limit))
    }

    fn assembled(http: Client, base: Url, caller: Caller, limit: Duration) -> Self {
        Self { http, base, caller, limit, budget: None, ahead: Arc::default() }
    }

    /// Makes no more calls than that, together with all other processes.
    #[must_use]
    pub fn counted(mut self, budget: CallBudget) -> Self {
        self.budget = Some(budget);
        self
    }

    /// Gives every call no more time than that; a long-poll gets it besides its own.
    #[must_use]
    pub fn within(mut self, patience: Duration) -> Self {
        self.limit = self.limit.min(patience);
        self
    }

    /// Returns the gateway's base address.
    #[must_use]
    pub fn base(&self) -> &str {
        self.base.as_str()
    }

    /// Returns how many seconds our clock was ahead of the gateway's when it first said
    /// what time it is there.
    #[must_use]
    pub fn seconds_ahead(&self) -> Option<i64> {
        self.ahead.get().copied()
    }

    /// Gets a path below the base address.
    ///
    /// # Errors
    ///
    /// [`TransportError`] for anything but a 2xx answer that can be read.
    pub async fn get(&self, path: &str) -> Result<Answer, TransportError> {
        self.room(Urgency::Now)?;
        self.call(Method::GET, path, None).await
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

    /// Gets a decision, which the gateway may hold back that long.
    ///
    /// # Errors
    ///
    /// As [`Transport::get`].
    pub async fn long_poll(&self, path: &str, held: Duration) -> Result<Answer, TransportError> {
        self.room(Urgency::Patient)?;
        let request = self.http.get(self.at(path)).timeout(held + self.limit);
        let response = self.send(request).await?;
        self.finish(response, LARGEST_DECISION).await
    }

    /// Posts JSON to a path below the base address.
    ///
    /// # Errors
    ///
    /// As [`Transport::get`].
    pub async fn post(&self, path: &str, body: &impl Serialize) -> Result<Answer, TransportError> {
        self.room(Urgency::Now)?;
        self.call(Method::POST, path, Some(written(body)?)).await
    }

    /// Posts JSON that ends something, however many calls were made before.
    ///
    /// # Errors
    ///
    /// As [`Transport::get`].
    pub async fn post_at_last(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Answer, TransportError> {
        self.room(Urgency::AtLast)?;
        self.call(Method::POST, path, Some(written(body)?)).await
    }

    /// Opens a stream of server-sent events; its bytes come unread.
    ///
    /// # Errors
    ///
    /// As [`Transport::get`].
    pub async fn stream(&self, path: &str) -> Result<ByteStream, TransportError> {
        let request = self.http.get(self.at(path)).header("accept", "text/event-stream");
        let response = self.send(request).await?;
        if response.status().is_success() {
            return Ok(ByteStream(response));
        }
        Err(match self.finish(response, LARGEST_BODY).await {
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
        self.room(Urgency::Now)?;
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
        let response = tokio::time::timeout(self.limit, self.send(request)).await;
        let response = response
            .unwrap_or_else(|_| Err(TransportError::TimedOut { url: self.base.to_string() }))?;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            self.finish(response, LARGEST_BODY).await?;
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

    /// Makes sure that the gateway does not have to refuse one more call.
    fn room(&self, urgency: Urgency) -> Result<(), TransportError> {
        let Some(budget) = &self.budget else { return Ok(()) };
        budget.take(urgency).map_err(|wait| TransportError::no_room(self.base(), budget, wait))
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<Answer, TransportError> {
        let mut request = self.http.request(method, self.at(path)).timeout(self.limit);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        let response = self.send(request).await?;
        self.finish(response, LARGEST_BODY).await
    }

    /// Sends a request as whoever calls; once more when a token was renewed for it.
    async fn send(&self, request: RequestBuilder) -> Result<Response, TransportError> {
        let account = match &self.caller {
            Caller::Fixed(headers) => {
                let request = request.headers(HeaderMap::clone(headers));
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
                // Counted; an answer that was 401 is no reason to wait now.
                let _ = self.room(Urgency::Now);
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

    /// Reads an answer of at most so many bytes.
    async fn finish(
        &self,
        mut response: Response,
        largest: usize,
    ) -> Result<Answer, TransportError> {
        let status = response.status();
        if status.is_redirection() {
            return Err(TransportError::Redirected { url: self.base.to_string() });
        }
        let there = date(&response);
        if let Some(theirs) = there {
            self.ahead.get_or_init(|| process::now().as_second() - theirs.as_second());
        }
        let retry_after = retry_after(&response, there);
        if let (StatusCode::TOO_MANY_REQUESTS, Some(span), Some(budget)) =
            (status, retry_after, &self.budget)
        {
            budget.hold(span);
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.broken(&error))? {
            if bytes.len() + chunk.len() > largest {
                return Err(self.unreadable(format!("more than {largest} bytes")));
            }
            bytes.extend_from_slice(&chunk);
        }
        let body = if bytes.is_empty() { None } else { Some(json::read(&bytes, largest)) };
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

fn written(body: &impl Serialize) -> Result<Vec<u8>, TransportError> {
    serde_json::to_vec(body).map_err(|error| TransportError::Setup { what: error.to_string() })
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
