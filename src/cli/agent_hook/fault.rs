//! Why a hook says no.

use crate::error::Error;
use crate::intercept::agent::Unreadable;
use crate::process::InputError;
use crate::review::Refusal;
use std::io;
use thiserror::Error;

/// Why a hook says no.
#[derive(Debug, Error)]
pub(super) enum HookFault {
    #[error("agent-hook takes the name of one host: {}", super::hosts())]
    Usage,
    #[error("agent-hook knows no host {0}; it knows {hosts}", hosts = super::hosts())]
    UnknownHost(String),
    #[error(transparent)]
    Handed(#[from] InputError),
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    #[error("standard input cannot be put aside: {0}")]
    Input(io::Error),
    #[error(transparent)]
    Refused(#[from] Error),
}

impl HookFault {
    /// Returns the approver's words, escaped, when there are any.
    pub(super) fn reason(&self) -> Option<String> {
        match self {
            Self::Refused(error) => error.reason(),
            _ => None,
        }
    }

    /// Returns the request that was decided about, or still waits.
    pub(super) fn request(&self) -> Option<String> {
        match self {
            Self::Refused(Error::Review(Refusal::Rejected { decision, .. })) => {
                Some(decision.request_id.to_string())
            }
            Self::Refused(Error::Review(Refusal::StillOpen { request_id, .. })) => {
                Some(request_id.to_string())
            }
            _ => None,
        }
    }

    /// Returns the next step, written for an agent.
    pub(super) fn hint(&self) -> String {
        match self {
            Self::Usage | Self::UnknownHost(_) => {
                "tell the user to install the hook again: airlock-exec hook install --agent HOST"
                    .to_owned()
            }
            Self::Handed(InputError::Terminal) => {
                "this is what an agent calls; to set it up: airlock-exec hook install --agent HOST"
                    .to_owned()
            }
            Self::Handed(_) | Self::Unreadable(_) => {
                "do not work around this; tell the user that airlock-exec and the agent's version \
                 do not fit together"
                    .to_owned()
            }
            Self::Input(_) => "tell the user; nothing may run until that is mended".to_owned(),
            Self::Refused(error) => error.hint(),
        }
    }
}
