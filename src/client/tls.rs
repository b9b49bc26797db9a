//! TLS with rustls, the ring provider and built-in roots.
//!
//! Loading the platform's roots costs more than a whole loopback review, and
//! another provider tens of milliseconds at its first handshake. Other roots are
//! used where somebody asked for them.

use crate::config::{CertificatePin, TlsRoots};
use crate::crypto::Sha256Digest;
use crate::display::Displayable;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme,
};
use std::fmt;
use std::sync::Arc;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

/// Makes the TLS settings of every connection: TLS 1.2 or later.
///
/// Where a certificate is pinned it alone counts, and no authority does.
///
/// # Errors
///
/// What is wrong with the roots.
pub(super) fn settings(
    roots: &TlsRoots,
    certificate: Option<&CertificatePin>,
) -> Result<ClientConfig, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let algorithms = provider.signature_verification_algorithms;
    let trust = if let Some(pin) = certificate {
        Trust::Pin(pin.clone())
    } else {
        let roots = Arc::new(store(roots)?);
        let built = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&provider));
        Trust::Authorities(built.build().map_err(|error| error.to_string())?)
    };
    let verifier = Arc::new(Verifier { trust, algorithms });
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring implements the default protocol versions")
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth())
}

fn store(roots: &TlsRoots) -> Result<RootCertStore, String> {
    let mut store = RootCertStore::empty();
    match roots {
        TlsRoots::BuiltIn => store.roots = webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        TlsRoots::Platform => {
            let found = rustls_native_certs::load_native_certs();
            store.add_parsable_certificates(found.certs);
        }
        TlsRoots::File(path) => {
            let unusable =
                |what: &dyn fmt::Display| format!("the certificates in {}: {what}", path.display());
            let certificates =
                CertificateDer::pem_file_iter(path).map_err(|error| unusable(&error))?;
            for certificate in certificates {
                let certificate = certificate.map_err(|error| unusable(&error))?;
                store.add(certificate).map_err(|error| unusable(&error))?;
            }
        }
    }
    if store.is_empty() {
        return Err("there is no certificate authority to trust; see gateway.tls_roots".to_owned());
    }
    Ok(store)
}

/// A certificate that was not believed.
#[derive(Debug, Clone)]
pub(super) struct Disbelieved {
    /// Whom it names.
    pub(super) subject: String,
    /// Who signed it.
    pub(super) issuer: String,
    /// What is wrong.
    pub(super) why: String,
}

impl fmt::Display for Disbelieved {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.why)
    }
}

impl std::error::Error for Disbelieved {}

impl Disbelieved {
    fn new(certificate: &CertificateDer<'_>, error: &dyn fmt::Display) -> Self {
        let names = Certificate::from_der(certificate).map(|parsed| {
            let parsed = parsed.tbs_certificate();
            (parsed.subject().to_string(), parsed.issuer().to_string())
        });
        let (subject, issuer) = names.unwrap_or_default();
        let shown = |text: String| Displayable::from(text.as_str()).to_string();
        let why = shown(error.to_string());
        Self { subject: shown(subject), issuer: shown(issuer), why }
    }

    /// Finds it among the causes of an error.
    pub(super) fn among(error: &(dyn std::error::Error + 'static)) -> Option<Self> {
        match failure(error)? {
            Error::Other(OtherError(cause)) => cause.downcast_ref::<Self>().cloned(),
            _ => None,
        }
    }
}

/// Says why there is no TLS with a server, when asking again would not help: it speaks
/// nothing that we do.
pub(super) fn incompatible(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    let failure = failure(error)?;
    let is_final = matches!(failure, Error::PeerIncompatible(_) | Error::AlertReceived(_));
    is_final.then(|| failure.to_string())
}

/// Finds what TLS says among the causes of an error.
fn failure<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = inside(error) {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// An error of the system may hold another, which is not among its causes.
fn inside<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e Error> {
    match error.downcast_ref::<std::io::Error>() {
        Some(io) => inside(io.get_ref()?),
        None => error.downcast_ref(),
    }
}

/// Verifies a server, and says whose certificate it refused.
#[derive(Debug)]
struct Verifier {
    trust: Trust,
    algorithms: WebPkiSupportedAlgorithms,
}

/// What makes a certificate believed.
#[derive(Debug)]
enum Trust {
    /// An authority signed it, for that host.
    Authorities(Arc<WebPkiServerVerifier>),
    /// It is that one, in its time.
    Pin(CertificatePin),
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let refused = |why: &dyn fmt::Display| {
            Error::Other(OtherError(Arc::new(Disbelieved::new(end_entity, why))))
        };
        match &self.trust {
            Trust::Authorities(inner) => inner
                .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
                .map_err(|error| refused(&error)),
            Trust::Pin(pin) => check_pinned(pin, end_entity, now)
                .map(|()| ServerCertVerified::assertion())
                .map_err(|why| refused(&why)),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Finds whether it is that certificate, in its time. That the server has its key is
/// checked with the signatures, as always.
fn check_pinned(
    pin: &CertificatePin,
    certificate: &CertificateDer<'_>,
    now: UnixTime,
) -> Result<(), String> {
    let found = Sha256Digest::of(certificate).to_string();
    if found != pin.as_str() {
        return Err(format!("its SHA-256 is {found}, and {pin} is pinned"));
    }
    let parsed = Certificate::from_der(certificate).map_err(|error| error.to_string())?;
    let validity = parsed.tbs_certificate().validity();
    let now = now.as_secs();
    if now < validity.not_before.to_unix_duration().as_secs() {
        return Err(format!("it is not good before {}", validity.not_before));
    }
    if now > validity.not_after.to_unix_duration().as_secs() {
        return Err(format!("it was good until {}", validity.not_after));
    }
    Ok(())
}
