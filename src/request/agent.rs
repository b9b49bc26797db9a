//! Which agent seems to be calling: a label for people, never a reason to trust.

use crate::intercept::gates;
use crate::process::Environment;

/// Variables that agents set in the processes they start.
const SIGNS: &[(&str, &str)] = &[
    ("CLAUDECODE", "claude-code"),
    ("CURSOR_AGENT", "cursor"),
    ("GEMINI_CLI", "gemini-cli"),
    ("COPILOT_CLI", "copilot-cli"),
    ("AMP_THREAD_ID", "amp"),
    ("CODEX_SANDBOX", "codex"),
    ("OPENHANDS_SESSION_ID", "openhands"),
];

/// Returns the name of the agent whose signs the environment bears.
#[must_use]
pub fn agent(environment: &Environment) -> Option<&'static str> {
    SIGNS.iter().find(|(variable, _)| environment.text(variable).is_some()).map(|(_, name)| *name)
}

/// Returns the names of the agents that can be told so.
pub fn agents() -> impl Iterator<Item = &'static str> {
    SIGNS.iter().map(|(_, name)| *name)
}

/// Returns the id of the session a command runs in, when `airlock-exec session` began one.
#[must_use]
pub fn session(environment: &Environment) -> Option<&str> {
    gates::session(environment)
}
