//! Why we cannot say who we are, or sign in.

use crate::client::TransportError;
use crate::credential::CredentialError;
use thiserror::Error;

/// Why we cannot say who we are, or sign in.
#[derive(Debug, Error)]
pub enum AccountError {
    /// Nobody signed in at that gateway.
    #[error("not signed in at {gateway}")]
    SignedOut {
        /// The gateway.
        gateway: String,
    },
    /// The stored credential cannot be used.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// The gateway or the identity provider cannot be reached, or refuses.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The gateway names nowhere to sign in.
    #[error("{gateway} names no identity provider to sign in at")]
    NoProvider {
        /// The gateway.
        gateway: String,
    },
    /// What the gateway or the provider says about signing in is not followed.
    #[error("the sign-in at {issuer} cannot be trusted: {why}")]
    Untrusted {
        /// The identity provider, as the gateway names it.
        issuer: String,
        /// Which rule it breaks.
        why: String,
    },
    /// The provider offers no way to sign in without a browser of ours.
    #[error("{issuer} offers no sign-in by device code")]
    NoDeviceCode {
        /// The identity provider.
        issuer: String,
    },
    /// The person said no.
    #[error("the sign-in was refused in the browser")]
    Denied,
    /// Nobody entered the code in time.
    #[error("the code was not entered in time")]
    CodeExpired,
    /// The provider says something else went wrong.
    #[error("{issuer} did not sign us in: {what}")]
    Provider {
        /// The identity provider.
        issuer: String,
        /// Its words, escaped, or what is wrong with them.
        what: String,
    },
}

impl AccountError {
    /// Tells whether the gateway or the sign-in, not this machine, is what does not work.
    #[must_use]
    pub fn is_gateway_trouble(&self) -> bool {
        !matches!(
            self,
            Self::Credential(_)
                | Self::Transport(TransportError::Address { .. } | TransportError::Setup { .. })
        )
    }

    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::SignedOut { .. } => "sign in: airlock-exec sign-in".to_owned(),
            Self::Credential(error) => error.hint(),
            Self::Transport(error) => error.hint(),
            Self::NoProvider { .. } | Self::NoDeviceCode { .. } => {
                "use a personal access token: airlock-exec sign-in --pat".to_owned()
            }
            Self::Untrusted { .. } => {
                "do not sign in; ask whoever runs the gateway, or use a personal access token"
                    .to_owned()
            }
            Self::Denied | Self::CodeExpired => {
                "run it again when you want to sign in: airlock-exec sign-in".to_owned()
            }
            Self::Provider { .. } => "sign in again: airlock-exec sign-in".to_owned(),
        }
    }
}
