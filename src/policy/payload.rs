//! What a command carries: the commands and shell text in its arguments.
//!
//! Used to find what a rule is to stop, so it may find too much and must not find
//! too little. What is carried is never allowed by this.

mod git;
mod options;

use super::tool::{Carrier, carrier};
use super::words::{Word, base_name};

/// Something that a command runs.
#[derive(Debug)]
pub(super) enum Carried<'w> {
    /// A command, word by word.
    Command(&'w [Word<'w>]),
    /// A command that is put together of its words.
    Composed(Vec<Word<'w>>),
    /// Text for a shell.
    Text(&'w str),
}

/// Wrappers with a word of their own before the command: `flock FILE CMD`.
const ONE_BEFORE: &[&[u8]] = &[
    b"flock",
    b"setarch",
    b"chroot",
    b"taskset",
    b"chrt",
    b"faketime",
    b"sg",
    b"newgrp",
    b"su",
    b"runuser",
    b"setuidgid",
    b"gosu",
    b"su-exec",
];

/// Wrappers that have a shell read a word: `watch 'CMD ARG'`.
const READ_BY_SHELL: &[&[u8]] = &[b"watch", b"sg", b"newgrp", b"parallel", b"sem", b"hyperfine"];

/// Returns what a command carries, in order; nothing when it carries nothing.
pub(super) fn carried<'w>(words: &'w [Word<'w>]) -> Vec<Carried<'w>> {
    let Some(name) = words.first().and_then(Word::known).map(base_name) else {
        return Vec::new();
    };
    let rest = &words[1..];
    match carrier(name) {
        Some(Carrier::Interpreter) => shell_text(rest),
        Some(Carrier::Wrapper) => wrapped(name, rest),
        Some(Carrier::Builtin) if name == b"eval" => texts(rest),
        Some(Carrier::Builtin) if name == b"trap" => texts(&rest[..rest.len().min(1)]),
        _ if matches!(name, b"find" | b"gfind" | b"fd" | b"fdfind") => executed(rest),
        _ if name.starts_with(b"git") => git::carried(name, rest),
        _ => options::carried(name, rest),
    }
}

fn texts<'w>(words: &'w [Word<'w>]) -> Vec<Carried<'w>> {
    let text = |word: &'w Word<'w>| std::str::from_utf8(word.known()?).ok();
    words.iter().filter_map(text).map(Carried::Text).collect()
}

/// The text of a shell or a language: behind an option cluster with a `c` in it, or with
/// `--command`.
///
/// An `o` among the letters takes a word of its own, so the text may be the next.
fn shell_text<'w>(words: &'w [Word<'w>]) -> Vec<Carried<'w>> {
    let is_cluster = |text: &[u8]| {
        text.len() > 1 && matches!(text[0], b'-' | b'+') && !matches!(text[1], b'-' | b'=')
    };
    let takes = |word: &Word<'_>, letters: &[u8]| {
        let has = |text: &[u8]| is_cluster(text) && text.iter().any(|each| letters.contains(each));
        word.known().is_some_and(has)
    };
    let is_long = |word: &Word<'_>| {
        word.known().is_some_and(|text| matches!(text, b"--command" | b"--init-command"))
    };
    let joined = words.iter().filter_map(|word| {
        let text = word.known()?;
        (text.starts_with(b"--command=") || text.starts_with(b"--init-command="))
            .then(|| attached_text(text))?
    });
    let mut found: Vec<_> = joined.collect();
    let Some(at) = words.iter().position(|word| takes(word, b"cC") || is_long(word)) else {
        return found;
    };
    let mut candidates = 1 + words.iter().filter(|word| takes(word, b"oO")).count();
    let mut ended = false;
    for word in &words[at + 1..] {
        let is_option = word.known().is_some_and(|text| matches!(text.first(), Some(b'-' | b'+')));
        if is_option && !ended {
            ended |= matches!(word.known(), Some(b"--" | b"-"));
            continue;
        }
        found.extend(texts(std::slice::from_ref(word)));
        candidates -= 1;
        if candidates == 0 {
            break;
        }
    }
    found
}

/// The command in a wrapper's arguments: behind options, their values and assignments.
///
/// Where a value may be the command or the command may be a value, both are returned.
fn wrapped<'w>(name: &[u8], words: &'w [Word<'w>]) -> Vec<Carried<'w>> {
    let mut found = Vec::new();
    let mut after_option = false;
    let mut before = usize::from(ONE_BEFORE.contains(&name));
    for (at, word) in words.iter().enumerate() {
        // It may be a value, or nothing.
        let Some(text) = word.known() else { continue };
        if word.is_option() {
            let splits = [&b"-S"[..], b"--split-string=", b"-c", b"-vS", b"-qc"];
            if splits.iter().any(|option| text.starts_with(option)) {
                found.extend(attached_text(text));
                found.extend(texts(words.get(at + 1..at + 2).unwrap_or_default()));
            }
            // Whose value the next word is, is known of few of them.
            after_option = text != b"--" && !text.contains(&b'=');
            continue;
        }
        let is_assignment = text.iter().position(|byte| *byte == b'=').is_some_and(|end| {
            text[..end].iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        });
        let is_number = text.first().is_some_and(u8::is_ascii_digit);
        if is_assignment {
            continue;
        }
        found.push(Carried::Command(&words[at..]));
        if READ_BY_SHELL.contains(&name) && text.contains(&b' ') {
            found.extend(texts(&words[at..=at]));
        }
        // `nice -n 5 CMD`, `timeout 5 CMD`, `flock FILE CMD`: it may not be the command.
        let is_file = text.contains(&b'/') || text.contains(&b'.');
        if !(after_option || is_number || is_file) {
            if before == 0 {
                break;
            }
            before -= 1;
        }
        after_option = false;
    }
    found
}

fn attached_text(option: &[u8]) -> Option<Carried<'_>> {
    let at = option.iter().position(|byte| *byte == b'=')?;
    std::str::from_utf8(&option[at + 1..]).ok().map(Carried::Text)
}

/// The commands behind `-exec` and its like.
fn executed<'w>(words: &'w [Word<'w>]) -> Vec<Carried<'w>> {
    const ACTIONS: &[&[u8]] =
        &[b"-exec", b"-execdir", b"-ok", b"-okdir", b"-x", b"-X", b"--exec", b"--exec-batch"];
    let starts = |word: &Word<'_>| word.known().is_some_and(|text| ACTIONS.contains(&text));
    let behind = words.iter().enumerate().filter(|(_, word)| starts(word)).map(|(at, _)| at + 1);
    behind.filter(|at| *at < words.len()).map(|at| Carried::Command(&words[at..])).collect()
}
