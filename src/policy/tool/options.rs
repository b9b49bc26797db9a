//! Reads arguments by a table of options.
//!
//! A table is one string of words. Each is an option as it is typed, and its last
//! character may say that it takes a value:
//!
//! | written | means |
//! | --- | --- |
//! | `-s`, `--short` | no value |
//! | `-n=`, `--max-count=` | a value, attached or in the next word |
//! | `-u?`, `--color?` | perhaps a value, attached only (`-uno`, `--color=never`) |
//! | `--merged~` | perhaps a value, attached or in the next word |
//! | `-P:` | a value in the next word only: the letters behind it are options |
//! | `-#` | a number: `-5` |
//! | `+` | `+` and anything behind it is an operand (`date +%s`) |
//! | `-name` beside `single` | after the word `single`, long options have one dash |
//!
//! Short options may be clustered (`-la`). Everything behind `--` is an operand.
//! A value in the next word that starts with a dash is not taken for one: if this
//! program's version takes none there, the word would be an option. Where an option may
//! take the next word it must not start with a dash either: it would be no option, and
//! `--` would not end them. Such a word counts as an operand.

use super::Uncovered;
use crate::policy::words::{Certainty, Word};

/// The options and operands of a command, in order.
#[derive(Debug, Default)]
pub(in crate::policy) struct Seen<'w> {
    /// Each option as the table has it, without its mark, and its value.
    pub(in crate::policy) options: Vec<(&'static str, Option<&'w [u8]>)>,
    /// The operands.
    pub(in crate::policy) operands: Vec<&'w Word<'w>>,
    /// Whether an option stands behind an operand: not every program takes it for one.
    pub(in crate::policy) is_mixed: bool,
}

impl<'w> Seen<'w> {
    /// Goes through the values of an option.
    pub(in crate::policy) fn values(&self, option: &'static str) -> impl Iterator<Item = &'w [u8]> {
        self.options.iter().filter(move |(seen, _)| *seen == option).filter_map(|(_, value)| *value)
    }

    /// Tells whether an option is there.
    pub(in crate::policy) fn has(&self, option: &str) -> bool {
        self.options.iter().any(|(seen, _)| *seen == option)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Value {
    No,
    Required,
    Attached,
    Optional,
    Next,
}

const UNKNOWN: &str = "not an option that is known to be harmless";

/// Reads the arguments; every one must be in the table or an operand.
///
/// # Errors
///
/// [`Uncovered`] with the first that is neither.
pub(super) fn read<'w>(
    table: &'static str,
    arguments: &'w [Word<'w>],
) -> Result<Seen<'w>, Uncovered> {
    let mut seen = Seen::default();
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        let text = match word.certainty() {
            Certainty::Literal => word.known().unwrap_or_default(),
            Certainty::Operands => {
                seen.operands.push(word);
                continue;
            }
            Certainty::Unknown => {
                return Err(Uncovered::new(word, "its value is not known before it runs"));
            }
        };
        let unknown = || Uncovered::new(word, UNKNOWN);
        seen.is_mixed |= !seen.operands.is_empty() && word.is_option();
        if text == b"--" {
            seen.operands.extend(rest.by_ref());
            continue;
        }
        if text.len() < 2 || text[0] != b'-' {
            seen.operands.push(word);
            continue;
        }
        let mut next = || match rest.next() {
            Some(value) if !value.is_option() && value.known().is_some() => Ok(value.known()),
            Some(value) => Err(Uncovered::new(value, "not a value that is known to be one")),
            None => Err(Uncovered::new(word, "its value is missing")),
        };
        if text.starts_with(b"--") || is_single(table) {
            let (name, value) = split_value(text);
            let (option, takes) = find(table, name).ok_or_else(unknown)?;
            match (takes, value) {
                (Value::Required | Value::Next, None) => seen.options.push((option, next()?)),
                (Value::No | Value::Next, Some(_)) => return Err(unknown()),
                (Value::Optional, None) => {
                    if let Some(value) = rest.as_slice().first().filter(|next| next.is_option()) {
                        return Err(Uncovered::new(value, "may be the value of the option before"));
                    }
                    seen.options.push((option, None));
                }
                (_, value) => seen.options.push((option, value)),
            }
            continue;
        }
        if text[1..].iter().all(u8::is_ascii_digit) {
            let (option, _) = find(table, b"-#").ok_or_else(unknown)?;
            seen.options.push((option, Some(&text[1..])));
            continue;
        }
        for (at, letter) in text.iter().enumerate().skip(1) {
            let (option, takes) = find(table, &[b'-', *letter]).ok_or_else(unknown)?;
            let attached = &text[at + 1..];
            match takes {
                Value::No => seen.options.push((option, None)),
                Value::Required | Value::Next if attached.is_empty() => {
                    seen.options.push((option, next()?));
                }
                Value::Required | Value::Attached => seen.options.push((option, Some(attached))),
                Value::Optional | Value::Next => return Err(unknown()),
            }
            if takes != Value::No {
                break;
            }
        }
    }
    if let Some(operand) = seen.operands.iter().find(|word| word.certainty() == Certainty::Unknown)
    {
        return Err(Uncovered::new(operand, "its value is not known before it runs"));
    }
    Ok(seen)
}

fn is_single(table: &str) -> bool {
    table.starts_with("single ")
}

fn split_value(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    match text.iter().position(|byte| *byte == b'=') {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    }
}

fn find(table: &'static str, name: &[u8]) -> Option<(&'static str, Value)> {
    table.split_ascii_whitespace().find_map(|entry| {
        let (option, value) = match entry.as_bytes().last()? {
            b'=' => (&entry[..entry.len() - 1], Value::Required),
            b'?' => (&entry[..entry.len() - 1], Value::Attached),
            b'~' => (&entry[..entry.len() - 1], Value::Optional),
            b':' => (&entry[..entry.len() - 1], Value::Next),
            _ => (entry, Value::No),
        };
        (option.as_bytes() == name).then_some((option, value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "-l -a -n= -u? -# -P: --short --format= --color? --merged~";

    fn reads(words: &[&str]) -> bool {
        let words: Vec<Word<'_>> =
            words.iter().map(|word| Word::literal(word.as_bytes())).collect();
        read(TABLE, &words).is_ok()
    }

    #[test]
    fn takes_exact_options_clusters_and_values() {
        for good in [
            &["-la", "-n", "5", "-n5", "-5", "x"][..],
            &["--format", "x", "--format=--y", "--color", "--color=never", "-uno", "-u"],
            &["--", "--anything", "-zzz"],
            &["-", ""],
            &["--merged=x", "--merged", "x", "--short"],
            &["-laP", "x", "-P", "x"],
            &["--short", "--merged"],
        ] {
            assert!(reads(good), "{good:?}");
        }
    }

    #[test]
    fn refuses_what_is_not_in_the_table() {
        for bad in [
            &["-z"][..],
            &["-laz"],
            &["--sho"],
            &["--short=x"],
            &["--form=x"],
            &["-n"],
            &["-n", "--short"],
            &["x", "--output=y"],
            &["--format"],
            &["--merged", "--", "-z"],
            &["--merged", "--short"],
            &["-Pl", "x"],
            &["-P", "-l"],
        ] {
            assert!(!reads(bad), "{bad:?}");
        }
    }

    #[test]
    fn refuses_unknown_words_even_behind_two_dashes() {
        let unknown = Word::uncertain(&b"$x"[..], Certainty::Unknown);
        assert!(read(TABLE, std::slice::from_ref(&unknown)).is_err());
        assert!(read(TABLE, &[Word::literal(&b"--"[..]), unknown]).is_err());
    }
}
