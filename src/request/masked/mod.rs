//! The words of a command without the secrets in them, for what is kept.
//!
//! A word is secret by its form (a token, the user of a URL), by the name that goes before
//! it (`--token X`, `API_KEY=X`), or because the program takes one there (the table).

mod prose;
mod script;
mod table;

use super::environment::secret::{is_secret_name, token_kind, without_user_info};
use super::marker::Marker;
use super::text::lossy;
use prose::{Reading, Writer, is_ordinary, is_searcher};
use std::ffi::{OsStr, OsString};
use table::{Operands, Part, Program, Stands};

/// Words behind which a secret stands whatever its form: `Authorization: Bearer ...`.
const HEADERS: &[&str] = &[
    "authorization:",
    "proxy-authorization:",
    "cookie:",
    "x-api-key:",
    "x-client-secret:",
    "x-pat:",
];

/// Options that may have a header joined to them.
const HEADER_OPTIONS: &[&str] = &["-H", "--header=", "--proxy-header="];

/// Returns the words as text, with marks in the place of secrets.
///
/// For logs, where a secret does more harm than a word that cannot be read. What is
/// executed and what a person decides about is never masked so.
#[must_use]
pub fn masked(words: &[OsString], marker: &Marker) -> Vec<String> {
    let mut reader = Reader::new(Context::new(marker));
    words.iter().map(|word| reader.shown(&lossy(word).0)).collect()
}

/// Returns an address as text, with marks in the place of the secrets in it.
///
/// An approver reads it: only what cannot be run is hidden, by its form. Security 5.2.
pub(super) fn address(address: &OsStr, marker: &Marker) -> String {
    by_form(&lossy(address).0, marker)
}

/// What all words of a text have in common.
#[derive(Clone, Copy)]
struct Context<'a> {
    reading: Reading,
    marker: &'a Marker,
    /// How many texts it stands in.
    depth: usize,
}

impl<'a> Context<'a> {
    fn new(marker: &'a Marker) -> Self {
        Self { reading: Reading::Command, marker, depth: 0 }
    }

    fn of(self, reading: Reading) -> Self {
        Self { reading, ..self }
    }
}

/// Reads the words of one command, and knows what each says about the next.
struct Reader<'a> {
    context: Context<'a>,
    /// What its first word says of the others.
    kind: Kind,
    /// The program whose arguments these seem to be: the last that is in the table.
    program: Option<&'static Program>,
    /// The last that takes prose.
    writer: Option<&'static Writer>,
    /// Whether its options with secrets may come.
    is_within: bool,
    /// Whether the command stands between backquotes.
    is_quoted: bool,
    /// What the next word holds.
    next: Option<Next>,
}

/// What sort of program a command starts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// No word was read yet that names it.
    Unknown,
    /// One that only searches: its words are patterns and files.
    Searcher,
    /// Any other.
    Other,
}

/// What a word was announced to be.
#[derive(Clone, Copy)]
enum Next {
    /// The value of an option of the table.
    Value(Part),
    /// The value of an option whose name says that it is secret.
    Named,
    /// What somebody says.
    Prose,
    /// Some other value.
    Other,
}

impl<'a> Reader<'a> {
    fn new(context: Context<'a>) -> Self {
        Self {
            context,
            kind: Kind::Unknown,
            program: None,
            writer: None,
            is_within: false,
            is_quoted: false,
            next: None,
        }
    }

    /// Returns what is shown of the next word.
    fn shown(&mut self, word: &str) -> String {
        self.begin(word);
        let announced = self.next.take();
        if self.announces_a_secret(word) {
            self.next = Some(Next::Named);
        }
        match announced {
            Some(Next::Value(_) | Next::Named) if self.is_only_said(word) => self.argument(word),
            Some(Next::Value(part)) => {
                self.next = None;
                self.part(word, part)
            }
            Some(Next::Named) if !word.starts_with('-') => hidden(word, self.context.marker),
            Some(Next::Prose) => mask_word(word, self.context.of(Reading::Prose)),
            Some(Next::Other) => mask_word(word, self.context),
            _ => self.argument(word),
        }
    }

    /// Takes note of which program the words belong to.
    fn begin(&mut self, word: &str) {
        let is_setting = word.contains('=') && !word.starts_with('-');
        if self.kind == Kind::Unknown && !is_setting {
            let searches = self.context.reading == Reading::Command && is_searcher(word);
            self.kind = if searches { Kind::Searcher } else { Kind::Other };
        }
        self.writer = Writer::named(word).or(self.writer);
    }

    /// Tells whether a word says that a secret is behind it.
    fn announces_a_secret(&self, word: &str) -> bool {
        let is_switch = self.writer.is_some_and(|writer| writer.switches.contains(&word));
        self.kind != Kind::Searcher && !is_switch && is_secret_option(word)
    }

    /// Tells whether a word is one of a sentence, in the place of a secret.
    fn is_only_said(&self, word: &str) -> bool {
        self.context.reading == Reading::Prose && is_ordinary(word)
    }

    /// Returns what is shown of a word that nothing announced.
    fn argument(&mut self, word: &str) -> String {
        if let Some(program) = Program::named(word) {
            self.program = Some(program);
            self.is_within = program.within.is_none();
            return word.to_owned();
        }
        let program = self.program.filter(|_| self.is_within);
        match program.and_then(|program| program.secret(word)) {
            Some(Stands::Next(part)) => self.next = Some(Next::Value(part)),
            Some(Stands::Here(at, part)) => {
                let (option, value) = word.split_at(at);
                return format!("{option}{}", self.part(value, part));
            }
            None => self.follow(word),
        }
        let reading = self.writer.map_or(Reading::Command, |writer| {
            if self.next.is_none() && writer.announces(word) {
                self.next = Some(Next::Prose);
            }
            if writer.holds(word) { Reading::Prose } else { writer.operands }
        });
        match reading {
            Reading::Prose => mask_word(word, self.context.of(reading)),
            Reading::Command => mask_word(word, self.context),
        }
    }

