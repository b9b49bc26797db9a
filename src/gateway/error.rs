//! Why a gateway cannot start or go on.

use std::io;
use std::path::{Path, PathBuf};
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
    #[error("{} is locked by another program", database.display())]
    Locked {
        /// The database.
        database: PathBuf,
    },
    /// A newer release wrote it.
    #[error("{} is from a newer airlock-exec (its format has step {step})", database.display())]
    Newer {
        /// The database.
        database: PathBuf,
        /// The migration we do not know.
        step: i64,
    },
    /// It is not a database of ours, or it is damaged.
    #[error("{} is not a readable gateway database: {detail}", database.display())]
    Corrupt {
        /// The database.
        database: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// There are too many tokens.
    #[error("{} holds {limit} tokens, which is the most there may be", database.display())]
    TooManyTokens {
        /// The database.
        database: PathBuf,
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
    #[error("cannot use {}: {source}", database.display())]
    Database {
        /// The database.
        database: PathBuf,
        /// Its answer.
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
                format!("see who holds it with: fuser {}", database.display())
            }
            Self::Newer { .. } => {
                "install the newer airlock-exec, or choose another directory with --data".to_owned()
            }
            Self::Corrupt { database, .. } => format!(
                "move {} away (with its -wal and -shm files) and pair again",
                database.display()
            ),
            Self::TooManyTokens { .. } => {
                "start with a fresh directory (--data) and pair again".to_owned()
            }
            Self::File { path, .. } => format!("make {} writable for you", path.display()),
            Self::Database { database, .. } => {
                format!("check the disk that holds {}", database.display())
            }
            Self::Random(_) => "check that /dev/urandom can be read".to_owned(),
        }
    }

    /// Reads what the database answered.
    pub(super) fn database(database: &Path, source: sqlx::Error) -> Self {
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
    let extended: u32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(extended & 0xff)
}

/// Why a gateway that ran has stopped without being asked to.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The listener has no address, so it cannot be one.
    #[error("cannot serve on the listener: {0}")]
    Listener(io::Error),
}
