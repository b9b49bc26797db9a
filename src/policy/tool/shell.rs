//! Programs that are also built into shells.
//!
//! Only those whose built-in form evaluates none of its arguments: `printf -v`,
//! `test -v` and their like run what stands in a subscript.

use super::Operands::{AtMost, None, Words};
use super::{Seen, Tool, Uncovered, reads, tool};
use crate::policy::words::{Certainty, Word};

const TEST: &str = "single -e -f -d -r -w -x -s -L -h -n -z -b -c -p -S -u -g -k -O -G -t -eq -ne -lt \
    -le -gt -ge -nt -ot -ef -a -o";

pub(super) const TOOLS: &[Tool] = &[
    tool(&["echo", "true", "false", ":"], &[reads(&[], "", Words(anything_known))]),
    tool(&["printf"], &[reads(&[], "", Words(printf))]),
    tool(&["pwd"], &[reads(&[], "-L -P", None)]),
    tool(&["cd"], &[reads(&[], "", Words(below_here))]),
    tool(&["test", "["], &[reads(&[], TEST, super::Operands::Any).checked(no_variable)]),
    tool(&["type"], &[reads(&[], "-a -t -p -P", super::Operands::Any)]),
    tool(&["command"], &[reads(&["-v"], "", super::Operands::Any), reads(&["-V"], "", AtMost(1))]),
    tool(&["sleep"], &[reads(&[], "", AtMost(1))]),
];

/// `test` takes `--` for an operand like any other, so an operator may stand behind it.
fn no_variable(seen: &Seen<'_>) -> Result<(), &'static str> {
    let is_of_variables = |word: &[u8]| matches!(word, b"-v" | b"-R");
    if seen.operands.iter().any(|word| word.known().is_some_and(is_of_variables)) {
        return Err("-v and -R evaluate a subscript");
    }
    Ok(())
}

fn anything_known(words: &[Word<'_>]) -> Result<(), Uncovered> {
    match words.iter().find(|word| word.certainty() == Certainty::Unknown) {
        Some(word) => Err(Uncovered::new(word, "its value is not known before it runs")),
        Option::None => Ok(()),
    }
}

fn printf(words: &[Word<'_>]) -> Result<(), Uncovered> {
    match words.first() {
        Some(first) if first.is_option() => Err(Uncovered::new(first, "-v evaluates a subscript")),
        Some(first) => match first.known() {
            Option::None => Err(Uncovered::new(first, "a format that is not known before it runs")),
            Some(format) if has_count(format) => {
                Err(Uncovered::new(first, "%n sets a variable, such as PATH"))
            }
            Some(format) if has_number(format) => {
                let is_subscript = |word: &&Word<'_>| word.text().contains(&b'[');
                match words[1..].iter().find(is_subscript) {
                    Some(word) => Err(Uncovered::new(word, "zsh evaluates it as a number")),
                    Option::None => anything_known(words),
                }
            }
            Some(_) => anything_known(words),
        },
        Option::None => Ok(()),
    }
}

/// Tells whether a format has `%n`, which sets the variable that its argument names.
fn has_count(format: &[u8]) -> bool {
    conversions(format).any(|letter| letter == b'n')
}

/// Tells whether a format takes an argument that is a number.
fn has_number(format: &[u8]) -> bool {
    format.contains(&b'*') || conversions(format).any(|letter| !b"sbqc".contains(&letter))
}

/// Goes through the letters of a format's conversions.
fn conversions(format: &[u8]) -> impl Iterator<Item = u8> {
    let flags = |byte: &u8| byte.is_ascii_digit() || b" #+-'.*hlLjzt$".contains(byte);
    let parts = format.split(|byte| *byte == b'%').skip(1);
    parts.filter_map(move |rest| rest.iter().find(|byte| !flags(byte)).copied())
}

/// Programs that bash and dash have built in: they are not looked up.
const BUILT_IN: &[&[u8]] = &[
    b"echo", b"true", b"false", b":", b"printf", b"pwd", b"cd", b"test", b"[", b"type", b"command",
];

/// Tells whether a shell runs a command word by itself.
pub(in crate::policy) fn is_built_in(word: &[u8]) -> bool {
    BUILT_IN.contains(&word)
}

/// Tells whether a program says where others lie.
pub(in crate::policy) fn is_lookup(name: &[u8]) -> bool {
    matches!(name, b"which" | b"type" | b"command")
}

/// `cd` may go down, not up or away.
fn below_here(words: &[Word<'_>]) -> Result<(), Uncovered> {
    let below = |path: &[u8]| {
        !path.is_empty()
            && !path.starts_with(b"/")
            && !path.starts_with(b"-")
            && path.split(|byte| *byte == b'/').all(|part| part != b"..")
    };
    match words {
        [only] if only.known().is_some_and(below) => Ok(()),
        [first, ..] => Err(Uncovered::new(first, "not a directory below this one")),
        [] => Err(Uncovered { word: "cd".to_owned(), why: "goes to the home directory" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_that_counts_is_found() {
        for format in ["%n", "a%5n", "%%n", "%-.3hhn", "x%*n", "%d%n"] {
            assert!(has_count(format.as_bytes()), "{format}");
        }
        for format in ["%s\\n", "%d", "100%", "%-5s|\n"] {
            assert!(!has_count(format.as_bytes()), "{format}");
        }
    }

    #[test]
    fn a_format_that_takes_a_number_is_found() {
        for format in ["%d", "x%5.2f", "%*s", "%1$d", "%s %u"] {
            assert!(has_number(format.as_bytes()), "{format}");
        }
        for format in ["%s\\n", "%-5s|%b", "100%", "plain"] {
            assert!(!has_number(format.as_bytes()), "{format}");
        }
    }
}
