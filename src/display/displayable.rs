//! The one way untrusted text reaches a person.

use super::character::hazard;
use super::oddity::{self, Oddity};
use sha2::{Digest as _, Sha256};
use std::ffi::OsStr;
use std::fmt::{self, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// Blanks in a row that are still shown as they are.
const BLANKS_SHOWN: usize = 8;

/// Untrusted text or bytes, shown so that every character is what it seems.
///
/// | in the text | shown |
/// | --- | --- |
/// | newline, carriage return, tab, backspace | `\n`, `\r`, `\t`, `\b` |
/// | other C0 and DEL | `\x1b` |
/// | C1, bidirectional, invisible, blank but not U+0020, private, unassigned | `\u{202E}` |
/// | a byte that is not UTF-8 | `\xff` |
/// | backslash | `\\`, always |
/// | more than 8 blanks in a row | `␠×300`, `␠×300␠` before a digit |
/// | `␠` itself | `\u{2420}` |
///
/// Two different texts are never shown alike, because every sign this type adds
/// is escaped where the text itself has it. The output is one line and holds no
/// control, format, private, unassigned or default-ignorable character.
///
/// Spec: security 4.1.
#[derive(Clone, Copy)]
pub struct Displayable<'a> {
    bytes: &'a [u8],
    word_limit: Option<usize>,
}

impl<'a> Displayable<'a> {
    /// Shortens each word of more than `limit` characters in its middle.
    ///
    /// Both ends stay visible; in between stand the word's length in bytes and
    /// its SHA-256: `aaaa⟨… 61440 bytes, SHA-256 9f86… …⟩zzzz`. The two brackets
    /// are escaped where the text has them.
    #[must_use]
    pub fn collapsed(self, limit: usize) -> Self {
        Self { word_limit: Some(limit), ..self }
    }

    /// Goes through the lines of the text, so that each can get its number.
    ///
    /// Only a line feed ends a line; a carriage return stays, and is escaped.
    pub fn lines(self) -> impl Iterator<Item = Displayable<'a>> {
        let lines = self.bytes.split(|byte| *byte == b'\n');
        lines.map(move |bytes| Self { bytes, ..self })
    }

    /// Tells what a reviewer should know about the text before trusting his eyes.
    #[must_use]
    pub fn oddities(&self) -> Vec<Oddity> {
        oddity::find(self.bytes)
    }

    fn write(self, out: &mut String) -> fmt::Result {
        let mut rest = self.bytes;
        while !rest.is_empty() {
            let blanks = rest.iter().take_while(|byte| **byte == b' ').count();
            rest = rest.get(blanks..).unwrap_or_default();
            write_blanks(out, blanks)?;
            if blanks > BLANKS_SHOWN && rest.first().is_some_and(u8::is_ascii_digit) {
                // Nine blanks before a 5 are not ninety-five.
                out.push('␠');
            }
            let length = rest.iter().take_while(|byte| !b" \n\r\t".contains(byte)).count();
            // A line break or tab is a word of its own.
            let (word, after) = rest.split_at(length.max(1).min(rest.len()));
            self.write_word(out, word)?;
            rest = after;
        }
        Ok(())
    }

    fn write_word(self, out: &mut String, word: &[u8]) -> fmt::Result {
        let Some(limit) = self.word_limit else {
            return units(word).try_for_each(|unit| unit.write(out));
        };
        let all: Vec<Unit> = units(word).collect();
        if all.len() <= limit {
            return all.into_iter().try_for_each(|unit| unit.write_bracketed(out));
        }
        let (head, tail) = (limit.div_ceil(2), all.len() - limit / 2);
        all[..head].iter().try_for_each(|unit| unit.write_bracketed(out))?;
        let digest = Sha256::digest(word);
        write!(out, "⟨… {} bytes, SHA-256 ", word.len())?;
        digest.iter().try_for_each(|byte| write!(out, "{byte:02x}"))?;
        out.push_str(" …⟩");
        all[tail..].iter().try_for_each(|unit| unit.write_bracketed(out))
    }
}

/// A character, or a byte that is part of none.
#[derive(Clone, Copy)]
enum Unit {
    Character(char),
    Byte(u8),
}

impl Unit {
    fn write(self, out: &mut String) -> fmt::Result {
        match self {
            Self::Byte(byte) => write!(out, "\\x{byte:02x}"),
            Self::Character('\n') => out.write_str("\\n"),
            Self::Character('\r') => out.write_str("\\r"),
            Self::Character('\t') => out.write_str("\\t"),
            Self::Character('\u{8}') => out.write_str("\\b"),
            Self::Character('\\') => out.write_str("\\\\"),
            Self::Character(character) if character.is_ascii_control() => {
                write!(out, "\\x{:02x}", u32::from(character))
            }
            Self::Character(character) if hazard(character).is_some() || character == '␠' => {
                write!(out, "\\u{{{:X}}}", u32::from(character))
            }
            Self::Character(character) => out.write_char(character),
        }
    }

    /// As `write`, and escapes the brackets of a collapsed word.
    fn write_bracketed(self, out: &mut String) -> fmt::Result {
        match self {
            Self::Character(bracket @ ('⟨' | '⟩')) => {
                write!(out, "\\u{{{:X}}}", u32::from(bracket))
            }
            other => other.write(out),
        }
    }
}

fn units(bytes: &[u8]) -> impl Iterator<Item = Unit> {
    bytes.utf8_chunks().flat_map(|chunk| {
        let characters = chunk.valid().chars().map(Unit::Character);
        characters.chain(chunk.invalid().iter().copied().map(Unit::Byte))
    })
}

fn write_blanks(out: &mut String, count: usize) -> fmt::Result {
    if count > BLANKS_SHOWN {
        return write!(out, "␠×{count}");
    }
    out.extend(std::iter::repeat_n(' ', count));
    Ok(())
}

impl fmt::Display for Displayable<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::with_capacity(self.bytes.len());
        self.write(&mut out)?;
        formatter.pad(&out)
    }
}

impl fmt::Debug for Displayable<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Displayable({self})")
    }
}

impl<'a> From<&'a [u8]> for Displayable<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self { bytes, word_limit: None }
    }
}

impl<'a> From<&'a str> for Displayable<'a> {
    fn from(text: &'a str) -> Self {
        Self::from(text.as_bytes())
    }
}

impl<'a> From<&'a OsStr> for Displayable<'a> {
    fn from(text: &'a OsStr) -> Self {
        Self::from(text.as_bytes())
    }
}

impl<'a> From<&'a Path> for Displayable<'a> {
    fn from(path: &'a Path) -> Self {
        Self::from(path.as_os_str())
    }
}

#[cfg(test)]
mod tests;
