//! Holds the page to the same rules: its table of look-alikes is made here, and the
//! texts of `tests/page/display.json` are shown here as they are there.

use super::Displayable;
use serde_json::Value;
use std::fmt::Write as _;
use unicode_security::skeleton;

const TABLE: &str = include_str!("../approver/web/confusables.js");
const TEXTS: &str = include_str!("../../tests/page/display.json");

#[test]
fn the_page_shows_texts_as_we_do() {
    let texts: Vec<Value> = serde_json::from_str(TEXTS).expect("JSON");
    assert!(texts.len() > 30, "there are texts: {}", texts.len());
    for text in texts {
        let given = text["text"].as_str().expect("a text");
        let given = given.repeat(times(&text));
        let displayable = Displayable::from(given.as_str());
        assert_eq!(displayable.to_string(), text["shown"], "{given:?}");
        let odd: Vec<String> = displayable.oddities().iter().map(ToString::to_string).collect();
        assert_eq!(serde_json::json!(odd), text["odd"], "{given:?}");
    }
}

#[test]
fn the_table_of_look_alikes_is_that_of_the_crate() {
    let means_something =
        |character: char| character.is_ascii_alphanumeric() || "-/=.~$&|;<>*?!".contains(character);
    let seems = ranges(|of| of.is_ascii());
    let means = ranges(means_something);
    let table = format!(
        "// Characters that look like ASCII (UTS 39 4): made by `cargo test display::page`.\n\
         // Each range is its distance from the last and its length, in base 36.\n\
         {DECODER}\n\
         /** Those that look like any ASCII. */\n\
         export const SEEMS = ranges(\n  '{}');\n\n\
         /** Those that look like letters, digits or signs that mean something to a shell. */\n\
         export const MEANS = ranges(\n  '{}');\n",
        folded(&seems),
        folded(&means)
    );
    if TABLE != table {
        let made = std::env::temp_dir().join("confusables.js");
        std::fs::write(&made, table).expect("written");
        panic!("put {} in the place of src/approver/web/confusables.js", made.display());
    }
}

const DECODER: &str = "
function ranges(written) {
  let at = 0x80;
  return written.split(' ').map((range) => {
    const [distance, length] = range.split('.').map((number) => Number.parseInt(number, 36));
    const start = at + distance;
    at = start + (length || 1);
    return [start, at];
  });
}

/** Tells whether a character is in one of the ranges. */
export function has(table, character) {
  const code = character.codePointAt(0);
  let [low, high] = [0, table.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (table[middle][1] <= code) low = middle + 1;
    else high = middle;
  }
  return low < table.length && table[low][0] <= code;
}
";

/// Finds the characters beyond ASCII whose skeleton is of those only.
fn ranges(only: impl Fn(char) -> bool) -> String {
    let mut found: Vec<(u32, u32)> = Vec::new();
    for character in '\u{80}'..=char::MAX {
        if !skeleton(character.encode_utf8(&mut [0; 4])).all(&only) {
            continue;
        }
        let code = u32::from(character);
        match found.last_mut() {
            Some((start, length)) if *start + *length == code => *length += 1,
            _ => found.push((code, 1)),
        }
    }
    let mut at = 0x80;
    let mut written = String::new();
    for (start, length) in found {
        let long = if length > 1 { format!(".{}", base36(length)) } else { String::new() };
        write!(written, " {}{long}", base36(start - at)).expect("into memory");
        at = start + length;
    }
    written.trim_start().to_owned()
}

fn base36(mut number: u32) -> String {
    let mut digits = Vec::new();
    while number > 0 || digits.is_empty() {
        digits.push(char::from_digit(number % 36, 36).expect("a digit"));
        number /= 36;
    }
    digits.iter().rev().collect()
}

/// Breaks the lines of a text in quotes.
fn folded(text: &str) -> String {
    let mut lines = vec![String::new()];
    for range in text.split(' ') {
        if lines.last().is_some_and(|line| line.len() + range.len() > 88) {
            lines.push(String::new());
        }
        let line = lines.last_mut().expect("there is one");
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(range);
    }
    lines.join(" '\n  + '")
}

fn times(text: &Value) -> usize {
    text["times"].as_u64().map_or(1, |times| usize::try_from(times).expect("a few"))
}
