//! The two forms public keys arrive in: raw bytes and SPKI DER. RFC 8410 4.

use super::encoding::{self, EncodingError};
use thiserror::Error;

/// Why a text is not a usable public key.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeyError {
    /// Not base64 or base64url.
    #[error("read the key: {0}")]
    Encoding(#[from] EncodingError),
    /// Neither 32 raw bytes nor the DER form of this kind of key.
    #[error("read the key: {found} bytes are neither a raw nor an SPKI DER {algorithm} key")]
    Form {
        /// The kind of key that was expected.
        algorithm: &'static str,
        /// How many bytes there are.
        found: usize,
    },
    /// Not a point of the curve in its one canonical encoding.
    #[error("read the key: not a point of the curve")]
    NotAPoint,
    /// A key of small order: anybody could sign for it.
    #[error("read the key: it is weak (small order)")]
    Weak,
}

impl KeyError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        "pair the approver again; if it happens once more, its keys are broken"
    }
}

/// A kind of key: its name and the DER bytes before the raw key.
pub(super) struct KeyKind {
    pub(super) algorithm: &'static str,
    pub(super) prefix: [u8; 12],
}

/// Ed25519: object identifier 1.3.101.112.
pub(super) const ED25519: KeyKind = kind("Ed25519", 0x70);
/// X25519: object identifier 1.3.101.110.
pub(super) const X25519: KeyKind = kind("X25519", 0x6e);

const fn kind(algorithm: &'static str, last_arc: u8) -> KeyKind {
    let prefix = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, last_arc, 0x03, 0x21, 0x00];
    KeyKind { algorithm, prefix }
}

/// Reads the 32 raw bytes of a key from either form.
pub(super) fn read(text: &str, kind: &KeyKind) -> Result<[u8; 32], KeyError> {
    let bytes = encoding::decode_any(text)?;
    let raw = bytes.strip_prefix(kind.prefix.as_slice()).unwrap_or(&bytes);
    raw.try_into().map_err(|_| KeyError::Form { algorithm: kind.algorithm, found: bytes.len() })
}
