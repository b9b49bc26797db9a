//! Why local mode does not work.

use crate::approver::{PairError, StoreError};
use crate::client::{CeremonyError, PairingError, TransportError};
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
    /// The gateway was started and gave up.
    #[error("the local gateway cannot start: {what}")]
    GaveUp {
        /// Why, in its own words.
        what: String,
        /// Its own hint.
        next: String,
    },
    /// The token of a pairing is gone, and a new one would be a stranger to it.
    #[error("the token of the local gateway is no longer in {}", path.display())]
    NoToken {
        /// Where it should be.
        path: PathBuf,
        /// The directory of the gateway, which knows only this token's digest.
        gateway: PathBuf,
        /// The process of the gateway, if it runs.
        pid: Option<u32>,
    },
    /// The gateway that runs in this session is of another state directory.
    #[error("the local gateway of this session is not of the state in {}", state.display())]
    OtherState {
        /// The directory where its database would be.
        state: PathBuf,
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
    /// The pairing did not come about.
    #[error("cannot pair with the local approver: {0}")]
    Ceremony(#[from] CeremonyError),
    /// Somebody else answered in the place of the local approver.
    #[error("the answer to the pairing is not by the local approver")]
    OtherApprover,
}

impl LocalError {
    /// Tells whether the gateway, not this machine, is what does not work.
    #[must_use]
    pub fn is_gateway_trouble(&self) -> bool {
        matches!(
            self,
            Self::NoGateway { .. }
                | Self::Transport(_)
                | Self::Ceremony(_)
                | Self::OtherApprover
                | Self::Approver(PairError::Transport(_))
        )
    }

    /// Tells whether the same may work later: the gateway is away or cannot start now.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        self.is_gateway_trouble()
            || matches!(self, Self::GaveUp { .. } | Self::Start(_) | Self::Lock(_))
    }

    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Paths(error) => error.hint(),
            Self::Private(error) => error.hint(),
            Self::Credential(error) => error.hint(),
            Self::Open(error) => open_hint(error),
            Self::Pairing(error) => error.hint(),
            Self::Approver(error) => error.hint(),
            Self::Store(error) => error.hint(),
            Self::Lock(_) => "check the runtime directory; it must be on a local disk".to_owned(),
            Self::Start(_) => "close some programs and try again".to_owned(),
            Self::NoGateway { log } => format!("read {} and try again", log.display()),
            Self::GaveUp { next, .. } => next.clone(),
            Self::NoToken { gateway, pid, .. } => {
                let end = pid.map(|pid| format!("kill {pid}; ")).unwrap_or_default();
                format!("{end}mv {0} {0}.old; the next command pairs anew", gateway.display())
            }
            Self::OtherState { .. } => "set XDG_STATE_HOME as it is where that gateway was \
                 started, or set XDG_RUNTIME_DIR to a directory of its own, too"
                .to_owned(),
            Self::Serve(_) | Self::Transport(_) => {
                "try again; the gateway is started anew when it is gone".to_owned()
            }
            Self::Ceremony(error) => error.hint(),
            Self::OtherApprover => {
                "see whether another program runs as the local approver".to_owned()
            }
        }
    }
}

/// Nobody chose the directory of the local gateway, so nobody can choose another.
fn open_hint(error: &gateway::OpenError) -> String {
    match error {
        gateway::OpenError::InUse { .. } => {
            "set XDG_RUNTIME_DIR as it is where that gateway was started, or end that gateway"
                .to_owned()
        }
        gateway::OpenError::Newer { .. } => "install the newer airlock-exec again".to_owned(),
        error => error.hint(),
    }
}
