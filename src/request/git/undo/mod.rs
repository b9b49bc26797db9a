//! What a destructive git command takes away, and how it comes back.
//!
//! A few commands of git throw away what git itself cannot bring back by a name: commits
//! that a branch had, changes nobody committed, files nobody added. They are recognised by
//! their words before a person is asked. What they take away is found by plumbing that
//! runs nothing of the repository's, and kept under `refs/airlock/` right before the
//! command runs. Where that cannot be, the approver reads so before the decision.
//!
//! This module only reads until [`Undo::keep`] is called.

mod alias;
mod keep;
mod losses;
mod others;
mod prune;
mod words;

pub use keep::{Kept, UndoError};

use crate::process::{Environment, GitError};
use crate::request::Request;
use crate::request::git::Site;
use alias::Meant;
use losses::Loss;
use others::Seen;
use std::path::PathBuf;

/// The most files that are kept.
const MOST_FILES: usize = 5000;
/// The most bytes of them.
const MOST_BYTES: u64 = 256 << 20;

/// What a recognised command takes away.
#[derive(Debug)]
pub struct Undo {
    directory: PathBuf,
    losses: Vec<Loss>,
}

/// What is known about bringing back what a command takes away.
#[derive(Debug, Default)]
pub enum Undoing {
    /// It is no command that is recognised, or it takes nothing away.
    #[default]
    Nothing,
    /// It will be kept right before it runs.
    Promised(Undo),
    /// It cannot be kept, and this is why.
    Impossible(String),
    /// Whether it takes something away is not known, and this is why.
    Unknown(String),
}

impl Undoing {
    /// Looks whether the request is such a command.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        let Some(call) = words::git_call(request.arguments()) else {
            return Self::of_others(request);
        };
        let at = request.directory().path();
        let call = match alias::meant(call, at, request.environment()) {
            Meant::Call(call) => call,
            Meant::Unread(why) => return Self::Unknown(why),
        };
        let Some(destroys) = words::destroys(&call) else { return Self::Nothing };
        if let Some(option) = call.elsewhere {
            let option = crate::request::text::word(option.as_ref());
            return Self::Impossible(format!("{option} names another repository"));
        }
        let directory = match call.directory {
            Some(directory) => at.join(directory),
            None => at.to_owned(),
        };
        match find(&directory, request.environment(), &destroys) {
            Ok(losses) if losses.is_empty() => Self::Nothing,
            Ok(losses) => Self::Promised(Undo { directory, losses }),
            Err(why) => Self::Impossible(why),
        }
    }

    /// Looks whether others are to call git so.
    fn of_others(request: &Request) -> Self {
        let takes_nothing = match others::seen(request.arguments()) {
            Seen::Nothing => true,
            Seen::Something => false,
            // What is no file is a commit, and is switched to.
            Seen::ChangesOf(names) => {
                let site = Site::around(request.directory().path(), request.environment());
                site.is_ok_and(|site| {
                    let names_files = |name| losses::names_files(&site, name);
                    names.iter().all(|name| names_files(name).is_ok_and(|some| !some))
                })
            }
        };
        if takes_nothing {
            return Self::Nothing;
        }
        let why = "git is run by another program or a longer text, which is not read here";
        Self::Unknown(why.to_owned())
    }

    /// Says it in words for the approver.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        match self {
            Self::Nothing => None,
            Self::Promised(undo) => {
                let what: Vec<&str> = undo.losses.iter().map(Loss::what).collect();
                Some(format!(
                    "what this takes away is kept first, under refs/airlock/: {}",
                    what.join("; ")
                ))
            }
            Self::Impossible(why) => {
                Some(format!("what this takes away CANNOT be kept, and is gone then: {why}"))
            }
            Self::Unknown(why) => {
                Some(format!("no undo note: {why}; whatever this takes away is not kept"))
            }
        }
    }
}

fn find(
    directory: &std::path::Path,
    environment: &Environment,
    destroys: &words::Destroys,
) -> Result<Vec<Loss>, String> {
    let told = |error: GitError| error.to_string();
    let site = Site::around(directory, environment).map_err(told)?;
    losses::find(&site, directory, destroys)
}
