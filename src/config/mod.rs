//! Says where files lie and which settings hold, and where each came from.

pub mod document;
mod paths;

pub use document::{Complaint, Key, Layer, Position, Value, keys};
pub use paths::{Paths, PathsError};
