//! Opens the database, or says precisely why not.

use super::Store;
use crate::gateway::error::OpenError;
use crate::gateway::token::random_text;
use sqlx::SqlitePool;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

/// The name of the database within the data directory.
pub(in crate::gateway) const DATABASE: &str = "gateway.db";

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// How long to wait for another process that writes, for example `token create`.
const PATIENCE: Duration = Duration::from_secs(3);
const READERS: u32 = 3;

impl Store {
    /// Opens the database in that directory, making or upgrading it.
    pub(in crate::gateway) async fn open(directory: &Path) -> Result<Self, OpenError> {
        let _migrating = hold_migration_lock(directory)?;
        let path = directory.join(DATABASE);
        let refused = |source| OpenError::database(&path, source);
        create_private(&path)?;
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(PATIENCE);
        let writer = pool(1).connect_with(options.clone()).await.map_err(refused)?;
        let gateway_id = match prepare(&writer, &path).await {
            Ok(gateway_id) => gateway_id,
            Err(error) => {
                writer.close().await;
                return Err(error);
            }
        };
        let reader = pool(READERS).connect_with(options).await.map_err(refused)?;
        Ok(Self { writer, reader, gateway_id })
    }
}

fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(10))
        .idle_timeout(None)
        .max_lifetime(None)
}

/// Keeps two processes from upgrading one database at once.
fn hold_migration_lock(directory: &Path) -> Result<std::fs::File, OpenError> {
    let path = directory.join("gateway.migrate.lock");
    let file = create_private(&path)?;
    file.lock().map_err(|source| OpenError::File { action: "lock", path, source })?;
    Ok(file)
}

/// Makes the file of mode 0600; `SQLite` gives its log files the same mode.
pub(in crate::gateway) fn create_private(path: &Path) -> Result<std::fs::File, OpenError> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(|source| OpenError::File { action: "open", path: path.to_owned(), source })
}

async fn prepare(writer: &SqlitePool, path: &Path) -> Result<String, OpenError> {
    let refused = |source| OpenError::database(path, source);
    // Writing nothing, but as a writer: a database that is locked says so here.
    writer
        .begin_with("BEGIN IMMEDIATE")
        .await
        .map_err(refused)?
        .rollback()
        .await
        .map_err(refused)?;
    MIGRATIONS.run(writer).await.map_err(|error| migration_refused(path, error))?;
    let fresh = format!("gw-{}", random_text::<16>().map_err(OpenError::Random)?);
    sqlx::query("INSERT INTO gateway (only, gateway_id) VALUES (1, ?) ON CONFLICT DO NOTHING")
        .bind(fresh)
        .execute(writer)
        .await
        .map_err(refused)?;
    sqlx::query_scalar("SELECT gateway_id FROM gateway").fetch_one(writer).await.map_err(refused)
}

fn migration_refused(path: &Path, error: MigrateError) -> OpenError {
    let database = path.to_owned();
    match error {
        MigrateError::VersionMissing(step) => OpenError::Newer { database, step },
        MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _) => {
            OpenError::database(path, source)
        }
        other => OpenError::Corrupt { database, detail: other.to_string() },
    }
}
