//! Where the gateway keeps what it stores: a directory, or a PostgreSQL database.

use super::GatewayCommandError;
use crate::config::Paths;
use crate::gateway::{GatewayOptions, StoreAddress};
use crate::process::{self, Environment, PrivateDir, read_private_file};
use clap::Args;
use secrecy::SecretString;
use std::borrow::Cow;
use std::path::PathBuf;
use url::Url;

/// The variable that may hold the URL, with a password.
const STORE: &str = "AIRLOCK_EXEC_GATEWAY_STORE";

/// The longest URL in a file, in bytes.
const LONGEST_URL: u64 = 4096;

#[derive(Debug, Args)]
pub(super) struct PlaceArguments {
    /// The directory of the gateway's database and of a certificate of our own making,
    /// for you alone (mode 0700); without it that of local mode
    #[arg(long = "data", value_name = "DIR")]
    directory: Option<PathBuf>,
    /// A PostgreSQL database that several gateways share; without a password
    #[arg(long, value_name = "postgres://USER@HOST/DATABASE", conflicts_with = "store_file")]
    store: Option<String>,
    /// A file of mode 0600 with that URL, which may have the password
    #[arg(long, value_name = "FILE")]
    store_file: Option<PathBuf>,
}

impl PlaceArguments {
    /// Settles where the database is.
    pub(super) fn options(
        &self,
        environment: &Environment,
    ) -> Result<GatewayOptions, GatewayCommandError> {
        let store = match self.database(environment)? {
            Some(url) => StoreAddress::Postgres(url),
            None => StoreAddress::Directory(self.directory(environment)?.path().to_owned()),
        };
        Ok(GatewayOptions { store, clock: process::now })
    }

    /// Returns the directory, for what only makes sense there.
    pub(super) fn only_directory(
        &self,
        environment: &Environment,
    ) -> Result<PathBuf, GatewayCommandError> {
        match self.database(environment)? {
            Some(_) => Err(GatewayCommandError::NotAFile),
            None => Ok(self.directory(environment)?.path().to_owned()),
        }
    }

    /// Opens the directory.
    pub(super) fn directory(
        &self,
        environment: &Environment,
    ) -> Result<PrivateDir, GatewayCommandError> {
        let path = match &self.directory {
            Some(path) => path.clone(),
            None => Paths::from_environment(environment)?.gateway(),
        };
        Ok(PrivateDir::open(&path)?)
    }

    /// Returns the URL of the database, if there is to be one.
    fn database(
        &self,
        environment: &Environment,
    ) -> Result<Option<SecretString>, GatewayCommandError> {
        if let Some(url) = &self.store {
            // Everybody on this machine can see our arguments.
            return match Url::parse(url).map(|url| names_password(&url)) {
                Ok(false) => checked(url).map(Some),
                Ok(true) => Err(GatewayCommandError::PasswordInArguments),
                Err(_) => Err(GatewayCommandError::NotPostgres),
            };
        }
        if let Some(path) = &self.store_file {
            let bytes = read_private_file(path, LONGEST_URL);
            let bytes = bytes.map_err(GatewayCommandError::StoreFile)?;
            let url = str::from_utf8(&bytes).map_err(|_| GatewayCommandError::NotPostgres)?;
            return checked(url.trim()).map(Some);
        }
        if self.directory.is_some() {
            return Ok(None);
        }
        environment.text(STORE).filter(|url| !url.is_empty()).map(checked).transpose()
    }
}

/// Tells whether a URL has a password, in any of the places where one can be.
fn names_password(url: &Url) -> bool {
    let in_query = |(name, _): (Cow<'_, str>, Cow<'_, str>)| name == "password";
    url.password().is_some() || url.query_pairs().any(in_query)
}

fn checked(url: &str) -> Result<SecretString, GatewayCommandError> {
    match Url::parse(url) {
        Ok(parsed) if matches!(parsed.scheme(), "postgres" | "postgresql") => {
            Ok(SecretString::from(url))
        }
        _ => Err(GatewayCommandError::NotPostgres),
    }
}
