//! Why nobody signed in or out.

use crate::client::AccountError;
use crate::config::{ConfigError, PathsError};
use crate::credential::{CredentialError, TokenError};
use crate::exit::Outcome;
use std::io;
use thiserror::Error;

/// Why nobody signed in or out.
#[derive(Debug, Error)]
pub enum AccountCommandError {
    /// We do not know where our files lie.
    #[error(transparent)]
    Paths(#[from] PathsError),
    /// The settings cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The gateway, the provider or the stored credential does not work.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// There is nothing to sign in to.
    #[error("mode is local: there is nothing to sign in to")]
    Local,
    /// Nobody said where requests are decided.
    #[error("it was not said where requests are decided; nothing was changed")]
    NoPlace,
    /// What was given is no token.
    #[error("not signed in: {0}")]
    Token(#[from] TokenError),
    /// Nothing was given.
    #[error("not signed in: no token was given")]
    NoToken,
    /// Somebody pressed Ctrl-C.
    #[error("not signed in: interrupted")]
    Interrupted,
    /// The terminal or a pipe does not work.
    #[error("cannot {action}: {source}")]
    System {
        /// What was tried.
        action: &'static str,
        /// The system's answer.
        source: io::Error,
    },
}

impl AccountCommandError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Paths(error) => error.hint(),
            Self::Config(error) => error.hint(),
            Self::Account(error) => error.hint(),
            Self::Local => {
                "choose a gateway first: airlock-exec init, or airlock-exec config set mode hosted"
                    .to_owned()
            }
            Self::NoPlace => {
                "say it: airlock-exec init --local, --hosted or --gateway URL".to_owned()
            }
            Self::Token(_) => "copy the whole token, and nothing else".to_owned(),
            Self::NoToken => {
                "type it when asked, or: airlock-exec sign-in --pat < token-file".to_owned()
            }
            Self::Interrupted => "run it again when you want to sign in".to_owned(),
            Self::System { .. } => "try again at a terminal".to_owned(),
        }
    }

    /// Returns what became of it.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Account(error) if error.is_gateway_trouble() => Outcome::Gateway,
            _ => Outcome::Failed,
        }
    }
}

impl From<CredentialError> for AccountCommandError {
    fn from(error: CredentialError) -> Self {
        Self::Account(error.into())
    }
}
