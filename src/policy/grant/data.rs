//! Programs that run none of the files their words name.
//!
//! What is not in here may run them, for all anybody knows: a grant binds such files.

use super::Pattern;
use crate::policy::words::base_name;
use crate::protocol::artifact::PatternWord;
use crate::request::WholeWords;
use std::ffi::OsString;
use std::path::Path;

/// Programs for which every file is data, whatever their options say.
const DATA: &[&str] = &[
    "[",
    "b2sum",
    "base32",
    "base64",
    "basename",
    "black",
    "bunzip2",
    "bzip2",
    "cat",
    "chgrp",
    "chmod",
    "chown",
    "cksum",
    "clang-format",
    "cmp",
    "comm",
    "cp",
    "curl",
    "cut",
    "df",
    "diff",
    "dirname",
    "du",
    "echo",
    "egrep",
    "expand",
    "fgrep",
    "file",
    "fmt",
    "fold",
    "gofmt",
    "grep",
    "gunzip",
    "gzip",
    "head",
    "hexdump",
    "join",
    "jq",
    "ln",
    "ls",
    "md5sum",
    "mkdir",
    "mv",
    "nl",
    "od",
    "paste",
    "patch",
    "printf",
    "readlink",
    "realpath",
    "rm",
    "rmdir",
    "rustfmt",
    "sha1sum",
    "sha256sum",
    "sha512sum",
    "shellcheck",
    "shfmt",
    "shred",
    "stat",
    "strings",
    "tac",
    "tail",
    "tee",
    "test",
    "touch",
    "tr",
    "truncate",
    "unexpand",
    "uniq",
    "unxz",
    "wc",
    "xxd",
    "xz",
    "zcat",
    "zstd",
];

/// Programs that are many of those in one file.
const MANY_IN_ONE: &[&str] = &["busybox", "toybox", "coreutils"];

/// What git does with files as data; its other uses run or configure something.
const GIT: &[&str] = &[
    "add",
    "annotate",
    "apply",
    "blame",
    "checkout",
    "commit",
    "diff",
    "hash-object",
    "log",
    "ls-files",
    "mv",
    "reset",
    "restore",
    "rm",
    "show",
    "stage",
    "stash",
    "status",
    "switch",
];

/// Programs for which files that are words of their own are data, and which may run what
/// a text among their words names.
const TEXTS: &[&str] = &["sed", "gsed"];

/// What a program does with the files that its words name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamedFiles {
    /// They are data.
    AreData,
    /// They may be run, as far as it is known.
    MayRun(WholeWords),
}

impl NamedFiles {
    /// Says it of a pattern, whose program lies in that file.
    #[must_use]
    pub fn of_pattern(pattern: &Pattern, file: Option<&Path>) -> Self {
        let words = pattern.words().iter().map(|word| match word {
            PatternWord::Exactly(word) => Some(word.as_str()),
            PatternWord::Any(_) => None,
        });
        Self::of(words, file)
    }

    /// Says it of a command, whose program lies in that file.
    #[must_use]
    pub fn of_command(words: &[OsString], file: Option<&Path>) -> Self {
        Self::of(words.iter().map(|word| word.to_str()), file)
    }

    fn of<'w>(mut words: impl Iterator<Item = Option<&'w str>>, file: Option<&Path>) -> Self {
        let name = |path: &str| {
            let name = base_name(path.as_bytes());
            std::str::from_utf8(name).unwrap_or_default().to_owned()
        };
        let any = Self::MayRun(WholeWords::Count);
        let Some(program) = words.next().flatten().map(name) else { return any };
        let is_listed = |name: &str| DATA.contains(&name) || TEXTS.contains(&name);
        // A link may give another program that name.
        let is_itself = file.is_none_or(|file| {
            let behind = file.to_str().map(name).unwrap_or_default();
            behind == program || is_listed(&behind) || is_many_in_one(&behind)
        });
        let is_data = match &*program {
            "git" => words.next().flatten().is_some_and(|verb| GIT.contains(&verb)),
            program => DATA.contains(&program),
        };
        if is_itself && is_data {
            Self::AreData
        } else if is_itself && TEXTS.contains(&&*program) {
            Self::MayRun(WholeWords::AreData)
        } else {
            any
        }
    }
}

fn is_many_in_one(name: &str) -> bool {
    MANY_IN_ONE.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::super::Syntax;
    use super::*;

    fn is_data(line: &str, file: Option<&str>) -> bool {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let pattern = Pattern::read(&words, Syntax::Pattern).expect("a pattern");
        NamedFiles::of_pattern(&pattern, file.map(Path::new)) == NamedFiles::AreData
    }

    #[test]
    fn files_are_data_only_to_programs_that_are_known_for_that() {
        for line in ["git add README.md", "cat notes.txt", "/bin/rm a {}", "git commit -F m ..."] {
            assert!(is_data(line, None), "{line}");
        }
        assert!(is_data("cat a", Some("/usr/bin/busybox")));
        assert!(is_data("fgrep a b", Some("/usr/bin/grep")));
        for line in [
            "python3 f.py",
            "java F.java",
            "tool f",
            "git bisect run f",
            "git -C d add f",
            "git {} f",
            "env cat f",
            "install -s --strip-program=./f a b",
            "git -c alias.x=!./f x",
        ] {
            assert!(!is_data(line, None), "{line}");
        }
        assert!(!is_data("cat a", Some("/usr/bin/python3")));
        let of_command = |words: &[&str]| {
            let words: Vec<OsString> = words.iter().map(OsString::from).collect();
            NamedFiles::of_command(&words, None)
        };
        assert_eq!(of_command(&["cat", "f"]), NamedFiles::AreData);
        assert_eq!(of_command(&["sed", "1e ./x"]), NamedFiles::MayRun(WholeWords::AreData));
        assert_eq!(of_command(&["tool", "f"]), NamedFiles::MayRun(WholeWords::Count));
    }
}
