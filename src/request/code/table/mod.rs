//! The programs that execute files they are told to, as data.

mod builders;
mod helpers;
mod languages;
mod wrappers;

use super::tool::Tool;

/// Finds what is known about a program by its file name.
pub(super) fn tool(name: &str) -> Option<&'static Tool> {
    [languages::TOOLS, builders::TOOLS, wrappers::TOOLS, helpers::TOOLS]
        .into_iter()
        .flatten()
        .find(|tool| tool.has_name(name))
}

/// Returns the programs that run the command in their arguments.
#[cfg(test)]
pub(crate) fn wrappers() -> impl Iterator<Item = &'static str> {
    wrappers::TOOLS.iter().flat_map(|tool| tool.names).copied()
}

/// Tells whether a program of that name may run files that its words name.
#[cfg(test)]
pub(crate) fn is_known_to_run_files(name: &str) -> bool {
    tool(name).is_some()
}
