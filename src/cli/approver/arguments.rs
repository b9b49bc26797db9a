//! The words after `airlock-exec approver`.

use crate::cli::pairing::parse_delay;
use crate::config::parse_span;
use crate::protocol::{RequestId, SessionId};
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
    /// Ask this gateway instead of the local one; a link that pins its certificate will
    /// do, and is needed once: https://HOST:PORT/#certificate=SHA256
    #[arg(long, value_name = "URL", global = true)]
    pub(super) gateway: Option<String>,
    /// Read the approver's token from this file (mode 0600)
    #[arg(long, value_name = "FILE", global = true)]
    pub(super) token_file: Option<PathBuf>,
    /// Read the approver's token from standard input
    #[arg(long, global = true, conflicts_with = "token_file")]
    pub(super) token_stdin: bool,
}

/// What to do; on a terminal `view` when nothing is said, else `list`.
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
        #[arg(allow_hyphen_values = true)]
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
        /// Print a JSON object a line about what was decided
        #[arg(long)]
        json: bool,
    },
    /// Reject requests
    Reject {
        /// Ids, as `list` prints them
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        /// Why, in words the agent reads (not signed)
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// Print a JSON object a line about what was decided
        #[arg(long)]
        json: bool,
    },
    /// Show each new request and ask; without a terminal, print JSON lines
    Watch {
        /// Print one JSON object a line about what comes and goes
        #[arg(long)]
        json: bool,
        /// Read decisions from standard input, one JSON object a line
        #[arg(long, requires = "json")]
        decide: bool,
    },
    /// Show what waits, live, in the whole terminal; what no words mean at a terminal
    View,
    /// Decide in a browser: print the address of a page, good for one browser, once
    Web {
        #[command(flatten)]
        web: WebArguments,
        #[command(subcommand)]
        action: Option<WebAction>,
    },
    /// Tell the desktop, `on_request` and webhooks of what waits, and end
    Notify {
        /// Start that beside whoever calls, and end at once
        #[arg(long, hide = true)]
        start: bool,
        /// Be what was started so
        #[arg(long, hide = true, conflicts_with = "start")]
        apart: bool,
    },
    /// Webhooks that are told of requests: secrets, list, test
    Webhook {
        #[command(subcommand)]
        action: WebhookAction,
    },
    /// Show what an approved command writes, as it writes it, and how it ends
    Output {
        /// The short id, any unambiguous end of the id, or the whole id
        #[arg(allow_hyphen_values = true)]
        id: String,
        /// Write the very bytes, which your terminal obeys
        #[arg(long, conflicts_with = "json")]
        raw: bool,
        /// Print each message as a JSON object on a line
        #[arg(long)]
        json: bool,
    },
    /// End an approved command that runs: asked once it is told to, asked again it is killed
    Stop {
        /// The short id, any unambiguous end of the id, or the whole id
        #[arg(allow_hyphen_values = true)]
        id: String,
    },
    /// Pair with an enforcer by the code it shows
    #[command(after_help = WAIT_HELP)]
    Pair {
        /// The code, or the link that the enforcer shows: it says which gateway
        code: String,
        #[command(flatten)]
        wait: WaitArguments,
    },
    /// Make a code that an enforcer can claim
    #[command(after_help = WAIT_HELP)]
    Code(WaitArguments),
    /// End the pairing with an enforcer: it cannot ask any more
    Unpair {
        /// Its id or what it calls itself, as `id` prints them
        #[arg(allow_hyphen_values = true)]
        enforcer: String,
    },
    /// Leave standing answers: do not disturb
    Dnd {
        #[command(subcommand)]
        action: DndAction,
    },
    /// Print this approver's name and fingerprint
    Id {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
}

const WAIT_HELP: &str = "\
Whoever asks has the last word: it may compare the fingerprint, and refuse. The status is 0
when it keeps the pairing, 120 when it refused, and 122 when it has not said in that time.";

/// How long what the enforcer makes of a pairing is waited for.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct WaitArguments {
    /// Wait so long for whether the enforcer keeps the pairing; 0s: do not wait
    #[arg(long, value_name = "DURATION", value_parser = parse_delay, default_value = "15s",
        allow_hyphen_values = true)]
    pub(super) wait: Duration,
}

/// What to do about webhooks.
#[derive(Debug, Subcommand)]
pub(super) enum WebhookAction {
    /// List those in config.toml
    List {
        /// Print a JSON array
        #[arg(long)]
        json: bool,
    },
    /// Make the secret that calls are signed with, and print it this once
    Secret {
        /// Its name in config.toml
        name: String,
        /// Forget it: the webhook is not called any more
        #[arg(long)]
        forget: bool,
    },
    /// Call one with a request that does not exist
    Test {
        /// Its name in config.toml
        name: String,
    },
}

/// What to do about standing answers.
#[derive(Debug, Subcommand)]
pub(super) enum DndAction {
    /// Deny commands without asking
    Deny {
        #[command(flatten)]
        which: DndArguments,
        /// The session, as requests name it; without it every session
        #[arg(long, value_name = "ID")]
        session: Option<SessionId>,
    },
    /// Approve commands without asking, where the enforcer's user trusts the gateway so
    Approve(DndArguments),
    /// List the standing answers that hold
    List {
        /// Print a JSON array
        #[arg(long)]
        json: bool,
    },
    /// End a standing answer
    End {
        /// Its id, as `list` prints it
        #[arg(allow_hyphen_values = true)]
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

/// How the page is reached.
#[derive(Debug, Args)]
pub(super) struct WebArguments {
    /// Open the page in this machine's browser
    #[arg(long)]
    pub(super) open: bool,
    /// The address that the browser uses: that of a tunnel, for example
    #[arg(long, value_name = "URL")]
    pub(super) at: Option<String>,
    /// Use the address at which the browser can have a passkey: localhost, and no number
    #[arg(long, conflicts_with = "at")]
    pub(super) passkey: bool,
}

/// What to do about browsers that were let in.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(super) enum WebAction {
    /// List the browsers that were let in, and until when
    List {
        /// Print a JSON array
        #[arg(long)]
        json: bool,
    },
    /// Keep a browser out, at once
    Revoke {
        /// Its number, as `list` prints it
        id: i64,
    },
}
