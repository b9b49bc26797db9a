//! Why a gateway cannot start or go on.

use sqlx::error::DatabaseError as _;
use sqlx::sqlite::SqliteError;
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why the data directory of a gateway cannot be used.
#[derive(Debug, Error)]
pub enum OpenError {
    /// Another gateway runs on it.
    #[error("another gateway is using {}", directory.display())]
    InUse {
        /// The data directory.
        directory: PathBuf,
    },
    /// Some process holds the database and does not let go.
    #[error("{database} is locked by another program")]
    Locked {
        /// The database.
        database: String,
    },
    /// A newer release wrote it.
    #[error("{database} is from a newer airlock-exec (its format has step {step})")]
    Newer {
        /// The database.
        database: String,
        /// The migration we do not know.
        step: i64,
    },
    /// It is not a database of ours, or it is damaged.
    #[error("{database} is not a readable gateway database: {detail}")]
    Corrupt {
        /// The database.
        database: String,
        /// What is wrong with it.
        detail: String,
    },
    /// There are too many tokens.
    #[error("{database} holds {limit} tokens, which is the most there may be")]
    TooManyTokens {
        /// The database.
        database: String,
        /// The bound.
        limit: i64,
    },
    /// The operating system refused a file.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Its answer.
        source: io::Error,
    },
    /// The database refused for another reason, for example a full disk.
    #[error("cannot use {database}: {source}")]
    Database {
        /// The database.
        database: String,
        /// Its answer.
        source: sqlx::Error,
    },
    /// The server of the database cannot be reached, or refused.
    #[error("cannot use {server}: {source}")]
    Server {
        /// The database, without a password.
        server: String,
        /// What is in the way.
        source: sqlx::Error,
    },
    /// The address of the database is none.
    #[error("the address of the database is not a postgres:// URL: {source}")]
    Url {
        /// What is wrong with it.
        source: sqlx::Error,
    },
    /// The operating system has no random numbers.
    #[error("cannot draw random numbers: {0}")]
    Random(getrandom::Error),
}

impl OpenError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::InUse { .. } => {
                "stop that gateway, or give this one a directory of its own with --data".to_owned()
            }
            Self::Locked { database } => {
                format!("see who holds it with: fuser {database}")
            }
            Self::Newer { .. } => {
                "install the newer airlock-exec, or choose another directory with --data".to_owned()
            }
            Self::Corrupt { database, .. } => {
                format!("move {database} away (with its -wal and -shm files) and pair again")
            }
            Self::TooManyTokens { .. } => {
                "start with a fresh directory (--data) and pair again".to_owned()
            }
            Self::File { path, .. } => format!("make {} writable for you", path.display()),
            Self::Database { database, .. } => {
                format!("check the disk that holds {database}")
            }
            Self::Server { .. } => "check that it runs, and that this user and password may use \
                 it: psql with the same URL"
                .to_owned(),
            Self::Url { .. } => {
                "write it as postgres://USER@HOST:PORT/DATABASE, the password in PGPASSWORD \
                 or ~/.pgpass"
                    .to_owned()
            }
            Self::Random(_) => "check that /dev/urandom can be read".to_owned(),
        }
    }

    /// Says the same of a database by another name.
    pub(super) fn about(self, name: &str) -> Self {
        let database = name.to_owned();
        match self {
            Self::Newer { step, .. } => Self::Newer { database, step },
            Self::Corrupt { detail, .. } => Self::Corrupt { database, detail },
            Self::Database { source, .. } => Self::Database { database, source },
            other => other,
        }
    }

    /// Says that a server did not do what it was asked.
    pub(super) fn server(server: &str, source: sqlx::Error) -> Self {
        Self::Server { server: server.to_owned(), source }
    }

    /// Reads what the database answered.
    pub(super) fn database(database: &str, source: sqlx::Error) -> Self {
        let database = database.to_owned();
        match database_code(&source) {
            Some(BUSY | LOCKED) => Self::Locked { database },
            Some(CORRUPT | NOT_A_DATABASE) => {
                Self::Corrupt { database, detail: source.to_string() }
            }
            _ => Self::Database { database, source },
        }
    }
}

const BUSY: u32 = 5;
const LOCKED: u32 = 6;
const CORRUPT: u32 = 11;
const NOT_A_DATABASE: u32 = 26;

/// Returns the primary result code, the low byte. Source: sqlite.org/rescode.html.
fn database_code(error: &sqlx::Error) -> Option<u32> {
    // The codes of other databases are numbers, too.
    let error = error.as_database_error()?.try_downcast_ref::<SqliteError>()?;
    let extended: u32 = error.code()?.parse().ok()?;
    Some(extended & 0xff)
}

/// Why a gateway that ran has stopped without being asked to.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The listener has no address, so it cannot be one.
    #[error("cannot serve on the listener: {0}")]
    Listener(io::Error),
}
