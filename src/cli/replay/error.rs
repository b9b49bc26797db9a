//! Why a recording cannot be played.

use crate::config::PathsError;
use crate::record::AuditError;
use crate::record::cast::{CastError, ShelfError};
use std::io;
use thiserror::Error;

/// Why a recording cannot be played.
#[derive(Debug, Error)]
pub enum ReplayError {
    /// We do not know where it lies.
    #[error(transparent)]
    Paths(#[from] PathsError),
    /// There is none, or it cannot be read.
    #[error(transparent)]
    Shelf(#[from] ShelfError),
    /// It is no recording.
    #[error(transparent)]
    Cast(#[from] CastError),
    /// The log cannot be read.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The terminal does not take it.
    #[error("play the recording: {0}")]
    Terminal(#[from] io::Error),
    /// There is no terminal.
    #[error("play the recording: standard input or output is no terminal")]
    NoTerminal,
    /// It is not what was recorded.
    #[error("{name} is not what was recorded: the log has another digest of it")]
    Changed {
        /// The file.
        name: String,
    },
    /// Nothing says what it was.
    #[error("{name} has no digest in the log: its command was killed, or the log is another")]
    Unlogged {
        /// The file.
        name: String,
    },
}

impl ReplayError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Paths(error) => error.hint(),
            Self::Shelf(error) => error.hint(),
            Self::Cast(error) => error.hint().to_owned(),
            Self::Audit(error) => error.hint(),
            Self::Terminal(_) => "play it on a terminal that is still there".to_owned(),
            Self::NoTerminal => "for text: --text; for a file: --export v2".to_owned(),
            Self::Changed { .. } => {
                "find out who changed it; to look at it harmlessly: --text".to_owned()
            }
            Self::Unlogged { .. } => "look at it harmlessly: --text".to_owned(),
        }
    }
}
