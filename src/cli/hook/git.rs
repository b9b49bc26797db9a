//! `airlock-exec hook --git`: installs, lists and removes the hooks of a repository.

use super::placed::{self, GIT, PlacedError};
use crate::cli::output::say;
use crate::intercept::git::{
    Hook, HookError, Keeper, Place, Plan, State, jobs, own_program, state,
};
use crate::process::{Environment, Git, WorkingDirectory};
use crate::request::text;
use serde_json::{Value, json};
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

pub(super) const EXAMPLES: &str = "\
Examples:
  airlock-exec hook install --git            commits and pushes here ask
  airlock-exec hook install --git --dry-run  say what that would do
  airlock-exec hook install --git pre-push   only pushes
  airlock-exec hook list
  airlock-exec hook uninstall --git          put back what was there

Without names these are installed: commit-msg, pre-push, reference-transaction. Hooks
that are there run first. What hooks cannot see is in docs/git.md.";

/// Why hooks were not installed, shown or removed.
#[derive(Debug, Error)]
pub enum GitHooksError {
    /// They must not or cannot be changed.
    #[error(transparent)]
    Hook(#[from] HookError),
    /// There is no directory.
    #[error("the working directory cannot be opened: {0}")]
    Directory(io::Error),
    /// No hook could call this program.
    #[error("no hook could call this program: {0}")]
    Program(io::Error),
    /// It cannot be noted where they are.
    #[error(transparent)]
    Placed(#[from] PlacedError),
    /// Standard output does not take it.
    #[error("show the hooks: {0}")]
    Output(#[from] io::Error),
    /// Some hook does not work.
    #[error("a hook does not work, so what it should stop goes on or fails")]
    Broken,
}

impl GitHooksError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Hook(error) => error.hint(),
            Self::Directory(_) => "go to a directory that exists: cd".to_owned(),
            Self::Program(_) => "install airlock-exec where its path has no quotes".to_owned(),
            Self::Placed(error) => error.hint(),
            Self::Output(_) => "write to a file or a terminal that takes it".to_owned(),
            Self::Broken => "airlock-exec hook uninstall --git, then install again".to_owned(),
        }
    }
}

fn place(environment: &Environment) -> Result<Place, GitHooksError> {
    let directory = WorkingDirectory::capture().map_err(GitHooksError::Directory)?;
    Ok(Place::find(directory.path(), environment)?)
}

/// Removes hooks, all of ours when none is named.
pub(super) fn uninstall(
    named: &[Hook],
    doing: Doing,
    environment: &Environment,
) -> Result<(), GitHooksError> {
    let place = place(environment)?;
    let hooks = if named.is_empty() { &Hook::ALL } else { named };
    carry_out(&place, &Plan::uninstall(&place, hooks)?, doing)?;
    if named.is_empty() && doing == Doing::Now {
        placed::forget(GIT, place.repository(), environment)?;
    }
    Ok(())
}

/// Removes all hooks of ours of the repository there.
pub(super) fn uninstall_at(
    directory: &Path,
    doing: Doing,
    environment: &Environment,
) -> Result<(), GitHooksError> {
    let place = Place::find(directory, environment)?;
    carry_out(&place, &Plan::uninstall(&place, &Hook::ALL)?, doing)
}

/// Returns the repository around a directory, if hooks of ours are in it.
pub(super) fn with_hooks(directory: &Path, environment: &Environment) -> Option<PathBuf> {
    let place = Place::find(directory, environment).ok()?;
    let has_some = match Plan::uninstall(&place, &Hook::ALL) {
        Ok(plan) => !plan.is_empty(),
        Err(error) => matches!(error, HookError::Changed { .. }),
    };
    has_some.then(|| place.repository().to_owned())
}

/// Returns the directory where git looks for the hooks of every repository, if one is set.
pub(super) fn shared_directory(environment: &Environment) -> Option<PathBuf> {
    let git = Git::at(Path::new("/"), environment).ok()?;
    let path = git.line(&["config", "--global", "--type=path", "--get", "core.hooksPath"]);
    path.ok()?.map(PathBuf::from).filter(|path| path.is_dir())
}

