//! The one reader of JSON that somebody else wrote.

use crate::display::Displayable;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::cell::Cell;
use std::fmt;
use thiserror::Error;

/// The most bytes of JSON we read from anybody: 1 MiB. Protocol section 9.
pub const LIMIT: usize = 1 << 20;

/// The deepest nesting of arrays and objects we read.
pub const DEPTH: usize = 32;

/// Why bytes are not the JSON they should be.
#[derive(Debug, Error)]
pub enum JsonError {
    /// More bytes than allowed; they were not looked at.
    #[error("read the JSON: larger than {limit} bytes")]
    TooLarge {
        /// The most bytes allowed.
        limit: usize,
    },
    /// Not UTF-8. RFC 8259 8.1.
    #[error("read the JSON: not UTF-8")]
    NotUtf8,
    /// Nested deeper than [`DEPTH`].
    #[error("read the JSON: nested deeper than {DEPTH}")]
    TooDeep,
    /// One object names a key twice: readers would disagree on its meaning.
    #[error("read the JSON: an object has the same key twice")]
    DuplicateKey,
    /// Not one JSON text. RFC 8259 2.
    #[error("read the JSON: line {line}, column {column}: not valid JSON")]
    Syntax {
        /// The line it breaks in, from 1.
        line: usize,
        /// The column it breaks at, from 1.
        column: usize,
    },
    /// Valid JSON of another shape than expected.
    #[error("read the JSON: {}", Displayable::from(.0.to_string().as_str()))]
    Shape(#[source] serde_json::Error),
}

/// Reads one JSON text, and nothing after it.
///
/// # Errors
///
/// [`JsonError`], any variant but `Shape`.
pub fn read(bytes: &[u8], limit: usize) -> Result<Value, JsonError> {
    if bytes.len() > limit {
        return Err(JsonError::TooLarge { limit });
    }
    let text = std::str::from_utf8(bytes).map_err(|_| JsonError::NotUtf8)?;
    let fault = Cell::new(None);
    let strict = Strict { depth: DEPTH, fault: &fault };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value =
        strict.deserialize(&mut deserializer).map_err(|error| explain(&error, fault.get()))?;
    deserializer.end().map_err(|error| explain(&error, None))?;
    Ok(value)
}

/// Reads one JSON text into a type.
///
/// # Errors
///
/// [`JsonError`].
pub fn read_as<T: DeserializeOwned>(bytes: &[u8], limit: usize) -> Result<T, JsonError> {
    from_value(read(bytes, limit)?)
}

/// Turns a value that was read strictly into a type.
///
/// # Errors
///
/// [`JsonError::Shape`] naming the field.
pub fn from_value<T: DeserializeOwned>(value: Value) -> Result<T, JsonError> {
    serde_json::from_value(value).map_err(JsonError::Shape)
}

#[derive(Clone, Copy)]
enum Fault {
    TooDeep,
    DuplicateKey,
}

fn explain(error: &serde_json::Error, fault: Option<Fault>) -> JsonError {
    match fault {
        Some(Fault::TooDeep) => JsonError::TooDeep,
        Some(Fault::DuplicateKey) => JsonError::DuplicateKey,
        None => JsonError::Syntax { line: error.line(), column: error.column() },
    }
}

/// Builds a [`Value`], counting down the depth and noting why it stopped.
#[derive(Clone, Copy)]
struct Strict<'a> {
    depth: usize,
    fault: &'a Cell<Option<Fault>>,
}

impl Strict<'_> {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Self { depth, ..self }),
            None => Err(self.stop(Fault::TooDeep)),
        }
    }

    fn stop<E: serde::de::Error>(self, fault: Fault) -> E {
        self.fault.set(Some(fault));
        E::custom("refused")
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let deeper = self.deeper()?;
        let mut values = Vec::new();
        while let Some(value) = items.next_element_seed(deeper)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let deeper = self.deeper()?;
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if object.contains_key(&key) {
                return Err(self.stop(Fault::DuplicateKey));
            }
            object.insert(key, entries.next_value_seed(deeper)?);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn outcome(text: &[u8]) -> Result<Value, JsonError> {
        read(text, LIMIT)
    }

    #[test]
    fn reads_what_json_allows() {
        let value = outcome(br#" {"a":[1,-2,1.5e3,"\u00e4\ud83e\udd80",null,true]} "#).unwrap();
        assert_eq!(value, json!({"a": [1, -2, 1500.0, "ä🦀", null, true]}));
    }

    #[test]
    fn refuses_a_key_named_twice_at_any_depth() {
        for text in [r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"\u0061":2}}]"#] {
            assert!(matches!(outcome(text.as_bytes()), Err(JsonError::DuplicateKey)), "{text}");
        }
    }

    #[test]
    fn refuses_deep_nesting_and_takes_the_limit() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(outcome(nested(DEPTH).as_bytes()).is_ok());
        assert!(matches!(outcome(nested(DEPTH + 1).as_bytes()), Err(JsonError::TooDeep)));
        assert!(matches!(outcome(nested(100_000).as_bytes()), Err(JsonError::TooDeep)));
    }

    #[test]
    fn refuses_what_is_not_one_json_text() {
        for text in ["", "{} {}", "{}x", "{'a':1}", "[1,]", "NaN", "1e999", r#""\ud800""#, "01"] {
            assert!(matches!(outcome(text.as_bytes()), Err(JsonError::Syntax { .. })), "{text}");
        }
        assert!(matches!(outcome(b"\"\xff\""), Err(JsonError::NotUtf8)));
        assert!(matches!(outcome(b"\xef\xbb\xbf{}"), Err(JsonError::Syntax { .. })));
    }

    #[test]
    fn refuses_more_bytes_than_allowed() {
        assert!(read(b"[1]", 3).is_ok());
        assert!(matches!(read(b"[1] ", 3), Err(JsonError::TooLarge { limit: 3 })));
    }

    #[test]
    fn a_message_never_carries_raw_control_characters() {
        let value = json!("\u{1b}[2J\u{202e}");
        let message = from_value::<u32>(value).unwrap_err().to_string();
        assert!(!message.contains(['\u{1b}', '\u{202e}']), "{message:?}");
    }
}
