//! `airlock-exec session`: an agent whose commands come by us.
//!
//! The agent takes our place, with nothing of ours between it and the terminal. What
//! it starts finds our shims, our shell and our gates by its environment alone, so
//! nothing is changed in anybody's files and all of it ends with the agent.
//!
//! The agent itself is what the person starts, not a command that an agent wants to
//! run: it needs no permit, and is the only program here that runs without one.

mod error;
mod presence;
mod start;
mod status;

pub use error::SessionError;
pub(super) use presence::{Company, keep};

use crate::error::Error;
use crate::exit::SUCCESS;
use crate::process::Environment;
use crate::run::Exit;
use clap::{Args, Subcommand};
use std::ffi::OsString;

/// Starts an agent whose commands come by us.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    override_usage = "airlock-exec session [OPTIONS] -- AGENT [ARGUMENT]...\n       airlock-exec session status"
)]
pub struct SessionArguments {
    /// Leave the search path as it is: no shims
    #[arg(long)]
    no_shims: bool,
    /// The agent and its arguments, after two dashes
    #[arg(last = true, value_name = "AGENT")]
    command: Vec<OsString>,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Say which session this is, and what of it still holds
    Status {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

/// Runs `airlock-exec session` in an environment that still has the gates in it.
pub(super) fn run(arguments: SessionArguments, environment: Environment) -> Result<Exit, Error> {
    match arguments.action {
        Some(Action::Status { json: true }) => status::json(&environment).map(|()| SUCCESS),
        Some(Action::Status { json: false }) => status::words(&environment).map(|()| SUCCESS),
        None if arguments.command.is_empty() => Err(SessionError::NoAgent.into()),
        None => {
            let shims = if arguments.no_shims { start::Shims::Left } else { start::Shims::First };
            start::start(arguments.command, environment, shims)
        }
    }
}
