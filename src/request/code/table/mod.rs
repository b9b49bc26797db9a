//! The programs that execute files they are told to, as data.

mod builders;
mod languages;
mod wrappers;

use super::tool::Tool;

/// Finds what is known about a program by its file name.
pub(super) fn tool(name: &str) -> Option<&'static Tool> {
    [languages::TOOLS, builders::TOOLS, wrappers::TOOLS]
        .into_iter()
        .flatten()
        .find(|tool| tool.has_name(name))
}
