//! What is known of the programs that agents use all day.
//!
//! Each [`Tool`] lists its *uses*: the words that select one, the options that
//! are harmless there, and what the operands may be. The tables hold exact
//! options: an option that is not in them, an abbreviation, or a word that is not
//! known before the command runs means that a person is asked. So a mistake in a
//! table is a question too many, unless it lists an option that does harm.
//!
//! The notation of an option is in [`options`].

mod awk;
mod build;
mod carrier;
mod cloud;
mod files;
mod find;
mod git;
mod host;
mod inline;
mod json;
mod options;
mod search;
mod sed;
mod shell;
mod shown;
mod text;
mod wrappers;

pub(super) use carrier::{Carrier, carrier};
pub(super) use inline::inline_text;
pub(super) use options::Seen;
pub(super) use shell::{is_built_in, is_lookup};
pub(super) use shown::shown;
pub use shown::{ShownTool, ShownUse};

use super::words::{Word, base_name};
use std::fmt;

/// A program, and what it can be used for.
pub(super) struct Tool {
    names: &'static [&'static str],
    /// Options before the subcommand that change nothing that matters.
    globals: &'static str,
    uses: &'static [Use],
    family: Family,
}

/// What a program obeys besides its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// Nothing but its arguments and the locale.
    Plain,
    /// The configuration of git repositories.
    Git,
    /// A language's tool chain: it runs the project's own code.
    Build,
    /// Credentials and contexts of another machine.
    Cloud,
    /// The same, and the configuration of git repositories by way of git.
    GitHost,
    /// What a shell reads before its text.
    Shell,
}

/// One use of a tool.
pub(super) struct Use {
    /// The words behind the tool's name that select it.
    words: &'static [&'static str],
    effect: Effect,
    options: &'static str,
    operands: Operands,
    check: Option<Check>,
    /// Says what it does, where that is a matter of its options and operands.
    refined: Option<fn(&Seen<'_>) -> Effect>,
}

/// Looks at what an option table cannot say.
type Check = fn(&Seen<'_>) -> Result<(), &'static str>;

/// What a use does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// It reads and tells: allowed without a rule.
    Reads,
    /// It tells what is configured and runs nothing of it, so nothing is switched off.
    Tells,
    /// It does more, and its options no more than that: a rule must allow it.
    Acts,
    /// The same, and it opens an editor.
    Edits,
    /// The same, and it reaches another repository.
    Connects,
    /// All that the program can: a rule has its very words, and no table knows them.
    Anything,
}

impl Effect {
    /// Tells whether only a rule allows it.
    pub(super) fn acts(self) -> bool {
        matches!(self, Self::Acts | Self::Edits | Self::Connects | Self::Anything)
    }
}

