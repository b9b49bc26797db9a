//! Certificates of a private authority: good ones, and others.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// What is wrong with a certificate.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Flaw {
    /// Nothing.
    None,
    /// It was good until last year.
    Expired,
    /// It is for another host.
    OtherHost,
}

/// A certificate authority of a company.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    /// Makes one.
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.distinguished_name.push(DnType::CommonName, "Example Company CA");
        let pem = params.self_signed(&key).expect("a certificate").pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// Writes its certificate.
    pub(crate) fn write(&self, path: &Path) {
        fs::write(path, &self.pem).expect("a file");
    }

    /// Makes a server that shows a certificate of this authority.
    pub(crate) fn server(&self, flaw: Flaw) -> Arc<ServerConfig> {
        let name = match flaw {
            Flaw::OtherHost => "other.example",
            Flaw::None | Flaw::Expired => "127.0.0.1",
        };
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("parameters");
        params.distinguished_name.push(DnType::CommonName, "Our Gateway");
        if let Flaw::Expired = flaw {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2021, 1, 1);
        }
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring implements them")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .expect("a key for the certificate");
        Arc::new(config)
    }
}
