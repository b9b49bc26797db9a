//! The identity provider that a gateway names: its discovery document, the device
//! grant, renewal and revocation.
//!
//! A gateway is not trusted, so neither is what it says about signing in: the provider
//! is reached over https (or plain http on loopback), every address in its discovery
//! document must be its own, and redirects are never followed.

use super::AccountError;
use crate::client::http::{http, innermost};
use crate::client::{Link, TransportError};
use crate::config::GatewayUrl;
use crate::credential::{Session, Token};
use crate::display::Displayable;
use crate::protocol::json;
use oauth2::basic::{BasicClient, BasicTokenResponse};
use oauth2::{
    AuthType, ClientId, DeviceAuthorizationUrl, DeviceCodeErrorResponseType, HttpRequest,
    HttpResponse, RefreshToken, RequestTokenError, Scope, StandardDeviceAuthorizationResponse,
    TokenResponse as _, TokenUrl,
};
use reqwest::{Client, Response};
use serde::Deserialize;
use std::cell::Cell;
use std::time::Duration;
use thiserror::Error;

/// The most bytes of an answer that are read.
const LARGEST: usize = 64 << 10;

/// What a provider says about itself. `OpenID` Connect Discovery 1.0 section 3, RFC 8414.
#[derive(Debug, Deserialize)]
struct Metadata {
    issuer: String,
    token_endpoint: String,
    #[serde(default)]
    device_authorization_endpoint: Option<String>,
    #[serde(default)]
    revocation_endpoint: Option<String>,
}

/// An identity provider.
#[derive(Debug)]
pub struct Provider {
    http: Client,
    limit: Duration,
    issuer: String,
    client_id: String,
    token: TokenUrl,
    device: Option<DeviceAuthorizationUrl>,
    revocation: Option<GatewayUrl>,
}

/// A code that a person enters at the provider's page.
#[derive(Debug)]
pub struct DeviceCode(StandardDeviceAuthorizationResponse);

impl DeviceCode {
    /// Returns the page, escaped.
    #[must_use]
    pub fn page(&self) -> String {
        shown(self.0.verification_uri().as_str())
    }

    /// Returns the page with the code in it, when the provider offers that.
    #[must_use]
    pub fn complete_page(&self) -> Option<String> {
        self.0.verification_uri_complete().map(|page| shown(page.secret()))
    }

    /// Returns the code, escaped.
    #[must_use]
    pub fn code(&self) -> String {
        shown(self.0.user_code().secret())
    }

    /// Returns how long the code can be entered.
    #[must_use]
    pub fn lifetime(&self) -> Duration {
        self.0.expires_in()
    }
}

/// Why there is no answer of a provider.
#[derive(Debug, Error)]
enum HttpError {
    #[error("{0}")]
    Broken(String),
    #[error("more than {LARGEST} bytes")]
    TooLarge,
}

impl Provider {
    /// Reads what the provider says about itself.
    ///
    /// # Errors
    ///
    /// [`AccountError::Untrusted`] when it breaks a rule, [`AccountError::Provider`] when
    /// it cannot be reached or understood.
    pub async fn discover(
        issuer: &str,
        client_id: &str,
        link: &Link,
    ) -> Result<Self, AccountError> {
        let untrusted =
            |why: &str| AccountError::Untrusted { issuer: shown(issuer), why: why.into() };
        let base: GatewayUrl =
            issuer.parse().map_err(|error: crate::config::AddressError| untrusted(error.0))?;
        let (http, limit) = (http(link.roots(), None)?, link.limit());
        let address = format!("{base}/.well-known/openid-configuration");
        let response = http.get(&address).timeout(limit).send().await;
        let response = response.map_err(|error| unreachable(&base, &error))?;
        if response.status().is_redirection() {
            return Err(untrusted("its discovery document is a redirect, which is never followed"));
        }
        let metadata = metadata(response).await.map_err(|what| AccountError::Provider {
            issuer: base.to_string(),
            what: format!("its discovery document cannot be used: {what}"),
        })?;
        // OpenID Connect Discovery 1.0 section 4.3: exactly the one that was asked for.
        if metadata.issuer.trim_end_matches('/') != issuer.trim_end_matches('/') {
            let why = format!("its discovery document is that of {}", shown(&metadata.issuer));
            return Err(untrusted(&why));
        }
        let own = |address: &str| -> Result<GatewayUrl, AccountError> {
            let found: Result<GatewayUrl, _> = address.parse();
            found.ok().filter(|found| found.url().origin() == base.url().origin()).ok_or_else(
                || {
                    let why = "its discovery document points elsewhere: ";
                    untrusted(&format!("{why}{}", shown(address)))
                },
            )
        };
        let device = metadata.device_authorization_endpoint.as_deref().map(own).transpose()?;
        Ok(Self {
            token: TokenUrl::from_url(own(&metadata.token_endpoint)?.url().clone()),
            device: device.map(|found| DeviceAuthorizationUrl::from_url(found.url().clone())),
            revocation: metadata.revocation_endpoint.as_deref().map(own).transpose()?,
            http,
            limit,
            issuer: base.to_string(),
            client_id: client_id.to_owned(),
        })
    }

