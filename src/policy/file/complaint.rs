//! What is wrong with a policy file.

use super::Position;
use std::fmt;

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    pub(in crate::policy) position: Option<Position>,
    pub(in crate::policy) message: String,
}

impl Complaint {
    pub(in crate::policy) fn at(position: Position, message: impl Into<String>) -> Self {
        Self { position: Some(position), message: message.into() }
    }

    pub(in crate::policy) fn whole(message: impl Into<String>) -> Self {
        Self { position: None, message: message.into() }
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Position { line, column }) = self.position {
            write!(formatter, "{line}:{column}: ")?;
        }
        formatter.write_str(&self.message)
    }
}
