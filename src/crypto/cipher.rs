//! Authenticated encryption with a detached tag.

use super::encoding::{self, EncodingError, stands_as_text};
use super::random::{self, RandomError};
use aes_gcm::Aes256Gcm;
use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::{AeadInOut, KeyInit, Nonce, Tag};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;
use zeroize::Zeroizing;

/// A cipher both sides can read.
///
/// Spec: Airlock developer guide (`xchacha20-poly1305`), SDK 0.4.8 (`AES-256-GCM`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cipher {
    /// XChaCha20-Poly1305, 24-byte nonce. draft-irtf-cfrg-xchacha-03.
    XChaCha20Poly1305,
    /// AES-256-GCM, 12-byte nonce. NIST SP 800-38D.
    Aes256Gcm,
}

impl Cipher {
    /// All ciphers, the preferred one first.
    pub const ALL: [Self; 2] = [Self::XChaCha20Poly1305, Self::Aes256Gcm];

    /// Returns the name used on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::XChaCha20Poly1305 => "xchacha20-poly1305",
            Self::Aes256Gcm => "AES-256-GCM",
        }
    }

    /// Returns the length of a nonce in bytes.
    #[must_use]
    pub fn nonce_length(self) -> usize {
        match self {
            Self::XChaCha20Poly1305 => 24,
            Self::Aes256Gcm => 12,
        }
    }

    /// Returns the HKDF `info` that separates this cipher's keys from all others.
    #[must_use]
    pub(super) fn key_info(self) -> &'static [u8] {
        match self {
            Self::XChaCha20Poly1305 => b"HARP-E2E-XCHACHA20POLY1305",
            Self::Aes256Gcm => b"HARP-E2E-AES256GCM",
        }
    }
}

/// A cipher's name that we do not know.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("read the cipher: neither xchacha20-poly1305 nor AES-256-GCM")]
pub struct UnknownCipher;

impl FromStr for Cipher {
    type Err = UnknownCipher;

    /// Reads a name without regard to letter case.
    fn from_str(name: &str) -> Result<Self, UnknownCipher> {
        let known = Self::ALL.into_iter().find(|cipher| cipher.name().eq_ignore_ascii_case(name));
        known.ok_or(UnknownCipher)
    }
}

impl fmt::Display for Cipher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

stands_as_text!(Cipher);

/// A sealed message: as many bytes as the plaintext, the nonce, the tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The encrypted bytes.
    pub data: Vec<u8>,
    /// The nonce, of the cipher's length.
    pub nonce: Vec<u8>,
    /// The 16-byte authentication tag.
    pub tag: Vec<u8>,
}

/// Why a message could not be sealed.
#[derive(Debug, Error)]
pub enum SealError {
    /// There was no random nonce.
    #[error("seal the message: {0}")]
    Random(#[from] RandomError),
    /// The message is longer than the cipher allows (64 GiB and more).
    #[error("seal the message: it is too long for the cipher")]
    TooLong,
}

/// Why a sealed message could not be opened.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OpenError {
    /// The nonce or the tag has a length this cipher does not use.
    #[error("open the message: nonce or tag has the wrong length for {0}")]
    Shape(Cipher),
    /// It was changed, or sealed with another key.
    #[error("open the message: it was changed or sealed with another key")]
    NotAuthentic,
}

/// A 32-byte key that seals and opens with one cipher only.
#[derive(Clone)]
pub struct SealKey {
    cipher: Cipher,
    bytes: Zeroizing<[u8; 32]>,
}

impl SealKey {
    /// Takes 32 bytes that were stored or derived for this cipher.
    #[must_use]
    pub fn from_bytes(cipher: Cipher, bytes: Zeroizing<[u8; 32]>) -> Self {
        Self { cipher, bytes }
    }

    /// Reads a stored key from base64url or base64.
    ///
    /// # Errors
    ///
    /// [`EncodingError`] when it is not 32 bytes in one of them.
    pub fn from_stored(cipher: Cipher, text: &str) -> Result<Self, EncodingError> {
        Ok(Self::from_bytes(cipher, Zeroizing::new(encoding::decode_array(text)?)))
    }

