//! Wraps the primitives: AEAD, X25519 with HKDF, Ed25519, P-256, digests, encodings.
//!
//! Everything else in the program meets cryptography through the types of this
//! room. A key is bound to its algorithm, a checked key cannot be weak, and a
//! secret has no `Display`, a `Debug` that prints its type's name, and memory
//! that is wiped on drop. Whoever must store one calls an `expose_...` method,
//! so that reading the code for `expose_` finds every place a secret leaves.
//!
//! Must not do: input or output, wire formats, policy.

pub mod agreement;
pub mod cipher;
pub mod digest;
pub mod encoding;
pub mod mac;
pub mod p256;
pub mod random;
pub mod signature;

mod public_key;

pub use agreement::{SharedSecret, X25519Public, X25519Secret};
pub use cipher::{Cipher, OpenError, SealError, SealKey, Sealed};
pub use digest::{RunningDigest, Sha256Digest};
pub use encoding::EncodingError;
pub use mac::MacKey;
pub use p256::P256Key;
pub use public_key::KeyError;
pub use random::RandomError;
pub use signature::{
    Fingerprint, NotAFingerprint, Signature, SigningKey, VerifyingKey, prepare_to_verify,
};

#[cfg(test)]
mod vectors;
