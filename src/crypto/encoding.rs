//! Text forms of bytes: base64, base64url, hexadecimal.
//!
//! Decoding is strict: a non-canonical form (trailing bits that are not zero,
//! white space, a mix of alphabets) is refused, so that one value has one text
//! per alphabet and nothing can be smuggled in a second spelling.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use thiserror::Error;

const PADDED: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, PADDED);
const URL_SAFE: GeneralPurpose =
    GeneralPurpose::new(&alphabet::URL_SAFE, PADDED.with_encode_padding(false));

/// Has a type stand in JSON as the text that it is displayed as and read from.
macro_rules! stands_as_text {
    ($type:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use stands_as_text;

/// Why a text is not the bytes it should be.
///
/// The text itself is never part of the message: it may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EncodingError {
    /// Neither canonical base64 nor canonical base64url.
    #[error("decode base64: not a canonical form")]
    Base64,
    /// Not pairs of lower-case hexadecimal digits.
    #[error("decode hexadecimal: not lower-case pairs of digits")]
    Hexadecimal,
    /// The bytes are too few or too many.
    #[error("decode {wanted} bytes: found {found}")]
    Length {
        /// How many bytes were expected.
        wanted: usize,
        /// How many there are.
        found: usize,
    },
}

/// Writes bytes as base64 with padding. RFC 4648 4.
#[must_use]
pub fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Writes bytes as base64url without padding. RFC 4648 5.
#[must_use]
pub fn to_base64url(bytes: &[u8]) -> String {
    URL_SAFE.encode(bytes)
}

/// Reads base64 or base64url, padded or not.
///
/// # Errors
///
/// [`EncodingError::Base64`] when it is neither, mixes the two alphabets, is padded
/// by half, or has trailing bits that are not zero. RFC 4648 3.5.
pub fn decode_any(text: &str) -> Result<Vec<u8>, EncodingError> {
    // RFC 4648 3.2: padded or not; the library also takes one `=` where two belong.
    if text.ends_with('=') && !text.len().is_multiple_of(4) {
        return Err(EncodingError::Base64);
    }
    let engine = if text.contains(['-', '_']) { URL_SAFE } else { STANDARD };
    engine.decode(text).map_err(|_| EncodingError::Base64)
}

/// Reads base64 or base64url that stands for exactly that many bytes.
///
/// # Errors
///
/// As [`decode_any`], and [`EncodingError::Length`].
pub fn decode_array<const LENGTH: usize>(text: &str) -> Result<[u8; LENGTH], EncodingError> {
    let bytes = zeroize::Zeroizing::new(decode_any(text)?);
    <[u8; LENGTH]>::try_from(bytes.as_slice())
        .map_err(|_| EncodingError::Length { wanted: LENGTH, found: bytes.len() })
}

/// Writes bytes as lower-case hexadecimal. RFC 4648 8.
#[must_use]
pub fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text
}

/// Reads lower-case hexadecimal.
///
/// # Errors
///
/// [`EncodingError::Hexadecimal`] for an odd length or any other character.
pub fn from_hex(text: &str) -> Result<Vec<u8>, EncodingError> {
    let digit = |character: u8| match character {
        b'0'..=b'9' => Ok(character - b'0'),
        b'a'..=b'f' => Ok(character - b'a' + 10),
        _ => Err(EncodingError::Hexadecimal),
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return Err(EncodingError::Hexadecimal);
    }
    pairs.iter().map(|[high, low]| Ok((digit(*high)? << 4) | digit(*low)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_alphabets_padded_or_not() {
        for text in ["+/8=", "+/8", "-_8=", "-_8"] {
            assert_eq!(decode_any(text), Ok(vec![0xfb, 0xff]), "{text}");
        }
        assert_eq!(to_base64(&[0xfb, 0xff]), "+/8=");
        assert_eq!(to_base64url(&[0xfb, 0xff]), "-_8");
        for text in ["+/8==", "-_8===", "+w=", "=", "+_8=", "+/9", "+/8 ", "+/8=\n"] {
            assert_eq!(decode_any(text), Err(EncodingError::Base64), "{text:?}");
        }
    }

    #[test]
    fn refuses_what_is_not_canonical() {
        for text in ["+_8", "+/9", "-_9=", "+/8==", "+/8 ", "\n+/8", "+", "ü"] {
            assert_eq!(decode_any(text), Err(EncodingError::Base64), "{text:?}");
        }
    }

    #[test]
    fn tells_a_wrong_length() {
        let error = EncodingError::Length { wanted: 3, found: 2 };
        assert_eq!(decode_array::<3>("+/8"), Err(error));
        assert_eq!(decode_array::<2>("+/8"), Ok([0xfb, 0xff]));
    }

    #[test]
    fn hexadecimal_is_lower_case_and_whole() {
        assert_eq!(to_hex(&[0, 0x9f, 0xff]), "009fff");
        assert_eq!(from_hex("009fff"), Ok(vec![0, 0x9f, 0xff]));
        for text in ["0", "0G", "FF", "0 ", "é"] {
            assert_eq!(from_hex(text), Err(EncodingError::Hexadecimal), "{text}");
        }
    }
}
