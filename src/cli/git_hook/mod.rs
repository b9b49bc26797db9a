//! `airlock-exec git-hook`: what the hooks of git call.
//!
//! A hook has no terminal, waits with a line now and then, ends with status 0 when git
//! may go on and with 1 and the reason when not. Whatever goes wrong is a reason.
//!
//! | hook | asks about | bound to |
//! | --- | --- | --- |
//! | `pre-commit` | the tree, before a message is written | the tree, the parents |
//! | `commit-msg` | tree and message, unless `pre-commit` did | tree, parents, message |
//! | `pre-push` | what moves on the remote | the ids that git pushes |
//! | `reference-transaction` | commits that nobody approved | the commits themselves |

mod commit;
mod error;
mod push;
mod references;

use error::GitHookError;

use super::gate::{self, Patience};
use crate::config::Paths;
use crate::error::Error;
use crate::exit::SUCCESS;
use crate::intercept::git::Hook;
use crate::intercept::{Interception, Invocation};
use crate::process::{self, Environment, PrivateDir, WorkingDirectory};
use crate::request::git::{Approvals, GitEvidence, Site};
use crate::request::{Marker, Request, masked, text};
use crate::review::Clearance;
use crate::run::Exit;
use clap::Args;
use std::ffi::OsString;
use std::io::Read;

/// What git calls its hook with.
#[derive(Debug, Args)]
pub(super) struct GitHookArguments {
    /// The hook
    #[arg(value_name = "HOOK")]
    hook: Hook,
    /// What git gives to it
    #[arg(value_name = "ARGUMENT", trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

/// The most bytes of standard input that are read.
const LARGEST_INPUT: u64 = 64 << 20;

/// Answers a hook of git.
pub(super) fn run(arguments: GitHookArguments, environment: Environment) -> Exit {
    let hook = arguments.hook;
    match answer(arguments, environment) {
        Ok(()) => SUCCESS,
        Err(error) => error::refuse(hook, &error),
    }
}

fn answer(arguments: GitHookArguments, environment: Environment) -> Result<(), GitHookError> {
    let GitHookArguments { hook, arguments } = arguments;
    if let Some(canary) = gate::canary(&environment, Interception::GitHook) {
        return Err(canary.into());
    }
    let mut input = Vec::new();
    if hook.reads_input() {
        let stdin = std::io::stdin().lock();
        stdin.take(LARGEST_INPUT).read_to_end(&mut input).map_err(GitHookError::Input)?;
        if u64::try_from(input.len()).unwrap_or(u64::MAX) == LARGEST_INPUT {
            return Err(GitHookError::TooMuchInput);
        }
    }
    match hook {
        Hook::PreCommit => commit::before_message(&Asker::new(environment)?),
        Hook::CommitMsg => commit::with_message(&Asker::new(environment)?, arguments.first()),
        Hook::PrePush => push::ask(&arguments, &input, environment),
        Hook::ReferenceTransaction => references::ask(&arguments, &input, environment),
    }
}

/// A hook at work: where it is, and whom it asks.
struct Asker {
    paths: Paths,
    environment: Environment,
    directory: WorkingDirectory,
    site: Site,
}

impl Asker {
    fn new(environment: Environment) -> Result<Self, GitHookError> {
        let paths = Paths::from_environment(&environment).map_err(Error::from)?;
        let directory = WorkingDirectory::capture().map_err(GitHookError::Input)?;
        let site = Site::around(directory.path(), &environment)?;
        Ok(Self { paths, environment, directory, site })
    }

    /// Looks at the repository again, with all the time there is.
    fn anew(&self) -> Result<Site, GitHookError> {
        Ok(Site::around(self.directory.path(), &self.environment)?)
    }

    /// Returns the directory of what hooks keep.
    fn place(&self) -> Result<PrivateDir, GitHookError> {
        Ok(PrivateDir::open(self.paths.state())?.subdir("git")?)
    }

    fn approvals(&self) -> Result<Approvals, GitHookError> {
        Ok(Approvals::of(&self.place()?, self.site.common())?)
    }

    /// Asks policy, grants, a person.
    fn permit(
        &self,
        words: Vec<OsString>,
        evidence: GitEvidence,
    ) -> Result<Clearance, GitHookError> {
        let evidence = GitEvidence { started_by: self.started_by()?, ..evidence };
        let invocation = Invocation::new(Interception::GitHook, words).map_err(Error::from)?;
        let environment = without_own_variables(&self.environment);
        let request = Request::capture(invocation, environment).map_err(Error::from)?;
        let patience = Patience::default();
        Ok(gate::permit(request.with_git(evidence), &self.paths, patience)?.permit)
    }

    /// Returns what puts marks in the place of secrets.
    fn marker(&self) -> Result<Marker, GitHookError> {
        Ok(Marker::open(&self.paths.enforcer())?)
    }

    /// Returns the git command that started this hook, as it says itself.
    fn started_by(&self) -> Result<Option<String>, GitHookError> {
        let Some(words) = words_of_git() else { return Ok(None) };
        let masked = masked(&words, &self.marker()?);
        let words: Vec<OsString> = masked.into_iter().map(OsString::from).collect();
        Ok(Some(text::command(&words)))
    }

    /// Lets git go on, once that is written down.
    fn release(&self, permit: Clearance) -> Result<(), GitHookError> {
        Ok(gate::release(permit, &self.paths)?)
    }
}

/// Returns the words of the nearest git above us. They are its own, and prove nothing.
fn words_of_git() -> Option<Vec<OsString>> {
    let git = process::ancestors().into_iter().find(|each| each.name == "git")?;
    Some(process::words_of(&git)).filter(|words| !words.is_empty())
}

/// Variables that git sets for its hooks, other each time and of no use to a reviewer.
const OWN: &[&str] = &[
    "GIT_AUTHOR_DATE",
    "GIT_AUTHOR_NAME",
    "GIT_AUTHOR_EMAIL",
    "GIT_DIR",
    "GIT_EDITOR",
    "GIT_EXEC_PATH",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_REFLOG_ACTION",
    "GIT_WORK_TREE",
];

fn without_own_variables(environment: &Environment) -> Environment {
    let kept = environment.iter().filter(|(name, _)| !OWN.iter().any(|own| name == own));
    kept.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
