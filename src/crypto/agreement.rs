//! X25519 key agreement, and the keys derived from it.
//!
//! Formula, with `a` our secret and `B` the other side's public key:
//!
//! ```text
//! shared = X25519(a, B)                                   RFC 7748 5
//! key    = HKDF-SHA256(ikm = shared, salt = none,
//!                      info = the cipher's, L = 32)       RFC 5869 2
//! ```
//!
//! `info` is `HARP-E2E-AES256GCM` or `HARP-E2E-XCHACHA20POLY1305`: one key, one
//! cipher.

use super::cipher::{Cipher, SealKey};
use super::encoding::{self, EncodingError, stands_as_text};
use super::public_key::{self, KeyError};
use super::random::{self, RandomError};
use hkdf::Hkdf;
use sha2::Sha256;
use std::fmt;
use std::str::FromStr;
use subtle::ConstantTimeEq as _;
use thiserror::Error;
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

/// An X25519 public key: 32 bytes, written as base64url without padding.
///
/// Read from raw bytes or SPKI DER, in base64 or base64url.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct X25519Public([u8; 32]);

impl X25519Public {
    /// Takes the 32 raw bytes; every string of 32 bytes is one. RFC 7748 5.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the 32 raw bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for X25519Public {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&encoding::to_base64url(&self.0))
    }
}

impl FromStr for X25519Public {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        public_key::read(text, &public_key::X25519).map(Self)
    }
}

stands_as_text!(X25519Public);

/// The other side's key leads to the all-zero secret, which everybody knows.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("agree on a key: the other side's X25519 key is of small order")]
pub struct AllZeroSecret;

/// An X25519 secret: 32 bytes, stored as base64url without padding.
#[derive(Clone)]
pub struct X25519Secret(StaticSecret);

impl X25519Secret {
    /// Makes a new secret from the operating system's generator.
    ///
    /// # Errors
    ///
    /// [`RandomError`] when it has no random bytes to give.
    pub fn generate() -> Result<Self, RandomError> {
        Ok(Self::from_bytes(&random::secret()?))
    }

    /// Takes the 32 bytes of a stored secret.
    #[must_use]
    pub fn from_bytes(bytes: &Zeroizing<[u8; 32]>) -> Self {
        Self(StaticSecret::from(**bytes))
    }

    /// Reads a stored secret from base64url or base64.
    ///
    /// # Errors
    ///
    /// [`EncodingError`] when it is not 32 bytes in one of them.
    pub fn from_stored(text: &str) -> Result<Self, EncodingError> {
        Ok(Self::from_bytes(&Zeroizing::new(encoding::decode_array(text)?)))
    }

    /// Exposes the secret as base64url, for storing it.
    #[must_use]
    pub fn expose_stored(&self) -> Zeroizing<String> {
        Zeroizing::new(encoding::to_base64url(self.0.as_bytes()))
    }

    /// Computes the public key.
    #[must_use]
    pub fn public(&self) -> X25519Public {
        X25519Public(PublicKey::from(&self.0).to_bytes())
    }

    /// Agrees with the other side on a secret.
    ///
    /// # Errors
    ///
    /// [`AllZeroSecret`] when the result is all zero. RFC 7748 6.1.
    pub fn agree(&self, other: &X25519Public) -> Result<SharedSecret, AllZeroSecret> {
        let shared = self.0.diffie_hellman(&PublicKey::from(other.0));
        if shared.as_bytes().ct_eq(&[0; 32]).into() {
            return Err(AllZeroSecret);
        }
        Ok(SharedSecret(Zeroizing::new(shared.to_bytes())))
    }
}

impl fmt::Debug for X25519Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("X25519Secret")
    }
}

/// What two X25519 keys agree on: never all zero, never used as a key itself.
pub struct SharedSecret(Zeroizing<[u8; 32]>);

impl SharedSecret {
    /// Derives the key for one cipher: `HKDF-SHA256(shared, no salt, info, 32)`.
    ///
    /// # Panics
    ///
    /// Never: HKDF-SHA256 gives up to 8160 bytes, and 32 are asked for.
    #[must_use]
    pub fn derive(&self, cipher: Cipher) -> SealKey {
        let mut key = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(None, self.0.as_slice())
            .expand(cipher.key_info(), key.as_mut_slice())
            .expect("HKDF-SHA256 gives up to 8160 bytes");
        SealKey::from_bytes(cipher, key)
    }
}

impl fmt::Debug for SharedSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SharedSecret")
    }
}
