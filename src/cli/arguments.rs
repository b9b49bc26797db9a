//! The command line: what may be said, and what is said when it makes no sense.

use super::exec_arguments::ExecArguments;
use super::local::Half;
use super::{
    account, agent_hook, approve, approver, config, demo, doctor, extras, gateway, git_hook, grant,
    guide, hook, log, pairing, policy, replay, session, shell_plugin, shim, slip, status,
};
use crate::exit::{Outcome, SUCCESS};
use crate::intercept::shell::ShellCall;
use crate::run::Exit;
use clap::error::ErrorKind;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use std::env;
use std::ffi::OsString;
use std::io::Write;
use thiserror::Error;

/// What the person or the agent asked for.
pub(super) enum Command {
    Exec(ExecArguments),
    Approve(approve::ApproveArguments),
    Shell(ShellCall),
    Session(session::SessionArguments),
    SessionPresence(session::Company),
    Approver(approver::ApproverArguments),
    Config(config::ConfigArguments),
    Demo(demo::DemoArguments),
    Gateway(gateway::GatewayArguments),
    GitHook(git_hook::GitHookArguments),
    Grant(grant::GrantArguments),
    Hook(hook::HookArguments),
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
    TellApprover,
    Replay(replay::ReplayArguments),
    ShellPlugin(shell_plugin::ShellPluginArguments),
    Log(log::LogArguments),
    Shim(shim::ShimArguments),
    Completions(extras::CompletionsArguments),
    Man(extras::ManArguments),
}

/// The arguments make no sense together.
#[derive(Debug, Error)]
pub enum UsageError {
    /// There is nothing to run and no subcommand.
    #[error("no command given")]
    NoCommand,
    /// Output that goes straight to the terminal cannot be changed on its way.
    #[error("--sanitize-output and --pty=never contradict each other")]
    NothingBetween,
    /// The descriptor of `--status-fd` is none.
    #[error("--status-fd {number}: there is no such descriptor")]
    NotOpen {
        /// Its number.
        number: i32,
    },
}

impl UsageError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::NoCommand => "put the command after two dashes: airlock-exec -- git push",
            Self::NothingBetween => "leave one of the two out",
            Self::NotOpen { .. } => "open it for us: airlock-exec --status-fd 3 -- COMMAND 3> FILE",
        }
        .to_owned()
    }
}

/// Asks a person before a command runs.
#[derive(Parser)]
#[command(
    name = "airlock-exec",
    version,
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
    /// Ask a person about a line that a shell runs itself
    Approve(approve::ApproveArguments),
    /// Print what has your own shell ask: bash, zsh or fish
    ShellPlugin(shell_plugin::ShellPluginArguments),
    /// Start an agent whose commands come by us
    Session(session::SessionArguments),
    /// Tells the gateway that a session is there
    #[command(hide = true)]
    SessionPresence(session::Company),
    /// Be a shell: take what `sh` takes, and ask before that runs
    #[command(after_help = "\
The real shell is that of the settings: airlock-exec config set shell /bin/bash

Examples:
  airlock-exec sh -c 'make && make install'    ask, then have the shell run the text
  airlock-exec sh deploy.sh --help             ask, then run the script with that word")]
    Sh {
        /// Options, text and arguments, as a shell takes them
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENT")]
        arguments: Vec<OsString>,
    },
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
    /// List whom this machine is paired with, end or renew a pairing
    Pairings(pairing::PairingsArguments),
    /// Tell the gateway that this machine is there, until Ctrl-C
    Presence,
    /// End a pairing
    Unpair(pairing::UnpairArguments),
    /// Permission for longer than once: ask for it, take it back
    Grant(grant::GrantArguments),
    /// Have agents and git ask: install, uninstall, list
    Hook(hook::HookArguments),
    /// What the hooks of git call
    #[command(hide = true)]
    GitHook(git_hook::GitHookArguments),
    /// Serve the embedded gateway, or see to its store
    Gateway(gateway::GatewayArguments),
    /// Put links to us before programs on PATH
    Shim(shim::ShimArguments),
    /// Say what would become of a command, and why
    Policy(policy::PolicyArguments),
    /// See what was asked, decided and run, and that it is unchanged
    Log(log::LogArguments),
    /// Play what was recorded, or list what there is
    Replay(replay::ReplayArguments),
    /// Tells the approver of a command what becomes of it
    #[command(hide = true)]
    TellApprover,
    /// Print completions for bash, zsh, fish, PowerShell or elvish
    Completions(extras::CompletionsArguments),
    /// Print the manual page, or write all of them
    Man(extras::ManArguments),
    /// Answer an agent's hook, as `hook install` sets it up
    #[command(after_help = format!("Hosts: {}", agent_hook::hosts()))]
    AgentHook {
        /// The agent whose payload is on standard input
        host: OsString,
    },
    /// The per-user gateway of local mode; started when it is needed
    #[command(hide = true)]
    LocalGateway {
        /// Be the server, and not what starts it
        #[arg(long)]
        serve: bool,
    },
}