    /// Takes note of what a word without a secret says about those behind it.
    fn follow(&mut self, word: &str) {
        let Some(program) = self.program else { return };
        self.is_within |= program.within == Some(word);
        if program.takes_next(word) {
            self.next = Some(Next::Other);
        } else if program.operands != Operands::Own && !word.starts_with('-') {
            self.program = None;
        }
    }

    /// Hides the secret part of a value.
    fn part(&self, value: &str, part: Part) -> String {
        match part {
            Part::Whole if !value.is_empty() => hidden(value, self.context.marker),
            Part::After(sign)
                if let Some((before, secret)) = value.split_once(sign)
                    && !secret.is_empty() =>
            {
                let before = without_tokens(before, self.context.marker);
                format!("{before}{sign}{}", hidden(secret, self.context.marker))
            }
            Part::Whole | Part::After(_) => mask_word(value, self.context),
        }
    }
}

/// What the name of an option begins with that takes no secret: `--no-password`.
const WITHOUT: &[&str] = &["ASK_", "DISABLE_", "DISABLED_", "MAX_", "MIN_", "NO_", "SHOW_"];

/// What it ends with when its value is only about a secret, or comes another way:
/// `--password-stdin`, `--token-type`.
const ABOUT: &[&str] =
    &["_COUNT", "_FD", "_LENGTH", "_LIMIT", "_NAME", "_PROMPT", "_STDIN", "_TTL", "_TYPE"];

fn is_secret_option(option: &str) -> bool {
    // One that has its value with it says nothing about the next word.
    let option = Some(option).filter(|option| !option.contains('='));
    let Some(option) = option else { return false };
    option.strip_prefix("--").or_else(|| option.strip_prefix('-')).is_some_and(takes_a_secret)
}

/// Tells whether the name of an option says that its value is secret: `--api-key`.
fn takes_a_secret(name: &str) -> bool {
    let upper = name.replace('-', "_").to_ascii_uppercase();
    names_a_secret(name)
        && !WITHOUT.iter().any(|start| upper.starts_with(start))
        && !ABOUT.iter().any(|end| upper.ends_with(end))
}

/// Tells whether a name says that its value is secret: `--api-key`, `API_KEY`.
fn names_a_secret(name: &str) -> bool {
    !name.is_empty() && is_secret_name(&name.replace('-', "_"))
}

fn mask_word(word: &str, context: Context<'_>) -> String {
    let Context { reading, marker, .. } = context;
    let is_only_said = |value: &str| {
        let first = value.split_ascii_whitespace().next();
        reading == Reading::Prose && first.is_some_and(is_ordinary)
    };
    let before = HEADER_OPTIONS.iter().find(|option| word.starts_with(**option));
    let (before, rest) = word.split_at(before.map_or(0, |option| option.len()));
    if let Some(header) = header(rest).filter(|header| !is_only_said(&rest[header.len()..])) {
        return format!("{before}{header} {}", hidden(&rest[header.len()..], marker));
    }
    if let Some((name, value)) = word.split_once('=')
        && !value.is_empty()
        && !is_only_said(value)
        && names_its_value_secret(name)
    {
        return format!("{name}={}", hidden(value, marker));
    }
    if word.contains(char::is_whitespace) {
        return script::masked(word, context);
    }
    by_form(word, marker)
}

/// Tells whether what stands before a `=` says that what follows is secret.
fn names_its_value_secret(name: &str) -> bool {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let is_secret = match name.trim_start_matches('-') {
        bare if bare.len() < name.len() => takes_a_secret(bare),
        bare => names_a_secret(bare),
    };
    is_secret && name.bytes().all(is_name)
}

/// Hides what has the form of a secret, wherever it stands.
fn by_form(text: &str, marker: &Marker) -> String {
    let hidden = without_user_info(text, marker);
    without_tokens(hidden.as_deref().unwrap_or(text), marker)
}

fn header(word: &str) -> Option<&str> {
    let end = word.find(':')? + 1;
    let name = &word[..end];
    HEADERS.contains(&name.to_ascii_lowercase().as_str()).then_some(name)
}

/// Replaces whatever has the form of a token, wherever it stands.
fn without_tokens(text: &str, marker: &Marker) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_token_character) {
        let (between, from) = rest.split_at(start);
        shown.push_str(between);
        let end = from.find(|each| !is_token_character(each)).unwrap_or(from.len());
        let (piece, after) = from.split_at(end);
        match token_kind(piece) {
            Some(kind) => shown += &marker.mask(kind, piece),
            None => shown.push_str(piece),
        }
        rest = after;
    }
    shown.push_str(rest);
    shown
}

fn is_token_character(each: char) -> bool {
    each.is_ascii_alphanumeric() || matches!(each, '-' | '_' | '.')
}

/// Hides what is secret by where it stands; its form may say what it is.
fn hidden(secret: &str, marker: &Marker) -> String {
    let secret = secret.trim_start();
    marker.mask(token_kind(secret).unwrap_or("value"), secret)
}

#[cfg(test)]
mod tests;
