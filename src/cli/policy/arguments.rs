//! The words after `airlock-exec policy`.

use clap::{Args, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  airlock-exec policy check -- git status
  airlock-exec policy explain --shell 'git status && rm -rf build'
  airlock-exec policy list git

Status: 0 when there is an answer, whatever it is; 125 when the policy cannot be
used or an example does not hold. Nothing is ever run.";

/// Says what would become of a command, and why.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct PolicyArguments {
    #[command(subcommand)]
    pub(super) action: Action,
}

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// Say whether a command is allowed, asked about or denied
    Check(Subject),
    /// Say which file, line and part of the command decided, and what would help
    Explain(Subject),
    /// Try the examples (`match`, `not_match`) of every rule
    Test {
        /// Try this file alone
        #[arg(long, value_name = "FILE")]
        policy: Option<PathBuf>,
        /// Print a JSON array
        #[arg(long)]
        json: bool,
    },
    /// List the rules of all files, and the programs that are known
    List {
        /// List this file alone
        #[arg(long, value_name = "FILE")]
        policy: Option<PathBuf>,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
        /// Show everything that is known of this program
        tool: Option<String>,
    },
    /// Print every key of a policy file, the classes of danger and the programs (Markdown)
    Reference,
}

/// The command to judge.
#[derive(Debug, Args)]
#[command(
    override_usage = "airlock-exec policy check|explain [OPTIONS] -- COMMAND [ARGUMENT]...\n       \
                            airlock-exec policy check|explain [OPTIONS] --shell TEXT"
)]
pub(super) struct Subject {
    /// Print one JSON object
    #[arg(long)]
    pub(super) json: bool,
    /// Let this file alone decide, by the words of the command only
    #[arg(long, value_name = "FILE")]
    pub(super) policy: Option<PathBuf>,
    /// Judge the text of a shell command
    #[arg(long, value_name = "TEXT", conflicts_with = "command", allow_hyphen_values = true)]
    pub(super) shell: Option<String>,
    /// The command and its arguments, after two dashes
    #[arg(last = true, value_name = "COMMAND")]
    pub(super) command: Vec<OsString>,
}
