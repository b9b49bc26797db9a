//! Hooks that git's configuration names. Spec: git-config(1), `hook.<name>.command`.

use super::{Hook, HookError};
use crate::process::{Git, GitError};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The first git that runs hooks its configuration names.
const SINCE: (u32, u32) = (2, 54);

/// Tells whether this git runs hooks that its configuration names.
pub(super) fn are_known_to(git: &Git) -> Result<bool, GitError> {
    let text = git.text(&["version"])?.unwrap_or_default();
    let version = version(&text).ok_or(GitError::Unreadable { what: "version" })?;
    Ok(version >= SINCE)
}

/// Reads `git version 2.54.0 (...)`.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.strip_prefix("git version ")?.split('.');
    let mut number = || numbers.next()?.parse().ok();
    Some((number()?, number()?))
}

/// Returns `core.hooksPath`, as git resolves it.
///
/// Our own calls switch it off with a setting on their command line, so it is read of
/// the files only.
pub(super) fn configured_directory(git: &Git) -> Result<Option<PathBuf>, GitError> {
    let all = git.bytes(&["config", "--null", "--show-scope", "--type=path", "--get-all", KEY]);
    // Status 1 says there is none; ours is always there.
    let fields = all?;
    let fields: Vec<&[u8]> = fields.split(|byte| *byte == 0).collect();
    let mut of_files = fields.chunks_exact(2).filter(|pair| pair[0] != b"command");
    Ok(of_files.next_back().map(|pair| PathBuf::from(OsStr::from_bytes(pair[1]))))
}

const KEY: &str = "core.hooksPath";

/// Says which file sets it.
pub(super) fn origin(git: &Git) -> Option<String> {
    let all = git.bytes(&["config", "--null", "--show-origin", "--get-all", KEY]).ok()?;
    let fields: Vec<&[u8]> = all.split(|byte| *byte == 0).collect();
    let mut of_files = fields.chunks_exact(2).filter(|pair| pair[0].starts_with(b"file:"));
    let file = of_files.next_back()?[0];
    Some(format!("{} sets {KEY}", String::from_utf8_lossy(&file[b"file:".len()..])))
}

/// Returns the section of a hook. Its name must not be that of the hook itself.
fn section(hook: Hook) -> String {
    format!("hook.airlock-{hook}")
}

/// Returns the command that the repository's configuration names for a hook.
pub(super) fn command(git: &Git, hook: Hook) -> Result<Option<OsString>, GitError> {
    git.line(&["config", "--local", "--get", &format!("{}.command", section(hook))])
}

/// Returns the command by which a hook calls the program.
pub(super) fn calling(hook: Hook, program: &Path) -> OsString {
    let mut command = OsString::from("'");
    command.push(program);
    command.push(format!("' git-hook {hook}"));
    command
}

/// Writes that a hook calls the program.
pub(super) fn add(git: &Git, hook: Hook, program: &Path) -> Result<(), HookError> {
    let set = |key: &str, value: OsString| {
        let key = format!("{}.{key}", section(hook));
        git.bytes(&["config".into(), "--local".into(), OsString::from(key), value])
    };
    set("event", hook.name().into())?;
    set("command", calling(hook, program))?;
    Ok(())
}

/// Takes it out again.
pub(super) fn remove(git: &Git, hook: Hook) -> Result<(), HookError> {
    git.bytes(&["config", "--local", "--remove-section", &section(hook)])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_versions_that_git_calls_itself() {
        assert_eq!(version("git version 2.47.3"), Some((2, 47)));
        assert_eq!(version("git version 2.54.0.rc1 (Apple Git-160)"), Some((2, 54)));
        assert_eq!(version("git version 3.0"), Some((3, 0)));
        assert_eq!(version("hub version 2"), None);
    }
}