/// Returns the words after `agent-hook`, unless they ask for help.
///
/// clap ends a line it does not like with another status than the one that blocks.
pub(super) fn for_agent_hook(arguments: &[OsString]) -> Option<&[OsString]> {
    let (first, words) = arguments.get(1..)?.split_first()?;
    let asks = |word: &OsString| word == "-h" || word == "--help";
    (first == agent_hook::WORD && !words.iter().any(asks)).then_some(words)
}

/// Reads the command line; `Err` is the end after help, version or an error was shown.
pub(super) fn parse(mut arguments: Vec<OsString>) -> Result<Command, Exit> {
    if arguments.get(1).is_some_and(|first| first == "--") {
        return Ok(Command::Exec(ExecArguments::of_command(arguments.split_off(2))));
    }
    if let Some(call) = ShellCall::read(&arguments) {
        return Ok(Command::Shell(call));
    }
    parse_options(arguments)
}

/// The command line as clap knows it, with its first page of help.
pub(super) fn line() -> clap::Command {
    guide::with_guide(Line::command().long_version(build_facts()))
}

/// What of the build changes how it behaves or how fast it starts.
fn build_facts() -> String {
    let commit = option_env!("AIRLOCK_EXEC_COMMIT").unwrap_or("unknown");
    let linked = if cfg!(target_feature = "crt-static") { "static" } else { "dynamic" };
    let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
    format!(
        "{}\ncommit: {commit}\nbuild: {}-{}, {linked}, {profile}\nprotocol: HARP 0.2",
        env!("CARGO_PKG_VERSION"),
        env::consts::ARCH,
        env::consts::OS,
    )
}

