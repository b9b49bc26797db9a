//! What is wrong with a file that a person wrote.

use super::Position;
use crate::display::Displayable;
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

    /// Returns what stands between a file's path and the complaint about it.
    #[must_use]
    pub fn separator(&self) -> &'static str {
        if self.position.is_some() { ":" } else { " " }
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
        // It may quote the file, and the file may be anybody's.
        write!(formatter, "{}", Displayable::from(self.message.as_str()))
    }
}
