//! Why the gateway does not run, or was not looked after.

use super::CertificateError;
use crate::config::PathsError;
use crate::gateway::{AdminError, BackupError, OpenError, ServeError};
use crate::process::PrivateError;
use std::io;
use std::net::SocketAddr;
use thiserror::Error;

/// Why the gateway does not run, or something was not done for it.
#[derive(Debug, Error)]
pub enum GatewayCommandError {
    /// Others than this machine could reach it, and it has no TLS.
    #[error("cannot listen on {address}: it is not a loopback address, and that needs TLS")]
    NotLoopback {
        /// The address asked for.
        address: SocketAddr,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// The answer of the operating system.
        source: io::Error,
    },
    /// There is no certificate to show.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// We do not know where our files lie.
    #[error(transparent)]
    Paths(#[from] PathsError),
    /// The data directory is not private or cannot be made.
    #[error("cannot use the data directory: {0}")]
    Directory(#[from] PrivateError),
    /// Everybody could see the password.
    #[error("cannot take a password in --store: everybody on this machine can see it")]
    PasswordInArguments,
    /// It is not the URL of a database we know.
    #[error("cannot use the store: it is not a postgres:// URL")]
    NotPostgres,
    /// The file with the URL is not private or cannot be read.
    #[error("cannot use the file of the store: {0}")]
    StoreFile(PrivateError),
    /// Only a database in a file is copied by us.
    #[error("cannot copy a PostgreSQL database: it has programs of its own for that")]
    NotAFile,
    /// The database cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Something was not done with it.
    #[error(transparent)]
    Admin(#[from] AdminError),
    /// It was not copied or not brought back.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// Serving ended with an error.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// The runtime or its signals cannot be set up.
    #[error("cannot start: {0}")]
    Start(io::Error),
    /// The answer cannot be written.
    #[error("cannot write to stdout: {0}")]
    Output(io::Error),
}

impl GatewayCommandError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::NotLoopback { address } => format!(
                "add --tls; or listen on 127.0.0.1:{port} and forward to it: \
                 ssh -L {port}:127.0.0.1:{port} HOST",
                port = address.port()
            ),
            Self::Certificate(error) => error.hint(),
            Self::Listen { address, source } => match source.kind() {
                io::ErrorKind::AddrInUse => format!(
                    "see what has the port with: ss -ltnp 'sport = :{}', or listen on {}:0",
                    address.port(),
                    address.ip()
                ),
                io::ErrorKind::PermissionDenied => "choose a port above 1023".to_owned(),
                _ => "choose another address with --listen".to_owned(),
            },
            Self::Paths(error) => error.hint(),
            Self::Directory(error) | Self::StoreFile(error) => error.hint(),
            Self::PasswordInArguments => {
                "put the password in PGPASSWORD or ~/.pgpass, or the whole URL in \
                 AIRLOCK_EXEC_GATEWAY_STORE or a file for --store-file"
                    .to_owned()
            }
            Self::NotPostgres => "write it as postgres://USER@HOST:PORT/DATABASE".to_owned(),
            Self::NotAFile => "use pg_dump and pg_restore".to_owned(),
            Self::Open(error) => error.hint(),
            Self::Admin(error) => error.hint(),
            Self::Backup(error) => error.hint(),
            Self::Serve(_) | Self::Start(_) => "close some programs and try again".to_owned(),
            Self::Output(_) => "give it a stdout that can be written to".to_owned(),
        }
    }
}
