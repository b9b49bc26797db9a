//! What is written for people: where it stands among the words of a command, and which of
//! its words nobody has for a secret.
//!
//! Prose names options without giving them a value: `document the --token option`. It may
//! quote a command with its secret all the same, so that only words of this list are shown
//! in the place of one.

use std::ffi::OsStr;
use std::path::Path;

/// How a text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// As words that a program takes.
    Command,
    /// As words for people.
    Prose,
}

/// Programs that take prose, and where.
#[derive(Debug)]
pub(super) struct Writer {
    names: &'static [&'static str],
    /// Options that have prose behind them.
    options: &'static [&'static str],
    /// Options without a value, although their names say that it is secret.
    pub(super) switches: &'static [&'static str],
    /// How the words are read that belong to no option.
    pub(super) operands: Reading,
}

/// The table.
const WRITERS: &[Writer] = &[
    Writer {
        names: &["git", "hg", "svn", "jj", "bzr"],
        options: &["-m", "--message"],
        switches: &[],
        operands: Reading::Command,
    },
    Writer {
        names: &["gh", "glab"],
        options: &[
            "-m",
            "--message",
            "-t",
            "--title",
            "-b",
            "--body",
            "-d",
            "--description",
            "-n",
            "--notes",
            "-c",
            "--comment",
        ],
        switches: &["--with-token", "--show-token"],
        operands: Reading::Command,
    },
    Writer {
        names: &["echo", "printf", "notify-send"],
        options: &[],
        switches: &[],
        operands: Reading::Prose,
    },
];

/// Programs whose words are patterns and files: no option of theirs takes a secret.
const SEARCHERS: &[&str] =
    &["grep", "egrep", "fgrep", "zgrep", "rgrep", "ugrep", "rg", "ag", "ack"];

/// Words that stand behind an option in a sentence, and that are nobody's secret.
const ORDINARY: &str = "\
    a accept accepted accepts add added adds after all allow allows also an and any are \
    argument arguments as at be because been before but by can cannot command commands default \
    defaults do does drop dropped either environment fix fixed fixes flag flags for from \
    handle handled handles handling has have header headers if in instead into is it its keep \
    mask masked masks may means must no not now of on only option options or over parameter \
    parameters parsing read reads refuse refused refuses reject rejected rejects remove \
    removed removes rename renamed require required requires send sends set sets setting \
    settings should show shows so support supported supports switch switches take takes than \
    that the their them then this through to too unless until usage use used uses using value \
    values variable variables via was were when where which while will with without works \
    would you your";

/// What stands in the place of a secret where somebody explains how it is given.
const PLACEHOLDERS: &[&str] =
    &["...", "…", "***", "KEY", "PASS", "PASSWORD", "SECRET", "STRING", "TOKEN", "USER:PASSWORD"];

impl Writer {
    /// Finds the program of that name or path.
    pub(super) fn named(word: &str) -> Option<&'static Self> {
        let name = name(word)?;
        WRITERS.iter().find(|writer| writer.names.contains(&name))
    }

    /// Tells whether the next word is prose: behind `-m`, `-am` or `--message`.
    pub(super) fn announces(&self, word: &str) -> bool {
        let is_it = |option: &&str| match option.strip_prefix("--") {
            Some(_) => word == *option,
            None => word.strip_prefix('-').is_some_and(|letters| {
                let all = letters.bytes().all(|each| each.is_ascii_alphabetic());
                all && letters.ends_with(&option[1..])
            }),
        };
        self.options.iter().any(is_it)
    }

    /// Tells whether a word is an option with prose joined to it.
    pub(super) fn holds(&self, word: &str) -> bool {
        let is_it = |option: &&str| {
            let joined = word.strip_prefix(option).filter(|joined| !joined.is_empty());
            joined.is_some_and(|joined| !option.starts_with("--") || joined.starts_with('='))
        };
        self.options.iter().any(is_it)
    }
}

/// Tells whether a program only searches.
pub(super) fn is_searcher(word: &str) -> bool {
    name(word).is_some_and(|name| SEARCHERS.contains(&name))
}

/// Tells whether a word of a sentence is one of the language, and no secret.
pub(super) fn is_ordinary(word: &str) -> bool {
    let bare = word.trim_matches(|each: char| "\"'`.,:;!?()".contains(each));
    ORDINARY.split(' ').any(|ordinary| ordinary.eq_ignore_ascii_case(bare))
        || PLACEHOLDERS.contains(&bare)
        || PLACEHOLDERS.contains(&word)
}

/// Returns the length of a `<placeholder>` that the text begins with.
pub(super) fn placeholder(text: &str) -> Option<usize> {
    let end = text.strip_prefix('<')?.find('>')? + 1;
    let is_letter = |each: char| each.is_ascii_alphabetic() || " -_".contains(each);
    (end > 1 && text[1..end].chars().all(is_letter)).then_some(end + 1)
}

fn name(word: &str) -> Option<&str> {
    Path::new(word).file_name().and_then(OsStr::to_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_in_order_and_none_is_long() {
        let words: Vec<&str> = ORDINARY.split(' ').collect();
        assert!(words.is_sorted() && words.iter().all(|word| word.len() < 12));
        for secret in ["hunter2", "hunter", "password", "secret", "test", "admin", "Passw0rd"] {
            assert!(!is_ordinary(secret), "{secret}");
        }
    }

    #[test]
    fn knows_where_prose_stands() {
        let git = Writer::named("/usr/bin/git").expect("git");
        for word in ["-m", "-am", "--message"] {
            assert!(git.announces(word) && !git.holds(word), "{word}");
        }
        for word in ["-mtext", "--message=text"] {
            assert!(git.holds(word), "{word}");
        }
        for word in ["-M", "--messages", "-ma", "m", "--amend"] {
            assert!(!git.announces(word), "{word}");
        }
    }
}
