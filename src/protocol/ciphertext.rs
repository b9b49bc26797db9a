//! The sealed artifact as it goes over the wire.

use super::artifact::Plaintext;
use crate::crypto::encoding::{self, EncodingError};
use crate::crypto::{Cipher, OpenError, SealError, SealKey, Sealed};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;
use zeroize::Zeroizing;

/// Bytes written as standard base64, read from base64 or base64url.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Base64(pub Vec<u8>);

impl fmt::Debug for Base64 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Base64({} bytes)", self.0.len())
    }
}

impl FromStr for Base64 {
    type Err = EncodingError;

    fn from_str(text: &str) -> Result<Self, EncodingError> {
        encoding::decode_any(text).map(Self)
    }
}

impl Serialize for Base64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&encoding::to_base64(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// An encrypted artifact. `alg` is kept as it came: a relay need not know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ciphertext {
    /// The cipher's name: `xchacha20-poly1305` or `AES-256-GCM`, any letter case.
    pub alg: String,
    /// The encrypted bytes, as many as the plaintext has.
    pub data: Base64,
    /// The nonce: 24 or 12 bytes.
    pub nonce: Base64,
    /// The detached 16-byte tag.
    pub tag: Base64,
    /// Data that is authenticated but not encrypted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aad: Option<Base64>,
}

/// Why a ciphertext could not be opened.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum UnsealError {
    /// `alg` names another cipher than the key belongs to, or none we know.
    #[error("open the artifact: it is not sealed with {expected}, this pairing's cipher")]
    Algorithm {
        /// The cipher of the pairing.
        expected: Cipher,
    },
    /// It does not open.
    #[error("open the artifact: {0}")]
    Open(#[from] OpenError),
}

impl Ciphertext {
    /// Seals exactly the bytes that were hashed. HARP-CORE 5.2.
    ///
    /// # Errors
    ///
    /// [`SealError`].
    pub fn seal(plaintext: &Plaintext, key: &SealKey) -> Result<Self, SealError> {
        Self::seal_bytes(plaintext.as_bytes(), key, None)
    }

    /// Seals any bytes, with data that is only authenticated.
    ///
    /// # Errors
    ///
    /// [`SealError`].
    pub fn seal_bytes(
        plaintext: &[u8],
        key: &SealKey,
        associated: Option<&[u8]>,
    ) -> Result<Self, SealError> {
        let sealed = key.seal(plaintext, associated)?;
        Ok(Self {
            alg: key.cipher().name().to_owned(),
            data: Base64(sealed.data),
            nonce: Base64(sealed.nonce),
            tag: Base64(sealed.tag),
            aad: associated.map(|bytes| Base64(bytes.to_owned())),
        })
    }

    /// Seals any bytes, with data that is authenticated and does not travel: whoever
    /// opens it has to know it.
    ///
    /// # Errors
    ///
    /// [`SealError`].
    pub fn seal_bound(plaintext: &[u8], key: &SealKey, bound: &[u8]) -> Result<Self, SealError> {
        Ok(Self { aad: None, ..Self::seal_bytes(plaintext, key, Some(bound))? })
    }

    /// Opens it; the plaintext is wiped on drop.
    ///
    /// # Errors
    ///
    /// [`UnsealError::Algorithm`] before any decryption when `alg` is not the
    /// key's cipher, [`UnsealError::Open`] when anything was changed.
    pub fn open(&self, key: &SealKey) -> Result<Zeroizing<Vec<u8>>, UnsealError> {
        self.open_with(key, self.aad.as_ref().map(|bytes| bytes.0.as_slice()))
    }

    /// Opens what was sealed with that data; what travels beside it does not count.
    ///
    /// # Errors
    ///
    /// As [`Ciphertext::open`].
    pub fn open_bound(
        &self,
        key: &SealKey,
        bound: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, UnsealError> {
        self.open_with(key, Some(bound))
    }

    fn open_with(
        &self,
        key: &SealKey,
        associated: Option<&[u8]>,
    ) -> Result<Zeroizing<Vec<u8>>, UnsealError> {
        // Protocol section 6: one key, one cipher; the name has no letter case.
        if self.alg.parse() != Ok(key.cipher()) {
            return Err(UnsealError::Algorithm { expected: key.cipher() });
        }
        let sealed = Sealed {
            data: self.data.0.clone(),
            nonce: self.nonce.0.clone(),
            tag: self.tag.0.clone(),
        };
        Ok(key.open(&sealed, associated)?)
    }
}
