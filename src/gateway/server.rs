//! A gateway to embed.

use super::admin::add_token;
use super::error::{OpenError, ServeError};
use super::limits::READING_SILENCE;
use super::listening::Listening;
use super::page::{Doors, Page};
use super::quota::Rate;
use super::relay::{Rates, Relay};
use super::routes::Hosts;
use super::store::{Store, create_private};
use super::tls::Tls;
use super::token::Role;
use super::{listen, routes, upkeep};
use jiff::Timestamp;
use secrecy::SecretString;
use std::fs::{DirBuilder, File, TryLockError};
use std::num::NonZeroU32;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// What a gateway needs to know.
#[derive(Debug, Clone)]
pub struct GatewayOptions {
    /// Where what is stored lies.
    pub store: StoreAddress,
    /// The wall clock.
    pub clock: fn() -> Timestamp,
}

/// How often things may be done in a minute at one gateway, where `None` is any number,
/// and how long they may take.
#[derive(Debug, Clone, Copy)]
pub struct CallLimits {
    /// Calls with one token.
    pub per_token: Option<NonZeroU32>,
    /// Calls from one address; of IPv6, from one network of 64 bits.
    pub per_address: Option<NonZeroU32>,
    /// Submissions in one pairing.
    pub per_pairing: Option<NonZeroU32>,
    /// How long a client may read nothing of what it is sent: 20 seconds, unless said.
    pub reading_silence: Duration,
}

impl Default for CallLimits {
    fn default() -> Self {
        let reading_silence = READING_SILENCE;
        Self { per_token: None, per_address: None, per_pairing: None, reading_silence }
    }
}

impl From<CallLimits> for Rates {
    fn from(limits: CallLimits) -> Self {
        Self {
            token: limits.per_token.map(|most| Rate::new(most.get())),
            address: limits.per_address.map(|most| Rate::new(most.get())),
            pairing: limits.per_pairing.map(|most| Rate::new(most.get())),
        }
    }
}

/// Where a gateway keeps what it stores.
#[derive(Debug, Clone)]
pub enum StoreAddress {
    /// An `SQLite` database in that directory; made, for its owner only, when it is
    /// missing. One gateway serves it.
    Directory(PathBuf),
    /// A `PostgreSQL` database, by its URL, which any number of gateways share.
    Postgres(SecretString),
}

/// A gateway whose database is open. It is the only one on its directory.
#[derive(Debug)]
pub struct Gateway {
    relay: Arc<Relay>,
    tls: Option<Tls>,
    hosts: Hosts,
    reading_silence: Duration,
    _only_one: Option<File>,
}

/// Why a gateway stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// It was asked to.
    Shutdown,
    /// Nobody needed it for as long as was set.
    Idle,
}

impl Gateway {
    /// Opens the database, and takes its directory for this process.
    ///
    /// # Errors
    ///
    /// [`OpenError`]: in use by another gateway, locked, newer than we are, damaged,
    /// or refused by the operating system.
    pub async fn open(options: GatewayOptions) -> Result<Self, OpenError> {
        Self::open_limited(options, CallLimits::default()).await
    }

    /// Does the same, and lets things be done only so often, as the hosted gateway does.
    ///
    /// # Errors
    ///
    /// As [`Gateway::open`].
    pub async fn open_limited(
        options: GatewayOptions,
        limits: CallLimits,
    ) -> Result<Self, OpenError> {
        let only_one = match &options.store {
            StoreAddress::Directory(directory) => Some(take_directory(directory)?),
            StoreAddress::Postgres(_) => None,
        };
        let store = Store::at(&options).await?;
        Ok(Self {
            relay: Relay::new(store, options.clock, limits.into()),
            tls: None,
            hosts: Hosts::default(),
            reading_silence: limits.reading_silence,
            _only_one: only_one,
        })
    }

    /// Returns the stable random name of this gateway.
    #[must_use]
    pub fn id(&self) -> &str {
        self.relay.store.gateway_id()
    }

    /// Speaks TLS, and answers to these host names and to every address.
    #[must_use]
    pub fn secured(mut self, tls: Tls, names: Vec<String>) -> Self {
        self.tls = Some(tls);
        self.hosts = Hosts::public(names);
        self
    }

    /// Answers to these host names as well: those of a proxy that passes them on.
    #[must_use]
    pub fn named(mut self, names: Vec<String>) -> Self {
        self.hosts = Hosts::named(names);
        self
    }

    /// Serves a page to browsers as well.
    #[must_use]
    pub fn with_page(self, page: Page) -> Self {
        // The first page stays.
        let _ = self.relay.doors.set(Doors::new(page));
        self
    }

    /// Makes a token. Only its digest is kept, so this is the one time it is seen.
    ///
    /// # Errors
    ///
    /// [`OpenError::TooManyTokens`], or what the database answers.
    pub async fn create_token(
        &self,
        role: Role,
        label: Option<&str>,
    ) -> Result<SecretString, OpenError> {
        add_token(&self.relay.store, role, label, self.relay.now()).await
    }

    /// Serves until `shutdown` is ready or, when `idle` is set, until nobody needed
    /// the gateway for that long: no request, no open wait or stream, no exchange
    /// that waits for a decision. Requests that are open then may finish.
    ///
    /// # Errors
    ///
    /// [`ServeError::Listener`] when the listener is none.
    pub async fn serve(
        self,
        listener: impl Into<Listening>,
        shutdown: impl Future<Output = ()>,
        idle: Option<Duration>,
    ) -> Result<Stopped, ServeError> {
        let listener = listener.into();
        let address = listener.local_addr().map_err(ServeError::Listener)?;
        let (tls, store) = (self.tls.is_some(), self.relay.store.name());
        tracing::info!(%address, gateway = self.id(), tls, store, "serving");
        let relay = Arc::clone(&self.relay);
        let upkeep = tokio::spawn(upkeep::keep(Arc::clone(&relay)));
        let following = tokio::spawn({
            let relay = Arc::clone(&relay);
            async move { relay.follow().await }
        });
        let end = async {
            let stopped = tokio::select! {
                () = shutdown => Stopped::Shutdown,
                () = unneeded(&relay, idle) => Stopped::Idle,
            };
            relay.close();
            stopped
        };
        let routes = routes::all(&self.relay, self.hosts);
        let stopped = listen::serve(listener, routes, self.tls, self.reading_silence, end).await;
        upkeep.abort();
        following.abort();
        self.relay.store.close().await;
        tracing::info!(%address, ?stopped, "stopped");
        Ok(stopped)
    }
}

pub(super) fn make_directory(directory: &Path) -> Result<(), OpenError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .map_err(|source| OpenError::File { action: "make", path: directory.to_owned(), source })
}

/// Two gateways on one database would not wake each other's clients.
pub(super) fn take_directory(directory: &Path) -> Result<File, OpenError> {
    make_directory(directory)?;
    let path = directory.join("gateway.lock");
    let file = create_private(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse { directory: directory.to_owned() }),
        Err(TryLockError::Error(source)) => Err(OpenError::File { action: "lock", path, source }),
    }
}

/// Waits until nobody needed the gateway for that long; for ever without a limit.
async fn unneeded(relay: &Relay, idle: Option<Duration>) {
    let Some(idle) = idle else { return std::future::pending().await };
    loop {
        let begun = relay.activity.begun();
        tokio::time::sleep(idle).await;
        let quiet = relay.activity.none_since(begun);
        if quiet && matches!(relay.store.next_expiry().await, Ok(None)) {
            return;
        }
    }
}
