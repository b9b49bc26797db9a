//! The words after `airlock-exec grant`.

use crate::config::parse_span;
use clap::{Args, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

const EXAMPLES: &str = "\
In the pattern {} stands for one word and ... at the end for any further words;
neither covers an assignment, or a word that begins with - + or :. No shell
changes them.

Examples:
  airlock-exec grant request --uses 5 --for 2h -- git push origin {}
  airlock-exec grant request --preview -- cargo test ...
  airlock-exec grant request --script deploy.sh --session -- ./deploy.sh staging";

/// Asks for permission for longer than once, and takes it back.
#[derive(Debug, Args)]
pub struct GrantArguments {
    #[command(subcommand)]
    pub(super) action: Action,
}

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// Ask the approver for a grant
    Request(RequestArguments),
    /// List the grants: what, how many runs are left, until when, who signed
    List {
        /// Write one JSON array
        #[arg(long)]
        json: bool,
    },
    /// Show everything that was signed
    Show {
        /// The grant, or the end of its id
        #[arg(allow_hyphen_values = true)]
        id: String,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Take grants back
    Revoke {
        /// The grants, or the ends of their ids
        #[arg(required_unless_present = "all")]
        ids: Vec<String>,
        /// Take back all of them
        #[arg(long, conflicts_with = "ids")]
        all: bool,
    },
}

/// What is to be granted.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct RequestArguments {
    /// For how many runs, 100 at most
    #[arg(long, value_name = "NUMBER", default_value = "5")]
    pub(super) uses: u32,
    /// For how long, for example 30m, 2h; 24h at most
    #[arg(long = "for", value_name = "TIME", default_value = "1h", value_parser = parse_span)]
    pub(super) span: Duration,
    /// In this repository only; without it, the one around the working directory
    #[arg(long, value_name = "DIRECTORY")]
    pub(super) repository: Option<PathBuf>,
    /// In this directory and below it, whatever repositories are there
    #[arg(long, value_name = "DIRECTORY", conflicts_with = "repository")]
    pub(super) directory: Option<PathBuf>,
    /// Files that must not change, besides those that the words name
    #[arg(long = "script", value_name = "FILE")]
    pub(super) scripts: Vec<PathBuf>,
    /// Only for what this agent or shell starts, as long as it lives
    #[arg(long)]
    pub(super) session: bool,
    /// Show which commands of the past it would have covered, and ask nobody
    #[arg(long)]
    pub(super) preview: bool,
    /// Take {} and ... as words like any other
    #[arg(long)]
    pub(super) exact: bool,
    /// How long to wait for the decision, for example 90s, 10m
    #[arg(long, value_name = "TIME", value_parser = parse_span)]
    pub(super) wait: Option<Duration>,
    /// The words of the commands, after two dashes
    #[arg(last = true, value_name = "PATTERN", required = true)]
    pub(super) pattern: Vec<OsString>,
}