    /// Returns its address.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Asks for a code. RFC 8628 3.1.
    ///
    /// # Errors
    ///
    /// [`AccountError`] when the provider gives none, or a page that is not shown.
    pub async fn begin(&self) -> Result<DeviceCode, AccountError> {
        let device = self
            .device
            .clone()
            .ok_or_else(|| AccountError::NoDeviceCode { issuer: self.issuer.clone() })?;
        let client = BasicClient::new(ClientId::new(self.client_id.clone()))
            .set_auth_type(AuthType::RequestBody)
            .set_device_authorization_url(device);
        let send = |request| send(self.http.clone(), self.limit, request);
        let asked = client
            .exchange_device_code()
            .add_scope(Scope::new("openid".to_owned()))
            .add_scope(Scope::new("offline_access".to_owned()))
            .request_async(&send)
            .await;
        let code: StandardDeviceAuthorizationResponse =
            asked.map_err(|error| self.refused(&error))?;
        let complete = code.verification_uri_complete().map(|page| page.secret().as_str());
        for page in [code.verification_uri().as_str()].into_iter().chain(complete) {
            if page.parse::<url::Url>().ok().is_none_or(|page| !is_a_page(&page)) {
                let why = format!("it asks us to open {}", shown(page));
                return Err(AccountError::Untrusted { issuer: self.issuer.clone(), why });
            }
        }
        Ok(DeviceCode(code))
    }

    /// Waits until the code was entered. RFC 8628 3.4 and 3.5: the provider's interval,
    /// longer when it says `slow_down`, until it says yes, no, or that it is too late.
    ///
    /// A provider that does not answer is asked again until then; `unreachable` is told
    /// why when that begins.
    ///
    /// # Errors
    ///
    /// [`AccountError::Denied`], [`AccountError::CodeExpired`], or another.
    pub async fn finish(
        &self,
        code: &DeviceCode,
        unreachable: impl Fn(&str),
    ) -> Result<Session, AccountError> {
        let client = BasicClient::new(ClientId::new(self.client_id.clone()))
            .set_auth_type(AuthType::RequestBody)
            .set_token_uri(self.token.clone());
        let is_away = Cell::new(false);
        let (is_away, unreachable) = (&is_away, &unreachable);
        let send = |request| async move {
            let sent = send(self.http.clone(), self.limit, request).await;
            if let (Err(error), false) = (&sent, is_away.replace(sent.is_err())) {
                unreachable(&shown(&error.to_string()));
            }
            sent
        };
        let asked = client
            .exchange_device_access_token(&code.0)
            .request_async(&send, tokio::time::sleep, None)
            .await;
        match asked {
            Ok(answer) => self.session(&answer, None),
            Err(RequestTokenError::ServerResponse(answer)) => Err(match answer.error() {
                DeviceCodeErrorResponseType::AccessDenied => AccountError::Denied,
                DeviceCodeErrorResponseType::ExpiredToken => AccountError::CodeExpired,
                other => self.provider_says(&format!("{other:?}")),
            }),
            Err(error) => Err(self.refused(&error)),
        }
    }

    /// Gets another access token, and mostly another refresh token. RFC 6749 6.
    pub(super) async fn refresh(&self, refresh: &Token) -> Result<Session, AccountError> {
        let client = BasicClient::new(ClientId::new(self.client_id.clone()))
            .set_auth_type(AuthType::RequestBody)
            .set_token_uri(self.token.clone());
        let send = |request| send(self.http.clone(), self.limit, request);
        let secret = RefreshToken::new(refresh.expose().to_owned());
        let answer = client.exchange_refresh_token(&secret).request_async(&send).await;
        let answer = answer.map_err(|error| self.refused(&error))?;
        self.session(&answer, Some(refresh))
    }

