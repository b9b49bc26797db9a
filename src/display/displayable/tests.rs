//! What untrusted text looks like once it can be shown.

use super::*;
use proptest::prelude::*;

fn shown(text: &str) -> String {
    Displayable::from(text).to_string()
}

#[test]
fn ordinary_text_is_shown_as_it_is() {
    for text in ["git push origin main", "grüße 日本語 🦀 naïve", "a  b        c", "", " x "]
    {
        assert_eq!(shown(text), text);
    }
}

#[test]
fn terminal_sequences_are_visible() {
    assert_eq!(shown("echo ok\x1b[2K\rgit status"), "echo ok\\x1b[2K\\rgit status");
    assert_eq!(shown("\x1b]52;c;eA==\x07"), "\\x1b]52;c;eA==\\x07");
    assert_eq!(shown("\u{9b}2J\u{85}"), "\\u{9B}2J\\u{85}");
    assert_eq!(shown("a\u{8}\u{7f}\0\t\n"), "a\\b\\x7f\\x00\\t\\n");
}

#[test]
fn reading_order_cannot_be_changed() {
    for code in (0x202a..=0x202e).chain(0x2066..=0x2069).chain([0x200e, 0x200f, 0x061c]) {
        let character = char::from_u32(code).unwrap();
        assert_eq!(shown(&character.to_string()), format!("\\u{{{code:X}}}"));
    }
}

#[test]
fn what_cannot_be_seen_is_shown() {
    let listed = (0x200b..=0x200d)
        .chain([0x2060, 0xfeff, 0xad, 0x34f, 0x3164, 0x115f, 0x1160, 0x2800])
        .chain(0xfe00..=0xfe0f)
        .chain(0xe0000..=0xe0fff)
        .chain(0x1d173..=0x1d17a)
        .chain(0x1bca0..=0x1bca3)
        .chain([0xa0, 0x1680, 0x2003, 0x3000, 0x2028, 0x2029, 0xe000, 0x378, u32::from(char::MAX)]);
    for code in listed {
        let character = char::from_u32(code).unwrap();
        assert_eq!(shown(&character.to_string()), format!("\\u{{{code:X}}}"));
    }
}

#[test]
fn bytes_that_are_not_text_are_shown() {
    assert_eq!(Displayable::from(&b"a\xff\xed\xa0\x80z"[..]).to_string(), "a\\xff\\xed\\xa0\\x80z");
    assert_eq!(Displayable::from(OsStr::from_bytes(b"\x80")).to_string(), "\\x80");
}

#[test]
fn a_backslash_is_told_from_an_escape() {
    assert_eq!(shown("\\n"), "\\\\n");
    assert_eq!(shown("\n"), "\\n");
    assert_eq!(shown("\\x1b"), "\\\\x1b");
}

#[test]
fn long_runs_of_blanks_are_counted() {
    assert_eq!(shown(&format!("a{}b", " ".repeat(300))), "a␠×300b");
    assert_eq!(shown(&" ".repeat(9)), "␠×9");
    assert_eq!(shown("␠×9"), "\\u{2420}×9");
    assert_eq!(shown(&format!("{}5", " ".repeat(9))), "␠×9␠5");
}

#[test]
fn long_words_are_collapsed_only_when_asked() {
    let word = format!("{}END", "a".repeat(60_000));
    assert_eq!(shown(&word), word);
    let text = format!("run {word} now");
    let collapsed = Displayable::from(text.as_str()).collapsed(10).to_string();
    assert!(collapsed.starts_with("run aaaaa⟨… 60003 bytes, SHA-256 "), "{collapsed}");
    assert!(collapsed.ends_with(" …⟩aaEND now"), "{collapsed}");
    assert_eq!(
        Displayable::from("short ⟨…⟩").collapsed(10).to_string(),
        "short \\u{27E8}…\\u{27E9}"
    );
}

#[test]
fn lines_are_told_apart_by_line_feeds_only() {
    let lines: Vec<String> =
        Displayable::from("a\n\nb\rc\u{2028}d").lines().map(|line| line.to_string()).collect();
    assert_eq!(lines, ["a", "", "b\\rc\\u{2028}d"]);
}

#[test]
fn width_pads_what_is_shown() {
    assert_eq!(format!("[{:<6}]", Displayable::from("\n")), "[\\n    ]");
}

fn decode(shown: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = shown;
    while let Some(character) = rest.chars().next() {
        rest = &rest[character.len_utf8()..];
        if character == '␠' {
            let digits: String = rest.chars().skip(1).take_while(char::is_ascii_digit).collect();
            rest = &rest['×'.len_utf8() + digits.len()..];
            rest = rest.strip_prefix('␠').unwrap_or(rest);
            bytes.extend(" ".repeat(digits.parse().unwrap()).bytes());
        } else if character == '\\' {
            let kind = rest.chars().next().unwrap();
            rest = &rest[1..];
            match kind {
                'x' => {
                    bytes.push(u8::from_str_radix(&rest[..2], 16).unwrap());
                    rest = &rest[2..];
                }
                'u' => {
                    let end = rest.find('}').unwrap();
                    let code = u32::from_str_radix(&rest[1..end], 16).unwrap();
                    bytes.extend(char::from_u32(code).unwrap().to_string().bytes());
                    rest = &rest[end + 1..];
                }
                'n' => bytes.push(b'\n'),
                'r' => bytes.push(b'\r'),
                't' => bytes.push(b'\t'),
                'b' => bytes.push(8),
                other => bytes.push(u8::try_from(other).unwrap()),
            }
        } else {
            bytes.extend(character.to_string().bytes());
        }
    }
    bytes
}

proptest! {
    #[test]
    fn no_output_holds_a_character_that_hides(bytes: Vec<u8>, text: String, limit in 0_usize..40) {
        for displayable in [Displayable::from(bytes.as_slice()), Displayable::from(text.as_str())] {
            for shown in [displayable.to_string(), displayable.collapsed(limit).to_string()] {
                prop_assert!(shown.chars().all(|character| hazard(character).is_none()), "{shown:?}");
            }
        }
    }

    #[test]
    fn what_is_shown_stands_for_one_text_only(
        bytes in proptest::collection::vec(
            prop_oneof![1 => any::<u8>(), 12 => Just(b' '), 1 => Just(b'5'), 1 => Just(b'\\'), 1 => Just(0x1b)], 0..60)
    ) {
        prop_assert_eq!(decode(&Displayable::from(bytes.as_slice()).to_string()), bytes);
    }
}

#[test]
fn no_character_at_all_is_shown_unsafely() {
    for character in '\0'..=char::MAX {
        let shown = Displayable::from(character.to_string().as_str()).to_string();
        let is_safe = shown.chars().all(|shown| hazard(shown).is_none());
        assert!(
            is_safe && !shown.contains(|c: char| c.is_control()),
            "U+{:04X}",
            u32::from(character)
        );
    }
}
