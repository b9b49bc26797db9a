//! A database that several gateways share.
//!
//! A change tells its news within its transaction, so the others hear of exactly what
//! was committed. Whoever was cut off looks for itself when it listens again. All go
//! by the clock of the database, so theirs may differ.

use super::Store;
use super::change::{CHANNEL, Transactions, Writer};
use super::open::migrate;
use crate::gateway::error::OpenError;
use crate::gateway::news::{Audience, News};
use crate::gateway::token::random_text;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions, install_default_drivers};
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use sqlx::{AnyConnection, Connection as _};
use std::io::ErrorKind;
use std::str::FromStr as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("./migrations/postgres");

/// How a connection is set up: nothing waits for ever, and a commit is on disk when it
/// returns, whatever the server is set to.
const SETTINGS: &str = "
    SET application_name = 'airlock-exec gateway';
    SET statement_timeout = '10s';
    SET lock_timeout = '5s';
    SET idle_in_transaction_session_timeout = '15s';
    SET default_transaction_isolation = 'read committed';
    DO $$ BEGIN IF current_setting('synchronous_commit') = 'off'
        THEN SET synchronous_commit = 'on'; END IF; END $$;";

/// The most connections of one node; one more listens.
const CONNECTIONS: u32 = 16;

/// How long a request waits for a connection before it is refused.
const PATIENCE: Duration = Duration::from_secs(3);

/// How often a node asks the database for the time, and says something that it must
/// hear itself.
const PULSE: Duration = Duration::from_secs(20);

/// How long a node hears nothing, not even itself, before it listens anew.
const SILENCE: Duration = Duration::from_secs(50);

/// The pause before a node that was cut off listens again.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

impl Store {
    /// Connects to the database of that URL, and makes or upgrades its tables.
    pub(in crate::gateway) async fn connect(
        url: &SecretString,
        clock: fn() -> Timestamp,
    ) -> Result<Self, OpenError> {
        install_default_drivers();
        let native = PgConnectOptions::from_str(url.expose_secret())
            .map_err(|source| OpenError::Url { source })?;
        let name = name(&native);
        let refused = |source| OpenError::server(&name, source);
        let options = AnyConnectOptions::from_str(url.expose_secret()).map_err(refused)?;
        // A pool would try again and again, and then not say why it cannot connect.
        let connecting = tokio::time::timeout(PATIENCE, AnyConnection::connect_with(&options));
        let slow = |_| refused(sqlx::Error::Io(ErrorKind::TimedOut.into()));
        let mut connection = connecting.await.map_err(slow)?.map_err(refused)?;
        let gateway_id = migrate(&MIGRATIONS, &mut connection, &name, OpenError::server).await?;
        // It has done what it was for.
        let _ = connection.close().await;
        let pool = AnyPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE)
            .after_connect(|connection, _| {
                Box::pin(
                    async move { sqlx::raw_sql(SETTINGS).execute(connection).await.map(|_| ()) },
                )
            })
            .connect_lazy_with(options);
        let listening = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(PATIENCE)
            .connect_lazy_with(native);
        let node = random_text::<12>().map_err(OpenError::Random)?;
        let store = Self {
            writer: Writer::Pool(Transactions { pool: pool.clone(), listening, node }),
            readers: pool,
            audience: Arc::new(Audience::default()),
            gateway_id,
            ahead: 0.into(),
            name: name.clone(),
        };
        store.read_clock(clock).await.map_err(refused)?;
        Ok(store)
    }

    /// Hears what other nodes do, and keeps to the clock of the database, for as long
    /// as it is polled.
    pub(in crate::gateway) async fn follow(&self, clock: fn() -> Timestamp) {
        let Writer::Pool(transactions) = &self.writer else {
            return std::future::pending().await;
        };
        loop {
            let hear = hear(transactions, &self.audience);
            let ended = tokio::try_join!(hear, self.keep_pulse(clock));
            tracing::warn!(error = ?ended.err(), database = self.name, "cannot hear other gateways");
            tokio::time::sleep(AGAIN_AFTER).await;
        }
    }

    async fn keep_pulse(&self, clock: fn() -> Timestamp) -> sqlx::Result<()> {
        loop {
            tokio::time::sleep(PULSE).await;
            self.read_clock(clock).await?;
        }
    }

    /// Finds how far the clock of the database is ahead of ours, to half the time that
    /// asking takes.
    async fn read_clock(&self, clock: fn() -> Timestamp) -> sqlx::Result<()> {
        let before = clock().as_millisecond();
        let theirs: i64 = sqlx::query_scalar(
            "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint, pg_notify($1, '')",
        )
        .bind(CHANNEL)
        .fetch_one(&self.readers)
        .await?;
        let ours = before.midpoint(clock().as_millisecond());
        self.ahead.store(theirs.saturating_sub(ours), Ordering::Relaxed);
        Ok(())
    }
}

/// Tells everybody here what others did, until the connection breaks.
async fn hear(transactions: &Transactions, audience: &Audience) -> sqlx::Result<()> {
    let mut listener = PgListener::connect_with(&transactions.listening).await?;
    listener.listen(CHANNEL).await?;
    // Nobody told us what happened before.
    audience.missed();
    loop {
        let heard = tokio::time::timeout(SILENCE, listener.try_recv()).await;
        let heard = heard.map_err(|_| sqlx::Error::PoolTimedOut)??;
        let Some(notification) = heard else { return Err(sqlx::Error::PoolClosed) };
        if let Some(news) = News::from_others(notification.payload(), &transactions.node) {
            audience.hear(&news);
        }
    }
}

/// Says which database it is, without the password.
fn name(options: &PgConnectOptions) -> String {
    let place = match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    };
    let database = options.get_database().unwrap_or_else(|| options.get_username());
    format!("the PostgreSQL database {database} at {place}")
}
