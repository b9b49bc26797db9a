//! Where a value came from.

use crate::config::Layer;
use std::fmt;
use std::path::PathBuf;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Nobody said anything.
    BuiltIn,
    /// A line of a file.
    File {
        /// Whose file it is.
        layer: Layer,
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u32,
    },
    /// A variable of the environment.
    Environment(&'static str),
    /// An option of the command line.
    Flag(&'static str),
}

impl Source {
    /// Returns the word for its layer.
    #[must_use]
    pub fn layer(&self) -> &'static str {
        match self {
            Self::BuiltIn => "built in",
            Self::File { layer: Layer::System, .. } => "system",
            Self::File { layer: Layer::User, .. } => "user",
            Self::File { layer: Layer::Project, .. } => "project",
            Self::Environment(_) => "environment",
            Self::Flag(_) => "flag",
        }
    }

    /// Tells whether it is something that the guarded agent can write.
    pub(super) fn is_within_reach_of_the_agent(&self) -> bool {
        matches!(
            self,
            Self::File { layer: Layer::Project, .. } | Self::Environment(_) | Self::Flag(_)
        )
    }
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn => formatter.write_str("built in"),
            Self::File { path, line, .. } => write!(formatter, "{}:{line}", path.display()),
            Self::Environment(name) => write!(formatter, "${name}"),
            Self::Flag(name) => formatter.write_str(name),
        }
    }
}

/// A value and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub source: Source,
}
