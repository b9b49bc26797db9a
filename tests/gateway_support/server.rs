//! An embedded gateway that a test owns.

use super::{Api, Postgres};
use airlock_exec::gateway::{
    CallLimits, Gateway, GatewayOptions, Role, Stopped, StoreAddress, create_token,
};
use airlock_exec::process;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A gateway on a free port of the loopback address.
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) gateway_id: String,
    options: GatewayOptions,
    place: Place,
    stop: oneshot::Sender<()>,
    running: JoinHandle<Stopped>,
}

/// What a gateway stores, for as long as this is held.
pub(crate) enum Place {
    Directory(TempDir),
    Database {
        server: Postgres,
        url: String,
    },
    /// What another server holds.
    Beside(StoreAddress),
}

impl Place {
    /// Makes an empty one: a directory, or, in `tests/gateway_postgres.rs`, which
    /// runs the same tests again, a database.
    pub(crate) async fn empty() -> Self {
        if env!("CARGO_CRATE_NAME") == "gateway_postgres" {
            return Self::database(Postgres::shared()).await;
        }
        Self::Directory(tempfile::tempdir().expect("a temporary directory"))
    }

    /// Makes an empty database in that server.
    pub(crate) async fn database(server: Postgres) -> Self {
        Self::Database { url: server.database().await, server }
    }

    /// Returns what opens it.
    pub(crate) fn options(&self, clock: fn() -> Timestamp) -> GatewayOptions {
        let store = match self {
            Self::Directory(directory) => StoreAddress::Directory(directory.path().join("gateway")),
            Self::Database { url, .. } => StoreAddress::Postgres(SecretString::from(url.clone())),
            Self::Beside(store) => store.clone(),
        };
        GatewayOptions { store, clock }
    }

    /// Returns the directory it is.
    pub(crate) fn directory(&self) -> &TempDir {
        match self {
            Self::Directory(directory) => directory,
            Self::Database { .. } | Self::Beside(_) => panic!("it is no directory of its own"),
        }
    }
}

impl Server {
    /// Starts a gateway on a directory of its own.
    pub(crate) async fn start() -> Self {
        Self::start_with(process::now, None).await
    }

    /// Starts a gateway with that clock and idle time.
    pub(crate) async fn start_with(clock: fn() -> Timestamp, idle: Option<Duration>) -> Self {
        Self::start_on(Place::empty().await, clock, idle).await
    }

    /// Starts a gateway there.
    pub(crate) async fn start_on(
        place: Place,
        clock: fn() -> Timestamp,
        idle: Option<Duration>,
    ) -> Self {
        Self::limited_on(place, clock, idle, CallLimits::default()).await
    }

    /// Starts another gateway on what that one stores, with a clock of its own.
    pub(crate) async fn beside(first: &Self, clock: fn() -> Timestamp) -> Self {
        Self::start_on(Place::Beside(first.options.store.clone()), clock, None).await
    }

    /// Starts a gateway that lets things be done only so often.
    pub(crate) async fn limited_on(
        place: Place,
        clock: fn() -> Timestamp,
        idle: Option<Duration>,
        limits: CallLimits,
    ) -> Self {
        let options = place.options(clock);
        let gateway = Gateway::open_limited(options.clone(), limits).await.expect("a gateway");
        let gateway_id = gateway.id().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (stop, stopped) = oneshot::channel();
        let shutdown = async {
            let _ = stopped.await;
        };
        let serving = gateway.serve(listener, shutdown, idle);
        let running = tokio::spawn(async { serving.await.expect("serves") });
        Self { url, gateway_id, options, place, stop, running }
    }

    /// Returns what the gateway was opened with.
    pub(crate) fn options(&self) -> &GatewayOptions {
        &self.options
    }

    /// Returns the database server.
    pub(crate) fn postgres(&self) -> &Postgres {
        let Place::Database { server, .. } = &self.place else { panic!("it is no database") };
        server
    }

    /// Makes a token.
    pub(crate) async fn token(&self, role: Role) -> String {
        let token = create_token(&self.options, role, Some("test")).await.expect("a token");
        token.expose_secret().to_owned()
    }

    /// Makes a client with a token of its own.
    pub(crate) async fn client(&self, role: Role) -> Api {
        Api::new(&self.url, Some(&self.token(role).await))
    }

    /// Asks the gateway to stop, and waits until it has.
    pub(crate) async fn stop(self) -> Place {
        let _ = self.stop.send(());
        assert_eq!(self.running.await.expect("ends"), Stopped::Shutdown);
        self.place
    }

    /// Waits until the gateway stops by itself.
    pub(crate) async fn stopped(self) -> Stopped {
        let stopped = self.running.await.expect("ends");
        drop(self.stop);
        stopped
    }

    /// Stops the gateway and starts another on the same directory.
    pub(crate) async fn restart(self) -> Self {
        let clock = self.options.clock;
        let place = self.stop().await;
        Self::start_on(place, clock, None).await
    }
}

/// Waits until a gateway has that many open of a kind that its metrics know.
pub(crate) async fn eventually_open(url: &str, what: &str, count: usize) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !are_open(url, what, count).await {
        assert!(Instant::now() < deadline, "not {count} {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Tells whether it has.
async fn are_open(url: &str, what: &str, count: usize) -> bool {
    let line = format!("airlock_gateway_open_{what} {count}");
    let metrics = Api::new(url, None).stream("/metrics").await;
    metrics.text().await.expect("text").lines().any(|each| each == line)
}
