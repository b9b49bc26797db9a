//! What a reviewer should know about a text before trusting the eyes.

use super::Displayable;
use super::character::{Hazard, hazard};
use std::fmt;
use unicode_security::{MixedScript as _, skeleton};

/// How many blanks in a row are worth a word.
const BLANKS_NOTED: usize = 9;
/// How many code points or words one oddity lists.
const LISTED: usize = 8;

/// Something about a text that can deceive; `Display` says it in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Oddity {
    /// It has control characters other than line feed and tab.
    Control(Vec<char>),
    /// It has characters that change the order text is read in.
    Bidirectional(Vec<char>),
    /// It has characters that cannot be seen.
    Invisible(Vec<char>),
    /// Some bytes are not UTF-8: so many.
    NotUtf8(usize),
    /// It has several lines: so many.
    SeveralLines(usize),
    /// It has a run of blanks that could push the rest out of sight: so long.
    LongBlank(usize),
    /// Words mix scripts, as in `gіt` with a Cyrillic letter.
    MixedScript(Vec<OddWord>),
    /// Words are not ASCII and look as if they were.
    LooksLikeAscii(Vec<OddWord>),
}

/// A word and the characters in it that are not what they seem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OddWord {
    /// The word.
    pub word: String,
    /// Its characters that are not ASCII.
    pub characters: Vec<char>,
}

impl OddWord {
    fn new(word: &str) -> Self {
        let mut characters = Vec::new();
        word.chars().filter(|character| !character.is_ascii()).for_each(|character| {
            note(&mut characters, character);
        });
        Self { word: word.to_owned(), characters }
    }
}

/// Finds everything odd in a text, each kind once.
pub(super) fn find(bytes: &[u8]) -> Vec<Oddity> {
    let mut found = Hazards::default();
    let mut broken = 0;
    for chunk in bytes.utf8_chunks() {
        chunk.valid().chars().for_each(|character| found.note(character));
        broken += chunk.invalid().len();
    }
    let lines = bytes.split(|byte| *byte == b'\n').count();
    let longest_blank = bytes.split(|byte| *byte != b' ').map(<[u8]>::len).max().unwrap_or(0);
    let text = String::from_utf8_lossy(bytes);
    let mixed = odd_words(&text, is_mixed);
    let lookalike = odd_words(&text, looks_like_ascii);
    let all = [
        (!found.control.is_empty()).then_some(Oddity::Control(found.control)),
        (!found.bidirectional.is_empty()).then_some(Oddity::Bidirectional(found.bidirectional)),
        (!found.invisible.is_empty()).then_some(Oddity::Invisible(found.invisible)),
        (broken > 0).then_some(Oddity::NotUtf8(broken)),
        (lines > 1).then_some(Oddity::SeveralLines(lines)),
        (longest_blank >= BLANKS_NOTED).then_some(Oddity::LongBlank(longest_blank)),
        (!mixed.is_empty()).then_some(Oddity::MixedScript(mixed)),
        (!lookalike.is_empty()).then_some(Oddity::LooksLikeAscii(lookalike)),
    ];
    all.into_iter().flatten().collect()
}

#[derive(Default)]
struct Hazards {
    control: Vec<char>,
    bidirectional: Vec<char>,
    invisible: Vec<char>,
}

impl Hazards {
    fn note(&mut self, character: char) {
        match hazard(character) {
            Some(Hazard::Control) if !matches!(character, '\n' | '\t') => {
                note(&mut self.control, character);
            }
            Some(Hazard::Bidirectional) => note(&mut self.bidirectional, character),
            Some(Hazard::Invisible) => note(&mut self.invisible, character),
            _ => {}
        }
    }
}

fn note(characters: &mut Vec<char>, character: char) {
    if !characters.contains(&character) {
        characters.push(character);
    }
}

/// Returns the words that are odd in one way, each once.
fn odd_words(text: &str, is_odd: fn(&str) -> bool) -> Vec<OddWord> {
    let mut odd: Vec<OddWord> = Vec::new();
    for word in text.split(is_separator).filter(|word| !word.is_ascii()) {
        if is_odd(word) && !odd.iter().any(|known| known.word == word) {
            odd.push(OddWord::new(word));
        }
    }
    odd
}

/// Words end at ASCII punctuation and blanks, and at what is escaped anyway.
fn is_separator(character: char) -> bool {
    let is_ascii_letter = character.is_ascii_alphanumeric();
    (character.is_ascii() && !is_ascii_letter) || hazard(character).is_some()
}

