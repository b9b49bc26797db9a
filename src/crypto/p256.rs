//! ECDSA over P-256 with SHA-256 ("ES256"), verified only: authenticators sign with it.

use super::encoding::{self, stands_as_text};
use super::public_key::KeyError;
use super::signature::BadSignature;
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use std::fmt;
use std::str::FromStr;

/// The uncompressed point: a four and two coordinates. SEC 1 2.3.3.
const LENGTH: usize = 65;
const UNCOMPRESSED: u8 = 4;

/// A P-256 public key: an uncompressed point of 65 bytes, written as base64url.
///
/// That it is a point of the curve is looked at when it verifies: any other verifies nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct P256Key([u8; LENGTH]);

impl P256Key {
    /// Takes an uncompressed point.
    ///
    /// # Errors
    ///
    /// [`KeyError::NotAPoint`] when the bytes have not its form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let point: [u8; LENGTH] = bytes.try_into().map_err(|_| KeyError::NotAPoint)?;
        if point[0] != UNCOMPRESSED {
            return Err(KeyError::NotAPoint);
        }
        Ok(Self(point))
    }

    /// Verifies a signature over the SHA-256 of a message. FIPS 186-5 6.4.2; the signature
    /// is in DER, RFC 3279 2.2.3.
    ///
    /// # Errors
    ///
    /// [`BadSignature`] for any other message, key or signature.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &self.0);
        key.verify(message, signature).map_err(|_| BadSignature)
    }
}

impl fmt::Display for P256Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&encoding::to_base64url(&self.0))
    }
}

impl fmt::Debug for P256Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "P256Key({self})")
    }
}

impl FromStr for P256Key {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        Self::from_bytes(&encoding::decode_any(text)?)
    }
}

stands_as_text!(P256Key);

/// A key that signs, as that of a passkey does.
#[cfg(test)]
pub(crate) struct P256SigningKey(ring::signature::EcdsaKeyPair);

#[cfg(test)]
impl P256SigningKey {
    pub(crate) fn generate() -> Self {
        use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING as FORM, EcdsaKeyPair};
        let random = ring::rand::SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&FORM, &random).expect("random");
        Self(EcdsaKeyPair::from_pkcs8(&FORM, document.as_ref(), &random).expect("a key"))
    }

    pub(crate) fn public(&self) -> P256Key {
        use ring::signature::KeyPair as _;
        P256Key::from_bytes(self.0.public_key().as_ref()).expect("a point")
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = ring::rand::SystemRandom::new();
        self.0.sign(&random, message).expect("a signature").as_ref().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::encoding::from_hex;

    /// RFC 6979 A.2.5: the key, and its signature of "sample" with SHA-256.
    const X: &str = "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6";
    const Y: &str = "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
    const R: &str = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716";
    const S: &str = "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";

    fn key() -> P256Key {
        P256Key::from_bytes(&from_hex(&format!("04{X}{Y}")).expect("digits")).expect("a point")
    }

    #[test]
    fn verifies_what_the_standard_signs_and_nothing_else() {
        // Both numbers begin with a one bit, so each takes a byte more in DER.
        let signature = from_hex(&format!("3046022100{R}022100{S}")).expect("digits");
        assert_eq!(key().verify(b"sample", &signature), Ok(()));
        assert_eq!(key().verify(b"Sample", &signature), Err(BadSignature));
        assert_eq!(key().verify(b"sample", &signature[..70]), Err(BadSignature));
        assert_eq!(key().verify(b"sample", &[]), Err(BadSignature));
        let mut other = key();
        other.0[64] ^= 1;
        assert_eq!(other.verify(b"sample", &signature), Err(BadSignature), "no point at all");
    }

    #[test]
    fn verifies_what_is_signed_here() {
        let key = P256SigningKey::generate();
        let signature = key.sign(b"sample");
        assert_eq!(key.public().verify(b"sample", &signature), Ok(()));
        assert_eq!(
            P256SigningKey::generate().public().verify(b"sample", &signature),
            Err(BadSignature)
        );
    }

    #[test]
    fn a_key_is_read_as_it_is_written_and_in_no_other_form() {
        assert_eq!(key().to_string().parse(), Ok(key()));
        let bytes = key().0;
        for other in [&bytes[..64], &bytes[1..], &[&bytes[..], &[0]].concat()] {
            assert_eq!(P256Key::from_bytes(other), Err(KeyError::NotAPoint));
        }
        let mut compressed = bytes;
        compressed[0] = 2;
        assert_eq!(P256Key::from_bytes(&compressed), Err(KeyError::NotAPoint));
    }
}
