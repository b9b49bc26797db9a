//! Why git must not go on.

use crate::error::Error;
use crate::exit::{HOOK_REFUSES, Outcome};
use crate::intercept::git::Hook;
use crate::process::{GitError, PrivateError};
use crate::run::Exit;
use std::io::{self, Write as _};
use thiserror::Error;

/// Why a hook tells git to stop.
#[derive(Debug, Error)]
pub(super) enum GitHookError {
    /// What the hook is about cannot be found out.
    #[error(transparent)]
    Git(#[from] GitError),
    /// What hooks keep cannot be used.
    #[error(transparent)]
    Private(#[from] PrivateError),
    /// It is not permitted, or nobody could be asked.
    #[error(transparent)]
    Refused(#[from] Error),
    /// git did not say what it is about, or not as git does.
    #[error("git did not say what this is about, as it should to its hook")]
    Arguments,
    /// Nobody commits in a bare repository.
    #[error("this repository has no work tree that could be committed")]
    NoWorkTree,
    /// It cannot be read what git says.
    #[error("what git tells its hook cannot be read: {0}")]
    Input(io::Error),
    /// The message cannot be read.
    #[error("the message cannot be read: {0}")]
    Message(io::Error),
    /// There is more than could be shown to anybody.
    #[error("this is larger than anything that could be reviewed")]
    TooMuchInput,
    /// What would be committed now was not approved.
    #[error("what is staged changed while it was reviewed")]
    Changed,
}

impl GitHookError {
    /// Returns the approver's words, escaped, when there are any.
    fn reason(&self) -> Option<String> {
        match self {
            Self::Refused(error) => error.reason(),
            _ => None,
        }
    }

    /// Returns the next step.
    fn hint(&self) -> String {
        match self {
            Self::Git(error) => error.hint(),
            Self::Private(error) => error.hint(),
            Self::Refused(error) => error.hint(),
            Self::NoWorkTree | Self::Arguments | Self::Input(_) | Self::Message(_) => {
                "see which hooks are there: airlock-exec hook list".to_owned()
            }
            Self::TooMuchInput => "do it in smaller parts".to_owned(),
            Self::Changed => "see what is staged (git status), then commit again".to_owned(),
        }
    }
}

/// Says on standard error why git must not go on, and returns the end that tells it.
///
/// git only knows yes and no: status 1 is its own convention.
pub(super) fn refuse(hook: Hook, error: &GitHookError) -> Exit {
    let why = error.reason().map(|reason| format!("  why: {reason}\n")).unwrap_or_default();
    let text =
        format!("airlock-exec: {error}; {}\n{why}  next: {}\n", hook.consequence(), error.hint());
    // A closed standard error takes the text with it; the status still tells.
    let _ = std::io::stderr().write_all(text.as_bytes());
    match error {
        GitHookError::Refused(error) => match error.outcome() {
            interrupted @ Outcome::Interrupted(_) => interrupted.exit(),
            _ => HOOK_REFUSES,
        },
        _ => HOOK_REFUSES,
    }
}
