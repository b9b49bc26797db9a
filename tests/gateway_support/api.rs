//! Calls with a token, and their answers.

use reqwest::{Client, Method, RequestBuilder, Response};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use std::sync::Arc;

/// A client that holds one token.
#[derive(Clone)]
pub(crate) struct Api {
    http: Client,
    base: String,
    token: Option<String>,
}

/// What a call came to.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) retry_after: Option<String>,
}

impl Answer {
    /// Returns the code of the error body; there must be one.
    #[track_caller]
    pub(crate) fn code(&self) -> &str {
        assert_eq!(self.body["msgType"], "error", "{self:?}");
        assert!(self.body["body"]["message"].is_string(), "{self:?}");
        self.body["body"]["code"].as_str().expect("an error has a code")
    }

    /// Fails unless the status and the code of the error are these.
    #[track_caller]
    pub(crate) fn is_refused(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.code()), (status, code), "{self:?}");
    }

    /// Fails unless the status is this one; returns the body.
    #[track_caller]
    pub(crate) fn has(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        self.body
    }
}

impl Api {
    /// Makes a client of that gateway with that token.
    pub(crate) fn new(base: &str, token: Option<&str>) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has the default versions")
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
        let http = Client::builder().tls_backend_preconfigured(tls).no_proxy().build();
        let http = http.expect("a client");
        Self { http, base: base.to_owned(), token: token.map(str::to_owned) }
    }

    /// Returns the same client for a gateway elsewhere.
    pub(crate) fn at(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    /// Prepares a request.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.header("X-PAT", token),
            None => request,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        read(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        read(self.request(Method::POST, path).json(body)).await
    }

    /// Opens an event stream.
    pub(crate) async fn stream(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.expect("an answer")
    }
}

/// Sends a request and reads the answer.
pub(crate) async fn read(request: RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    let status = response.status().as_u16();
    let header = response.headers().get("retry-after");
    let retry_after = header.map(|value| value.to_str().expect("text").to_owned());
    let text = response.text().await.expect("a body");
    let body =
        if text.is_empty() { Value::Null } else { serde_json::from_str(&text).expect(&text) };
    Answer { status, body, retry_after }
}
