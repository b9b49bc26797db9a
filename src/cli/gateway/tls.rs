//! Which certificate `airlock-exec gateway` shows, and to what names it answers.

use super::GatewayCommandError;
use crate::gateway::{Tls, TlsError, make_certificate};
use crate::process::{Identity, PrivateDir, PrivateError, read_private_file};
use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::{fs, io};
use thiserror::Error;

/// Where a certificate of our own making is kept, beside the database.
const CERTIFICATE: &str = "tls-certificate.pem";
const KEY: &str = "tls-key.pem";
/// The most bytes of a file that are read.
const LARGEST: u64 = 1 << 20;

/// Whether to speak TLS, and as whom.
#[derive(Debug, Args)]
pub(super) struct TlsArguments {
    /// Speak TLS with a certificate of our own making, kept in the data directory:
    /// clients pin its SHA-256, which is printed
    #[arg(long, conflicts_with = "tls_cert")]
    tls: bool,
    /// Speak TLS with this certificate (PEM, with those that vouch for it behind it);
    /// read again on SIGHUP
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The key of that certificate (PEM, mode 0600)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// A host name by which clients reach it, besides addresses; may be given again.
    /// Without TLS: the name of the proxy in front of it
    #[arg(long = "tls-name", value_name = "HOST")]
    names: Vec<String>,
}

/// Why there is no TLS.
#[derive(Debug, Error)]
pub enum CertificateError {
    /// The certificate cannot be used, or none can be made.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The key or the data directory is not private.
    #[error(transparent)]
    Private(#[from] PrivateError),
    /// The certificate cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}

impl CertificateError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Tls(error) => error.hint().to_owned(),
            Self::Private(error) => error.hint(),
            Self::Read { path, .. } => format!("check --tls-cert {}", path.display()),
        }
    }
}

/// Where the certificate and its key are.
#[derive(Debug)]
enum Source {
    /// Made by us, in the data directory.
    Own(PrivateDir),
    /// Somebody's files.
    Files { certificate: PathBuf, key: PathBuf },
}

/// The TLS of one gateway.
#[derive(Debug)]
pub(super) struct Secured {
    pub(super) tls: Tls,
    source: Source,
}

impl TlsArguments {
    /// Returns the host names it answers to, besides those of this machine.
    pub(super) fn hosts(&self) -> Vec<String> {
        let mut hosts = self.names.clone();
        hosts.push(Identity::capture().host);
        hosts
    }

    /// Returns the host names that somebody gave.
    pub(super) fn names(&self) -> Vec<String> {
        self.names.clone()
    }

    /// Returns the first name that somebody gave.
    pub(super) fn first_name(&self) -> Option<&str> {
        self.names.first().map(String::as_str)
    }

    /// Reads or makes the certificate, when there is to be one.
    pub(super) fn secured(
        &self,
        data: impl FnOnce() -> Result<PrivateDir, GatewayCommandError>,
        address: SocketAddr,
    ) -> Result<Option<Secured>, GatewayCommandError> {
        let source = match (&self.tls_cert, &self.tls_key) {
            (Some(certificate), Some(key)) => {
                Source::Files { certificate: certificate.clone(), key: key.clone() }
            }
            _ if self.tls => {
                let data = data()?;
                self.make_once(&data, address)?;
                Source::Own(data)
            }
            _ => return Ok(None),
        };
        let (certificate, key) = source.read()?;
        let tls = Tls::new(&certificate, &key).map_err(CertificateError::from)?;
        Ok(Some(Secured { tls, source }))
    }

    /// Makes a certificate unless there is one: whoever pinned it goes on with it.
    fn make_once(&self, data: &PrivateDir, address: SocketAddr) -> Result<(), CertificateError> {
        if data.read(CERTIFICATE)?.is_some() && data.read(KEY)?.is_some() {
            return Ok(());
        }
        let mut names = self.hosts();
        names.extend(["localhost", "127.0.0.1", "::1"].map(str::to_owned));
        if !address.ip().is_unspecified() {
            names.push(address.ip().to_string());
        }
        names.sort();
        names.dedup();
        let made = make_certificate(names)?;
        data.write(KEY, made.key.as_bytes())?;
        data.write(CERTIFICATE, made.certificate.as_bytes())?;
        Ok(())
    }
}

impl Source {
    fn read(&self) -> Result<(Vec<u8>, Vec<u8>), CertificateError> {
        match self {
            Self::Own(data) => {
                let read = |name| data.read(name).map(Option::unwrap_or_default);
                Ok((read(CERTIFICATE)?, read(KEY)?))
            }
            Self::Files { certificate, key } => {
                let failed = |source| CertificateError::Read { path: certificate.clone(), source };
                Ok((fs::read(certificate).map_err(failed)?, read_private_file(key, LARGEST)?))
            }
        }
    }
}

impl Secured {
    /// Shows what is in the files now; what cannot be used changes nothing.
    pub(super) fn reload(&self) {
        let replaced = self.source.read().and_then(|(certificate, key)| {
            self.tls.replace(&certificate, &key).map_err(CertificateError::from)
        });
        match replaced {
            Ok(()) => tracing::info!(sha256 = self.tls.fingerprint(), "certificate read again"),
            Err(error) => tracing::error!(%error, "the certificate before stays"),
        }
    }
}
