//! How a server is reached.

use crate::config::{CertificatePin, TlsRoots};
use std::time::Duration;

/// How long an ordinary call may take at most, waits of a long-poll not counted.
pub(super) const LONGEST_CALL: Duration = Duration::from_secs(10);

/// Whose certificates count, and how long an answer may take.
#[derive(Debug, Clone)]
pub struct Link {
    roots: TlsRoots,
    certificate: Option<CertificatePin>,
    limit: Duration,
}

impl Link {
    /// Trusts these authorities, and waits that long for an answer: ten seconds at most.
    #[must_use]
    pub fn new(roots: TlsRoots, patience: Duration) -> Self {
        Self { roots, certificate: None, limit: patience.min(LONGEST_CALL) }
    }

    /// Takes no other certificate of the gateway than that one; no authority counts then.
    #[must_use]
    pub fn pinned_to(mut self, certificate: Option<CertificatePin>) -> Self {
        self.certificate = certificate;
        self
    }

    /// Returns the one certificate that the gateway may show, if there is only one.
    #[must_use]
    pub fn certificate(&self) -> Option<&CertificatePin> {
        self.certificate.as_ref()
    }

    /// Returns which certificate authorities count.
    #[must_use]
    pub fn roots(&self) -> &TlsRoots {
        &self.roots
    }

    /// Returns how long an answer may take.
    #[must_use]
    pub fn limit(&self) -> Duration {
        self.limit
    }
}
