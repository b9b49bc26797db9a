//! Wraps the primitives: AEAD, X25519 with HKDF, Ed25519, digests, encodings.
