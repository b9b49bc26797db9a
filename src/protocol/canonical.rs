//! The JSON Canonicalization Scheme, RFC 8785.

use serde::Serialize;
use serde_json::Value;
use thiserror::Error;

/// Why a value has no canonical form.
#[derive(Debug, Error)]
pub enum CanonicalError {
    /// An integer beyond 2^53 - 1: JCS would round it, and two commands could
    /// share one hash. RFC 8785 3.2.2.3, RFC 7493 2.2, HARP-CORE 4.2.
    #[error("canonicalise the JSON: the integer {0} is beyond 2^53 - 1; send it as a string")]
    UnsafeInteger(serde_json::Number),
    /// Not representable in JSON at all.
    #[error("canonicalise the JSON: {0}")]
    NotJson(#[from] serde_json::Error),
}

/// Returns the canonical UTF-8 bytes: keys sorted by UTF-16 code units, no white
/// space, numbers as ECMAScript writes them. RFC 8785 3.2.
///
/// # Errors
///
/// [`CanonicalError::UnsafeInteger`], and [`CanonicalError::NotJson`] for maps
/// with keys that are not strings and numbers that are not finite.
pub fn bytes<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, CanonicalError> {
    let value = serde_json::to_value(value)?;
    refuse_unsafe_integers(&value)?;
    if is_plain(&value) {
        // Of that `serde_json` writes the same, in a tenth of the time.
        return Ok(serde_json::to_vec(&value)?);
    }
    Ok(serde_json_canonicalizer::to_vec(&value)?)
}

/// Tells whether a value is canonical as it stands: no number is a fraction, and all keys are
/// ASCII and sorted.
fn is_plain(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_i64() || number.is_u64(),
        Value::Array(items) => items.iter().all(is_plain),
        Value::Object(entries) => {
            let keys = entries.keys();
            keys.is_sorted() && entries.iter().all(|(key, each)| key.is_ascii() && is_plain(each))
        }
        Value::Null | Value::Bool(_) | Value::String(_) => true,
    }
}

fn refuse_unsafe_integers(value: &Value) -> Result<(), CanonicalError> {
    const LARGEST: u64 = (1 << 53) - 1;
    match value {
        Value::Number(number) => {
            let magnitude = number.as_i64().map(i64::unsigned_abs).or(number.as_u64());
            match magnitude {
                Some(magnitude) if magnitude > LARGEST => {
                    Err(CanonicalError::UnsafeInteger(number.clone()))
                }
                _ => Ok(()),
            }
        }
        Value::Array(items) => items.iter().try_for_each(refuse_unsafe_integers),
        Value::Object(entries) => entries.values().try_for_each(refuse_unsafe_integers),
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
    }
}