/// Which operands a use takes.
#[derive(Clone, Copy)]
pub(super) enum Operands {
    /// Any number of any words.
    Any,
    /// None at all.
    None,
    /// So many at most: the next would be something else, such as an output file.
    AtMost(usize),
    /// The program has a grammar of its own: this looks at all arguments.
    Words(fn(&[Word<'_>]) -> Result<(), Uncovered>),
}

/// Why a tool's table does not cover a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Uncovered {
    /// The word that decided, as it is shown.
    pub(super) word: String,
    /// What is wrong with it.
    pub(super) why: &'static str,
}

impl Uncovered {
    fn new(word: &Word<'_>, why: &'static str) -> Self {
        Self { word: word.shown(), why }
    }
}

impl fmt::Display for Uncovered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}`: {}", self.word, self.why)
    }
}

const fn reads(words: &'static [&'static str], options: &'static str, operands: Operands) -> Use {
    does(Effect::Reads, words, options, operands)
}

const fn tells(words: &'static [&'static str], options: &'static str, operands: Operands) -> Use {
    does(Effect::Tells, words, options, operands)
}

const fn acts(words: &'static [&'static str], options: &'static str, operands: Operands) -> Use {
    does(Effect::Acts, words, options, operands)
}

const fn connects(
    words: &'static [&'static str],
    options: &'static str,
    operands: Operands,
) -> Use {
    does(Effect::Connects, words, options, operands)
}

const fn does(
    effect: Effect,
    words: &'static [&'static str],
    options: &'static str,
    operands: Operands,
) -> Use {
    Use { words, effect, options, operands, check: None, refined: None }
}

impl Use {
    const fn checked(mut self, check: Check) -> Self {
        self.check = Some(check);
        self
    }

    const fn refined(mut self, refined: fn(&Seen<'_>) -> Effect) -> Self {
        self.refined = Some(refined);
        self
    }
}

const fn tool(names: &'static [&'static str], uses: &'static [Use]) -> Tool {
    Tool { names, globals: "", uses, family: Family::Plain }
}

impl Tool {
    const fn globals(mut self, globals: &'static str) -> Self {
        self.globals = globals;
        self
    }

    const fn family(mut self, family: Family) -> Self {
        self.family = family;
        self
    }

    /// Returns what the program obeys besides its arguments.
    pub(super) fn obeys(&self) -> Family {
        self.family
    }

    /// Tells what a command does if the table covers every word of it.
    ///
    /// # Errors
    ///
    /// [`Uncovered`] with the first word that it does not.
    pub(super) fn effect(&self, words: &[Word<'_>]) -> Result<Effect, Uncovered> {
        let rest = self.behind_globals(words);
        let chosen = self
            .uses
            .iter()
            .filter(|candidate| starts_with(rest, candidate.words))
            .max_by_key(|candidate| candidate.words.len());
        let Some(chosen) = chosen else {
            let word = rest.first().unwrap_or(&words[0]);
            return Err(Uncovered::new(word, "no use that is known to be harmless"));
        };
        let arguments = &rest[chosen.words.len()..];
        if let Operands::Words(check) = chosen.operands {
            return check(arguments).map(|()| chosen.effect);
        }
        let seen = options::read(chosen.options, arguments)?;
        check_operands(chosen.operands, &seen)?;
        if let Some(check) = chosen.check {
            let last = arguments.last().unwrap_or(&words[0]);
            check(&seen).map_err(|why| Uncovered::new(last, why))?;
        }
        Ok(chosen.refined.map_or(chosen.effect, |refined| refined(&seen)))
    }

    /// Returns the first operand of a command that the table covers.
    pub(super) fn operand(&self, words: &[Word<'_>]) -> Option<Vec<u8>> {
        let rest = self.behind_globals(words);
        let chosen = self.uses.iter().filter(|each| starts_with(rest, each.words));
        let chosen = chosen.max_by_key(|each| each.words.len())?;
        let seen = options::read(chosen.options, &rest[chosen.words.len()..]).ok()?;
        seen.operands.first()?.known().map(<[u8]>::to_vec)
    }

    /// Checks that the first words, so many, name the use of a command that acts.
    ///
    /// Where they say more than the use, such as a target of make, only options may
    /// follow: another target is another thing, and so is what a script is given
    /// behind `--`, unless the first words have it.
    ///
    /// # Errors
    ///
    /// [`Uncovered`] with the word that goes further.
    pub(super) fn within_use(&self, words: &[Word<'_>], count: usize) -> Result<(), Uncovered> {
        let uses = self.uses.iter().filter(|each| starts_with(&words[1..], each.words));
        let length = uses.map(|each| each.words.len()).max().unwrap_or(usize::MAX);
        if count < length.saturating_add(1) {
            return Err(Uncovered::new(&words[count], "the rule does not name this use"));
        }
        let rest = &words[count..];
        let end = rest.iter().position(|word| word.known() == Some(b"--"));
        let behind = end.and_then(|end| rest.get(end + 1));
        let further = rest.iter().find(|word| !word.is_option()).or(behind);
        match further.filter(|_| count > length + 1) {
            Some(word) => Err(Uncovered::new(word, "more than the rule names")),
            None => Ok(()),
        }
    }

    /// Returns the words behind the name and the harmless options before a subcommand.
    fn behind_globals<'w, 'a>(&self, words: &'w [Word<'a>]) -> &'w [Word<'a>] {
        let mut rest = &words[1..];
        while let Some(first) = rest.first().and_then(Word::known)
            && self.globals.split_ascii_whitespace().any(|option| option.as_bytes() == first)
        {
            rest = &rest[1..];
        }
        rest
    }
}

fn starts_with(words: &[Word<'_>], wanted: &[&str]) -> bool {
    words.len() >= wanted.len()
        && wanted.iter().zip(words).all(|(wanted, word)| word.known() == Some(wanted.as_bytes()))
}

fn check_operands(allowed: Operands, seen: &Seen<'_>) -> Result<(), Uncovered> {
    let limit = match allowed {
        Operands::Any | Operands::Words(_) => return Ok(()),
        Operands::None => 0,
        Operands::AtMost(limit) => limit,
    };
    // A glob is any number of operands.
    let uncertain = seen.operands.iter().find(|operand| operand.known().is_none());
    match seen.operands.get(limit).or(uncertain) {
        Some(operand) => Err(Uncovered::new(operand, "an operand more than is known")),
        None => Ok(()),
    }
}

/// Behind an operand an option may be one more operand, such as an output file.
fn options_first(seen: &Seen<'_>) -> Result<(), &'static str> {
    if seen.is_mixed { Err("an option behind an operand may be another operand") } else { Ok(()) }
}

const TABLES: &[&[Tool]] = &[
    git::TOOLS,
    files::TOOLS,
    search::TOOLS,
    text::TOOLS,
    shell::TOOLS,
    host::TOOLS,
    json::TOOLS,
    find::TOOLS,
    sed::TOOLS,
    awk::TOOLS,
    build::TOOLS,
    cloud::TOOLS,
];

/// Returns the tool of a command word, which may be a path.
pub(super) fn tool_named(word: &[u8]) -> Option<&'static Tool> {
    let name = base_name(word);
    TABLES
        .iter()
        .copied()
        .flatten()
        .find(|tool| tool.names.iter().any(|known| known.as_bytes() == name))
}

#[cfg(test)]
mod tests;
