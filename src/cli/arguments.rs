//! The command line: what may be said, and what is said when it makes no sense.

use super::local::Half;
use super::{
    account, approver, config, demo, doctor, gateway, grant, log, pairing, policy, status,
};
use crate::config::parse_span;
use crate::exit::{Outcome, SUCCESS};
use crate::run::{Exit, PtyMode};
use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand};
use std::ffi::OsString;
use std::io::Write;
use std::time::Duration;
use thiserror::Error;

/// What the person or the agent asked for.
pub(super) enum Command {
    Exec(ExecArguments),
    Approver(approver::ApproverArguments),
    Config(config::ConfigArguments),
    Demo(demo::DemoArguments),
    Gateway(gateway::GatewayArguments),
    Grant(grant::GrantArguments),
    Pair(pairing::PairArguments),
    Presence,
    Pairings(pairing::PairingsArguments),
    Unpair(pairing::UnpairArguments),
    Policy(policy::PolicyArguments),
    Init(account::InitArguments),
    SignIn(account::SignInArguments),
    SignOut(account::SignOutArguments),
    Status(status::StatusArguments),
    Doctor(doctor::DoctorArguments),
    LocalGateway(Half),
    Log(log::LogArguments),
}

/// The arguments make no sense together.
#[derive(Debug, Error)]
pub enum UsageError {
    /// There is nothing to run and no subcommand.
    #[error("no command given")]
    NoCommand,
}

impl UsageError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        "put the command after two dashes: airlock-exec -- git push".to_owned()
    }
}

const EXAMPLES: &str = "\
Examples:
  airlock-exec -- git push            ask a person, then run git push
  airlock-exec approver list          see what waits for a decision
  airlock-exec approver approve 7Q2K  let it run
  airlock-exec approver reject 7Q2K --reason 'use a branch'

Status: the command's own once it ran; 120 rejected, 122 no decision in time,
123 untrusted answer, 124 no gateway, 125 our own failure, 126 and 127 as in a
shell. In all of these nothing was executed.";

/// Asks a person before a command runs.
#[derive(Parser)]
#[command(
    name = "airlock-exec",
    version,
    after_help = EXAMPLES,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    override_usage = "airlock-exec [OPTIONS] -- COMMAND [ARGUMENT]...\n       airlock-exec SUBCOMMAND"
)]
struct Line {
    #[command(flatten)]
    exec: ExecArguments,
    #[command(subcommand)]
    subcommand: Option<Sub>,
}

#[derive(Subcommand)]
enum Sub {
    /// Ask a person, then run the command (the same as without `run`)
    Run(ExecArguments),
    /// Decide what may run: list, show, approve, reject, watch
    Approver(approver::ApproverArguments),
    /// Set up where requests are decided
    Init(account::InitArguments),
    /// Show who we are, where, and who decides
    Status(status::StatusArguments),
    /// Look what does not work, and how to mend it
    Doctor(doctor::DoctorArguments),
    /// Sign in at the gateway of the settings
    SignIn(account::SignInArguments),
    /// End the sign-in at the gateway of the settings
    SignOut(account::SignOutArguments),
    /// Show and change settings
    Config(config::ConfigArguments),
    /// Show an approval and a rejection on a throwaway repository
    Demo(demo::DemoArguments),
    /// Pair with an approver: show a code, or use one
    Pair(pairing::PairArguments),
    /// List the approvers this machine is paired with, end or renew a pairing
    Pairings(pairing::PairingsArguments),
    /// Tell the gateway that this machine is there, until Ctrl-C
    Presence,
    /// End a pairing
    Unpair(pairing::UnpairArguments),
    /// Permission for longer than once: ask for it, list it, take it back
    Grant(grant::GrantArguments),
    /// Serve the embedded gateway, or make tokens for it
    Gateway(gateway::GatewayArguments),
    /// Say what would become of a command, and why: check, explain, test, list
    Policy(policy::PolicyArguments),
    /// See what was asked, decided and run, or check that nothing was changed
    Log(log::LogArguments),
    /// The per-user gateway of local mode; started when it is needed
    #[command(hide = true)]
    LocalGateway {
        /// Be the server, and not what starts it
        #[arg(long)]
        serve: bool,
    },
}

/// A command to run, and how.
#[derive(Debug, PartialEq, Eq, Args)]
pub(super) struct ExecArguments {
    /// How long to wait for a decision, for example 90s, 10m, 1h; otherwise as
    /// `timeouts.wait` says
    #[arg(long, value_name = "TIME", value_parser = parse_span)]
    pub(super) wait: Option<Duration>,
    /// When a person must first let this app act at the gateway, wait for that
    #[arg(long)]
    pub(super) wait_consent: bool,
    /// Whether the command gets a terminal of its own
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) pty: PtyChoice,
    /// The command and its arguments, after two dashes
    #[arg(last = true, value_name = "COMMAND")]
    pub(super) command: Vec<OsString>,
}

