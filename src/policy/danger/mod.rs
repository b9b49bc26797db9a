//! Says in words what of a command is hard to undo.
//!
//! The [`table`] knows patterns of commands. What it knows as *ruinous* is refused,
//! unless a person's own policy says `dangerous = "ask"`; the rest becomes notes for
//! the approver. Looked for in the command itself and in whatever it carries. This
//! finds the usual, and is no promise to find everything.

mod marked;
mod notes;
mod object;
mod table;

pub use marked::{DangerClass, danger_classes};
pub(super) use marked::{Marked, Marks};
pub use notes::dangers;
use object::Object;

use super::rule::Rule;
use super::verdict::Decision;
use super::words::{Word, base_name};
use std::path::Path;

/// A pattern of commands, and what is wrong with them.
#[derive(Debug)]
pub(super) struct Danger {
    pattern: &'static str,
    object: Object,
    gravity: Gravity,
    /// What it does, for a person.
    pub(super) note: &'static str,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gravity {
    /// A person should know.
    Grave,
    /// Nobody means it: it is refused.
    Ruinous,
}

/// Whether what is ruinous is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Dangerous {
    /// A person is asked, as about anything else.
    Ask,
    /// It is refused.
    Deny,
}

/// Where a command starts, and whose home it knows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Surroundings<'a> {
    pub(super) directory: &'a Path,
    pub(super) home: Option<&'a Path>,
}

const fn danger(
    pattern: &'static str,
    object: Object,
    gravity: Gravity,
    note: &'static str,
) -> Danger {
    Danger { pattern, object, gravity, note }
}

impl Danger {
    fn names(&self, name: &[u8]) -> bool {
        let pattern = self.pattern.as_bytes();
        let end = pattern.iter().position(|byte| *byte == b' ').unwrap_or(pattern.len());
        pattern[..end].split(|byte| *byte == b'|').any(|each| {
            // mkfs.ext4 is a kind of mkfs.
            each == name || each == b"mkfs" && name.starts_with(b"mkfs.")
        })
    }

    fn reaches(&self, words: &[Word<'_>], around: Surroundings<'_>) -> bool {
        let mut argv = self
            .pattern
            .split(' ')
            .map(|word| word.split('|').map(|each| each.as_bytes().to_vec()).collect::<Vec<_>>());
        // The program was compared already.
        argv.next();
        let name = words[0].known().map(base_name).unwrap_or_default().to_vec();
        let argv = std::iter::once(vec![name]).chain(argv).collect();
        Rule { argv, decision: Decision::Deny, ..Rule::default() }.reaches(words)
            && self.object.is_among(&words[1..], around)
    }
}

/// Goes through everything the table says of one simple command.
fn found<'w>(
    words: &'w [Word<'w>],
    around: Surroundings<'w>,
) -> impl Iterator<Item = &'static Danger> {
    reaching(table::DANGERS.iter().copied().flatten(), words, around)
}

/// Goes through those of some dangers that are in one simple command.
fn reaching<'w>(
    dangers: impl Iterator<Item = &'static Danger> + 'w,
    words: &'w [Word<'w>],
    around: Surroundings<'w>,
) -> impl Iterator<Item = &'static Danger> + 'w {
    let name = words.first().and_then(Word::known).map(base_name);
    dangers.filter(move |each| {
        name.is_some_and(|name| each.names(name)) && each.reaches(words, around)
    })
}

/// Returns what makes a simple command ruinous, if anything.
///
/// Few patterns are of what is ruinous, so every allowed command is compared with those
/// alone.
pub(super) fn ruinous(words: &[Word<'_>], around: Surroundings<'_>) -> Option<&'static Danger> {
    let dangers = table::DANGERS.iter().copied().flatten();
    let ruinous = dangers.filter(|each| each.gravity == Gravity::Ruinous);
    reaching(ruinous, words, around).next()
}

#[cfg(test)]
mod tests;
