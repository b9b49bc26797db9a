//! Turns arguments into calls of the rooms: one file for each subcommand.

pub mod account;
pub mod approver;
mod arguments;
pub mod config;
pub mod demo;
pub mod doctor;
mod exec;
pub mod gateway;
pub mod grant;
mod local;
pub mod log;
pub mod pairing;
pub mod policy;
mod presence;
mod qr;
mod report;
mod standing;
pub mod status;
mod terms;
mod upstream;
mod waiting;

pub use arguments::UsageError;
pub use local::LocalError;
pub use upstream::UpstreamError;

use crate::error::Error;
use crate::exit::SUCCESS;
use crate::process::{self, Environment};
use crate::run::Exit;
use crate::sys;
use arguments::Command;

/// Runs the program and returns how it is to end.
#[must_use]
pub fn run() -> Exit {
    let environment = Environment::new(sys::environment());
    let command = match arguments::parse(process::arguments()) {
        Ok(command) => command,
        Err(shown) => return shown,
    };
    let ended = match command {
        Command::Exec(command) => exec::execute(command, environment),
        Command::Approver(command) => subcommand(approver::run(command, &environment)),
        Command::Config(command) => subcommand(config::run(command, &environment)),
        Command::Demo(command) => subcommand(demo::run(command, &environment)),
        Command::Grant(command) => subcommand(grant::run(command, environment)),
        Command::Gateway(command) => subcommand(gateway::run(command, &environment)),
        Command::Pair(command) => subcommand(pairing::pair(command, &environment)),
        Command::Pairings(command) => subcommand(pairing::pairings(command, &environment)),
        Command::Presence => subcommand(presence::run(&environment)),
        Command::Unpair(command) => subcommand(pairing::unpair(command, &environment)),
        Command::Policy(command) => subcommand(policy::run(command, &environment)),
        Command::Log(command) => subcommand(log::run(&command, &environment)),
        Command::Init(command) => subcommand(account::run_init(command, &environment)),
        Command::Status(command) => {
            subcommand(status::run(&command, &environment).map_err(Error::Standing))
        }
        Command::Doctor(command) => Ok(doctor::run(&command, &environment)),
        Command::SignIn(command) => subcommand(account::run_sign_in(&command, &environment)),
        Command::SignOut(command) => subcommand(account::run_sign_out(&command, &environment)),
        Command::LocalGateway(half) => local::serve(half, &environment),
    };
    ended.unwrap_or_else(|error| report::refusal(&error))
}

fn subcommand(done: Result<(), impl Into<Error>>) -> Result<Exit, Error> {
    done.map(|()| SUCCESS).map_err(Into::into)
}
