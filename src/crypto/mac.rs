//! HMAC-SHA256, for marks that only the holder of a key can make.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;
use zeroize::Zeroizing;

/// A key for HMAC-SHA256; wiped on drop.
pub struct MacKey {
    state: Hmac<Sha256>,
}

impl MacKey {
    /// Takes a key of 32 bytes.
    #[must_use]
    pub fn from_bytes(key: &[u8; 32]) -> Self {
        // RFC 2104 2: a key shorter than a block is followed by zeros.
        let mut block = Zeroizing::new([0; 64]);
        block[..key.len()].copy_from_slice(key);
        Self { state: Hmac::new((&*block).into()) }
    }

    /// Takes a secret of any length, as others make them.
    #[must_use]
    pub fn from_secret(secret: &[u8]) -> Self {
        // RFC 2104 2: a longer key than a block is hashed first.
        let state = <Hmac<Sha256> as KeyInit>::new_from_slice(secret);
        Self { state: state.expect("HMAC takes keys of any length") }
    }

    /// Computes `HMAC-SHA256(key, message)`, 32 bytes.
    ///
    /// Spec: RFC 2104 2.
    #[must_use]
    pub fn authenticate(&self, message: &[u8]) -> [u8; 32] {
        self.state.clone().chain_update(message).finalize().into_bytes().into()
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("MacKey")
    }
}
