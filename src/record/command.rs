//! A command as it is remembered: enough to find it again, and no secret.

use crate::crypto::Sha256Digest;
use crate::process::Identity;
use crate::protocol::SessionId;
use crate::protocol::artifact::{AnyWord, CommandGrant, PatternWord};
use crate::request::{self, Marker, Place, Request, text};
use serde::{Deserialize, Serialize};
use std::ffi::{OsStr, OsString};
use std::path::Path;

/// The most of an argument that is written down, in bytes.
const LONGEST_WORD: usize = 2048;
/// The most arguments that are written down.
pub(super) const MOST_WORDS: usize = 64;

/// What ran or was to run, with secrets masked.
///
/// Program, options, hosts and paths stay; what is left out is counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Command {
    /// The arguments, `argv[0]` first.
    pub argv: Vec<String>,
    /// What is not written down of a very long command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_out: Option<LeftOut>,
    /// Where it starts.
    pub cwd: String,
    /// Top of the repository around it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// The program's absolute path.
    pub program: String,
    /// The digest of the program's file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program_sha256: Option<Sha256Digest>,
    /// Who runs it.
    pub user: String,
    /// The agent that asks, as far as we can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The session of the agent, when we began it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
}

/// What is not written down of very long commands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The number of arguments.
    pub arguments: usize,
}

impl Command {
    /// Remembers a captured request.
    #[must_use]
    pub fn of(request: &Request, marker: &Marker) -> Self {
        let words = request::masked(&request.words(), marker);
        let left_out = words.len().checked_sub(MOST_WORDS).filter(|count| *count > 0);
        Self {
            argv: words.into_iter().take(MOST_WORDS).map(shortened).collect(),
            left_out: left_out.map(|arguments| LeftOut { arguments }),
            cwd: path(request.directory().path()),
            repository: Place::of_repository(request.directory().path()).map(|top| path(&top.path)),
            program: path(request.executable().path()),
            program_sha256: request.program_sha256(),
            user: Identity::capture().user,
            agent: request::agent(request.environment()).map(str::to_owned),
            session: session(request),
        }
    }

    /// Remembers the pattern of a grant as if it were a command.
    #[must_use]
    pub fn of_grant(terms: &CommandGrant, marker: &Marker) -> Self {
        let word = |word: &PatternWord| match word {
            PatternWord::Exactly(word) => word.into(),
            PatternWord::Any(AnyWord::One) => "{}".into(),
            PatternWord::Any(AnyWord::Further) => "...".into(),
        };
        let words: Vec<OsString> = terms.pattern.iter().map(word).collect();
        Self {
            argv: request::masked(&words, marker).into_iter().map(shortened).collect(),
            left_out: None,
            cwd: terms.place.path.clone(),
            repository: None,
            program: terms.executable.clone(),
            program_sha256: Some(terms.executable_sha256),
            user: terms.user.clone(),
            agent: terms.agent.clone(),
            session: None,
        }
    }

    /// Returns the command on one line, quoted for a shell as far as it is known.
    #[must_use]
    pub fn line(&self) -> String {
        let line = line(&self.argv);
        match &self.left_out {
            Some(LeftOut { arguments }) => format!("{line} … ({arguments} more)"),
            None => line,
        }
    }
}

/// Returns words on one line, quoted for a shell but for those that are masked: nobody
/// runs them again, and somebody reads them.
pub(super) fn line(words: &[String]) -> String {
    let shown = |word: &String| {
        let is_masked = word.contains("‹redacted ");
        if is_masked { word.clone() } else { text::command(&[OsString::from(word)]) }
    };
    words.iter().map(shown).collect::<Vec<_>>().join(" ")
}

/// Returns sentences about a command, without what in them is secret.
///
/// They quote its words, and may have cut them short: one that could hold any part of
/// what is masked in those words is not kept at all.
pub(super) fn sentences(texts: &[String], request: &Request, marker: &Marker) -> Vec<String> {
    let words = request.words();
    let masked = request::masked(&words, marker);
    let secret: Vec<String> =
        words.iter().zip(&masked).flat_map(|(word, masked)| hidden_parts(word, masked)).collect();
    let kept = |text: &String| {
        let is_cut = !secret.is_empty() && text.contains('…');
        if is_cut || secret.iter().any(|part| text.contains(part)) {
            return "‹not kept: it names a secret›".to_owned();
        }
        let words: Vec<OsString> = text.split(' ').map(OsString::from).collect();
        shortened(request::masked(&words, marker).join(" "))
    };
    texts.iter().map(kept).collect()
}

/// Returns the parts of a word that are not in what is shown of it.
fn hidden_parts(word: &OsStr, masked: &str) -> Vec<String> {
    let (word, _) = text::lossy(word);
    if *word == *masked {
        return Vec::new();
    }
    let parts = word.split(|each: char| !each.is_alphanumeric());
    parts.filter(|part| part.len() > 1 && !masked.contains(part)).map(str::to_owned).collect()
}

pub(super) fn session(request: &Request) -> Option<String> {
    let id: SessionId = request::session(request.environment())?.parse().ok()?;
    Some(id.to_string())
}

pub(super) fn path(path: &Path) -> String {
    text::lossy(path.as_os_str()).0.into_owned()
}

pub(super) fn shortened(word: String) -> String {
    if word.len() <= LONGEST_WORD {
        return word;
    }
    let end = (0..=LONGEST_WORD).rev().find(|end| word.is_char_boundary(*end)).unwrap_or(0);
    format!("{}… ({} bytes)", &word[..end], word.len())
}
