//! A gateway to embed.

use super::error::{OpenError, ServeError};
use super::relay::Relay;
use super::store::{DATABASE, Store, create_private};
use super::token::{self, Role};
use super::{limits, listen, routes, upkeep};
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use std::fs::{DirBuilder, File, TryLockError};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// What a gateway needs to know.
#[derive(Debug, Clone)]
pub struct GatewayOptions {
    /// The directory of its database; made, for its owner only, when it is missing.
    pub data_dir: PathBuf,
    /// The wall clock.
    pub clock: fn() -> Timestamp,
}

/// A gateway whose database is open. It is the only one on its directory.
#[derive(Debug)]
pub struct Gateway {
    relay: Arc<Relay>,
    database: PathBuf,
    _only_one: File,
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
    /// Opens the database and takes the directory for this process.
    ///
    /// # Errors
    ///
    /// [`OpenError`]: in use by another gateway, locked, newer than we are, damaged,
    /// or refused by the operating system.
    pub async fn open(options: GatewayOptions) -> Result<Self, OpenError> {
        let only_one = take_directory(&options.data_dir)?;
        let store = Store::open(&options.data_dir).await?;
        Ok(Self {
            relay: Relay::new(store, options.clock),
            database: options.data_dir.join(DATABASE),
            _only_one: only_one,
        })
    }

    /// Returns the stable random name of this gateway.
    #[must_use]
    pub fn id(&self) -> &str {
        self.relay.store.gateway_id()
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
        add_token(&self.relay.store, &self.database, role, label, self.relay.now()).await
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
        listener: TcpListener,
        shutdown: impl Future<Output = ()>,
        idle: Option<Duration>,
    ) -> Result<Stopped, ServeError> {
        let address = listener.local_addr().map_err(ServeError::Listener)?;
        tracing::info!(%address, gateway = self.id(), "serving");
        let relay = Arc::clone(&self.relay);
        let upkeep = tokio::spawn(upkeep::keep(Arc::clone(&relay)));
        let end = async {
            let stopped = tokio::select! {
                () = shutdown => Stopped::Shutdown,
                () = unneeded(&relay, idle) => Stopped::Idle,
            };
            relay.close();
            stopped
        };
        let stopped = listen::serve(listener, routes::all(&self.relay), end).await;
        upkeep.abort();
        self.relay.store.close().await;
        tracing::info!(%address, ?stopped, "stopped");
        Ok(stopped)
    }
}

/// Makes a token in the database of that directory, whether or not a gateway runs.
///
/// # Errors
///
/// As [`Gateway::open`], but for [`OpenError::InUse`].
pub async fn create_token(
    options: &GatewayOptions,
    role: Role,
    label: Option<&str>,
) -> Result<SecretString, OpenError> {
    make_directory(&options.data_dir)?;
    let store = Store::open(&options.data_dir).await?;
    let database = options.data_dir.join(DATABASE);
    let now = (options.clock)().as_millisecond();
    let token = add_token(&store, &database, role, label, now).await;
    store.close().await;
    token
}

async fn add_token(
    store: &Store,
    database: &Path,
    role: Role,
    label: Option<&str>,
    now: i64,
) -> Result<SecretString, OpenError> {
    let token = token::draw().map_err(OpenError::Random)?;
    let digest = token::digest(token.expose_secret());
    let added = store
        .add_token(&digest, role, label, now)
        .await
        .map_err(|source| OpenError::database(database, source))?;
    if added {
        tracing::info!(%role, "token created");
        return Ok(token);
    }
    Err(OpenError::TooManyTokens { database: database.to_owned(), limit: limits::TOKENS })
}

fn make_directory(directory: &Path) -> Result<(), OpenError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .map_err(|source| OpenError::File { action: "make", path: directory.to_owned(), source })
}

/// Two gateways on one database would not wake each other's clients.
fn take_directory(directory: &Path) -> Result<File, OpenError> {
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
