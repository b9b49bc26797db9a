//! Why hooks are not installed or removed.

use super::Hook;
use crate::process::GitError;
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why hooks are not installed or removed. Nothing was changed, unless it says so.
#[derive(Debug, Error)]
pub enum HookError {
    /// git does not say where its hooks are.
    #[error(transparent)]
    Git(#[from] GitError),
    /// There is no work tree.
    #[error("{} is a bare repository: nobody commits in it", path.display())]
    Bare {
        /// The repository.
        path: PathBuf,
    },
    /// The hooks are those of other repositories too.
    #[error("{} belongs to more than this repository", path.display())]
    Shared {
        /// Where git looks for hooks.
        path: PathBuf,
        /// What names it.
        because: String,
    },
    /// A hook is a link to a file that is not this repository's.
    #[error("{} is a link to {}, which is not part of this repository", path.display(), target.display())]
    Linked {
        /// The hook.
        path: PathBuf,
        /// What it leads to.
        target: PathBuf,
    },
    /// There is something that is no hook.
    #[error("{} is no file that git could run", path.display())]
    Odd {
        /// What is there.
        path: PathBuf,
    },
    /// A hook was put aside before, and another one is there now.
    #[error("{} is there already, and so is another hook", path.display())]
    ChainedTwice {
        /// The hook that was put aside.
        path: PathBuf,
    },
    /// Our hook is not as we made it.
    #[error("{} was changed since it was installed", path.display())]
    Changed {
        /// The hook.
        path: PathBuf,
    },
    /// lefthook writes the hooks, from a file that is the project's.
    #[error("lefthook keeps the hooks of this repository, as {} says", path.display())]
    Lefthook {
        /// Its configuration.
        path: PathBuf,
        /// What to add to it.
        hooks: Vec<Hook>,
    },
    /// husky never runs it.
    #[error("husky keeps the hooks of this repository and does not know {hook}")]
    NotOfHusky {
        /// The hook.
        hook: Hook,
    },
    /// The operating system said no.
    #[error("cannot {action} {}: {source}", path.display())]
    System {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Its answer.
        source: io::Error,
    },
}

impl HookError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Git(error) => error.hint(),
            Self::Bare { .. } => "install the hooks where people commit".to_owned(),
            Self::Shared { because, .. } => format!(
                "{because}; give this repository its own with: git config core.hooksPath .git/hooks"
            ),
            Self::Linked { path, .. } => {
                format!("replace {} by a file of this repository, then try again", path.display())
            }
            Self::Odd { path } => format!("move {} away, then try again", path.display()),
            Self::ChainedTwice { path } => {
                format!(
                    "see which of the two should run, remove {}, then try again",
                    path.display()
                )
            }
            Self::Changed { path } => {
                format!("see what was changed in {}, and remove it by hand", path.display())
            }
            Self::Lefthook { path, .. } => {
                format!("add the jobs above to {}, then: lefthook install", path.display())
            }
            Self::NotOfHusky { .. } => {
                "install the others: airlock-exec hook install --git commit-msg pre-push".to_owned()
            }
            Self::System { path, .. } => format!("see: ls -ld {}", path.display()),
        }
    }
}
