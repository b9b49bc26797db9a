//! Words for a rejection that an agent can act upon.

/// What is said often; the agent reads it as it stands.
pub const READY: &[&str] = &[
    "not now; go on with something else",
    "too broad: ask for one smaller step",
    "explain first what this is for, then ask again",
    "not in this directory or on this branch",
    "never run this; find another way",
];

/// What a rejection for everything of a session says.
pub const STOP: &str = "stop: whoever watches wants no more commands from this session for now";

/// Returns a rejection that tells the agent what to do in its place.
#[must_use]
pub fn change(words: &str) -> String {
    format!("change it: {}", words.trim())
}
