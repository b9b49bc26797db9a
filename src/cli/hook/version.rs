//! Which version of an agent is installed, where that decides what it understands.

use crate::intercept::agent::OnFailure;
use crate::process::{Deadline, Environment};
use std::io::Read;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

/// The first Claude Code that knows `onFailure`.
const KNOWS_ON_FAILURE: [u32; 3] = [2, 1, 295];
const PATIENCE: Duration = Duration::from_secs(5);

/// Tells whether the agent can be told to block when a hook breaks.
///
/// Nobody says what older versions make of the key; one bad entry may switch all off.
pub(super) fn on_failure(host: &str, environment: &Environment) -> OnFailure {
    if host != "claude-code" {
        return OnFailure::Unknown;
    }
    match said_version("claude", environment) {
        Some(version) if version >= KNOWS_ON_FAILURE => OnFailure::Blocks,
        _ => OnFailure::Unknown,
    }
}

/// Asks a program for its version: the first three numbers it says.
#[expect(clippy::disallowed_methods, reason = "asks the agent itself; no command of a user's")]
fn said_version(program: &str, environment: &Environment) -> Option<[u32; 3]> {
    let mut child = Command::new(program)
        .arg("--version")
        .env_clear()
        .envs(environment.iter())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let deadline = Deadline::after(PATIENCE);
    while child.try_wait().ok()?.is_none() {
        if deadline.has_passed() {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        thread::sleep(Duration::from_millis(20));
    }
    let mut said = String::new();
    child.stdout?.take(1 << 10).read_to_string(&mut said).ok()?;
    numbers(&said)
}

fn numbers(said: &str) -> Option<[u32; 3]> {
    let word =
        said.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let mut parts = word.split('.').map(str::parse::<u32>);
    Some([parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_the_first_three_numbers() {
        assert_eq!(numbers("2.1.295 (Claude Code)\n"), Some([2, 1, 295]));
        assert!(numbers("2.1.330").is_some_and(|version| version >= KNOWS_ON_FAILURE));
        assert!(numbers("2.1.9").is_some_and(|version| version < KNOWS_ON_FAILURE));
        assert_eq!(numbers("command not found"), None);
    }
}
