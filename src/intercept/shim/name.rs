//! Names of programs that can have a shim.

use super::ShimError;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Names that begin like this are our own: `airlock-exec`, `airlock-sh`.
const OURS: &[u8] = b"airlock";

/// What starts nearly every script: behind a shim each of them would ask.
const SHELLS: &[&str] =
    &["sh", "bash", "dash", "zsh", "fish", "ash", "ksh", "mksh", "busybox", "env"];

/// Programs that change something other people see, or that cannot be taken back.
pub const DEFAULT_SET: &[&str] = &[
    "aws",
    "az",
    "docker",
    "gcloud",
    "gh",
    "git",
    "glab",
    "helm",
    "kubectl",
    "npm",
    "npx",
    "pip",
    "pip3",
    "pnpm",
    "podman",
    "rsync",
    "scp",
    "ssh",
    "sudo",
    "systemctl",
    "terraform",
    "tofu",
    "uv",
    "yarn",
];

/// The name of a program, as it is typed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ShimName(OsString);

impl ShimName {
    /// Takes a name that a shim can have.
    ///
    /// # Errors
    ///
    /// [`ShimError::Name`] with what is wrong about it.
    pub fn new(name: &OsStr) -> Result<Self, ShimError> {
        let bytes = name.as_bytes();
        let refuse = |why| Err(ShimError::Name { name: name.to_owned(), why });
        match bytes {
            [] => refuse("it is empty"),
            [b'-' | b'.', ..] => refuse("it begins with - or ."),
            _ if bytes.contains(&b'/') => refuse("it is a path, and a shim has a program's name"),
            _ if bytes.iter().any(u8::is_ascii_control) => refuse("it has a control character"),
            _ if bytes.starts_with(OURS) => refuse("names that begin with airlock are our own"),
            _ if SHELLS.iter().any(|shell| shell.as_bytes() == bytes) => {
                refuse("it starts other programs' scripts, and each of them would ask")
            }
            _ => Ok(Self(name.to_owned())),
        }
    }

    /// Returns the name.
    #[must_use]
    pub fn as_os_str(&self) -> &OsStr {
        &self.0
    }
}

/// Returns the program's name under which we were called, `None` for a name of our own.
///
/// `argv[0]` says it: its last part, without the dash of a login shell.
#[must_use]
pub fn called_as(arguments: &[OsString]) -> Option<&OsStr> {
    let name = Path::new(arguments.first()?).file_name()?.as_bytes();
    let name = name.strip_prefix(b"-").unwrap_or(name);
    let is_ours = name.is_empty() || name.starts_with(OURS);
    (!is_ours).then(|| OsStr::from_bytes(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn called(word: &str) -> Option<String> {
        called_as(&[word.into()]).map(|name| name.to_string_lossy().into_owned())
    }

    #[test]
    fn a_name_that_is_not_ours_is_a_shim() {
        assert_eq!(called("git"), Some("git".to_owned()));
        assert_eq!(called("/home/me/shims/git"), Some("git".to_owned()));
        assert_eq!(called("-zsh"), Some("zsh".to_owned()));
        for ours in ["airlock-exec", "/usr/bin/airlock-exec", "airlock-sh", "-airlock-sh", "", "-"]
        {
            assert_eq!(called(ours), None, "{ours}");
        }
        assert_eq!(called_as(&[]), None);
    }

    #[test]
    fn a_shim_has_the_name_of_a_program() {
        for good in ["git", "g++", "python3.12", "[", "ä"] {
            assert!(ShimName::new(OsStr::new(good)).is_ok(), "{good}");
        }
        for bad in ["", "-x", ".git", "a/b", "a\nb", "airlock-exec", "sh", "env"] {
            assert!(ShimName::new(OsStr::new(bad)).is_err(), "{bad:?}");
        }
        assert!(DEFAULT_SET.iter().all(|name| ShimName::new(OsStr::new(name)).is_ok()));
        assert!(DEFAULT_SET.is_sorted());
    }
}
