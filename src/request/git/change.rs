//! What differs between two trees.

use super::{Listed, risk};
use crate::display::counted;
use crate::process::{Git, GitError};
use crate::request::text;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// The most changes that are shown.
const SHOWN: usize = 200;
/// A file of more bytes is worth a word.
const LARGE: u64 = 1 << 20;
/// Nothing here runs a program that the repository names, and nothing is hidden by it.
const DIFF: &[&str] = &[
    "diff-tree",
    "-r",
    "-z",
    "-M",
    "-l1000",
    "--no-abbrev",
    "--no-ext-diff",
    "--no-textconv",
    "--ignore-submodules=none",
    "--no-relative",
    "--no-color",
];

/// One path that differs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Change {
    /// `A`, `D`, `M`, `R`, `T` and what else git says, with a number behind `R`.
    pub(super) status: String,
    pub(super) old_mode: String,
    pub(super) new_mode: String,
    pub(super) path: Vec<u8>,
    pub(super) from: Option<Vec<u8>>,
    pub(super) lines: Option<Lines>,
    pub(super) is_large: bool,
}

/// How many lines of a file differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lines {
    Counted {
        added: u64,
        deleted: u64,
    },
    /// git says it is binary, or `.gitattributes` does.
    Binary,
}

/// Everything that differs.
#[derive(Debug, Default)]
pub(super) struct Changes {
    all: Vec<Change>,
    /// Why lines were not counted.
    uncounted: Option<String>,
    /// How many files were looked at for their size.
    weighed: usize,
}

impl Changes {
    /// Compares two trees, each named by an id.
    pub(super) fn between(git: &Git, old: &str, new: &str) -> Result<Self, GitError> {
        let unreadable = || GitError::Unreadable { what: "diff-tree" };
        let answer = git.bytes(&[DIFF, &["--raw", old, new]].concat())?;
        let mut all = parse_raw(&answer).ok_or_else(unreadable)?;
        let weighed = weigh(git, new, &mut all)?;
        // Counting reads every file: it comes last, and may not come to its end.
        let uncounted = match git.bytes(&[DIFF, &["--numstat", old, new]].concat()) {
            Ok(answer) => {
                let counted = parse_numstat(&answer).ok_or_else(unreadable)?;
                for change in &mut all {
                    change.lines = counted.get(&change.path[..]).copied();
                }
                None
            }
            Err(error @ (GitError::TimedOut { .. } | GitError::TooMuch { .. })) => {
                Some(error.to_string())
            }
            Err(error) => return Err(error),
        };
        Ok(Self { all, uncounted, weighed })
    }

    /// Says how much it is.
    pub(super) fn size(&self) -> String {
        let count =
            |letter: char| self.all.iter().filter(move |each| each.status.starts_with(letter));
        let mut words = vec![counted(self.all.len(), "file")];
        for (letter, word) in [('A', "added"), ('D', "deleted"), ('R', "renamed")] {
            let number = count(letter).count();
            words.extend((number > 0).then(|| format!("{number} {word}")));
        }
        if self.uncounted.is_none() {
            let (mut plus, mut minus) = (0, 0);
            for change in &self.all {
                if let Some(Lines::Counted { added, deleted }) = change.lines {
                    (plus, minus) = (plus + added, minus + deleted);
                }
            }
            words.push(format!("+{plus} -{minus} lines"));
        }
        words.join(", ")
    }

    /// Lists them.
    pub(super) fn listed(&self) -> Listed {
        Listed::first(SHOWN, self.all.len(), self.all.iter().map(Change::in_words))
    }

    /// Says what deserves a look.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = risk::notes(&self.all);
        if let Some(why) = &self.uncounted {
            notes.push(format!("lines were not counted: {why}"));
        }
        if self.weighed < self.all.len() {
            notes.push(format!(
                "only the first {} of {} files were looked at for their size",
                self.weighed,
                self.all.len()
            ));
        }
        notes
    }
}

impl Change {
    fn in_words(&self) -> String {
        let path = |bytes: &[u8]| text::word(OsStr::from_bytes(bytes));
        let mut words = vec![self.status.chars().take(1).collect::<String>()];
        words.push(match self.lines {
            Some(Lines::Counted { added, deleted }) => format!("+{added} -{deleted}"),
            Some(Lines::Binary) => "binary".to_owned(),
            None => "?".to_owned(),
        });
        if self.old_mode != self.new_mode && self.status.starts_with(['M', 'T', 'R']) {
            words.push(format!("mode {} to {}", self.old_mode, self.new_mode));
        } else if self.status.starts_with('A') && self.new_mode != "100644" {
            words.push(format!("mode {}", self.new_mode));
        }
        if let Some(from) = &self.from {
            words.push(format!("{} to", path(from)));
        }
        words.push(path(&self.path));
        words.join(" ")
    }
}

