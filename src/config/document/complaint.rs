//! What is wrong with a file that a person wrote.

use super::Position;
use std::fmt;

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// Where, when it is in one place.
    pub position: Option<Position>,
    /// What, and what to write instead.
    pub message: String,
}

impl Complaint {
    /// Complains about a place.
    pub fn at(position: Position, message: impl Into<String>) -> Self {
        Self { position: Some(position), message: message.into() }
    }

    /// Complains about the whole file.
    pub fn whole(message: impl Into<String>) -> Self {
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
