//! Why local mode does not work.

use crate::approver::{PairError, StoreError};
use crate::client::{PairingError, TransportError};
use crate::config::PathsError;
use crate::credential::CredentialError;
use crate::gateway;
use crate::process::PrivateError;
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why local mode does not work.
#[derive(Debug, Error)]
pub enum LocalError {
    /// We do not know where our files lie.
    #[error(transparent)]
    Paths(#[from] PathsError),
    /// A directory or file is not private.
    #[error(transparent)]
    Private(#[from] PrivateError),
    /// A stored secret cannot be used.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// The lock of local mode cannot be taken.
    #[error("cannot lock the local gateway's place: {0}")]
    Lock(io::Error),
    /// The gateway cannot be started.
    #[error("cannot start the local gateway: {0}")]
    Start(io::Error),
    /// The gateway was started and did not come up.
    #[error("the local gateway did not come up; see {}", log.display())]
    NoGateway {
        /// What it logged.
        log: PathBuf,
    },
    /// The gateway runs but left no token for us.
    #[error("the local gateway left no token in {}", path.display())]
    NoToken {
        /// Where it should be.
        path: PathBuf,
    },
    /// The gateway's database cannot be used.
    #[error(transparent)]
    Open(#[from] gateway::OpenError),
    /// The gateway cannot listen or ended with an error.
    #[error(transparent)]
    Serve(#[from] gateway::ServeError),
    /// The gateway cannot be reached or refuses.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// Our side of the pairing failed.
    #[error(transparent)]
    Pairing(#[from] PairingError),
    /// The approver's side of the pairing failed.
    #[error(transparent)]
    Approver(#[from] PairError),
    /// The approver's own files cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The pairing's answer cannot be trusted.
    #[error("the local approver's answer cannot be trusted: {0}")]
    Answer(String),
}

impl LocalError {
    /// Tells whether the gateway, not this machine, is what does not work.
    #[must_use]
    pub fn is_gateway_trouble(&self) -> bool {
        matches!(self, Self::NoGateway { .. } | Self::Transport(_) | Self::Answer(_))
    }

    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Paths(error) => error.hint(),
            Self::Private(error) => error.hint(),
            Self::Credential(error) => error.hint(),
            Self::Open(error) => error.hint(),
            Self::Pairing(error) => error.hint(),
            Self::Approver(error) => error.hint(),
            Self::Store(error) => error.hint(),
            Self::Lock(_) => "check the runtime directory; it must be on a local disk".to_owned(),
            Self::Start(_) => "close some programs and try again".to_owned(),
            Self::NoGateway { log } => format!("read {} and try again", log.display()),
            Self::NoToken { path } => {
                format!("end the running gateway and remove {}, then try again", path.display())
            }
            Self::Serve(_) | Self::Transport(_) => {
                "try again; the gateway is started anew when it is gone".to_owned()
            }
            Self::Answer(_) => "see whether another program runs as the local approver".to_owned(),
        }
    }
}
