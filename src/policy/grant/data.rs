//! Programs that run none of the files their words name.
//!
//! What is not in here may run them, for all anybody knows: a grant binds such files.

use super::Pattern;
use crate::policy::words::base_name;
use crate::protocol::artifact::PatternWord;
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
    "install",
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
    "sed",
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

/// Tells whether every file that a pattern names is data to its program, which lies in that
/// file.
#[must_use]
pub fn names_data(pattern: &Pattern, file: Option<&Path>) -> bool {
    let name = |path: &str| {
        let name = base_name(path.as_bytes());
        std::str::from_utf8(name).unwrap_or_default().to_owned()
    };
    let mut words = pattern.words().iter().map(|word| match word {
        PatternWord::Exactly(word) => Some(word.as_str()),
        PatternWord::Any(_) => None,
    });
    let Some(program) = words.next().flatten().map(name) else { return false };
    // A link may give another program that name.
    let is_itself = file.is_none_or(|file| {
        let behind = file.to_str().map(name).unwrap_or_default();
        behind == program || DATA.contains(&behind.as_str()) || is_many_in_one(&behind)
    });
    if program == "git" {
        return is_itself && words.next().flatten().is_some_and(|verb| GIT.contains(&verb));
    }
    is_itself && DATA.contains(&program.as_str())
}

fn is_many_in_one(name: &str) -> bool {
    MANY_IN_ONE.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::super::Syntax;
    use super::*;
    use std::ffi::OsString;

    fn is_data(line: &str, file: Option<&str>) -> bool {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let pattern = Pattern::read(&words, Syntax::Pattern).expect("a pattern");
        names_data(&pattern, file.map(Path::new))
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
        ] {
            assert!(!is_data(line, None), "{line}");
        }
        assert!(!is_data("cat a", Some("/usr/bin/python3")));
    }
}
