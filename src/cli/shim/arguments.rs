//! The words of `airlock-exec shim`.

use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use std::ffi::OsString;

/// What to do with the shims.
#[derive(Debug, Args)]
pub struct ShimArguments {
    #[command(subcommand)]
    pub(super) action: Action,
}

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// Put a link to us before each of these programs
    Install(Install),
    /// Take shims away; the programs stay
    Remove(Remove),
    /// Show each shim, where it leads and what it stands before
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the line that puts the shims in front of PATH
    Env {
        /// For which shell; otherwise as SHELL says
        shell: Option<Shell>,
    },
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("which").required(true).multiple(true).args(["names", "set"])))]
pub(super) struct Install {
    /// Names of programs
    #[arg(value_name = "NAME")]
    pub(super) names: Vec<OsString>,
    /// And those of a set that are on PATH
    #[arg(long, value_name = "SET")]
    pub(super) set: Option<Set>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub(super) dry_run: bool,
}

#[derive(Debug, Args)]
pub(super) struct Remove {
    /// Names of programs
    #[arg(value_name = "NAME", required_unless_present = "all", conflicts_with = "all")]
    pub(super) names: Vec<OsString>,
    /// Every shim that leads to this airlock-exec, or nowhere
    #[arg(long)]
    pub(super) all: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub(super) dry_run: bool,
}

/// A set of programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Set {
    /// What changes something other people see, or cannot be taken back
    Default,
}

/// A shell, by how its lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Shell {
    Bash,
    Zsh,
    Fish,
    #[value(name = "powershell")]
    Pwsh,
    #[value(alias = "dash")]
    Sh,
}
