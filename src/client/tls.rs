//! TLS with rustls, the ring provider and built-in roots.
//!
//! Loading the platform's roots costs more than a whole loopback review, and
//! another provider tens of milliseconds at its first handshake.

use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;

/// Makes the TLS settings of every connection: TLS 1.2 or later, built-in roots.
pub(super) fn settings() -> ClientConfig {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring implements the default protocol versions")
        .with_root_certificates(roots)
        .with_no_client_auth()
}
