//! Which rules could reach a command: a hash table of the words they need.

use super::bytes::{Reader, Writer};
use super::mix::Mix;
use crate::policy::rule::Rule;

/// A place in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Entry {
    /// What it is found by.
    pub(super) key: u64,
    /// Where the rule begins, from the start of the file.
    pub(super) offset: u64,
    /// How long it is; zero where the place is free.
    pub(super) length: u64,
}

/// The bytes of an entry: key, offset, length, checksum.
pub(super) const ENTRY: u64 = 32;

impl Entry {
    pub(super) fn write(self, writer: &mut Writer, file: u64, place: u64) {
        let Self { key, offset, length } = self;
        writer.numbers([key, offset, length, self.checksum(file, place)]);
    }

    /// Reads an entry back; `None` unless it belongs to this file and this place.
    pub(super) fn read(reader: &mut Reader<'_>, file: u64, place: u64) -> Option<Self> {
        let entry =
            Self { key: reader.number()?, offset: reader.number()?, length: reader.number()? };
        (reader.number()? == entry.checksum(file, place)).then_some(entry)
    }

    fn checksum(self, file: u64, place: u64) -> u64 {
        Mix::new(file).word(place).word(self.key).word(self.offset).word(self.length).finish()
    }
}

/// Returns the key of a program and, where there is one, of a word behind it.
pub(super) fn key(program: &[u8], word: Option<&[u8]>) -> u64 {
    let program = Mix::new(BUCKETS).bytes(program);
    word.map_or(program, |word| program.bytes(word)).finish()
}

const BUCKETS: u64 = 0x7275_6c65;

/// Returns every key by which a rule must be found.
pub(super) fn keys(rule: &Rule) -> Vec<u64> {
    let programs = rule.argv.first().into_iter().flatten();
    programs
        .flat_map(|program| match rule.needed_words() {
            Some(words) => words.iter().map(|word| key(program, Some(word))).collect(),
            None => vec![key(program, None)],
        })
        .collect()
}

/// Returns how many places a table of so many entries has: half of them stay free.
pub(super) fn places_for(entries: usize) -> u64 {
    if entries == 0 { 0 } else { u64::try_from(entries * 2).unwrap_or(0).next_power_of_two() }
}

/// Returns the place where an entry of that key may stand, and the ones behind it.
pub(super) fn place(key: u64, step: u64, places: u64) -> u64 {
    key.wrapping_add(step) & (places - 1)
}

/// Lays entries out: each at the first free place behind the one its key names.
pub(super) fn lay_out(entries: &[Entry], places: u64) -> Vec<Entry> {
    let index = |place: u64| usize::try_from(place).unwrap_or(usize::MAX);
    let mut laid_out = vec![Entry::default(); index(places)];
    for entry in entries {
        let free = (0..places)
            .map(|step| index(place(entry.key, step, places)))
            .find(|place| laid_out[*place].length == 0);
        laid_out[free.expect("half of the places stay free")] = *entry;
    }
    laid_out
}
