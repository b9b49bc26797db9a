//! Words for a rejection that an agent can act upon.

use super::reach::Reach;

/// What is said often; the agent reads it as it stands.
pub const READY: &[&str] = &[
    "not now; go on with something else",
    "too broad: ask for one smaller step",
    "explain first what this is for, then ask again",
    "not in this directory or on this branch",
    "never run this; find another way",
];

/// Returns what a rejection of everything of a session or workspace says.
#[must_use]
pub fn stop(reach: Reach) -> String {
    format!("stop: whoever watches wants no more commands from this {} for now", reach.word())
}

/// Returns a rejection that tells the agent what to do in its place.
#[must_use]
pub fn change(words: &str) -> String {
    format!("change it: {}", words.trim())
}
