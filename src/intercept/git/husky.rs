//! husky 9: hooks are scripts in `.husky`, which are the project's.

use super::Hook;

/// Hooks that husky makes a file for. Spec: husky 9, `index.js`.
const KNOWN: &[Hook] = &[Hook::PreCommit, Hook::CommitMsg, Hook::PrePush];

/// Tells whether husky ever runs it.
pub(super) fn knows(hook: Hook) -> bool {
    KNOWN.contains(&hook)
}

/// Returns the line that asks. The file is the team's, so it names no path of ours.
fn line(hook: Hook) -> String {
    format!("airlock-exec git-hook {hook} \"$@\" # added by airlock-exec hook install\n")
}

/// Returns the line where the one before it lacks its break, which goes with it again.
fn line_with_break(hook: Hook) -> String {
    line(hook).replace("hook install\n", "hook install, with a line break\n")
}

/// Adds the line to a script; `None` when it is there.
pub(super) fn added(script: &[u8], hook: Hook) -> Option<Vec<u8>> {
    if removed(script, hook).is_some() {
        return None;
    }
    let is_whole = script.is_empty() || script.ends_with(b"\n");
    let line = if is_whole { line(hook) } else { format!("\n{}", line_with_break(hook)) };
    Some([script, line.as_bytes()].concat())
}

/// Takes the line out of a script; `None` when it is not there.
pub(super) fn removed(script: &[u8], hook: Hook) -> Option<Vec<u8>> {
    let lines = [format!("\n{}", line_with_break(hook)), line(hook)];
    lines.iter().find_map(|line| {
        let at = script.windows(line.len()).position(|window| window == line.as_bytes())?;
        Some([&script[..at], &script[at + line.len()..]].concat())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_added_once_and_taken_out_again() {
        for before in [&b""[..], b"npm test", b"#!/bin/sh\nnpm test\n"] {
            let script = added(before, Hook::CommitMsg).expect("added");
            assert!(added(&script, Hook::CommitMsg).is_none());
            assert_eq!(removed(&script, Hook::CommitMsg).as_deref(), Some(before));
        }
        assert!(removed(b"npm test\n", Hook::CommitMsg).is_none());
    }
}
