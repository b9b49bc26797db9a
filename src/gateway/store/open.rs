//! Opens the database in a directory, or says precisely why not.

use super::Store;
use super::change::Writer;
use super::group::Group;
use crate::gateway::error::OpenError;
use crate::gateway::news::Audience;
use crate::gateway::token::random_text;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions, install_default_drivers};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{AnyConnection, Connection as _};
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

/// The name of the database within the data directory.
const DATABASE: &str = "gateway.db";

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("./migrations/sqlite");

/// How a connection is set up. Each waits 3 s for another process that writes, for
/// example `token create`. A commit is on disk when it returns. Space can be given
/// back little by little, which must be said before there is a table.
const SETTINGS: &str = "
    PRAGMA busy_timeout = 3000;
    PRAGMA auto_vacuum = INCREMENTAL;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA wal_autocheckpoint = 4000;
    PRAGMA journal_size_limit = 67108864;";

const READERS: u32 = 3;

/// How long a request waits for a connection before it is refused.
#[cfg(not(test))]
const PATIENCE: Duration = Duration::from_secs(10);
/// A test is not about how long the disk of a busy machine stalls.
#[cfg(test)]
const PATIENCE: Duration = Duration::from_mins(2);

/// Returns where the database of that data directory is.
pub(in crate::gateway) fn database_in(directory: &Path) -> PathBuf {
    directory.join(DATABASE)
}

impl Store {
    /// Opens the database in that directory, making or upgrading it.
    pub(in crate::gateway) async fn open(directory: &Path) -> Result<Self, OpenError> {
        let _migrating = hold_migration_lock(directory)?;
        let path = database_in(directory);
        let name = path.display().to_string();
        let refused = |source| OpenError::database(&name, source);
        create_private(&path)?;
        let options = options(&path)?;
        let mut writer = AnyConnection::connect_with(&options).await.map_err(refused)?;
        let gateway_id = match prepare(&mut writer, &name).await {
            Ok(gateway_id) => gateway_id,
            Err(error) => {
                // What is wrong with it is known already.
                let _ = writer.close().await;
                return Err(error);
            }
        };
        let readers = AnyPoolOptions::new()
            .max_connections(READERS)
            // Opened now: to open one may take room on a disk that is full by then.
            .min_connections(READERS)
            .acquire_timeout(PATIENCE)
            .idle_timeout(None)
            .max_lifetime(None)
            // A file does not hang up.
            .test_before_acquire(false)
            .after_connect(|reader, _| {
                Box::pin(async move { sqlx::raw_sql(SETTINGS).execute(reader).await.map(|_| ()) })
            })
            .connect_with(options)
            .await
            .map_err(refused)?;
        let audience = Arc::new(Audience::default());
        Ok(Self {
            writer: Writer::Group(Group::start(writer, Arc::clone(&audience))),
            readers,
            audience,
            gateway_id,
            ahead: 0.into(),
            name,
        })
    }
}

pub(super) fn options(path: &Path) -> Result<AnyConnectOptions, OpenError> {
    install_default_drivers();
    let name = path.display().to_string();
    let refused = |source| OpenError::database(&name, source);
    let not_a_path = || refused(sqlx::Error::Configuration("not an absolute path".into()));
    let path = std::path::absolute(path).map_err(|source| refused(source.into()))?;
    let file = url::Url::from_file_path(path).map_err(|()| not_a_path())?;
    // The driver reads a path that is written like that of a file: URL.
    let url = file.as_str().replacen("file:", "sqlite:", 1);
    AnyConnectOptions::from_str(&url).map_err(refused)
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

async fn prepare(writer: &mut AnyConnection, name: &str) -> Result<String, OpenError> {
    let refused = |source| OpenError::database(name, source);
    sqlx::raw_sql(SETTINGS).execute(&mut *writer).await.map_err(refused)?;
    // Writing nothing, but as a writer: a database that is locked says so here.
    sqlx::raw_sql("BEGIN IMMEDIATE; ROLLBACK").execute(&mut *writer).await.map_err(refused)?;
    migrate(&MIGRATIONS, writer, name, OpenError::database).await
}

/// Brings the tables up to date, and returns the name of the gateway.
pub(super) async fn migrate(
    migrations: &Migrator,
    connection: &mut AnyConnection,
    name: &str,
    refuse: fn(&str, sqlx::Error) -> OpenError,
) -> Result<String, OpenError> {
    let refused = |source| refuse(name, source);
    migrations.run(&mut *connection).await.map_err(|error| match error {
        MigrateError::VersionMissing(step) => OpenError::Newer { database: name.to_owned(), step },
        MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _) => {
            refuse(name, source)
        }
        other => OpenError::Corrupt { database: name.to_owned(), detail: other.to_string() },
    })?;
    let fresh = format!("gw-{}", random_text::<16>().map_err(OpenError::Random)?);
    sqlx::query("INSERT INTO gateway (\"only\", gateway_id) VALUES (1, $1) ON CONFLICT DO NOTHING")
        .bind(fresh)
        .execute(&mut *connection)
        .await
        .map_err(refused)?;
    sqlx::query_scalar("SELECT gateway_id FROM gateway")
        .fetch_one(connection)
        .await
        .map_err(refused)
}
