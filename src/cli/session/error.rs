//! Why there is no session.

use crate::crypto::random::RandomError;
use crate::display::Displayable;
use crate::process::PrivateError;
use std::path::PathBuf;
use thiserror::Error;

/// Why no session began, or none can be shown.
#[derive(Debug, Error)]
pub enum SessionError {
    /// There is one already.
    #[error("this is session {} already", Displayable::from(id.as_str()))]
    Nested {
        /// Its id.
        id: String,
    },
    /// There is none to be shown.
    #[error("this is no session")]
    None,
    /// Nothing is to be started.
    #[error("no agent given")]
    NoAgent,
    /// It has no name.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// Our gates cannot be written.
    #[error(transparent)]
    Private(#[from] PrivateError),
    /// We do not know where we are.
    #[error("cannot tell where airlock-exec itself is: {0}")]
    OwnBinary(std::io::Error),
    /// The agent does not start.
    #[error("{} cannot be started: {}", path.display(), errno.desc())]
    Agent {
        /// Its file.
        path: PathBuf,
        /// The system's answer.
        errno: nix::errno::Errno,
    },
}

impl SessionError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Nested { .. } => "run the command by itself; it is reviewed as it is".to_owned(),
            Self::None | Self::NoAgent => "begin one: airlock-exec session -- AGENT".to_owned(),
            Self::Random(_) | Self::OwnBinary(_) => {
                "look what the system lacks: airlock-exec doctor".to_owned()
            }
            Self::Private(error) => error.hint(),
            Self::Agent { path, .. } => format!("see: ls -l {}", path.display()),
        }
    }
}