/// UTS 39 5.1: no single script has all characters of the word. Latin beside
/// Chinese, Japanese or Korean is common and cannot be confused (UTS 39 5.2).
fn is_mixed(word: &str) -> bool {
    if word.is_single_script() {
        return false;
    }
    let rest: String = word.chars().filter(|character| !character.is_ascii()).collect();
    let scripts = rest.as_str().resolve_script_set();
    !(scripts.hanb || scripts.jpan || scripts.kore)
}

/// UTS 39 4: the skeleton of the word is ASCII, and of letters, digits or signs
/// that mean something to a shell. Typographic quotes are left out.
fn looks_like_ascii(word: &str) -> bool {
    let means_something =
        |character: char| character.is_ascii_alphanumeric() || "-/=.~$&|;<>*?!".contains(character);
    let disguised = |character: char| {
        !character.is_ascii() && skeleton(character.encode_utf8(&mut [0; 4])).all(means_something)
    };
    word.chars().any(disguised) && skeleton(word).all(|character| character.is_ascii())
}

impl fmt::Display for Oddity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Control(found) => {
                write!(formatter, "has control characters: {}", code_points(found))
            }
            Self::Bidirectional(found) => write!(
                formatter,
                "has characters that change the reading order: {}",
                code_points(found)
            ),
            Self::Invisible(found) => {
                write!(formatter, "has invisible characters: {}", code_points(found))
            }
            Self::NotUtf8(1) => formatter.write_str("has a byte that is not UTF-8"),
            Self::NotUtf8(count) => write!(formatter, "has {count} bytes that are not UTF-8"),
            Self::SeveralLines(count) => write!(formatter, "has {count} lines"),
            Self::LongBlank(length) => write!(formatter, "has {length} blanks in a row"),
            Self::MixedScript(found) => {
                write!(formatter, "mixes scripts in one word: {}", words(found))
            }
            Self::LooksLikeAscii(found) => {
                write!(formatter, "has letters that look like others: {}", words(found))
            }
        }
    }
}

fn code_points(characters: &[char]) -> String {
    let shown = characters.iter().take(LISTED);
    let listed: Vec<String> =
        shown.map(|character| format!("U+{:04X}", u32::from(*character))).collect();
    and_more(&listed, characters.len())
}

fn words(odd: &[OddWord]) -> String {
    let shown = odd.iter().take(LISTED).map(|odd| {
        let word = Displayable::from(odd.word.as_str()).collapsed(40);
        format!("{word} ({})", code_points(&odd.characters))
    });
    and_more(&shown.collect::<Vec<_>>(), odd.len())
}

fn and_more(listed: &[String], count: usize) -> String {
    match count - listed.len() {
        0 => listed.join(", "),
        more => format!("{} and {more} more", listed.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<String> {
        Displayable::from(text).oddities().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn ordinary_text_has_nothing_odd() {
        for text in
            ["git push", "grüße", "docs/日本語.md", "GitHub日本", "naïve café 🦀", "it’s", "тест"]
        {
            assert_eq!(said(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn says_what_it_found_with_code_points() {
        assert_eq!(said("a\x1b[2K\r"), ["has control characters: U+001B, U+000D"]);
        assert_eq!(said("a\u{202e}"), ["has characters that change the reading order: U+202E"]);
        assert_eq!(said("r\u{200b}m"), ["has invisible characters: U+200B"]);
        assert_eq!(said(&format!("a{}b", " ".repeat(300))), ["has 300 blanks in a row"]);
        assert_eq!(said("a\nb\tc"), ["has 2 lines"]);
        let broken = Displayable::from(&b"\xff\xfe"[..]).oddities();
        assert_eq!(broken, [Oddity::NotUtf8(2)]);
    }

    #[test]
    fn finds_letters_of_another_script() {
        assert_eq!(
            said("g\u{456}t push"),
            [
                "mixes scripts in one word: g\u{456}t (U+0456)",
                "has letters that look like others: g\u{456}t (U+0456)",
            ]
        );
        let whole = "\u{441}\u{440}";
        assert_eq!(
            said(whole),
            [format!("has letters that look like others: {whole} (U+0441, U+0440)")]
        );
        let wide = "\u{ff47}\u{ff49}\u{ff54}";
        assert_eq!(
            said(wide),
            [format!("has letters that look like others: {wide} (U+FF47, U+FF49, U+FF54)")]
        );
        assert_eq!(said("\u{2013}force").len(), 1);
    }

    #[test]
    fn lists_a_few_and_counts_the_rest() {
        let many: String = ('\u{e000}'..'\u{e00a}').collect();
        let said = said(&many);
        assert!(said[0].ends_with("U+E007 and 2 more"), "{said:?}");
    }
}
