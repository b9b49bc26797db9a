//! A compiled policy file, open, and the rules that are found in it.

use super::bytes::{Reader, Writer};
use super::head::{self, FRONT, Front, Home};
use super::mix::Mix;
use super::rule;
use super::table::{self, ENTRY, Entry};
use crate::config::Layer;
use crate::policy::file::PolicyFile;
use crate::policy::rule::Rule;
use crate::policy::source::{Source, State};
use crate::policy::words::{Word, base_name};
use std::borrow::Cow;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// What is read at once: the whole of a small policy, the head of any.
const FIRST_READ: usize = 4096;

/// The most a head may hold: a policy of [`crate::policy::source`]'s size and its like.
const LARGEST_HEAD: u64 = 16 << 20;

/// What was read is not what was written, or cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::policy) struct Damaged;

/// A compiled policy whose sources are what it was made from.
#[derive(Debug)]
pub(in crate::policy) struct Image {
    file: File,
    /// The beginning of the file, at least its head.
    begin: Vec<u8>,
    front: Front,
    layer: Layer,
}

impl Image {
    /// Takes a compiled file if it is whole, and was made by this program from that
    /// source in that state; and what it says besides rules.
    pub(super) fn take(
        file: File,
        length: u64,
        (source, state): (&Source, &State),
        home: Option<&Path>,
    ) -> Option<(Self, PolicyFile)> {
        let at_once = usize::try_from(length).ok()?.min(FIRST_READ);
        let mut begin = vec![0; at_once];
        file.read_exact_at(&mut begin, 0).ok()?;
        let (front, checksum) = Front::read(begin.get(..FRONT)?)?;
        if front.length != length || front.table > length.min(LARGEST_HEAD) {
            return None;
        }
        let end = usize::try_from(front.table).ok()?;
        if end > at_once {
            begin.resize(end, 0);
            file.read_exact_at(begin.get_mut(at_once..)?, u64::try_from(at_once).ok()?).ok()?;
        }
        let body = begin.get(FRONT..end)?;
        if !front.owns(body, checksum) {
            return None;
        }
        let said = head::read(&mut Reader(body), source, state, home)?;
        Some((Self { file, begin, front, layer: source.layer }, said))
    }

    /// Returns at least every rule whose words could match or reach the command.
    ///
    /// # Errors
    ///
    /// [`Damaged`]: then nothing that was found may be used.
    pub(in crate::policy) fn candidates(&self, words: &[Word<'_>]) -> Result<Vec<Rule>, Damaged> {
        let Some(name) = words.first().and_then(Word::known).map(base_name) else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        self.find(table::key(name, None), &mut found)?;
        for word in words[1..].iter().filter_map(Word::known) {
            self.find(table::key(name, Some(word)), &mut found)?;
        }
        // The order they stand in, each once.
        found.sort_unstable_by_key(|entry| entry.offset);
        found.dedup_by_key(|entry| entry.offset);
        found.into_iter().map(|entry| self.rule(entry)).collect()
    }

    /// Adds every entry of that key.
    fn find(&self, key: u64, found: &mut Vec<Entry>) -> Result<(), Damaged> {
        for step in 0..self.front.places {
            let place = table::place(key, step, self.front.places);
            let offset = place * ENTRY + self.front.table;
            let bytes = self.bytes(offset, ENTRY)?;
            let entry = Entry::read(&mut Reader(&bytes), self.front.file, place).ok_or(Damaged)?;
            if entry.length == 0 {
                break;
            }
            if entry.key == key {
                found.push(entry);
            }
        }
        Ok(())
    }

    fn rule(&self, entry: Entry) -> Result<Rule, Damaged> {
        let bytes = self.bytes(entry.offset, entry.length)?;
        let (text, checksum) = bytes.split_last_chunk::<8>().ok_or(Damaged)?;
        if u64::from_le_bytes(*checksum) != checksum_of(self.front.file, entry.offset, text) {
            return Err(Damaged);
        }
        let (mut rule, source) = rule::read(&mut Reader(text), self.layer).ok_or(Damaged)?;
        rule.file = self.source(source).ok_or(Damaged)?;
        Ok(rule)
    }

    fn source(&self, number: usize) -> Option<String> {
        let body = self.begin.get(FRONT..usize::try_from(self.front.table).ok()?)?;
        head::name(Reader(body), number)
    }

    /// Reads a part of the file.
    fn bytes(&self, offset: u64, length: u64) -> Result<Cow<'_, [u8]>, Damaged> {
        let end = offset.checked_add(length).filter(|end| *end <= self.front.length);
        let end = end.ok_or(Damaged)?;
        let place = |number| usize::try_from(number).map_err(|_| Damaged);
        if let Some(known) = self.begin.get(place(offset)?..place(end)?) {
            return Ok(Cow::Borrowed(known));
        }
        let mut bytes = vec![0; place(length)?];
        self.file.read_exact_at(&mut bytes, offset).map_err(|_| Damaged)?;
        Ok(Cow::Owned(bytes))
    }
}

/// Makes the compiled form of a policy that was read.
pub(super) fn compile(home: Home<'_>, sources: &[(Source, State)], said: &PolicyFile) -> Vec<u8> {
    let shown: Vec<String> =
        sources.iter().map(|(source, _)| source.path.display().to_string()).collect();
    let mut body = Writer::default();
    head::write(&mut body, home, sources, said);
    let texts: Vec<Vec<u8>> = said
        .rules
        .iter()
        .map(|rule| {
            let mut writer = Writer::default();
            let source = shown.iter().position(|each| *each == rule.file).unwrap_or(usize::MAX);
            rule::write(&mut writer, rule, source);
            writer.0
        })
        .collect();
    let keys: Vec<Vec<u64>> = said.rules.iter().map(table::keys).collect();
    let places = table::places_for(keys.iter().map(Vec::len).sum());
    let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);

    let table = count(FRONT + body.0.len());
    let first_rule = table + places * ENTRY;
    let content = texts.iter().fold(Mix::new(1).bytes(&body.0), |mix, text| mix.bytes(text));
    let file = content.finish();
    let mut entries = Vec::new();
    let mut rules = Writer::default();
    for (text, keys) in texts.iter().zip(&keys) {
        let offset = first_rule + count(rules.0.len());
        rules.0.extend_from_slice(text);
        rules.number(checksum_of(file, offset, text));
        let length = first_rule + count(rules.0.len()) - offset;
        entries.extend(keys.iter().map(|key| Entry { key: *key, offset, length }));
    }
    let front = Front { length: first_rule + count(rules.0.len()), table, places, file };
    let mut whole = Writer::default();
    front.write(&mut whole, &body.0);
    whole.0.extend_from_slice(&body.0);
    for (place, entry) in (0..).zip(table::lay_out(&entries, places)) {
        entry.write(&mut whole, file, place);
    }
    whole.0.extend_from_slice(&rules.0);
    whole.0
}

fn checksum_of(file: u64, offset: u64, text: &[u8]) -> u64 {
    Mix::new(file).word(offset).bytes(text).finish()
}
