//! Who we are at a gateway that is not our own.

use thiserror::Error;

/// Why we cannot say who we are.
#[derive(Debug, Error)]
pub enum AccountError {
    /// Nobody signed in at that gateway.
    #[error("not signed in at {gateway}")]
    SignedOut {
        /// The gateway.
        gateway: String,
    },
}

impl AccountError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::SignedOut { .. } => "sign in: airlock-exec sign-in".to_owned(),
        }
    }
}
