//! Why there is no grant.

use crate::config::{ConfigError, PathsError};
use crate::error::Error;
use crate::intercept::EmptyInvocation;
use crate::policy::grant::PatternError;
use crate::record::AuditError;
use crate::request::RequestError;
use crate::review::Refusal;
use crate::review::grant::GrantError;
use std::io;
use thiserror::Error;

/// Why there is no grant, or it cannot be shown or taken back.
#[derive(Debug, Error)]
pub enum GrantCommandError {
    /// It cannot be granted, or not be kept.
    #[error(transparent)]
    Grant(#[from] GrantError),
    /// The approver could not be asked, or said no.
    #[error(transparent)]
    Refused(Box<Error>),
    /// Standard output does not take it.
    #[error("show the grants: {0}")]
    Output(#[from] io::Error),
}

impl GrantCommandError {
    /// Returns what kept it, in the words of the main line.
    #[must_use]
    pub fn inner(&self) -> Option<&Error> {
        match self {
            Self::Refused(error) => Some(error),
            Self::Grant(_) | Self::Output(_) => None,
        }
    }

    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Grant(error) => error.hint(),
            Self::Refused(error) => error.hint(),
            Self::Output(_) => "write to a file or a terminal that takes it".to_owned(),
        }
    }
}

/// Makes what keeps a command from running keep a grant from being asked for.
macro_rules! refused {
    ($($type:ty),*) => {$(
        impl From<$type> for GrantCommandError {
            fn from(error: $type) -> Self {
                Self::Refused(Box::new(error.into()))
            }
        }
    )*};
}
refused!(AuditError, ConfigError, Error, PathsError, Refusal, RequestError);

impl From<EmptyInvocation> for GrantCommandError {
    fn from(_: EmptyInvocation) -> Self {
        Self::Grant(GrantError::Pattern(PatternError::Empty))
    }
}
