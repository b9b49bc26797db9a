//! The gateway of the settings, and what we have for it.

use super::AccountCommandError;
use crate::client::{Account, AccountError, App, Link, Transport};
use crate::config::{Destination, GatewayUrl, HeaderText, Paths, Settings};
use crate::credential::{AccountStore, Credential};
use std::sync::Arc;

/// A gateway that is not ours, and what we have for it.
#[derive(Debug)]
pub(in crate::cli) struct Site<'s> {
    settings: &'s Settings,
    pub(in crate::cli) gateway: GatewayUrl,
    pub(in crate::cli) store: AccountStore,
}

impl<'s> Site<'s> {
    /// Takes the gateway of the settings.
    ///
    /// # Errors
    ///
    /// [`AccountCommandError::Local`] when there is none.
    pub(in crate::cli) fn of(
        settings: &'s Settings,
        paths: &Paths,
    ) -> Result<Self, AccountCommandError> {
        match settings.destination() {
            Destination::Local => Err(AccountCommandError::Local),
            Destination::Gateway(gateway) => Ok(Self::at(settings, paths, gateway)?),
        }
    }

    /// Takes that gateway.
    ///
    /// # Errors
    ///
    /// [`AccountError::Credential`] when others can reach our files.
    pub(in crate::cli) fn at(
        settings: &'s Settings,
        paths: &Paths,
        gateway: GatewayUrl,
    ) -> Result<Self, AccountError> {
        let store = AccountStore::open(&paths.account(), settings.credentials())?;
        Ok(Self { settings, gateway, store })
    }

    /// Reads the account that somebody signed in with.
    ///
    /// # Errors
    ///
    /// [`AccountError::SignedOut`], or that something kept cannot be used.
    pub(in crate::cli) fn account(&self) -> Result<Account, AccountError> {
        let (store, app) = (self.store.clone(), self.app()?);
        Account::open(store, self.gateway.clone(), self.link(), app)
    }

    /// Calls the gateway as the account that somebody signed in with.
    ///
    /// # Errors
    ///
    /// As [`Site::account`].
    pub(in crate::cli) fn transport(&self) -> Result<Transport, AccountError> {
        Ok(Transport::of_account(Arc::new(self.account()?))?)
    }

    /// Calls the gateway with a credential that is not kept yet.
    ///
    /// # Errors
    ///
    /// [`AccountError`] when the app's secret cannot be read, or no client starts.
    pub(in crate::cli) fn transport_with(
        &self,
        credential: Credential,
    ) -> Result<Transport, AccountError> {
        let (store, app) = (self.store.clone(), self.app()?);
        let (gateway, link) = (self.gateway.clone(), self.link());
        let account = Account::with_credential(store, gateway, link, app, credential);
        Ok(Transport::of_account(Arc::new(account))?)
    }

    /// Returns how this gateway and its identity provider are reached.
    pub(in crate::cli) fn link(&self) -> Link {
        Link::new(self.settings.tls_roots(), self.settings.connect_budget())
            .pinned_to(self.settings.certificate().cloned())
    }

    fn app(&self) -> Result<App, AccountError> {
        let text = |text: &HeaderText| text.as_str().to_owned();
        Ok(App {
            id: self.settings.client_id().map(text),
            secret: self.store.client_secret(self.gateway.as_str())?,
            origin: self.settings.origin().map(text),
        })
    }
}
