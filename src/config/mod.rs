//! Says where files lie and which settings hold, and where each came from.

mod paths;

pub use paths::{Paths, PathsError};
