//! Which certificate a gateway of one's own shows, since a link said so once.
//!
//! Nothing secret: whoever can write here could change the pairings, too.

use super::store::{self, StoreError};
use crate::client::TransportError;
use crate::crypto::Sha256Digest;
use crate::process::PrivateDir;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

const FILE: &str = "gateways.json";
const VERSION: u32 = 1;

/// The most gateways that are remembered; one person decides at a few.
const MOST: usize = 64;

#[derive(Default, Serialize, Deserialize)]
struct Stored {
    version: u32,
    /// By the address of the gateway.
    certificates: BTreeMap<String, Sha256Digest>,
}

/// Returns the SHA-256 of the certificate that is remembered of a gateway.
///
/// # Errors
///
/// [`StoreError`] when the file is loose, damaged or from a newer version.
pub fn certificate_of(directory: &Path, gateway: &str) -> Result<Option<Sha256Digest>, StoreError> {
    if !directory.exists() {
        return Ok(None);
    }
    Ok(load(&PrivateDir::open(directory)?)?.certificates.remove(gateway))
}

/// Remembers the certificate of a gateway, in the place of another.
///
/// # Errors
///
/// As [`certificate_of`], and when it cannot be written.
pub fn remember_certificate(
    directory: &Path,
    gateway: &str,
    certificate: Sha256Digest,
) -> Result<(), StoreError> {
    let directory = PrivateDir::open(directory)?;
    let _lock = store::lock(&directory)?;
    let mut stored = load(&directory)?;
    if stored.certificates.get(gateway) == Some(&certificate) {
        return Ok(());
    }
    stored.certificates.insert(gateway.to_owned(), certificate);
    while stored.certificates.len() > MOST {
        let other = stored.certificates.keys().find(|each| *each != gateway).cloned();
        stored.certificates.remove(&other.unwrap_or_default());
    }
    stored.version = VERSION;
    let bytes = serde_json::to_vec_pretty(&stored).expect("addresses and digests are JSON");
    Ok(directory.write(FILE, &bytes)?)
}

fn load(directory: &PrivateDir) -> Result<Stored, StoreError> {
    let Some(bytes) = directory.read(FILE)? else { return Ok(Stored::default()) };
    store::check_version(directory, FILE, &bytes, VERSION)?;
    serde_json::from_slice(&bytes)
        .map_err(|error| StoreError::damaged(directory, FILE, error.to_string()))
}

/// Returns what to do when a gateway does not answer an approver as it should.
#[must_use]
pub fn next_step(error: &TransportError) -> &'static str {
    match error {
        TransportError::Certificate { .. } => {
            "do not go on; if its certificate was changed on purpose, give the link with the new \
             one once: --gateway 'https://HOST:PORT/#certificate=SHA256'"
        }
        _ => "check that the gateway runs and that the token is an approver's",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remembers_the_last_certificate_of_each_gateway() {
        let outer = tempfile::tempdir().expect("temporary directory");
        let directory = outer.path().join("a");
        let digest = |byte: &str| byte.repeat(32).parse::<Sha256Digest>().expect("a digest");
        let of = |gateway: &str| certificate_of(&directory, gateway).expect("read");
        assert_eq!(of("https://a/"), None);
        assert!(!directory.exists(), "looking makes nothing");
        for (gateway, byte) in [("https://a/", "aa"), ("https://b/", "bb"), ("https://a/", "cc")] {
            remember_certificate(&directory, gateway, digest(byte)).expect("written");
        }
        assert_eq!(of("https://a/"), Some(digest("cc")));
        assert_eq!(of("https://b/"), Some(digest("bb")));
        assert_eq!(of("https://c/"), None);
        for number in 0..MOST {
            let gateway = format!("https://{number}/");
            remember_certificate(&directory, &gateway, digest("dd")).expect("written");
            assert_eq!(of(&gateway), Some(digest("dd")));
        }
        let opened = PrivateDir::open(&directory).expect("private");
        assert_eq!(load(&opened).expect("read").certificates.len(), MOST);
    }
}