    /// Exposes the key as base64url, for storing it.
    #[must_use]
    pub fn expose_stored(&self) -> Zeroizing<String> {
        Zeroizing::new(encoding::to_base64url(self.bytes.as_slice()))
    }

    /// Makes a new key from the operating system's generator.
    ///
    /// # Errors
    ///
    /// [`RandomError`] when it has no random bytes to give.
    pub fn generate(cipher: Cipher) -> Result<Self, RandomError> {
        Ok(Self { cipher, bytes: random::secret()? })
    }

    /// Returns the cipher this key belongs to.
    #[must_use]
    pub fn cipher(&self) -> Cipher {
        self.cipher
    }

    /// Exposes the key for storing it.
    #[must_use]
    pub fn expose_bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// Seals a message under a fresh random nonce.
    ///
    /// `(data, tag) = AEAD-Encrypt(key, nonce, plaintext, associated)`; no
    /// associated data is the empty string. RFC 5116 2.1.
    ///
    /// # Errors
    ///
    /// [`SealError::Random`] without a nonce, [`SealError::TooLong`] beyond the
    /// cipher's limit.
    pub fn seal(&self, plaintext: &[u8], associated: Option<&[u8]>) -> Result<Sealed, SealError> {
        let mut nonce = vec![0; self.cipher.nonce_length()];
        random::fill(&mut nonce)?;
        let associated = associated.unwrap_or_default();
        let mut data = plaintext.to_vec();
        let tag = match self.cipher {
            Cipher::XChaCha20Poly1305 => {
                encrypt::<XChaCha20Poly1305>(&self.bytes, &nonce, associated, &mut data)
            }
            Cipher::Aes256Gcm => encrypt::<Aes256Gcm>(&self.bytes, &nonce, associated, &mut data),
        };
        Ok(Sealed { data, nonce, tag: tag.ok_or(SealError::TooLong)? })
    }

    /// Opens a sealed message; the plaintext is wiped on drop.
    ///
    /// # Errors
    ///
    /// [`OpenError::Shape`] for a nonce or tag of another length,
    /// [`OpenError::NotAuthentic`] when any byte was changed or the key differs.
    pub fn open(
        &self,
        sealed: &Sealed,
        associated: Option<&[u8]>,
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let associated = associated.unwrap_or_default();
        let opened = match self.cipher {
            Cipher::XChaCha20Poly1305 => {
                decrypt::<XChaCha20Poly1305>(&self.bytes, sealed, associated)
            }
            Cipher::Aes256Gcm => decrypt::<Aes256Gcm>(&self.bytes, sealed, associated),
        };
        opened.ok_or(OpenError::Shape(self.cipher))?
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SealKey")
    }
}

/// Encrypts in place and returns the tag, `None` when the message is too long.
fn encrypt<A: AeadInOut + KeyInit>(
    key: &[u8; 32],
    nonce: &[u8],
    associated: &[u8],
    data: &mut [u8],
) -> Option<Vec<u8>> {
    let cipher = A::new_from_slice(key).ok()?;
    let nonce = Nonce::<A>::try_from(nonce).ok()?;
    let tag = cipher.encrypt_inout_detached(&nonce, associated, data.into()).ok()?;
    Some(tag.to_vec())
}

/// Decrypts a copy; `None` when nonce or tag have another cipher's lengths.
fn decrypt<A: AeadInOut + KeyInit>(
    key: &[u8; 32],
    sealed: &Sealed,
    associated: &[u8],
) -> Option<Result<Zeroizing<Vec<u8>>, OpenError>> {
    let cipher = A::new_from_slice(key).ok()?;
    let nonce = Nonce::<A>::try_from(sealed.nonce.as_slice()).ok()?;
    let tag = Tag::<A>::try_from(sealed.tag.as_slice()).ok()?;
    let mut data = Zeroizing::new(sealed.data.clone());
    let outcome =
        cipher.decrypt_inout_detached(&nonce, associated, data.as_mut_slice().into(), &tag);
    Some(outcome.map(|()| data).map_err(|_| OpenError::NotAuthentic))
}
