//! `airlock-exec hook`: sets up who asks us, and takes it back.

mod agent;
mod all;
mod change;
mod error;
mod examine;
mod found;
mod git;
mod place;
mod placed;
mod taken_out;
mod version;

pub(in crate::cli) use agent::{HookForm, InstalledHook, installed as installed_at_agents};
pub use error::HookCommandError;
pub(in crate::cli) use examine::examine;
pub use git::GitHooksError;
pub use placed::PlacedError;

use crate::cli::output::say_json;
use crate::intercept::git::Hook;
use crate::process::Environment;
use clap::{ArgGroup, Args, Subcommand};
use serde_json::json;
use std::path::PathBuf;

/// Sets up hooks.
#[derive(Debug, Args)]
#[command(after_help = git::EXAMPLES)]
pub struct HookArguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Have an agent ask before it runs a command, or git before it commits and pushes
    Install(Change),
    /// Take the hook out again
    Uninstall(Removal),
    /// List the agents and the hooks of this repository, and which of them ask
    #[command(visible_alias = "status")]
    List {
        /// Look into this project instead of the user's own settings
        #[arg(long, value_name = "DIRECTORY")]
        project: Option<PathBuf>,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
#[command(
    after_help = agent::known(),
    group(ArgGroup::new("whom").required(true).args(["agent", "git"])),
)]
struct Change {
    /// The agent
    #[arg(long, value_name = "HOST")]
    agent: Option<String>,
    /// Hooks of the repository around us: those named, otherwise the usual ones
    #[arg(long, value_name = "HOOK", num_args = 0.., conflicts_with = "project")]
    git: Option<Vec<Hook>>,
    /// For this project only, not for the user
    #[arg(long, value_name = "DIRECTORY")]
    project: Option<PathBuf>,
    /// Leave the agent's own questions on: what is allowed here is not granted there
    #[arg(long, requires = "agent")]
    own_questions: bool,
    /// Show what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = agent::known(),
    group(ArgGroup::new("whose").required(true).args(["agent", "git", "all"])),
)]
struct Removal {
    /// The agent
    #[arg(long, value_name = "HOST")]
    agent: Option<String>,
    /// Hooks of the repository around us: those named, otherwise all of ours
    #[arg(long, value_name = "HOOK", num_args = 0.., conflicts_with = "project")]
    git: Option<Vec<Hook>>,
    /// Every hook of ours: of all agents, and in all projects and repositories where it
    /// was installed
    #[arg(long, conflicts_with = "project")]
    all: bool,
    /// For this project only, not for the user
    #[arg(long, value_name = "DIRECTORY")]
    project: Option<PathBuf>,
    /// Show what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Runs `airlock-exec hook`.
///
/// # Errors
///
/// [`HookCommandError`]: nothing was changed, or as far as it was said.
pub fn run(arguments: HookArguments, environment: &Environment) -> Result<(), HookCommandError> {
    match arguments.action {
        Action::Install(Change { git: Some(hooks), dry_run, .. }) => {
            Ok(git::install(&hooks, dry_run.into(), environment)?)
        }
        Action::Uninstall(Removal { all: true, dry_run, .. }) => {
            all::uninstall(dry_run.into(), environment)
        }
        Action::Uninstall(Removal { git: Some(hooks), dry_run, .. }) => {
            Ok(git::uninstall(&hooks, dry_run.into(), environment)?)
        }
        Action::Install(change) => agent::install(&change, environment),
        Action::Uninstall(removal) => taken_out::uninstall(&removal, environment),
        Action::List { project, json: true } => {
            let agents = agent::listed(project.as_deref(), environment)?;
            let git = git::listed(environment)?;
            let all = json!({"version": 1, "agents": agents, "git": git});
            Ok(say_json(&all)?)
        }
        Action::List { project, json: false } => {
            agent::list(project.as_deref(), environment)?;
            Ok(git::list(environment)?)
        }
    }
}

/// Returns the hooks of git around us that ask, and what each calls.
pub(in crate::cli) fn installed_at_git(environment: &Environment) -> Vec<(&'static str, PathBuf)> {
    git::installed(environment)
}
