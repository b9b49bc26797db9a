//! TOML that a person wrote, read key by key.
//!
//! Nothing unknown is passed over, and every complaint names line and column.

mod complaint;
mod keys;
mod layer;

pub use complaint::Complaint;
pub use keys::{Key, Value, keys, nearest, suggestion};
pub use layer::Layer;

use toml::Spanned;
use toml::de::DeTable;

/// Reads a document.
///
/// # Errors
///
/// A [`Complaint`] about the first thing that is no TOML.
pub fn parse(text: &str) -> Result<Spanned<DeTable<'_>>, Complaint> {
    DeTable::parse(text).map_err(|error| {
        let message = error.message().replace('\n', " ");
        match error.span() {
            Some(span) => Complaint::at(Position::of(text, span.start), message),
            None => Complaint::whole(message),
        }
    })
}

/// Line and column, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Line.
    pub line: u32,
    /// Column in characters.
    pub column: u32,
}

impl Position {
    /// Returns the position of a byte.
    #[must_use]
    pub fn of(text: &str, byte: usize) -> Self {
        let before = &text.as_bytes()[..byte.min(text.len())];
        let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX).saturating_add(1);
        let start = before.iter().rposition(|each| *each == b'\n').map_or(0, |at| at + 1);
        let lines = before.split(|each| *each == b'\n').count() - 1;
        let column = String::from_utf8_lossy(&before[start..]).chars().count();
        Self { line: count(lines), column: count(column) }
    }
}