impl ExecArguments {
    /// Takes a command about which nothing else was said.
    ///
    /// The same as what clap makes of `airlock-exec -- COMMAND`, without its cost: an
    /// agent pays it with every `git status`.
    fn of_command(command: Vec<OsString>) -> Self {
        Self { wait: None, wait_consent: false, pty: PtyChoice::Auto, command }
    }
}

/// Whether a command runs on a pseudo terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum PtyChoice {
    /// Where there is a terminal
    Auto,
    /// Even where there is none
    Always,
    /// Hand the terminal over as it is
    Never,
}

impl PtyChoice {
    /// Tells whether nothing was asked for.
    pub(super) fn is_auto(self) -> bool {
        matches!(self, Self::Auto)
    }
}

impl From<PtyChoice> for PtyMode {
    fn from(choice: PtyChoice) -> Self {
        match choice {
            PtyChoice::Auto => Self::Auto,
            PtyChoice::Always => Self::Always,
            PtyChoice::Never => Self::Never,
        }
    }
}

/// Reads the command line; `Err` is the end after help, version or an error was shown.
pub(super) fn parse(mut arguments: Vec<OsString>) -> Result<Command, Exit> {
    if arguments.get(1).is_some_and(|first| first == "--") {
        return Ok(Command::Exec(ExecArguments::of_command(arguments.split_off(2))));
    }
    parse_options(arguments)
}

fn parse_options(arguments: Vec<OsString>) -> Result<Command, Exit> {
    match Line::try_parse_from(arguments) {
        Ok(line) => Ok(match line.subcommand {
            None => Command::Exec(line.exec),
            Some(Sub::Run(exec)) => Command::Exec(exec),
            Some(Sub::Approver(arguments)) => Command::Approver(arguments),
            Some(Sub::Init(arguments)) => Command::Init(arguments),
            Some(Sub::Status(arguments)) => Command::Status(arguments),
            Some(Sub::Doctor(arguments)) => Command::Doctor(arguments),
            Some(Sub::SignIn(arguments)) => Command::SignIn(arguments),
            Some(Sub::SignOut(arguments)) => Command::SignOut(arguments),
            Some(Sub::Config(arguments)) => Command::Config(arguments),
            Some(Sub::Demo(arguments)) => Command::Demo(arguments),
            Some(Sub::Grant(arguments)) => Command::Grant(arguments),
            Some(Sub::Gateway(arguments)) => Command::Gateway(arguments),
            Some(Sub::Pair(arguments)) => Command::Pair(arguments),
            Some(Sub::Pairings(arguments)) => Command::Pairings(arguments),
            Some(Sub::Presence) => Command::Presence,
            Some(Sub::Unpair(arguments)) => Command::Unpair(arguments),
            Some(Sub::Policy(arguments)) => Command::Policy(arguments),
            Some(Sub::Log(arguments)) => Command::Log(arguments),
            Some(Sub::LocalGateway { serve: false }) => Command::LocalGateway(Half::Starter),
            Some(Sub::LocalGateway { serve: true }) => Command::LocalGateway(Half::Server),
        }),
        Err(error) => Err(show(&error)),
    }
}

fn show(error: &clap::Error) -> Exit {
    let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    // A reader that went away takes the text with it; the status still tells.
    let _ = error.print();
    if asked {
        return SUCCESS;
    }
    let unknown = matches!(error.kind(), ErrorKind::InvalidSubcommand | ErrorKind::UnknownArgument);
    if unknown {
        let _ = writeln!(
            std::io::stderr(),
            "\nTo run a command, put it after two dashes: airlock-exec -- COMMAND"
        );
    }
    Outcome::Failed.exit()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Line::command().debug_assert();
    }

    fn executed(parsed: Result<Command, Exit>) -> ExecArguments {
        let Ok(Command::Exec(exec)) = parsed else { panic!("a command to run") };
        exec
    }

    #[test]
    fn everything_after_the_dashes_is_the_command_and_clap_agrees() {
        let commands: [&[&str]; 4] =
            [&["git", "push", "--help", "--", "x"], &[], &["--"], &["", "--wait", "1s"]];
        for command in commands {
            let words = || ["airlock-exec", "--"].iter().chain(command).map(OsString::from);
            let taken = executed(parse(words().collect()));
            assert_eq!(taken.command, command.iter().map(OsString::from).collect::<Vec<_>>());
            assert_eq!(taken, executed(parse_options(words().collect())));
        }
    }
}
