//! Names and secrets of a pairing.

use super::{IdError, check, name};
use crate::crypto::encoding::{self, stands_as_text};
use crate::crypto::random::{self, RandomError};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::str::FromStr;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

name!(
    /// Names one pairing session; 32 random bytes as base64url when we make it.
    PairingNonce,
    "pairing nonce"
);

impl PairingNonce {
    /// Makes a new random one.
    ///
    /// # Errors
    ///
    /// [`RandomError`] when the operating system has no random bytes to give.
    pub fn generate() -> Result<Self, RandomError> {
        Ok(Self(encoding::to_base64url(&random::array::<32>()?)))
    }
}

/// What a person types or reads aloud to pair: ours look like `AB3D-7K9Q`.
///
/// Ours have eight characters of Crockford's alphabet (no I, L, O, U): 40 bits.
/// Codes of other gateways are kept as they are. Two codes are equal when their
/// [`PairingCode::key`]s are.
#[derive(Debug, Clone)]
pub struct PairingCode(String);

impl PairingCode {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    const LIMIT: usize = 32;

    /// Makes a new random one.
    ///
    /// # Errors
    ///
    /// [`RandomError`] when the operating system has no random bytes to give.
    pub fn generate() -> Result<Self, RandomError> {
        Ok(Self::from_random(random::array()?))
    }

    /// Writes random bytes as a code; five bits of each are used.
    #[must_use]
    pub fn from_random(bytes: [u8; 8]) -> Self {
        let letter = |byte: &u8| char::from(Self::ALPHABET[usize::from(byte & 31)]);
        let (left, right) = bytes.split_at(4);
        let half = |bytes: &[u8]| bytes.iter().map(letter).collect::<String>();
        Self(format!("{}-{}", half(left), half(right)))
    }

    /// Returns the code as it was read.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns what codes are looked up by: upper case, no hyphens, letters that
    /// look like digits read as digits.
    #[must_use]
    pub fn key(&self) -> String {
        let letters = self.0.chars().filter(|character| *character != '-');
        let upper = letters.map(|character| character.to_ascii_uppercase());
        upper
            .map(|character| match character {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            })
            .collect()
    }
}

impl PartialEq for PairingCode {
    fn eq(&self, other: &Self) -> bool {
        self.key().as_bytes().ct_eq(other.key().as_bytes()).into()
    }
}

impl Eq for PairingCode {}

impl FromStr for PairingCode {
    type Err = IdError;

    /// Reads a code, leaving out the spaces somebody typed.
    fn from_str(text: &str) -> Result<Self, IdError> {
        const KIND: &str = "pairing code";
        let code: String = text.chars().filter(|character| *character != ' ').collect();
        if code.len() > Self::LIMIT {
            return Err(IdError::Length { kind: KIND, found: code.len(), limit: Self::LIMIT });
        }
        check(KIND, &code)?;
        Ok(Self(code))
    }
}

impl fmt::Display for PairingCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

stands_as_text!(PairingCode);

/// The secret by which the gateway routes to one approver.
///
/// Wiped on drop and compared in constant time. It is written to the wire, and
/// must never reach the approver: see [`crate::protocol::exchange::Metadata`].
#[derive(Clone)]
pub struct RoutingToken(Zeroizing<String>);

impl RoutingToken {
    const LIMIT: usize = 4096;

    /// Makes a new one: `rt_` and 32 random bytes as base64url.
    ///
    /// # Errors
    ///
    /// [`RandomError`] when the operating system has no random bytes to give.
    pub fn generate() -> Result<Self, RandomError> {
        let bytes = random::secret::<32>()?;
        let random = Zeroizing::new(encoding::to_base64url(bytes.as_slice()));
        Ok(Self(Zeroizing::new(format!("rt_{}", *random))))
    }

    /// Exposes the token for storing it or a hash of it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for RoutingToken {
    type Err = IdError;

    /// Reads a token: 1 to 4096 printable ASCII characters without spaces.
    fn from_str(text: &str) -> Result<Self, IdError> {
        const KIND: &str = "routing token";
        if text.is_empty() || text.len() > Self::LIMIT {
            return Err(IdError::Length { kind: KIND, found: text.len(), limit: Self::LIMIT });
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(IdError::Character { kind: KIND });
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }
}

impl PartialEq for RoutingToken {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for RoutingToken {}

impl fmt::Debug for RoutingToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RoutingToken")
    }
}

impl Serialize for RoutingToken {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for RoutingToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_easy_to_type() {
        let code = PairingCode::from_random([0, 1, 2, 3, 28, 29, 30, 255]);
        assert_eq!(code.as_str(), "0123-WXYZ");
        for typed in ["0123-WXYZ", "o123 wxyz", "OI23WXYZ", "ol23-wxyz"] {
            assert_eq!(typed.parse::<PairingCode>().unwrap(), code, "{typed}");
        }
        assert_ne!("0123-WXY0".parse::<PairingCode>().unwrap(), code);
        assert!("0123/WXYZ".parse::<PairingCode>().is_err());
    }

    #[test]
    fn a_token_does_not_show_itself() {
        let token = RoutingToken::generate().unwrap();
        assert_eq!(format!("{token:?}"), "RoutingToken");
        assert_eq!(token.expose().parse::<RoutingToken>().unwrap(), token);
        assert_ne!(RoutingToken::generate().unwrap(), token);
        for text in ["", "a b", "a\n", "é", &"x".repeat(4097)] {
            assert!(text.parse::<RoutingToken>().is_err());
        }
    }
}