fn parse_options(arguments: Vec<OsString>) -> Result<Command, Exit> {
    let asks_only = arguments.get(1).is_some_and(|first| first == "approve");
    let helps = |word: &OsString| word == "-h" || word == "--help" || word == "help";
    // To draw that page costs more than to read the line.
    let mut command = if arguments.iter().any(helps) {
        line()
    } else {
        Line::command().long_version(build_facts())
    };
    let first = arguments.get(1).and_then(|word| word.to_str());
    let at_the_top = first.is_none_or(|word| !slip::names_a_subcommand(&command, word));
    let matched = command.try_get_matches_from_mut(arguments);
    let parsed = matched.and_then(|mut matches| {
        Line::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))
    });
    match parsed {
        Ok(line) => Ok(match line.subcommand {
            None => Command::Exec(line.exec),
            Some(Sub::Run(exec)) => Command::Exec(exec),
            Some(Sub::Approve(arguments)) => Command::Approve(arguments),
            Some(Sub::ShellPlugin(arguments)) => Command::ShellPlugin(arguments),
            Some(Sub::Session(arguments)) => Command::Session(arguments),
            Some(Sub::SessionPresence(company)) => Command::SessionPresence(company),
            Some(Sub::Sh { arguments }) => Command::Shell(ShellCall::of_subcommand(arguments)),
            Some(Sub::Approver(arguments)) => Command::Approver(arguments),
            Some(Sub::Init(arguments)) => Command::Init(arguments),
            Some(Sub::Status(arguments)) => Command::Status(arguments),
            Some(Sub::Doctor(arguments)) => Command::Doctor(arguments),
            Some(Sub::SignIn(arguments)) => Command::SignIn(arguments),
            Some(Sub::SignOut(arguments)) => Command::SignOut(arguments),
            Some(Sub::Config(arguments)) => Command::Config(arguments),
            Some(Sub::Demo(arguments)) => Command::Demo(arguments),
            Some(Sub::GitHook(arguments)) => Command::GitHook(arguments),
            Some(Sub::Grant(arguments)) => Command::Grant(arguments),
            Some(Sub::Hook(arguments)) => Command::Hook(arguments),
            Some(Sub::Gateway(arguments)) => Command::Gateway(arguments),
            Some(Sub::Pair(arguments)) => Command::Pair(arguments),
            Some(Sub::Pairings(arguments)) => Command::Pairings(arguments),
            Some(Sub::Presence) => Command::Presence,
            Some(Sub::Unpair(arguments)) => Command::Unpair(arguments),
            Some(Sub::Policy(arguments)) => Command::Policy(arguments),
            Some(Sub::Log(arguments)) => Command::Log(arguments),
            // Only a line that asks for help comes to clap.
            Some(Sub::AgentHook { .. }) => return Err(Outcome::Failed.exit()),
            Some(Sub::Completions(arguments)) => Command::Completions(arguments),
            Some(Sub::Man(arguments)) => Command::Man(arguments),
            Some(Sub::Shim(arguments)) => Command::Shim(arguments),
            Some(Sub::Replay(arguments)) => Command::Replay(arguments),
            Some(Sub::TellApprover) => Command::TellApprover,
            Some(Sub::LocalGateway { serve: false }) => Command::LocalGateway(Half::Starter),
            Some(Sub::LocalGateway { serve: true }) => Command::LocalGateway(Half::Server),
        }),
        // A shell that asked must not take a slip of the pen for "not there".
        Err(error) if asks_only => Err(approve::refused_usage(show(&error))),
        Err(error) if at_the_top => Err(show_with_dashes(&slip::explained(error, &mut command))),
        Err(error) => Err(show(&error)),
    }
}

fn show(error: &clap::Error) -> Exit {
    let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    // A reader that went away takes the text with it; the status still tells.
    let _ = error.print();
    if asked { SUCCESS } else { Outcome::Failed.exit() }
}

/// Shows it, and what to do if the word was a command to run.
fn show_with_dashes(error: &clap::Error) -> Exit {
    let exit = show(error);
    let unknown = matches!(error.kind(), ErrorKind::InvalidSubcommand | ErrorKind::UnknownArgument);
    if unknown {
        let _ = writeln!(
            std::io::stderr(),
            "\nTo run a command, put it after two dashes: airlock-exec -- COMMAND"
        );
    }
    exit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        line().debug_assert();
    }

    #[test]
    fn the_first_page_of_help_has_every_subcommand_once() {
        let line = Line::command();
        let shown = line.get_subcommands().filter(|sub| !sub.is_hide_set());
        let mut there: Vec<&str> = shown.map(clap::Command::get_name).collect();
        let mut listed = guide::listed();
        there.sort_unstable();
        listed.sort_unstable();
        assert_eq!(listed, there);
    }

    #[test]
    fn the_first_page_fits_a_terminal_of_80_columns_and_the_short_one_24_rows() {
        let mut command = line().term_width(80);
        let (short, long) = (command.render_help(), command.render_long_help());
        let (short, long) = (short.to_string(), long.to_string());
        assert!(short.trim_end().lines().count() < 24, "{short}");
        for line in short.lines().chain(long.lines()) {
            assert!(line.chars().count() <= 80, "{line}");
        }
        for each in Line::command().get_subcommands().filter(|each| !each.is_hide_set()) {
            let about = each.get_about().map(ToString::to_string).unwrap_or_default();
            assert!(long.contains(&about), "it is on one line: {about}");
        }
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
