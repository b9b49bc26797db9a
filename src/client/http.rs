//! The HTTP client of every connection, and what it sends and says.

use super::link::LONGEST_CALL;
use super::tls;
use super::transport_error::TransportError;
use crate::config::{CertificatePin, TlsRoots};
use crate::credential::Token;
use reqwest::header::HeaderValue;
use reqwest::{Client, redirect};

/// Makes an HTTP client: no redirects, no proxies, TLS by these roots or that certificate.
pub(super) fn http(
    roots: &TlsRoots,
    certificate: Option<&CertificatePin>,
) -> Result<Client, TransportError> {
    let setup = |what| TransportError::Setup { what };
    Client::builder()
        .tls_backend_preconfigured(tls::settings(roots, certificate).map_err(setup)?)
        .user_agent(concat!("airlock-exec/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .no_proxy()
        .connect_timeout(LONGEST_CALL)
        .build()
        .map_err(|error| setup(innermost(&error)))
}

/// Makes a header of a secret, which is then never printed.
pub(super) fn secret_header(token: &Token) -> Result<HeaderValue, TransportError> {
    let mut value = HeaderValue::from_str(token.expose())
        .map_err(|_| TransportError::Setup { what: "the token is no header".to_owned() })?;
    value.set_sensitive(true);
    Ok(value)
}

/// Returns what is at the bottom of an error.
pub(super) fn innermost(error: &dyn std::error::Error) -> String {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}
