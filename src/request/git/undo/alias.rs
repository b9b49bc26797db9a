//! What an alias of git stands for, as far as it is words.

use super::words::{GitCall, call, plain_words};
use crate::process::{Environment, Git};
use crate::request::text;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// An alias may stand for another so often.
const DEEPEST: usize = 10;
/// Subcommands of git's own that one often sees: no alias can have their names.
const OWN: &[&str] = &[
    "add",
    "am",
    "annotate",
    "apply",
    "archive",
    "bisect",
    "blame",
    "branch",
    "bundle",
    "cat-file",
    "check-ignore",
    "checkout",
    "cherry",
    "cherry-pick",
    "clean",
    "clone",
    "commit",
    "config",
    "count-objects",
    "describe",
    "diff",
    "diff-tree",
    "difftool",
    "fetch",
    "for-each-ref",
    "format-patch",
    "fsck",
    "gc",
    "grep",
    "hash-object",
    "help",
    "init",
    "log",
    "ls-files",
    "ls-remote",
    "ls-tree",
    "maintenance",
    "merge",
    "merge-base",
    "mergetool",
    "mv",
    "notes",
    "pull",
    "push",
    "range-diff",
    "rebase",
    "reflog",
    "remote",
    "repack",
    "replace",
    "rerere",
    "reset",
    "restore",
    "rev-list",
    "rev-parse",
    "revert",
    "rm",
    "shortlog",
    "show",
    "show-ref",
    "sparse-checkout",
    "stash",
    "status",
    "submodule",
    "switch",
    "symbolic-ref",
    "tag",
    "update-index",
    "update-ref",
    "var",
    "version",
    "whatchanged",
    "worktree",
    "write-tree",
];

/// What a call is when its alias was looked up.
#[derive(Debug)]
pub(super) enum Meant {
    /// This.
    Call(GitCall),
    /// It cannot be told, and why.
    Unread(String),
}

/// Looks up the alias of a call, if it has one.
pub(super) fn meant(mut given: GitCall, at: &Path, environment: &Environment) -> Meant {
    for _ in 0..DEEPEST {
        let Some(name) = given.words.first().filter(|name| !is_own(name)) else {
            return Meant::Call(given);
        };
        let shown = text::word(name);
        if given.elsewhere.is_some() || given.names_aliases {
            return Meant::Unread(format!("what git {shown} is, is configured elsewhere"));
        }
        // No other name can be configured.
        if !name.as_bytes().iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-') {
            return Meant::Call(given);
        }
        let directory = given.directory.as_ref().map_or(at.to_owned(), |below| at.join(below));
        let key: OsString = [OsStr::new("alias."), name].into_iter().collect();
        let asked = [OsStr::new("config"), "--get".as_ref(), &key];
        let value = match Git::at(&directory, environment).and_then(|git| git.line(&asked)) {
            Ok(Some(value)) => value,
            Ok(None) => return Meant::Call(given),
            Err(error) => return Meant::Unread(error.to_string()),
        };
        let Some(mut words) = plain_words(&value) else {
            return Meant::Unread(format!("git {shown} is an alias that is not read here"));
        };
        words.extend(given.words.drain(1..));
        let inner = call(&words);
        given = GitCall {
            directory: match (given.directory, inner.directory) {
                (Some(outer), Some(inner)) => Some(Path::new(&outer).join(inner).into()),
                (outer, inner) => inner.or(outer),
            },
            ..inner
        };
    }
    Meant::Unread("its alias leads from one to another without end".to_owned())
}

fn is_own(name: &OsStr) -> bool {
    OWN.iter().any(|own| name == *own)
}
