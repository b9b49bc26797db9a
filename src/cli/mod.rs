//! Turns arguments into calls of the rooms: one file for each subcommand.

pub mod account;
mod agent_hook;
mod approve;
pub mod approver;
mod arguments;
mod busy;
mod call;
pub mod config;
pub mod demo;
pub mod doctor;
mod evidence;
mod exec;
mod exec_arguments;
mod extras;
mod gate;
pub mod gateway;
mod git_hook;
pub mod grant;
mod guide;
mod herald;
pub mod hook;
mod link;
mod local;
pub mod log;
mod means;
mod noticed;
mod output;
mod page;
pub mod pairing;
mod panic;
mod paragraph;
pub mod policy;
mod presence;
mod qr;
pub mod replay;
mod report;
pub mod session;
mod shell;
mod shell_plugin;
pub mod shim;
mod slip;
mod standing;
pub mod status;
mod telling;
mod terminal;
mod terms;
mod upstream;
mod voice;
mod waiting;

pub use arguments::UsageError;
pub use local::LocalError;
pub use upstream::UpstreamError;

use crate::error::Error;
use crate::exit::SUCCESS;
use crate::intercept::gates;
use crate::intercept::shim::called_as;
use crate::process::{self, Environment};
use crate::run::Exit;
use crate::sys;
use arguments::Command;

/// Runs the program and returns how it is to end.
#[must_use]
pub fn run() -> Exit {
    // Before anything is opened: a descriptor of that number is the runtime's.
    sys::close_surplus();
    let mut environment = Environment::new(sys::environment());
    let words = process::arguments();
    // A limit on the size of files must end in three lines, not in a signal.
    sys::ignore_file_size_signal();
    if let Some(name) = called_as(&words).map(ToOwned::to_owned) {
        panic::name_the_place_only();
        gates::lift(&mut environment);
        let ended = exec::execute_behind_shim(&name, words, environment);
        return ended.unwrap_or_else(|error| report::refusal(&error));
    }
    if let Some(words) = arguments::for_agent_hook(&words) {
        gates::lift(&mut environment);
        return agent_hook::run(words, &environment);
    }
    panic::name_the_place_only();
    let command = match arguments::parse(words) {
        Ok(command) => command,
        Err(shown) => return shown,
    };
    let becomes_another =
        matches!(command, Command::Exec(_) | Command::Shell(_) | Command::Session(_));
    if !becomes_another {
        sys::shield_memory();
    }
    if !matches!(command, Command::Session(_)) {
        gates::lift(&mut environment);
    }
    let ended = match command {
        Command::Exec(command) => exec::execute(command, environment),
        Command::Approve(command) => Ok(approve::run(command, environment)),
        Command::Session(command) => session::run(command, environment),
        Command::SessionPresence(company) => session::keep(company, &environment).map(|()| SUCCESS),
        Command::Shell(call) => shell::execute(call, environment),
        Command::Approver(command) => subcommand(approver::run(command, &environment)),
        Command::Config(command) => subcommand(config::run(command, &environment)),
        Command::Demo(command) => subcommand(demo::run(command, &environment)),
        Command::GitHook(command) => Ok(git_hook::run(command, environment)),
        Command::Grant(command) => subcommand(grant::run(command, environment)),
        Command::Hook(command) => subcommand(hook::run(command, &environment)),
        Command::Gateway(command) => subcommand(gateway::run(command, &environment)),
        Command::Pair(command) => subcommand(pairing::pair(command, &environment)),
        Command::Pairings(command) => subcommand(pairing::pairings(command, &environment)),
        Command::Presence => subcommand(presence::run(&environment)),
        Command::Unpair(command) => subcommand(pairing::unpair(command, &environment)),
        Command::Policy(command) => subcommand(policy::run(command, &environment)),
        Command::Shim(command) => subcommand(shim::run(command, &environment)),
        Command::Log(command) => subcommand(log::run(&command, &environment)),
        Command::Init(command) => subcommand(account::run_init(command, &environment)),
        Command::Status(command) => {
            subcommand(status::run(&command, &environment).map_err(Error::Standing))
        }
        Command::Doctor(command) => Ok(doctor::run(&command, &environment)),
        Command::SignIn(command) => subcommand(account::run_sign_in(&command, &environment)),
        Command::SignOut(command) => subcommand(account::run_sign_out(&command, &environment)),
        Command::ShellPlugin(command) => subcommand(shell_plugin::run(&command)),
        Command::Completions(command) => {
            subcommand(extras::completions(&command, arguments::line()))
        }
        Command::Man(command) => subcommand(extras::man(&command, arguments::line())),
        Command::TellApprover => telling::run(&environment).map(|()| SUCCESS),
        Command::Replay(command) => subcommand(replay::run(&command, &environment)),
        Command::LocalGateway(half) => local::serve(half, &environment),
    };
    ended.unwrap_or_else(|error| report::refusal(&error))
}

fn subcommand(done: Result<(), impl Into<Error>>) -> Result<Exit, Error> {
    done.map(|()| SUCCESS).map_err(Into::into)
}