    /// Makes a session's tokens worthless. RFC 7009; `false` when the provider offers
    /// no such call.
    ///
    /// # Errors
    ///
    /// [`AccountError::Provider`] when it did not work.
    pub async fn revoke(&self, session: &Session) -> Result<bool, AccountError> {
        let Some(address) = &self.revocation else { return Ok(false) };
        let tokens =
            [("refresh_token", session.refresh.as_ref()), ("access_token", Some(&session.access))];
        for (kind, token) in tokens {
            let Some(token) = token else { continue };
            let body = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("token", token.expose())
                .append_pair("token_type_hint", kind)
                .append_pair("client_id", &self.client_id)
                .finish();
            let request = self
                .http
                .post(address.url().clone())
                .timeout(self.limit)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body);
            let response =
                request.send().await.map_err(|error| self.provider_says(&innermost(&error)))?;
            if !response.status().is_success() {
                return Err(
                    self.provider_says(&format!("revocation ended with {}", response.status()))
                );
            }
        }
        Ok(true)
    }

    fn session(
        &self,
        answer: &BasicTokenResponse,
        before: Option<&Token>,
    ) -> Result<Session, AccountError> {
        let token =
            |text: &str| Token::parse(text).map_err(|error| self.provider_says(&error.to_string()));
        let refresh = answer.refresh_token().map(|text| token(text.secret())).transpose()?;
        Ok(Session {
            access: token(answer.access_token().secret())?,
            // RFC 6749 6: without another one the old one stays.
            refresh: refresh.or_else(|| before.cloned()),
            client_id: self.client_id.clone(),
            issuer: self.issuer.clone(),
        })
    }

    fn refused<E, T>(&self, error: &RequestTokenError<E, T>) -> AccountError
    where
        E: std::error::Error + 'static,
        T: oauth2::ErrorResponse,
    {
        match error {
            RequestTokenError::ServerResponse(answer) => self.provider_says(&format!("{answer:?}")),
            RequestTokenError::Request(error) => self.provider_says(&innermost(error)),
            // Its text would hold the answer, and a token may be in that.
            RequestTokenError::Parse(..) => self.provider_says("its answer cannot be read"),
            RequestTokenError::Other(what) => self.provider_says(what),
        }
    }

    fn provider_says(&self, what: &str) -> AccountError {
        AccountError::Provider { issuer: self.issuer.clone(), what: shown(what) }
    }
}

fn unreachable(base: &GatewayUrl, error: &reqwest::Error) -> AccountError {
    TransportError::of_request(base.as_str(), error).into()
}

async fn metadata(response: Response) -> Result<Metadata, String> {
    if !response.status().is_success() {
        return Err(format!("it answered {}", response.status()));
    }
    let bytes = bounded(response).await.map_err(|error| error.to_string())?;
    let value = json::read(&bytes, LARGEST).map_err(|error| error.to_string())?;
    json::from_value(value).map_err(|error| error.to_string())
}

/// Sends what the `oauth2` crate composed.
async fn send(
    client: Client,
    limit: Duration,
    request: HttpRequest,
) -> Result<HttpResponse, HttpError> {
    let broken = |error: reqwest::Error| HttpError::Broken(innermost(&error));
    let request = reqwest::Request::try_from(request).map_err(broken)?;
    let mut builder = reqwest::RequestBuilder::from_parts(client, request);
    builder = builder.timeout(limit);
    let response = builder.send().await.map_err(broken)?;
    let (status, headers) = (response.status(), response.headers().clone());
    let mut answer = HttpResponse::new(bounded(response).await?);
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    Ok(answer)
}

async fn bounded(mut response: Response) -> Result<Vec<u8>, HttpError> {
    let mut bytes = Vec::new();
    let broken = |error: reqwest::Error| HttpError::Broken(innermost(&error));
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        if bytes.len() + chunk.len() > LARGEST {
            return Err(HttpError::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// A page is only opened over https, or on this machine.
fn is_a_page(page: &url::Url) -> bool {
    let mut base = page.clone();
    base.set_query(None);
    base.set_fragment(None);
    base.as_str().parse::<GatewayUrl>().is_ok()
}

fn shown(text: &str) -> String {
    Displayable::from(text).to_string()
}
