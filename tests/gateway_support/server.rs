//! An embedded gateway that a test owns.

use super::Api;
use airlock_exec::gateway::{Gateway, GatewayOptions, Role, Stopped, create_token};
use airlock_exec::process;
use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A gateway on a free port of the loopback address.
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) gateway_id: String,
    options: GatewayOptions,
    directory: TempDir,
    stop: oneshot::Sender<()>,
    running: JoinHandle<Stopped>,
}

impl Server {
    /// Starts a gateway on a directory of its own.
    pub(crate) async fn start() -> Self {
        Self::start_with(process::now, None).await
    }

    /// Starts a gateway with that clock and idle time.
    pub(crate) async fn start_with(clock: fn() -> Timestamp, idle: Option<Duration>) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        Self::start_on(directory, clock, idle).await
    }

    async fn start_on(
        directory: TempDir,
        clock: fn() -> Timestamp,
        idle: Option<Duration>,
    ) -> Self {
        let options = GatewayOptions { data_dir: directory.path().join("gateway"), clock };
        let gateway = Gateway::open(options.clone()).await.expect("a gateway");
        let gateway_id = gateway.id().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (stop, stopped) = oneshot::channel();
        let shutdown = async {
            let _ = stopped.await;
        };
        let serving = gateway.serve(listener, shutdown, idle);
        let running = tokio::spawn(async { serving.await.expect("serves") });
        Self { url, gateway_id, options, directory, stop, running }
    }

    /// Returns what the gateway was opened with.
    pub(crate) fn options(&self) -> &GatewayOptions {
        &self.options
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
    pub(crate) async fn stop(self) -> TempDir {
        let _ = self.stop.send(());
        assert_eq!(self.running.await.expect("ends"), Stopped::Shutdown);
        self.directory
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
        let directory = self.stop().await;
        Self::start_on(directory, clock, None).await
    }
}