/// Whether something is done or only said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    Now,
    OnlySaid,
}

impl From<bool> for Doing {
    fn from(dry_run: bool) -> Self {
        if dry_run { Self::OnlySaid } else { Self::Now }
    }
}

/// Installs hooks, the usual ones when none is named.
pub(super) fn install(
    named: &[Hook],
    doing: Doing,
    environment: &Environment,
) -> Result<(), GitHooksError> {
    let place = place(environment)?;
    let mut hooks = if named.is_empty() { Hook::USUAL.to_vec() } else { named.to_vec() };
    hooks.sort_unstable();
    hooks.dedup();
    if let (Keeper::Husky(_), true) = (place.keeper(), named.is_empty()) {
        // It never runs it; whoever names it is told so.
        hooks.retain(|hook| *hook != Hook::ReferenceTransaction);
        say("husky does not know reference-transaction: commits with --no-verify are not seen")?;
    }
    let program = own_program(environment).map_err(GitHooksError::Program)?;
    let plan = Plan::install(&place, &hooks, &program).inspect_err(|error| {
        if let HookError::Lefthook { hooks, .. } = error {
            // The error says what to do with it; a closed output takes it along.
            let _ = say(jobs(hooks).trim_end());
        }
    })?;
    if doing == Doing::Now {
        placed::add(GIT, place.repository(), environment)?;
    }
    carry_out(&place, &plan, doing)
}

fn carry_out(place: &Place, plan: &Plan, doing: Doing) -> Result<(), GitHooksError> {
    if doing == Doing::Now {
        plan.carry_out(place)?;
    }
    let prefix = if doing == Doing::Now { "" } else { "would: " };
    for step in plan.steps() {
        say(&format!("{prefix}{step}"))?;
    }
    Ok(())
}

/// Lists the hooks of the repository around us, when there is one.
pub(super) fn list(environment: &Environment) -> Result<(), GitHooksError> {
    let Ok(place) = place(environment) else { return Ok(()) };
    say(&format!("hooks of git in {}", text::word(place.directory().as_os_str())))?;
    let mut broken = false;
    for hook in Hook::ALL {
        let words = match state(&place, hook)? {
            State::Installed { by, after, .. } => {
                let after = after.map(|path| format!(", after {}", path.display()));
                format!("asks ({by}{})", after.unwrap_or_default())
            }
            State::Broken { why } => {
                broken = true;
                format!("DOES NOT WORK: {why}")
            }
            State::Absent => "not installed".to_owned(),
        };
        say(&format!("  {hook:<21} {words}"))?;
    }
    if broken { Err(GitHooksError::Broken) } else { Ok(()) }
}

/// Returns the hooks of the repository around us for a program; `Null` where there is none.
pub(super) fn listed(environment: &Environment) -> Result<Value, GitHooksError> {
    let Ok(place) = place(environment) else { return Ok(Value::Null) };
    let mut hooks = Vec::new();
    for hook in Hook::ALL {
        let (asks, problem) = match state(&place, hook)? {
            State::Installed { .. } => (true, None),
            State::Broken { why } => (false, Some(why)),
            State::Absent => (false, None),
        };
        hooks.push(json!({"name": hook.name(), "asks": asks, "problem": problem}));
    }
    Ok(json!({"directory": place.directory().to_string_lossy(), "hooks": hooks}))
}

/// Returns the hooks of the repository around us that ask, and what they call.
pub(super) fn installed(environment: &Environment) -> Vec<(&'static str, PathBuf)> {
    let Ok(place) = place(environment) else { return Vec::new() };
    let one = |hook: Hook| match state(&place, hook).ok()? {
        State::Installed { program, .. } => Some((hook.name(), program)),
        State::Broken { .. } | State::Absent => None,
    };
    Hook::ALL.into_iter().filter_map(one).collect()
}
