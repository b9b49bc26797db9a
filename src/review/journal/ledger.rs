//! The lines of the journal: all of them are checked, and only those that matter are read.

use super::entry::{ENTRY_VERSION, Entry, json_of, parse};
use memchr::arch::all::twoway;
use memchr::memmem;
use std::collections::BTreeSet;

/// What this release writes begins so, behind its digest.
const BEGINNING: &[u8] = b"{\"version\":1,";
/// Up to so many bytes a search takes less than asking the processor how to search fast,
/// which a virtual machine traps.
const SHORT: usize = 64 * 1024;

/// The journal as it was read: nobody changed a line of it.
#[derive(Debug)]
pub(super) struct Ledger {
    bytes: Vec<u8>,
    /// How many bytes from the start are whole lines.
    sound: usize,
}

/// Why the lines cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum LedgerFault {
    /// That line, counted from 1, is not what was written.
    Tampered(usize),
    /// A later release wrote one.
    Newer,
}

impl Ledger {
    /// Checks every line by its digest. A last one without its end was being written when
    /// the power went, and is left out.
    pub(super) fn of(bytes: Vec<u8>) -> Result<Self, LedgerFault> {
        let mut sound = 0;
        for (index, each) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let is_torn = || sound + each.len() == bytes.len() && !each.ends_with(b"\n");
            match json_of(each) {
                Some(json) if json.starts_with(BEGINNING) => {}
                Some(_) => match parse(each) {
                    Some(entry) if entry.version > ENTRY_VERSION => return Err(LedgerFault::Newer),
                    Some(_) => {}
                    None => return Err(LedgerFault::Tampered(index + 1)),
                },
                None if is_torn() => break,
                None => return Err(LedgerFault::Tampered(index + 1)),
            }
            sound += each.len();
        }
        Ok(Self { bytes, sound })
    }

    /// Takes what was checked before, every line of it, and did not change since.
    pub(super) fn checked_before(bytes: Vec<u8>) -> Self {
        Self { sound: bytes.len(), bytes }
    }

    /// Tells whether every line of it is whole.
    pub(super) fn is_sound(&self) -> bool {
        self.sound == self.bytes.len()
    }

    /// Returns the length of the file.
    pub(super) fn length(&self) -> usize {
        self.bytes.len()
    }

    /// Returns the length of the whole lines; less than the file's when one is torn.
    pub(super) fn sound(&self) -> usize {
        self.sound
    }

    /// Returns the entries in which one of these words stands, in the order in which they
    /// were written.
    pub(super) fn about<'w>(
        &self,
        words: impl IntoIterator<Item = &'w str>,
    ) -> Result<Vec<Entry>, LedgerFault> {
        let lines = &self.bytes[..self.sound];
        let mut begins = BTreeSet::new();
        for word in words {
            let word = as_written(word);
            let mut from = 0;
            // Once in a line is enough, and an empty word would stand behind the last.
            while from < lines.len() {
                let Some(at) = find(&lines[from..], word.as_bytes()) else { break };
                let begin = begin_of(lines, from + at);
                begins.insert(begin);
                from = end_of(lines, begin);
            }
        }
        begins.into_iter().map(|begin| self.entry(begin)).collect()
    }

    /// Returns so many entries, from all along the file.
    pub(super) fn sample(&self, count: usize) -> Result<Vec<Entry>, LedgerFault> {
        let lines = &self.bytes[..self.sound];
        // None, when the first line was never finished.
        let count = if lines.is_empty() { 0 } else { count };
        (0..count).map(|each| self.entry(begin_of(lines, self.sound * each / count))).collect()
    }

    /// Returns all entries.
    pub(super) fn entries(&self) -> Result<Vec<Entry>, LedgerFault> {
        let lines = &self.bytes[..self.sound];
        let first = Some(0).filter(|begin| *begin < self.sound);
        let begins = std::iter::successors(first, |begin| {
            Some(end_of(lines, *begin)).filter(|end| *end < self.sound)
        });
        begins.map(|begin| self.entry(begin)).collect()
    }

    /// Reads the line that begins there.
    fn entry(&self, begin: usize) -> Result<Entry, LedgerFault> {
        let lines = &self.bytes[..self.sound];
        parse(&lines[begin..end_of(lines, begin)]).ok_or_else(|| {
            LedgerFault::Tampered(lines[..begin].split_inclusive(|byte| *byte == b'\n').count() + 1)
        })
    }
}

