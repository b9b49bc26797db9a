//! Commands in the arguments of git: aliases, settings that name programs, and uses that run
//! what they are told.

use super::options::values;
use super::{Carried, texts};
use crate::policy::words::Word;

/// Options of git itself with a value in the next word.
const VALUED: &[&[u8]] =
    &[b"-C", b"--git-dir", b"--work-tree", b"--namespace", b"--config-env", b"--super-prefix"];

/// Options of its uses whose value is a command.
const RUN: &[&str] = &[
    "-x",
    "--exec",
    "--extcmd",
    "--upload-pack",
    "--receive-pack",
    "--setup",
    "--env-filter",
    "--tree-filter",
    "--index-filter",
    "--parent-filter",
    "--msg-filter",
    "--commit-filter",
    "--tag-name-filter",
];

/// Uses that have one of them.
const RUNNING: &[&[u8]] = &[
    b"archive",
    b"clone",
    b"difftool",
    b"fetch",
    b"fetch-pack",
    b"filter-branch",
    b"ls-remote",
    b"pull",
    b"push",
    b"rebase",
    b"send-pack",
];

/// How the names of settings end whose value is a command.
const SETTINGS: &[&str] = &[
    "pager",
    "editor",
    "sshcommand",
    "gitproxy",
    "fsmonitor",
    "askpass",
    "external",
    "command",
    "textconv",
    "cmd",
    "clean",
    "smudge",
    "process",
    "driver",
    "helper",
    "program",
    "uploadpack",
    "receivepack",
];

/// Returns what a program of git carries.
pub(super) fn carried<'w>(name: &[u8], words: &'w [Word<'w>]) -> Vec<Carried<'w>> {
    match name.strip_prefix(b"git-") {
        // `git-push`, as it lies below /usr/lib/git-core.
        Some(verb) => vec![composed(std::iter::once(Word::literal(verb.to_vec())), words)],
        None if name == b"git" => of_git(words),
        None => Vec::new(),
    }
}

fn of_git<'w>(words: &'w [Word<'w>]) -> Vec<Carried<'w>> {
    let mut settings = Vec::new();
    let mut at = 0;
    while let Some(text) = words.get(at).and_then(Word::known) {
        at += match text {
            b"-c" => {
                settings.extend(words.get(at + 1).and_then(Word::known));
                2
            }
            _ if VALUED.contains(&text) => 2,
            [b'-', ..] => 1,
            _ => break,
        };
    }
    let (verb, rest) = match words.get(at..) {
        Some([verb, rest @ ..]) => (verb.known().unwrap_or_default(), rest),
        _ => (&[][..], &[][..]),
    };
    let mut found = Vec::new();
    for setting in settings {
        found.extend(of_setting(setting, rest));
    }
    let behind = |word: &[u8]| {
        let at = rest.iter().position(|each| each.known() == Some(word))? + 1;
        let options = rest[at..].iter().take_while(|word| word.is_option()).count();
        Some(&rest[at + options..])
    };
    let inner = match verb {
        b"submodule" => behind(b"foreach"),
        b"bisect" => behind(b"run"),
        _ => None,
    };
    if let Some(inner @ [first, ..]) = inner {
        found.push(Carried::Command(inner));
        found.extend(texts(std::slice::from_ref(first)));
    }
    if RUNNING.contains(&verb) {
        found.extend(values(rest, RUN).map(Carried::Text));
    }
    found
}

/// Returns the command in a setting, which is followed by `rest` where it is an alias.
fn of_setting<'w>(setting: &'w [u8], rest: &'w [Word<'w>]) -> Option<Carried<'w>> {
    let (name, value) = std::str::from_utf8(setting).ok()?.split_once('=')?;
    let name = name.to_ascii_lowercase();
    if let Some(text) = value.strip_prefix('!') {
        return Some(Carried::Text(text));
    }
    if name.starts_with("alias.") {
        let words = shell_words::split(value).ok()?;
        return Some(composed(
            words.into_iter().map(|word| Word::literal(word.into_bytes())),
            rest,
        ));
    }
    let runs = name.starts_with("pager.") || SETTINGS.iter().any(|end| name.ends_with(end));
    runs.then_some(Carried::Text(value))
}

fn composed<'w>(verb: impl Iterator<Item = Word<'w>>, rest: &[Word<'w>]) -> Carried<'w> {
    let git = std::iter::once(Word::literal(&b"git"[..]));
    Carried::Composed(git.chain(verb).chain(rest.iter().cloned()).collect())
}
