//! The words after `airlock-exec approver`.

use crate::config::parse_span;
use crate::protocol::RequestId;
use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::time::Duration;

/// Reviews the commands that wait for a person.
#[derive(Debug, Args)]
pub struct ApproverArguments {
    #[command(flatten)]
    pub(super) connection: ConnectionArguments,
    #[command(subcommand)]
    pub(super) action: Option<Action>,
}

/// Which gateway to ask, and with which token.
#[derive(Debug, Args)]
pub(super) struct ConnectionArguments {
    /// Ask this gateway instead of the local one
    #[arg(long, value_name = "URL", global = true)]
    pub(super) gateway: Option<String>,
    /// Read the approver's token from this file (mode 0600)
    #[arg(long, value_name = "FILE", global = true, requires = "gateway")]
    pub(super) token_file: Option<PathBuf>,
    /// Read the approver's token from standard input
    #[arg(long, global = true, requires = "gateway", conflicts_with = "token_file")]
    pub(super) token_stdin: bool,
}

/// What to do; on a terminal `watch` when nothing is said, else `list`.
#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// List the requests that wait
    List {
        /// Print a JSON array
        #[arg(long)]
        json: bool,
    },
    /// Show everything a request says
    Show {
        /// The short id, any unambiguous end of the id, or the whole id
        id: String,
        /// Leave nothing out, however long it is
        #[arg(long)]
        full: bool,
        /// Print JSON: the envelope's times and the opened plaintext
        #[arg(long, conflicts_with = "full")]
        json: bool,
    },
    /// Approve requests
    Approve {
        /// Ids, as `list` prints them
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
    },
    /// Reject requests
    Reject {
        /// Ids, as `list` prints them
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        /// Why, in words the agent reads (not signed)
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Show each new request and ask; without a terminal, print JSON lines
    Watch,
    /// Pair with an enforcer by the code it shows
    Pair {
        /// The code
        code: String,
    },
    /// Make a code that an enforcer can claim
    Code,
    /// End the pairing with an enforcer: it cannot ask any more
    Unpair {
        /// Its id or what it calls itself, as `id` prints them
        enforcer: String,
    },
    /// Leave standing answers: do not disturb
    Dnd {
        #[command(subcommand)]
        action: DndAction,
    },
    /// Print this approver's name and fingerprint
    Id,
}

/// What to do about standing answers.
#[derive(Debug, Subcommand)]
pub(super) enum DndAction {
    /// Deny commands without asking
    Deny(DndArguments),
    /// Approve commands without asking, where the enforcer's user trusts the gateway so
    Approve(DndArguments),
    /// List the standing answers that hold
    List,
    /// End a standing answer
    End {
        /// Its id, as `list` prints it
        id: RequestId,
    },
}

/// Which commands, and for how long.
#[derive(Debug, Args)]
pub(super) struct DndArguments {
    /// How long, for example 90s, 10m, 1h
    #[arg(long = "for", value_name = "TIME", value_parser = parse_span)]
    pub(super) lasts: Duration,
    /// The workspace, as requests name it
    #[arg(long, value_name = "NAME")]
    pub(super) workspace: String,
    /// The enforcer, by its id or what it calls itself; may be left out when one is paired
    #[arg(long, value_name = "NAME")]
    pub(super) enforcer: Option<String>,
    /// The words a command must start with, after two dashes; without them every command
    #[arg(last = true, value_name = "WORD")]
    pub(super) words: Vec<String>,
}
