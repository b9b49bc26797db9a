//! Notes for the approver about a request.

use super::{Danger, Surroundings, found};
use crate::policy::payload::{self, Carried};
use crate::policy::secret::names_secret;
use crate::policy::shell::{self, Parsed};
use crate::policy::tool::{Carrier, carrier};
use crate::policy::words::{Word, base_name};
use crate::request::Request;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// The most that is said about one request.
const MOST: usize = 16;
/// How deep and how far is looked.
const DEEPEST: usize = 16;
const COMMANDS: usize = 512;
/// How much of a command is quoted.
const QUOTED: usize = 72;

/// Returns what of a request is hard to undo, in words.
#[must_use]
pub fn dangers(request: &Request) -> Vec<String> {
    let words = request.words();
    let words: Vec<Word<'_>> = words.iter().map(|word| Word::literal(word.as_bytes())).collect();
    let home = request.environment().value("HOME").map(Path::new);
    let around = Surroundings { directory: request.directory().path(), home };
    let mut search = Search::new(around);
    search.command(&words);
    search.notes
}

/// What has been found so far.
pub(super) struct Search<'a> {
    around: Surroundings<'a>,
    pub(super) notes: Vec<String>,
    commands: usize,
    depth: usize,
}

impl<'a> Search<'a> {
    pub(super) fn new(around: Surroundings<'a>) -> Self {
        Self { around, notes: Vec::new(), commands: 0, depth: 0 }
    }

    fn note(&mut self, what: &str, command: &str) {
        let quoted: String = match command.char_indices().nth(QUOTED) {
            Some((end, _)) => format!("{}…", &command[..end]),
            None => command.to_owned(),
        };
        let note = format!("{what}: {quoted}");
        if self.notes.len() < MOST && !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    pub(super) fn command(&mut self, words: &[Word<'_>]) {
        self.commands += 1;
        self.depth += 1;
        if self.commands <= COMMANDS && self.depth <= DEEPEST {
            let command = words.iter().map(Word::shown).collect::<Vec<_>>().join(" ");
            let mut said: Vec<&str> = Vec::new();
            for Danger { note, .. } in found(words, self.around) {
                // The first of a program is the gravest: the others say less of the same.
                if said.is_empty() || !said.iter().any(|each| is_same_kind(each, note)) {
                    self.note(note, &command);
                }
                said.push(note);
            }
            let secret = words.iter().skip(1).find(|word| names_secret(word));
            if let Some(word) = secret {
                self.note("names a place where secrets are kept", &word.shown());
            }
            for carried in payload::carried(words) {
                match carried {
                    Carried::Command(words) => self.command(words),
                    Carried::Composed(words) => self.command(&words),
                    Carried::Text(text) => self.text(text),
                }
            }
        }
        self.depth -= 1;
    }

    pub(super) fn text(&mut self, text: &str) {
        let Parsed { commands, written, .. } = shell::parse(text);
        let named = |names: &[&str]| {
            commands.iter().find(|words| {
                let name = words.first().and_then(Word::known).map(base_name);
                name.is_some_and(|name| names.iter().any(|each| each.as_bytes() == name))
            })
        };
        let runs_input = commands.iter().find(|words| runs_what_comes(words));
        let download = named(&["curl", "wget", "fetch", "http", "https", "aria2c"]);
        let line = |words: &[Word<'_>]| words.iter().map(Word::shown).collect::<Vec<_>>().join(" ");
        match (download, runs_input) {
            (Some(download), Some(shell)) => {
                let both = format!("{} … {}", line(download), line(shell));
                self.note("runs what it downloads, unseen", &both);
            }
            (None, Some(shell)) if commands.len() > 1 => {
                self.note("runs text that is known only when it runs", &line(shell));
            }
            _ => {}
        }
        for target in &written {
            self.writes(target);
        }
        for words in &commands {
            self.command(words);
        }
    }

    /// Looks at a file that a redirection writes.
    fn writes(&mut self, target: &str) {
        const STARTS: &[&str] = &[
            ".bashrc",
            ".bash_profile",
            ".profile",
            ".zshrc",
            ".zshenv",
            ".zprofile",
            "authorized_keys",
            ".gitconfig",
            ".npmrc",
            "crontab",
            "sudoers",
            "hosts",
        ];
        let name = Path::new(target.trim_matches(['"', '\''])).file_name().unwrap_or_default();
        let is_hook = target.contains("/hooks/") || target.contains(".config/");
        if is_hook || STARTS.iter().any(|each| name == *each) {
            self.note("writes a file by which programs start or decide", target);
        } else if target.starts_with("/dev/") && !target.starts_with("/dev/null") {
            self.note("writes to a device", target);
        }
    }
}

/// Tells whether a command is a program for whatever its input or an expansion says.
fn runs_what_comes(words: &[Word<'_>]) -> bool {
    let kind = |word: &Word<'_>| word.known().and_then(carrier);
    let Some(name) = words.first().and_then(Word::known).map(base_name) else { return false };
    if matches!(name, b"eval" | b"source" | b".") {
        return true;
    }
    let Some(at) = words.iter().position(|word| kind(word) == Some(Carrier::Interpreter)) else {
        return false;
    };
    let is_script =
        |word: &Word<'_>| !word.is_option() && word.known().is_some_and(|text| text != b"-");
    (at == 0 || kind(&words[0]) == Some(Carrier::Wrapper)) && !words[at + 1..].iter().any(is_script)
}

/// Two notes of deletion about one command are one.
fn is_same_kind(one: &str, other: &str) -> bool {
    let verb = |note: &str| note.split(' ').next().map(str::to_owned);
    verb(one) == verb(other)
}
