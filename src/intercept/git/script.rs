//! The script that stands where git looks for a hook.

use super::Hook;
use crate::process::{Environment, lasting_path};
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

const TEMPLATE: &str = include_str!("../../../shims/git-hook.sh");
const PROGRAM: &str = "@AIRLOCK@";
/// The line before the program, and what the script begins with.
const ASSIGNMENT: &[u8] = b"\nairlock=";

/// Writes the script of a hook.
pub(super) fn script(hook: Hook, program: &Path) -> Vec<u8> {
    let named = TEMPLATE.replace("@HOOK@", hook.name());
    let (before, after) = named.split_once(PROGRAM).expect("the template names the program once");
    [before.as_bytes(), &quoted(program.as_os_str()), after.as_bytes()].concat()
}

/// Tells whose a script is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// Ours, byte for byte, whatever program it calls.
    Ours,
    /// Ours once, and changed since.
    Changed,
    /// Somebody else's.
    Theirs,
}

/// Looks whose a script is.
pub(super) fn whose(hook: Hook, bytes: &[u8]) -> Whose {
    let marker = TEMPLATE.lines().nth(1).expect("the template has a second line").as_bytes();
    if bytes.split(|byte| *byte == b'\n').nth(1) != Some(marker) {
        return Whose::Theirs;
    }
    let program = program_in(bytes);
    let is_whole = program.is_some_and(|program| script(hook, program) == bytes);
    if is_whole { Whose::Ours } else { Whose::Changed }
}

/// Returns the program that a script of ours calls, when its path needs no quotes inside.
pub(super) fn program_in(bytes: &[u8]) -> Option<&Path> {
    let at = bytes.windows(ASSIGNMENT.len()).position(|window| window == ASSIGNMENT)?;
    let line = bytes[at + ASSIGNMENT.len()..].split(|byte| *byte == b'\n').next()?;
    let path = line.strip_prefix(b"'")?.strip_suffix(b"'")?;
    Some(Path::new(OsStr::from_bytes(path)))
}

/// Quotes a path for a shell.
fn quoted(path: &OsStr) -> Vec<u8> {
    [b"'".as_slice(), path.as_bytes(), b"'"].concat()
}

/// Returns the path by which hooks call this program.
///
/// # Errors
///
/// The system's, and `InvalidFilename` when no script could name it.
pub fn own_program(environment: &Environment) -> io::Result<PathBuf> {
    let program = lasting_path(environment)?;
    if program.as_os_str().as_bytes().iter().any(|byte| matches!(byte, b'\'' | b'\n')) {
        return Err(io::ErrorKind::InvalidFilename.into());
    }
    Ok(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_of_ours_is_known_whatever_program_it_calls() {
        for hook in Hook::ALL {
            let bytes = script(hook, Path::new("/opt/a b/airlock-exec"));
            assert_eq!(whose(hook, &bytes), Whose::Ours);
            assert_eq!(program_in(&bytes), Some(Path::new("/opt/a b/airlock-exec")));
            assert_eq!(whose(hook, &[&bytes[..], b"true\n"].concat()), Whose::Changed);
        }
        assert_eq!(whose(Hook::PrePush, b"#!/bin/sh\nmake test\n"), Whose::Theirs);
        let other = script(Hook::PrePush, Path::new("/x"));
        assert_eq!(whose(Hook::CommitMsg, &other), Whose::Changed);
    }
}
