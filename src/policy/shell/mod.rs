//! From shell text to simple commands, by the grammar of bash.
//!
//! [`parse`] returns every simple command it can find, for what a rule forbids, and
//! beside them the first thing that is not understood well enough to allow.

mod collect;
mod guarded;
mod nesting;
mod word;

use super::words::{Word, is_plain};
use brush_parser::{Parser, ParserOptions};
use collect::Collector;
use guarded::guarded;
use std::ops::Range;

/// The commands of a text.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    /// Every simple command found, in order.
    pub(super) commands: Vec<Vec<Word<'static>>>,
    /// Where each of them stands, in characters; none for one in a substitution.
    pub(super) spans: Vec<Option<Range<usize>>>,
    /// The files that redirections write, as they are written.
    pub(super) written: Vec<String>,
    /// Whether a part of it could not be read, so that commands in it were not found.
    pub(super) unread: bool,
    /// Why the text cannot be allowed whatever its commands are.
    pub(super) obscure: Option<String>,
}

/// What a person can review.
const REVIEWABLE: usize = 64 << 10;
/// What is searched for what is forbidden.
const SEARCHED: usize = 1 << 20;

/// Parses a text.
pub(super) fn parse(text: &str) -> Parsed {
    let refused =
        |why: &str| Parsed { obscure: Some(why.to_owned()), unread: true, ..Parsed::default() };
    if text.len() > SEARCHED || nesting::is_too_deep(text) {
        return refused("the text is too long or too deeply nested to be understood");
    }
    let owned = text.to_owned();
    let Some(mut parsed) = guarded(move || read(&owned)) else {
        return refused("the text is not understood");
    };
    if text.len() > REVIEWABLE {
        parsed.obscure = Some("the text is longer than a person can review".to_owned());
    } else if !is_plain(text.as_bytes()) {
        parsed.obscure = Some("the text has characters that are not what they seem".to_owned());
    }
    parsed
}

/// The dialect: bash as `bash --norc --noprofile -c` reads it.
fn dialect() -> ParserOptions {
    ParserOptions { enable_extended_globbing: true, ..ParserOptions::default() }
}

/// What bash takes for one redirection, and shells without it for the end of a command
/// that goes on in the background: `a &>/dev/null b`.
const DISPUTED: &str = "&>";

fn read(text: &str) -> Parsed {
    let mut parsed = read_as(text, dialect());
    if text.contains(DISPUTED) {
        let other = read_as(text, ParserOptions { sh_mode: true, ..dialect() });
        parsed.unread |= other.unread;
        if other.unread || other.commands != parsed.commands {
            parsed.obscure.get_or_insert_with(|| format!("shells differ about `{DISPUTED}`"));
        }
        for command in other.commands {
            if !parsed.commands.contains(&command) {
                parsed.commands.push(command);
                parsed.spans.push(None);
            }
        }
    }
    parsed
}

fn read_as(text: &str, options: ParserOptions) -> Parsed {
    let mut collector = Collector::new(options);
    collector.text(text);
    collector.finish()
}

fn program(text: &str, options: &ParserOptions) -> Option<brush_parser::ast::Program> {
    Parser::new(text.as_bytes(), options).parse_program().ok()
}

#[cfg(test)]
mod tests;
