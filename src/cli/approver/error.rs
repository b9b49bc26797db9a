//! What can go wrong between a person and a decision.

use crate::approver::notice::NoticeError;
use crate::approver::{
    DecideError, DndError, FollowError, InboxError, PairError, StoreError, next_step,
};
use crate::cli::LocalError;
use crate::client::TransportError;
use crate::config::{ConfigError, PathsError};
use crate::credential::CredentialError;
use crate::crypto::RandomError;
use crate::exit::Outcome;
use crate::process::PrivateError;
use crate::protocol::IdError;
use thiserror::Error;

/// Why `airlock-exec approver` did not do what was asked.
#[derive(Debug, Error)]
pub enum ApproverCommandError {
    /// We do not know where our files lie.
    #[error(transparent)]
    Paths(#[from] PathsError),
    /// The approver's own files.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A token file.
    #[error(transparent)]
    Private(#[from] PrivateError),
    /// The local gateway.
    #[error(transparent)]
    Local(#[from] LocalError),
    /// A named gateway.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The inbox.
    #[error(transparent)]
    Inbox(#[from] InboxError),
    /// Pairing.
    #[error(transparent)]
    Pair(#[from] PairError),
    /// A standing answer.
    #[error(transparent)]
    Dnd(#[from] DndError),
    /// A decision.
    #[error(transparent)]
    Decide(#[from] DecideError),
    /// The settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The secret of a webhook cannot be kept or read.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// No secret can be made.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// Somebody was not told.
    #[error(transparent)]
    Notice(#[from] NoticeError),
    /// The settings name no such webhook.
    #[error("the settings name no webhook {0:?}")]
    UnknownWebhook(String),
    /// There is nothing to sign its calls with.
    #[error("webhook {0:?} has no secret to sign with, so it is not called")]
    NoWebhookSecret(String),
    /// The view needs a terminal.
    #[error("the view needs a terminal on standard input and output")]
    NoTerminal,
    /// How a command goes on.
    #[error(transparent)]
    Follow(#[from] FollowError),
    /// A gateway is named and no token.
    #[error("a gateway was named, but no token for it")]
    NoToken,
    /// A token is given and no gateway.
    #[error("a token was given, but no gateway that it is for")]
    NoGateway,
    /// What was given as a link to a gateway is none.
    #[error("the link cannot be used: {0}")]
    Link(String),
    /// What was given as a token is none.
    #[error("what was given as a token is empty, too long or has odd characters")]
    BadToken,
    /// What was given as a pairing code is none.
    #[error(transparent)]
    Code(#[from] IdError),
    /// There are no keys, so nobody can have asked.
    #[error("this approver has no keys yet, so nothing waits for it")]
    NoKeys {
        /// How it gets some.
        hint: &'static str,
    },
    /// No waiting request has that id.
    #[error("no request that waits has an id ending in {0:?}")]
    Unknown(String),
    /// No decided request has that id.
    #[error("no request that was decided has an id ending in {0:?}")]
    Undecided(String),
    /// Several waiting requests have an id like that.
    #[error("{given:?} is the end of {} ids: {}", ids.len(), ids.join(", "))]
    Ambiguous {
        /// What was typed.
        given: String,
        /// The ids it could mean.
        ids: Vec<String>,
    },
    /// The gateway has no page.
    #[error("this gateway serves no page for browsers")]
    NoPage,
    /// The gateway knows no such browser.
    #[error("no browser {0} was let in with this token")]
    UnknownBrowser(i64),
    /// The address of the page is none.
    #[error("{0:?} is no address of a page: it has to begin with http:// or https://")]
    Address(String),
    /// The page is at an address of numbers that is not this machine's own.
    #[error("a browser has no passkeys at {0}, which is a number and no name")]
    NoPasskeys(String),
    /// Standard output or the terminal is gone, or no runtime could be built.
    #[error("read or write: {0}")]
    Stream(#[from] std::io::Error),
}

impl ApproverCommandError {
    /// Returns what became of the subcommand.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Pair(PairError::Refused { .. } | PairError::Ended { .. }) => Outcome::Rejected,
            Self::Pair(PairError::Unsaid { .. }) => Outcome::Undecided,
            _ => Outcome::Failed,
        }
    }

    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        let words = match self {
            Self::Paths(error) => return error.hint(),
            Self::Store(error) => return error.hint(),
            Self::Private(error) => return error.hint(),
            Self::Local(error) => return error.hint(),
            Self::Inbox(error) => return error.hint(),
            Self::Pair(error) => return error.hint(),
            Self::Dnd(error) => return error.hint(),
            Self::Config(error) => return error.hint(),
            Self::Credential(error) => return error.hint(),
            Self::Random(error) => error.hint(),
            Self::Notice(error) => error.hint(),
            Self::UnknownWebhook(_) => {
                "see which there are: airlock-exec approver webhook list; they stand in \
                 config.toml as [[webhook]] with name and url"
            }
            Self::NoWebhookSecret(name) => {
                return format!("make one: airlock-exec approver webhook secret {name:?}");
            }
            Self::NoTerminal => {
                "use airlock-exec approver list, show, approve and reject; or watch --json for \
                 programs"
            }
            Self::Decide(error) => error.hint(),
            Self::Follow(error) => error.hint(),
            Self::Transport(error) => next_step(error),
            Self::NoToken => {
                "give the approver's token with --token-file FILE (mode 0600) or --token-stdin"
            }
            Self::NoGateway => "name the gateway, too: --gateway URL",
            Self::Link(_) => "give the link as the gateway or the enforcer shows it",
            Self::BadToken => {
                "make one with: airlock-exec gateway token create --role approver --data DIR"
            }
            Self::Code(_) => "type the code as the enforcer shows it, for example AB3D-7K9Q",
            Self::NoKeys { hint } => hint,
            Self::Undecided(_) => {
                "what runs was approved by this approver: see its id with airlock-exec log"
            }
            Self::Unknown(_) => "see what waits with: airlock-exec approver list",
            Self::Ambiguous { .. } => "give more of the id, from its end",
            Self::NoPage => "use a gateway of your own: airlock-exec gateway, or local mode",
            Self::UnknownBrowser(_) => "see which there are: airlock-exec approver web list",
            Self::Address(_) => {
                "give it as the browser shows it, for example http://localhost:8765"
            }
            Self::NoPasskeys(_) => {
                "serve it at a name, over TLS: airlock-exec gateway --tls-name NAME; or name the \
                 address of a tunnel with --at"
            }
            Self::Stream(_) => "check that standard output and the terminal are still there",
        };
        words.to_owned()
    }
}