/// Reads `:MODE MODE ID ID STATUS NUL PATH NUL`. Spec: git-diff-tree(1), raw output.
fn parse_raw(answer: &[u8]) -> Option<Vec<Change>> {
    let mut tokens = answer.split(|byte| *byte == 0);
    let mut changes = Vec::new();
    while let Some(head) = tokens.next().filter(|head| !head.is_empty()) {
        let head = std::str::from_utf8(head.strip_prefix(b":")?).ok()?;
        let mut fields = head.split(' ');
        let mut field = || fields.next().map(str::to_owned);
        let (old_mode, new_mode) = (field()?, field()?);
        let status = fields.nth(2)?.to_owned();
        let first = tokens.next()?.to_owned();
        let (from, path) = if status.starts_with(['R', 'C']) {
            (Some(first), tokens.next()?.to_owned())
        } else {
            (None, first)
        };
        changes.push(Change { status, old_mode, new_mode, path, from, ..Change::default() });
    }
    Some(changes)
}

/// Reads `ADDED TAB DELETED TAB PATH NUL`, and `ADDED TAB DELETED TAB NUL OLD NUL NEW NUL`.
fn parse_numstat(answer: &[u8]) -> Option<HashMap<&[u8], Lines>> {
    let mut tokens = answer.split(|byte| *byte == 0);
    let mut counted = HashMap::new();
    while let Some(head) = tokens.next().filter(|head| !head.is_empty()) {
        let mut fields = head.splitn(3, |byte| *byte == b'\t');
        let (added, deleted, path) = (fields.next()?, fields.next()?, fields.next()?);
        let path = if path.is_empty() { tokens.nth(1)? } else { path };
        let number = |text: &[u8]| std::str::from_utf8(text).ok()?.parse().ok();
        let lines = match (number(added), number(deleted)) {
            (Some(added), Some(deleted)) => Lines::Counted { added, deleted },
            _ => Lines::Binary,
        };
        counted.insert(path, lines);
    }
    Some(counted)
}

/// Finds out which of the first files are large, and returns how many were looked at.
fn weigh(git: &Git, tree: &str, changes: &mut [Change]) -> Result<usize, GitError> {
    let count = changes.len().min(SHOWN);
    let (first, _) = changes.split_at_mut(count);
    let files = first.iter().filter(|change| change.new_mode.starts_with("100"));
    let paths: Vec<&OsStr> = files.map(|change| OsStr::from_bytes(&change.path)).collect();
    if paths.is_empty() {
        return Ok(count);
    }
    let fixed = ["ls-tree", "-r", "-l", "-z", "--full-tree", tree, "--"].map(OsStr::new);
    let answer = git.bytes(&[&fixed[..], &paths].concat())?;
    let mut large: Vec<&[u8]> = Vec::new();
    for entry in answer.split(|byte| *byte == 0).filter(|entry| !entry.is_empty()) {
        let Some(tab) = entry.iter().position(|byte| *byte == b'\t') else { continue };
        let size = String::from_utf8_lossy(&entry[..tab]);
        let size = size.split_ascii_whitespace().next_back().and_then(|text| text.parse().ok());
        if size.is_some_and(|size: u64| size > LARGE) {
            large.push(&entry[tab + 1..]);
        }
    }
    for change in first {
        change.is_large = large.contains(&&change.path[..]);
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_git_writes() {
        let raw = b":100644 100755 a b M\0x y\0:100644 100644 a a R100\0old\0new\0:000000 100644 0 b A\0a\xff\0";
        let changes = parse_raw(raw).expect("raw");
        let words: Vec<String> = changes.iter().map(Change::in_words).collect();
        assert_eq!(words[0], "M ? mode 100644 to 100755 'x y'");
        assert_eq!(words[1], "R ? old to new");
        assert_eq!(words[2], "A ? $'a\\377'");
        let counted =
            parse_numstat(b"1\t2\tx y\x000\t0\t\0old\0new\0-\t-\tbin\0").expect("numstat");
        assert_eq!(counted[&b"x y"[..]], Lines::Counted { added: 1, deleted: 2 });
        assert_eq!(counted[&b"new"[..]], Lines::Counted { added: 0, deleted: 0 });
        assert_eq!(counted[&b"bin"[..]], Lines::Binary);
    }

    #[test]
    fn half_an_answer_is_none() {
        assert!(parse_raw(b":100644 100644 a b M").is_none());
        assert!(parse_raw(b"100644").is_none());
        assert!(parse_numstat(b"1\tx").is_none());
    }
}
