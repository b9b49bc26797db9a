//! JSON for programs that is harmless on a terminal as well: ASCII only.

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};
use serde_json::{Map, Value};
use std::io::{self, Write};

/// Writes a value as JSON on one line, everything but printable ASCII escaped.
///
/// # Errors
///
/// Any error of the writer.
pub fn write_line(mut writer: impl Write, value: &impl Serialize) -> io::Result<()> {
    write(&mut writer, value)?;
    writeln!(writer)
}

fn write(writer: impl Write, value: &impl Serialize) -> io::Result<()> {
    let mut serializer = Serializer::with_formatter(writer, Ascii(CompactFormatter));
    value.serialize(&mut serializer).map_err(io::Error::from)
}

/// Returns an object as JSON in the same characters, without a line end.
#[must_use]
pub fn text(fields: &Map<String, Value>) -> String {
    let mut bytes = Vec::new();
    write(&mut bytes, fields).expect("memory takes every value");
    String::from_utf8(bytes).expect("it is ASCII")
}

/// Returns the fields of a value that was written as an object; any other has none.
#[must_use]
pub fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// The compact form with DEL and everything beyond ASCII as `\uXXXX`.
struct Ascii(CompactFormatter);

impl Formatter for Ascii {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        for character in fragment.chars() {
            if matches!(character, ' '..='~') {
                self.0.write_string_fragment(writer, character.encode_utf8(&mut [0; 4]))?;
            } else {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_ascii_that_reads_back_as_the_same_value() {
        let value = serde_json::json!({
            "k\u{202e}": ["\u{1b}[2K", "\u{7f}\u{9b}", "\u{1f600}", "\"\\\n", "plain", 1, null]
        });
        let mut written = Vec::new();
        write_line(&mut written, &value).expect("memory");
        let (end, line) = written.split_last().expect("not empty");
        assert_eq!(*end, b'\n');
        assert!(line.iter().all(|byte| (b' '..=b'~').contains(byte)), "{line:?}");
        let back: serde_json::Value = serde_json::from_slice(line).expect("JSON");
        assert_eq!(back, value);
    }
}
