//! The environment, captured once.

use std::ffi::{OsStr, OsString};

/// The variables of this process in the order they were handed to it.
///
/// The copy made at start is what is reviewed and what the command gets.
#[derive(Clone, Default)]
pub struct Environment {
    variables: Vec<(OsString, OsString)>,
}

impl Environment {
    /// Reads the environment of this process.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this room reads the outside")]
    pub fn capture() -> Self {
        Self { variables: std::env::vars_os().collect() }
    }

    /// Returns the first variable of that name, as the C library's `getenv` does.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&OsStr> {
        self.iter().find(|(key, _)| *key == OsStr::new(name)).map(|(_, value)| value)
    }

    /// Returns the variable when it is set, not empty and valid UTF-8.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.value(name)?.to_str().filter(|text| !text.is_empty())
    }

    /// Goes through name and value of each variable in order.
    pub fn iter(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.variables.iter().map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }
}

impl FromIterator<(OsString, OsString)> for Environment {
    fn from_iter<I: IntoIterator<Item = (OsString, OsString)>>(variables: I) -> Self {
        Self { variables: variables.into_iter().collect() }
    }
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Environment({} variables)", self.variables.len())
    }
}
