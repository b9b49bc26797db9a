//! Turns argument bytes into shell text that means exactly them.

use crate::display::Displayable;
use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;

/// Quotes the words so that a POSIX shell with `$'...'` reads the same bytes back.
///
/// The result is valid UTF-8 without control characters whatever the bytes are.
#[must_use]
pub fn command(words: &[OsString]) -> String {
    words.iter().map(|each| word(each)).collect::<Vec<_>>().join(" ")
}

/// Quotes one word; see [`command`].
#[must_use]
pub fn word(word: &OsStr) -> String {
    match word.to_str() {
        Some(text) if is_plain(text) => shell_words::quote(text).into_owned(),
        _ => ansi_c(word.as_bytes()),
    }
}

/// Returns the text of a word, and whether it is the word itself.
///
/// A word that is not UTF-8 becomes its quoted form; its bytes must then be given
/// beside it, because another word may look the same.
#[must_use]
pub fn lossy(word: &OsStr) -> (Cow<'_, str>, Fidelity) {
    match word.to_str() {
        Some(text) => (Cow::Borrowed(text), Fidelity::Exact),
        None => (Cow::Owned(ansi_c(word.as_bytes())), Fidelity::Quoted),
    }
}

/// Whether a text is the bytes it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fidelity {
    /// Byte for byte.
    Exact,
    /// A quoted stand-in.
    Quoted,
}

fn is_plain(text: &str) -> bool {
    Displayable::from(text).oddities().is_empty() && !text.chars().any(char::is_control)
}

fn ansi_c(bytes: &[u8]) -> String {
    let mut quoted = String::from("$'");
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            push_character(&mut quoted, character);
        }
        for byte in chunk.invalid() {
            push_byte(&mut quoted, *byte);
        }
    }
    quoted.push('\'');
    quoted
}

fn push_character(quoted: &mut String, character: char) {
    match character {
        '\n' => quoted.push_str("\\n"),
        '\t' => quoted.push_str("\\t"),
        '\r' => quoted.push_str("\\r"),
        '\\' | '\'' => quoted.extend(['\\', character]),
        ' '..='~' => quoted.push(character),
        // Bytes, not \u: a shell in another locale would write other bytes for \u.
        _ => character.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| push_byte(quoted, byte)),
    }
}

fn push_byte(quoted: &mut String, byte: u8) {
    // Three octal digits always, so that a digit that follows is not swallowed.
    write!(quoted, "\\{byte:03o}").expect("writing to a String does not fail");
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::os::unix::ffi::OsStringExt;

    fn quote(text: &str) -> String {
        word(OsStr::new(text))
    }

    #[test]
    fn quotes_only_where_needed() {
        assert_eq!(quote("push"), "push");
        assert_eq!(quote("a b"), "'a b'");
        assert_eq!(quote(""), "''");
        assert_eq!(quote("it's"), "'it'\\''s'");
    }

    #[test]
    fn shows_control_bytes_and_broken_utf8_as_escapes() {
        assert_eq!(quote("a\x1b[2K"), "$'a\\033[2K'");
        assert_eq!(quote("l1\nl2"), "$'l1\\nl2'");
        assert_eq!(word(&OsString::from_vec(vec![b'x', 0xff])), "$'x\\377'");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn bash_reads_the_same_bytes_back(words in proptest::collection::vec(
            proptest::collection::vec(1_u8..=255, 0..20), 1..5)) {
            let words: Vec<OsString> = words.into_iter().map(OsString::from_vec).collect();
            let script = format!("printf '%s\\0' {}", command(&words));
            #[expect(clippy::disallowed_methods, reason = "a real shell is the judge")]
            let output = std::process::Command::new("bash")
                .args(["--norc", "--noprofile", "-c", &script]).env("LC_ALL", "C")
                .output().expect("bash runs");
            let mut expected = Vec::new();
            for word in &words {
                expected.extend_from_slice(word.as_bytes());
                expected.push(0);
            }
            prop_assert_eq!(output.stdout, expected);
        }
    }
}