/// Finds where a word stands first.
fn find(lines: &[u8], word: &[u8]) -> Option<usize> {
    if lines.len() <= SHORT {
        twoway::Finder::new(word).find(lines, word)
    } else {
        memmem::find(lines, word)
    }
}

/// Returns where the line begins in which that byte stands.
fn begin_of(lines: &[u8], at: usize) -> usize {
    lines[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1)
}

/// Returns where the line ends that begins there.
fn end_of(lines: &[u8], begin: usize) -> usize {
    lines[begin..].iter().position(|byte| *byte == b'\n').map_or(lines.len(), |at| begin + at + 1)
}

/// Returns a text as it stands between its quotes in a line.
fn as_written(text: &str) -> String {
    let quoted = serde_json::to_string(text).expect("text is JSON");
    quoted[1..quoted.len() - 1].to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::entry::line;
    use super::*;

    fn entry(nonce: &str, request: &str, family: Option<&str>) -> Entry {
        Entry {
            version: ENTRY_VERSION,
            signer_key_id: "key".to_owned(),
            nonce: nonce.to_owned(),
            request_id: request.to_owned(),
            artifact_hash: "00".repeat(32),
            family: family.map(str::to_owned),
            expires_at: "2026-02-21T12:10:00Z".parse().expect("a time"),
        }
    }

    #[test]
    fn what_is_written_begins_as_is_looked_for() {
        let line = line(&entry("n", "r", None));
        assert!(json_of(&line).expect("sound").starts_with(BEGINNING));
    }

    #[test]
    fn finds_the_lines_of_a_word_however_it_is_written() {
        let odd = "a\"b\\c\u{1}\u{e9}";
        let all = [entry("n1", "r1", None), entry(odd, "r2", Some("f")), entry("n3", "r3", None)];
        let ledger = Ledger::of(all.iter().flat_map(line).collect()).expect("sound");
        assert_eq!(ledger.entries().as_deref(), Ok(&all[..]));
        for (words, found) in [
            (&["r1"][..], &[0][..]),
            (&[odd], &[1]),
            (&["f\"", "n3"], &[2]),
            (&["n3", "r1", "n1"], &[0, 2]),
            (&["another"], &[]),
            (&["key"], &[0, 1, 2]),
            (&[""], &[0, 1, 2]),
        ] {
            let expected: Vec<Entry> = found.iter().map(|at| all[*at].clone()).collect();
            assert_eq!(ledger.about(words.iter().copied()), Ok(expected), "{words:?}");
        }
        assert_eq!(Ledger::of(Vec::new()).expect("sound").about(["n"]), Ok(Vec::new()));
    }

    #[test]
    fn a_line_with_a_sound_digest_that_says_nothing_is_none() {
        let good = line(&entry("n1", "r1", None));
        let forged = |json: &str| {
            let digest = &crate::crypto::Sha256Digest::of(json.as_bytes()).to_string()[..16];
            format!("{digest} {json}\n").into_bytes()
        };
        let strange = Ledger::of([&good[..], &forged("{\"n1\":1}")].concat());
        assert_eq!(strange.expect_err("no entry"), LedgerFault::Tampered(2));
        let strange = Ledger::of([&good[..], &forged("{\"version\":1,\"n1\":1}")].concat());
        let strange = strange.expect("only its digest was looked at");
        assert_eq!(strange.about(["n1"]), Err(LedgerFault::Tampered(2)));
        assert_eq!(strange.about(["r1"]).map(|found| found.len()), Ok(1));
    }
}
