//! JSON for programs that is harmless on a terminal as well: ASCII only.

use serde::Serialize;
use serde_json::{Map, Value};
use std::fmt::Write as _;
use std::io::{self, Write};

/// Writes a value as JSON on one line, everything but printable ASCII escaped.
///
/// # Errors
///
/// Any error of the writer.
pub fn write_line(mut writer: impl Write, value: &impl Serialize) -> io::Result<()> {
    let text = serde_json::to_string(value).map_err(io::Error::from)?;
    writeln!(writer, "{}", escaped(&text))
}

/// Returns an object as JSON in the same characters, without a line end.
#[must_use]
pub fn text(fields: &Map<String, Value>) -> String {
    escaped(&serde_json::to_string(fields).expect("memory takes every value"))
}

/// Returns a value as JSON in the same characters, over several lines, without a line end.
#[must_use]
pub fn over_lines(value: &Value) -> String {
    escaped(&format!("{value:#}"))
}

/// Returns the fields of a value that was written as an object; any other has none.
#[must_use]
pub fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// Writes DEL and everything beyond ASCII as `\uXXXX`: such characters stand in strings
/// only, where other control characters are escaped already.
fn escaped(json: &str) -> String {
    let mut ascii = String::with_capacity(json.len());
    for character in json.chars() {
        if matches!(character, ' '..='~' | '\n') {
            ascii.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(ascii, "\\u{unit:04x}");
            }
        }
    }
    ascii
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
        let lines = over_lines(&value);
        assert!(lines.lines().count() > 3, "{lines}");
        assert!(lines.bytes().all(|byte| (b' '..=b'~').contains(&byte) || byte == b'\n'));
        let back: serde_json::Value = serde_json::from_str(&lines).expect("JSON");
        assert_eq!(back, value);
    }
}
