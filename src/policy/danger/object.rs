//! What a dangerous command is about.

use super::Surroundings;
use crate::policy::words::Word;
use std::path::{Component, Path, PathBuf};

/// What must be among the arguments for a pattern to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Object {
    /// Anything, or nothing.
    Any,
    /// The root, a home directory or a directory of the system.
    Everything,
    /// A path outside of the directory the command starts in.
    Outside,
    /// A reference that is forced or deleted: `+main`, `:main`.
    Forced,
    /// A device.
    Device,
    /// A word about production.
    Production,
    /// Rights that include setuid or setgid.
    Setuid,
    /// A statement that drops, truncates or deletes.
    Sql,
    /// The root of this machine's files, or its container socket.
    HostRoot,
    /// Anything that is not known before it runs.
    Unknown,
}

const SYSTEM: &[&str] = &[
    "bin",
    "boot",
    "dev",
    "etc",
    "home",
    "lib",
    "lib64",
    "opt",
    "proc",
    "root",
    "sbin",
    "srv",
    "sys",
    "usr",
    "var",
    "Users",
    "System",
    "Library",
    "Applications",
];

impl Object {
    /// Tells whether it is among the arguments.
    pub(super) fn is_among(self, words: &[Word<'_>], around: Surroundings<'_>) -> bool {
        words.iter().any(|word| {
            let raw = String::from_utf8_lossy(word.text());
            let text = raw.trim_matches(['"', '\'']);
            match self {
                Self::Any => true,
                Self::Everything => is_everything(text, around),
                Self::Outside => !word.is_option() && is_outside(text, around),
                Self::Forced => text.len() > 1 && text.starts_with(['+', ':']),
                Self::Device => is_device(text.strip_prefix("of=").unwrap_or(text)),
                Self::Production => text
                    .split(|each: char| !each.is_ascii_alphanumeric())
                    .any(|part| matches!(part, "prod" | "prd" | "production" | "live")),
                Self::Setuid => {
                    text.contains("+s") || text.len() == 4 && text.starts_with(['2', '4', '6', '7'])
                }
                Self::Sql => {
                    let text = text.to_ascii_lowercase();
                    ["drop ", "truncate ", "delete from", "dropdatabase"]
                        .iter()
                        .any(|each| text.contains(each))
                }
                Self::HostRoot => {
                    text.starts_with("/:")
                        || text.contains("=/:")
                        || text.contains("source=/,")
                        || text.contains("docker.sock")
                }
                Self::Unknown => word.known().is_none(),
            }
        }) || self == Self::Any
    }
}

fn is_everything(text: &str, around: Surroundings<'_>) -> bool {
    let text = text.strip_suffix("/*").or(text.strip_suffix("/.")).unwrap_or(text);
    let text = text.trim_end_matches('/');
    if matches!(text, "~" | "$HOME" | "${HOME}") {
        return true;
    }
    // What was only slashes, stars and dots is the root.
    let Some(path) = text.strip_prefix('/') else { return text.is_empty() };
    let top = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect::<Vec<_>>();
    match top[..] {
        [] => true,
        [only] => SYSTEM.contains(&only) || only == "*" || is_home(text, around),
        _ => is_home(text, around),
    }
}

fn is_home(text: &str, around: Surroundings<'_>) -> bool {
    around.home.is_some_and(|home| home != Path::new("/") && Path::new(text) == home)
}

fn is_outside(text: &str, around: Surroundings<'_>) -> bool {
    if text.starts_with('~') || text.starts_with("$HOME") || text.starts_with("${HOME}") {
        return true;
    }
    let joined = around.directory.join(text);
    let mut path = PathBuf::new();
    for part in joined.components() {
        match part {
            Component::ParentDir => drop(path.pop()),
            Component::CurDir => {}
            part => path.push(part),
        }
    }
    !path.starts_with(around.directory) && !path.starts_with("/dev")
}

fn is_device(text: &str) -> bool {
    let harmless =
        ["null", "zero", "full", "random", "urandom", "stdin", "stdout", "stderr", "tty"];
    text.strip_prefix("/dev/").is_some_and(|name| {
        !name.is_empty()
            && !harmless.contains(&name)
            && !name.starts_with("shm/")
            && !name.starts_with("fd/")
    })
}
