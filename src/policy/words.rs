//! The words of one simple command, as far as they are known before it runs.

use std::borrow::Cow;
use std::fmt;

/// One word of a simple command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word<'a> {
    text: Cow<'a, [u8]>,
    certainty: Certainty,
}

/// How much of a word is known before the command runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Certainty {
    /// The very bytes.
    Literal,
    /// A glob or a home directory: any number of operands, none an option.
    Operands,
    /// Nothing: a variable, a substitution, or what the parser does not know.
    Unknown,
}

impl<'a> Word<'a> {
    /// Makes a word that is exactly these bytes.
    pub(super) fn literal(text: impl Into<Cow<'a, [u8]>>) -> Self {
        Self { text: text.into(), certainty: Certainty::Literal }
    }

    /// Makes a word that stands for something else; the text is as it was written.
    pub(super) fn uncertain(text: impl Into<Cow<'a, [u8]>>, certainty: Certainty) -> Self {
        Self { text: text.into(), certainty }
    }

    /// Returns the bytes when they are known.
    pub(super) fn known(&self) -> Option<&[u8]> {
        (self.certainty == Certainty::Literal).then_some(&*self.text)
    }

    /// Returns the bytes as they were written.
    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Returns the word as it was written, to show it.
    pub(super) fn shown(&self) -> String {
        crate::request::text::word(std::os::unix::ffi::OsStrExt::from_bytes(&self.text))
    }

    /// Returns how much of the word is known.
    pub(super) fn certainty(&self) -> Certainty {
        self.certainty
    }

    /// Tells whether this is a known word that looks like an option.
    pub(super) fn is_option(&self) -> bool {
        self.known().is_some_and(|text| text.len() > 1 && text[0] == b'-')
    }
}

/// A command, kept to be shown: that costs more than to judge it, and what is allowed
/// is shown to nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Command(Vec<Vec<u8>>);

impl Command {
    pub(super) fn of(words: &[Word<'_>]) -> Self {
        Self(words.iter().map(|word| word.text().to_vec()).collect())
    }

    /// Goes through the words as text, which a rule could be written of.
    pub(super) fn words(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.0.iter().map(|word| String::from_utf8_lossy(word))
    }
}

impl fmt::Display for Command {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |word: &Vec<u8>| Word::literal(&word[..]).shown();
        formatter.write_str(&self.0.iter().map(shown).collect::<Vec<_>>().join(" "))
    }
}

/// Returns the part of a command word behind the last slash.
pub(super) fn base_name(word: &[u8]) -> &[u8] {
    word.rsplit(|byte| *byte == b'/').next().unwrap_or(word)
}

/// Tells whether a person who reads the word sees what it is.
///
/// Letters of any script are fine; what reorders, hides, or imitates is not.
pub(super) fn is_plain(text: &[u8]) -> bool {
    if text.is_ascii() {
        return text.iter().all(|byte| !byte.is_ascii_control() || matches!(byte, b'\n' | b'\t'));
    }
    let Ok(text) = std::str::from_utf8(text) else { return false };
    text.chars().all(|character| match character {
        '\n' | '\t' => true,
        _ if character.is_ascii() => !character.is_ascii_control(),
        // Full-width and half-width forms imitate ASCII; fillers are letters too.
        '\u{3164}' | '\u{115f}' | '\u{1160}' | '\u{ff00}'..='\u{ffef}' => false,
        _ => character.is_alphanumeric(),
    }) && crate::display::Displayable::from(text).oddities().iter().all(|oddity| {
        matches!(
            oddity,
            crate::display::Oddity::SeveralLines(_) | crate::display::Oddity::LongBlank(_)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_plain_and_tricks_are_not() {
        for plain in ["héllo", "日本語", "a b\tc", ""] {
            assert!(is_plain(plain.as_bytes()), "{plain:?}");
        }
        for odd in ["a\u{202e}b", "／etc", "\u{3164}", "gіt", "a\x1b", "\u{2028}"] {
            assert!(!is_plain(odd.as_bytes()), "{odd:?}");
        }
        assert!(!is_plain(b"\xff"));
    }
}
