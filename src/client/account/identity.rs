//! The headers of every call, and the token in them, which can be renewed.

use super::{AccountError, Provider};
use crate::client::http::secret_header;
use crate::client::{Link, TransportError};
use crate::config::GatewayUrl;
use crate::credential::{AccountStore, Credential, Session, Token};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, ORIGIN};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long another process may take to renew the token.
const PATIENCE: Duration = Duration::from_secs(30);

/// The app that we are at a gateway.
#[derive(Debug, Clone, Default)]
pub struct App {
    /// Its id.
    pub id: Option<String>,
    /// What proves it, unless it is public.
    pub secret: Option<Token>,
    /// Where it lives when it is public.
    pub origin: Option<String>,
}

/// An app and a user at one gateway.
#[derive(Debug)]
pub struct Account {
    gateway: GatewayUrl,
    link: Link,
    app: App,
    store: AccountStore,
    current: Mutex<Credential>,
    /// Within this process only one call renews; between processes a lock does it.
    renewing: tokio::sync::Mutex<()>,
}

/// The headers of a call, and which credential is in them.
pub(in crate::client) struct Shown {
    pub(in crate::client) headers: HeaderMap,
    pub(in crate::client) credential: Credential,
}

impl Account {
    /// Reads what was kept at sign-in.
    ///
    /// # Errors
    ///
    /// [`AccountError::SignedOut`], or [`AccountError::Credential`].
    pub fn open(
        store: AccountStore,
        gateway: GatewayUrl,
        link: Link,
        app: App,
    ) -> Result<Self, AccountError> {
        let found = store.credential(gateway.as_str())?;
        let credential =
            found.ok_or_else(|| AccountError::SignedOut { gateway: gateway.to_string() })?;
        Ok(Self::with_credential(store, gateway, link, app, credential))
    }

    /// Takes a credential that may not be kept yet.
    #[must_use]
    pub fn with_credential(
        store: AccountStore,
        gateway: GatewayUrl,
        link: Link,
        app: App,
        credential: Credential,
    ) -> Self {
        let (current, renewing) = (Mutex::new(credential), tokio::sync::Mutex::new(()));
        Self { gateway, link, app, store, current, renewing }
    }

    /// Returns the gateway.
    #[must_use]
    pub fn gateway(&self) -> &GatewayUrl {
        &self.gateway
    }

    /// Returns how the gateway and the identity provider are reached.
    #[must_use]
    pub fn link(&self) -> &Link {
        &self.link
    }

    /// Returns the credential that is used now.
    #[must_use]
    pub fn credential(&self) -> Credential {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the headers of the next call.
    pub(in crate::client) fn headers(&self) -> Result<Shown, TransportError> {
        let credential = self.credential();
        let mut headers = HeaderMap::new();
        let plain = |text: &str| {
            HeaderValue::from_str(text).map_err(|_| TransportError::Setup {
                what: "the client id or the origin is no header".to_owned(),
            })
        };
        if let Some(id) = &self.app.id {
            headers.insert(HeaderName::from_static("x-client-id"), plain(id)?);
        }
        if let Some(secret) = &self.app.secret {
            let name = HeaderName::from_static("x-client-secret");
            headers.insert(name, secret_header(secret)?);
        }
        if let Some(origin) = &self.app.origin {
            headers.insert(ORIGIN, plain(origin)?);
        }
        match &credential {
            Credential::Personal(token) => {
                headers.insert(HeaderName::from_static("x-pat"), secret_header(token)?);
            }
            Credential::Session(session) => {
                let token = format!("Bearer {}", session.access.expose());
                let mut value = plain(&token)?;
                value.set_sensitive(true);
                headers.insert(AUTHORIZATION, value);
            }
        }
        Ok(Shown { headers, credential })
    }

    /// Gets another token for one that the gateway refused; `false` when there is none
    /// to be had.
    ///
    /// Of all processes one asks the identity provider, and the others take what it got:
    /// a refresh token counts once, and a second use of it would end the sign-in.
    ///
    /// # Errors
    ///
    /// [`AccountError`]; what was kept stays.
    pub(in crate::client) async fn renew(&self, stale: &Credential) -> Result<bool, AccountError> {
        let Credential::Session(stale) = stale else { return Ok(false) };
        let _within = self.renewing.lock().await;
        let _between = self.store.lock(PATIENCE)?;
        let kept = match self.store.credential(self.gateway.as_str())? {
            None => return Ok(false),
            Some(Credential::Session(kept)) if is_same(&kept, stale) => kept,
            // Somebody else renewed it, or signed in anew, in the meantime.
            Some(other) => {
                self.take(other);
                return Ok(true);
            }
        };
        let Some(refresh) = &kept.refresh else { return Ok(false) };
        let provider = Provider::discover(&kept.issuer, &kept.client_id, &self.link).await?;
        let renewed = Credential::Session(provider.refresh(refresh).await?);
        self.store.set_credential(self.gateway.as_str(), &renewed)?;
        self.take(renewed);
        Ok(true)
    }

    fn take(&self, credential: Credential) {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = credential;
    }
}

fn is_same(one: &Session, other: &Session) -> bool {
    one.access.expose() == other.access.expose()
}
