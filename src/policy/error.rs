//! Why nothing can be judged.

use thiserror::Error;

/// A policy that cannot be used: then nothing runs by it.
#[derive(Debug, Error)]
pub enum PolicyError {
    /// The compiled form is damaged or stale; it is made again.
    #[error("the compiled policy is damaged")]
    Damaged,
}

impl PolicyError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Damaged => "ask again; if it stays, remove the compiled policy".to_owned(),
        }
    }
}
