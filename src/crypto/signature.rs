//! Ed25519 signatures, verified strictly.
//!
//! `ed25519-dalek`'s `verify_strict` is the check of RFC 8032 5.1.7 without the
//! cofactor, and refuses `R` and keys of small order; the key's encoding is
//! checked to be canonical when it is read, so one key has one fingerprint.

use super::encoding::{self, EncodingError, stands_as_text};
use super::public_key::{self, KeyError};
use super::random::{self, RandomError};
use ed25519_dalek::Signer as _;
use sha2::{Digest as _, Sha256, Sha512};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;
use zeroize::Zeroizing;

/// Finds out what the processor can do for a digest of SHA-512, which the first signature
/// would find out: for whoever waits for one and has the time now.
///
/// A virtual machine traps each such question, and takes 25 microseconds for it.
pub fn prepare_to_verify() {
    std::hint::black_box(Sha512::digest([]));
}

/// An Ed25519 signing key: the 32-byte seed, stored as base64url without padding.
#[derive(Clone)]
pub struct SigningKey(ed25519_dalek::SigningKey);

impl SigningKey {
    /// Makes a new key from the operating system's generator.
    ///
    /// # Errors
    ///
    /// [`RandomError`] when it has no random bytes to give.
    pub fn generate() -> Result<Self, RandomError> {
        Ok(Self::from_seed(&random::secret()?))
    }

    /// Takes the 32-byte seed of a stored key. RFC 8032 5.1.5.
    #[must_use]
    pub fn from_seed(seed: &Zeroizing<[u8; 32]>) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(seed))
    }

    /// Reads a stored key from base64url or base64.
    ///
    /// # Errors
    ///
    /// [`EncodingError`] when it is not 32 bytes in one of them.
    pub fn from_stored(text: &str) -> Result<Self, EncodingError> {
        Ok(Self::from_seed(&Zeroizing::new(encoding::decode_array(text)?)))
    }

    /// Exposes the seed as base64url, for storing it.
    #[must_use]
    pub fn expose_stored(&self) -> Zeroizing<String> {
        Zeroizing::new(encoding::to_base64url(self.0.as_bytes()))
    }

    /// Computes the key that verifies what this one signs.
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey(self.0.verifying_key())
    }

    /// Signs the bytes themselves, not a digest of them. RFC 8032 5.1.6.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Signature {
        Signature(self.0.sign(message).to_bytes())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SigningKey")
    }
}

/// The signature is not by this key over these bytes.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("verify the signature: it is not by this key over this message")]
pub struct BadSignature;

/// An Ed25519 public key that is not weak: 32 bytes, written as base64url.
///
/// Read from raw bytes or SPKI DER, in base64 or base64url.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct VerifyingKey(ed25519_dalek::VerifyingKey);

impl VerifyingKey {
    /// Checks 32 raw bytes.
    ///
    /// # Errors
    ///
    /// [`KeyError::NotAPoint`] when they are not a canonically encoded point,
    /// [`KeyError::Weak`] for a point of small order. RFC 8032 5.1.3.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        // RFC 8032 5.1.3: y must be below 2^255 - 19; the library takes it modulo that.
        if !is_canonical(bytes) {
            return Err(KeyError::NotAPoint);
        }
        let key =
            ed25519_dalek::VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::NotAPoint)?;
        if key.is_weak() {
            return Err(KeyError::Weak);
        }
        Ok(Self(key))
    }

    /// Returns the 32 raw bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// Returns what a person compares when pairing.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let mut start = [0; 8];
        start.copy_from_slice(&Sha256::digest(self.as_bytes())[..8]);
        Fingerprint(start)
    }

    /// Verifies a signature strictly.
    ///
    /// # Errors
    ///
    /// [`BadSignature`] for any other message, key or signature.
    pub fn verify_strict(&self, message: &[u8], signature: &Signature) -> Result<(), BadSignature> {
        let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
        self.0.verify_strict(message, &signature).map_err(|_| BadSignature)
    }
}

impl fmt::Display for VerifyingKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&encoding::to_base64url(self.as_bytes()))
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "VerifyingKey({self})")
    }
}

impl FromStr for VerifyingKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        Self::from_bytes(&public_key::read(text, &public_key::ED25519)?)
    }
}

stands_as_text!(VerifyingKey);

/// An Ed25519 signature: 64 raw bytes, written as base64url without padding.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature([u8; 64]);

impl Signature {
    /// Returns the 64 raw bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&encoding::to_base64url(&self.0))
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Signature({self})")
    }
}

impl FromStr for Signature {
    type Err = EncodingError;

    fn from_str(text: &str) -> Result<Self, EncodingError> {
        encoding::decode_array(text).map(Self)
    }
}

/// The first 8 bytes of a key's SHA-256, written as `AB:CD:...`.
///
/// Spec: Airlock developer guide, pairing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 8]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs: Vec<String> = self.0.iter().map(|byte| format!("{byte:02X}")).collect();
        formatter.pad(&pairs.join(":"))
    }
}

/// What was typed is no fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a fingerprint is eight pairs of hexadecimal digits: 1F:2E:3D:4C:5B:6A:79:88")]
pub struct NotAFingerprint;

impl FromStr for Fingerprint {
    type Err = NotAFingerprint;

    /// Reads eight pairs of digits, in any letter case, with or without colons.
    fn from_str(text: &str) -> Result<Self, NotAFingerprint> {
        let digits = text.replace([':', ' '], "").to_ascii_lowercase();
        let bytes = encoding::from_hex(&digits).map_err(|_| NotAFingerprint)?;
        bytes.try_into().map(Self).map_err(|_| NotAFingerprint)
    }
}

/// Tells whether the y coordinate (little-endian, without the sign bit) is below p.
fn is_canonical(bytes: &[u8; 32]) -> bool {
    let [first, middle @ .., last] = bytes;
    let at_least_p = *first >= 0xed && middle.iter().all(|byte| *byte == 0xff);
    !(at_least_p && last & 0x7f == 0x7f)
}
