//! What can go wrong between a person and a decision.

use crate::approver::{DecideError, DndError, InboxError, PairError, StoreError};
use crate::cli::LocalError;
use crate::client::TransportError;
use crate::config::PathsError;
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
    /// A gateway is named and no token.
    #[error("a gateway was named, but no token for it")]
    NoToken,
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
    /// Several waiting requests have an id like that.
    #[error("{given:?} is the end of {} ids: {}", ids.len(), ids.join(", "))]
    Ambiguous {
        /// What was typed.
        given: String,
        /// The ids it could mean.
        ids: Vec<String>,
    },
    /// Standard output or the terminal is gone, or no runtime could be built.
    #[error("read or write: {0}")]
    Stream(#[from] std::io::Error),
}

impl ApproverCommandError {
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
            Self::Decide(error) => error.hint(),
            Self::Transport(_) => "check the address of the gateway, and that it runs",
            Self::NoToken => {
                "give the approver's token with --token-file FILE (mode 0600) or --token-stdin"
            }
            Self::BadToken => {
                "make one with: airlock-exec gateway token create --role approver --data DIR"
            }
            Self::Code(_) => "type the code as the enforcer shows it, for example AB3D-7K9Q",
            Self::NoKeys { hint } => hint,
            Self::Unknown(_) => "see what waits with: airlock-exec approver list",
            Self::Ambiguous { .. } => "give more of the id, from its end",
            Self::Stream(_) => "check that standard output and the terminal are still there",
        };
        words.to_owned()
    }
}
