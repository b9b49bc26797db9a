//! A command as it is remembered: enough to find it again, and no secret.

use crate::crypto::Sha256Digest;
use crate::process::Identity;
use crate::protocol::artifact::{AnyWord, CommandGrant, PatternWord};
use crate::request::{self, Place, Request, text};
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::path::Path;

/// The most of an argument that is written down, in bytes.
const LONGEST_WORD: usize = 2048;
/// The most arguments that are written down.
const MOST_WORDS: usize = 64;

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
    pub fn of(request: &Request) -> Self {
        let words = request::masked(request.arguments());
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
        }
    }

    /// Remembers the pattern of a grant as if it were a command.
    #[must_use]
    pub fn of_grant(terms: &CommandGrant) -> Self {
        let word = |word: &PatternWord| match word {
            PatternWord::Exactly(word) => word.into(),
            PatternWord::Any(AnyWord::One) => "{}".into(),
            PatternWord::Any(AnyWord::Further) => "...".into(),
        };
        let words: Vec<OsString> = terms.pattern.iter().map(word).collect();
        Self {
            argv: request::masked(&words).into_iter().map(shortened).collect(),
            left_out: None,
            cwd: terms.place.path.clone(),
            repository: None,
            program: terms.executable.clone(),
            program_sha256: Some(terms.executable_sha256),
            user: terms.user.clone(),
            agent: terms.agent.clone(),
        }
    }

    /// Returns the command on one line, quoted for a shell as far as it is known.
    #[must_use]
    pub fn line(&self) -> String {
        let words: Vec<OsString> = self.argv.iter().map(OsString::from).collect();
        let line = text::command(&words);
        match &self.left_out {
            Some(LeftOut { arguments }) => format!("{line} … ({arguments} more)"),
            None => line,
        }
    }
}

fn path(path: &Path) -> String {
    text::lossy(path.as_os_str()).0.into_owned()
}

fn shortened(word: String) -> String {
    if word.len() <= LONGEST_WORD {
        return word;
    }
    let end = (0..=LONGEST_WORD).rev().find(|end| word.is_char_boundary(*end)).unwrap_or(0);
    format!("{}… ({} bytes)", &word[..end], word.len())
}
