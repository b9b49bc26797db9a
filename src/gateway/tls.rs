//! TLS of a gateway that more than this machine can reach: rustls with ring.
//!
//! A client believes the certificate because an authority signed it, or because it was
//! told its SHA-256. What is carried needs neither: it is sealed and signed end to end.
//! TLS keeps tokens and who asks whom from whoever listens.

use super::limits::HANDSHAKE_TIME;
use rcgen::{
    CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, crypto};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::io;
use std::sync::{Arc, PoisonError, RwLock};
use thiserror::Error;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Why there is no TLS.
#[derive(Debug, Error)]
pub enum TlsError {
    /// The certificate or its key is not PEM of one.
    #[error("the {what} is not PEM that can be read: {why}")]
    Unreadable {
        /// Which of the two.
        what: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// They do not belong together, or nobody could use them.
    #[error("the certificate and the key cannot be used: {0}")]
    Unusable(String),
    /// None could be made.
    #[error("no certificate can be made: {0}")]
    Make(String),
}

impl TlsError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => {
                "give PEM files: --tls-cert with the certificate first, --tls-key with its key"
            }
            Self::Unusable(_) => "give the key that this certificate was made with",
            Self::Make(_) => "give only host names and addresses with --tls-name",
        }
    }
}

/// A certificate and its key, as PEM.
#[derive(Debug)]
pub struct MadeCertificate {
    /// The certificate.
    pub certificate: String,
    /// Its key.
    pub key: zeroize::Zeroizing<String>,
}

/// Makes a certificate that nobody has signed but itself, for these names and addresses.
///
/// # Errors
///
/// [`TlsError::Make`].
pub fn make_certificate(names: Vec<String>) -> Result<MadeCertificate, TlsError> {
    let failed = |error: rcgen::Error| TlsError::Make(error.to_string());
    let mut params = CertificateParams::new(names).map_err(failed)?;
    params.distinguished_name.push(DnType::CommonName, "airlock-exec gateway");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    // Whoever pins it trusts this one certificate; a date would only end that some day.
    params.not_before = date_time_ymd(2024, 1, 1);
    params.not_after = date_time_ymd(2049, 12, 31);
    let key = KeyPair::generate().map_err(failed)?;
    let certificate = params.self_signed(&key).map_err(failed)?.pem();
    Ok(MadeCertificate { certificate, key: key.serialize_pem().into() })
}

/// The TLS of a gateway; its certificate can be exchanged while it runs.
#[derive(Debug, Clone)]
pub struct Tls {
    config: Arc<ServerConfig>,
    shown: Arc<Shown>,
}

/// The certificate that is shown to whoever connects.
#[derive(Debug)]
struct Shown(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Tls {
    /// Takes a certificate, with those behind it, and its key: both PEM.
    ///
    /// # Errors
    ///
    /// [`TlsError`].
    pub fn new(certificate: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let provider = Arc::new(crypto::ring::default_provider());
        let shown = Arc::new(Shown(RwLock::new(read(certificate, key)?)));
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring implements the default protocol versions")
            .with_no_client_auth()
            .with_cert_resolver(shown.clone());
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { config: Arc::new(config), shown })
    }

    /// Shows another certificate to whoever connects from now on.
    ///
    /// # Errors
    ///
    /// [`TlsError`]; then the one before stays.
    pub fn replace(&self, certificate: &[u8], key: &[u8]) -> Result<(), TlsError> {
        let fresh = read(certificate, key)?;
        *self.shown.0.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// Returns the SHA-256 of the certificate, which a client can pin: 64 hexadecimal
    /// digits.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let shown = self.shown.0.read().unwrap_or_else(PoisonError::into_inner);
        let digest = Sha256::digest(shown.cert.first().map_or(&[][..], |first| first.as_ref()));
        digest.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// Shakes hands with a client that has begun to speak; within a bounded time.
    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let accepted = TlsAcceptor::from(Arc::clone(&self.config)).accept(stream);
        let timed = tokio::time::timeout(HANDSHAKE_TIME, accepted).await;
        timed.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
    }
}

fn read(certificate: &[u8], key: &[u8]) -> Result<Arc<CertifiedKey>, TlsError> {
    let unreadable = |what| {
        move |error: rustls::pki_types::pem::Error| TlsError::Unreadable {
            what,
            why: error.to_string(),
        }
    };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(certificate)
        .collect::<Result<_, _>>()
        .map_err(unreadable("certificate"))?;
    if chain.is_empty() {
        let why = "there is no certificate in it".to_owned();
        return Err(TlsError::Unreadable { what: "certificate", why });
    }
    let key = PrivateKeyDer::from_pem_slice(key).map_err(unreadable("key"))?;
    let provider = crypto::ring::default_provider();
    let certified = CertifiedKey::from_der(chain, key, &provider)
        .map_err(|error| TlsError::Unusable(error.to_string()))?;
    Ok(Arc::new(certified))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made() -> MadeCertificate {
        make_certificate(vec!["localhost".to_owned(), "192.0.2.1".to_owned()]).expect("made")
    }

    #[test]
    fn takes_what_it_makes_and_exchanges_it() {
        let (first, second) = (made(), made());
        let tls = Tls::new(first.certificate.as_bytes(), first.key.as_bytes()).expect("usable");
        let before = tls.fingerprint();
        assert_eq!(before.len(), 64);
        tls.replace(second.certificate.as_bytes(), second.key.as_bytes()).expect("usable");
        assert_ne!(tls.fingerprint(), before);
    }

    #[test]
    fn refuses_a_key_of_another_certificate_and_keeps_the_one_before() {
        let (first, second) = (made(), made());
        let tls = Tls::new(first.certificate.as_bytes(), first.key.as_bytes()).expect("usable");
        let before = tls.fingerprint();
        for (certificate, key) in [
            (second.certificate.as_bytes(), first.key.as_bytes()),
            (b"", first.key.as_bytes()),
            (first.certificate.as_bytes(), b"no key"),
        ] {
            assert!(tls.replace(certificate, key).is_err());
        }
        assert_eq!(tls.fingerprint(), before);
    }
}
