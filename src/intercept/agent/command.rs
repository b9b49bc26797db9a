//! The command that a host's configuration holds.

use super::host::Allowing;
use super::table::HOSTS;
use std::path::{Path, PathBuf};

/// Turns whatever ends without an answer of ours into a refusal with words: a missing
/// binary, a signal, a crash. Some hosts take every status but 2 for a yes, and one
/// takes 2 without words for one, too.
///
/// The words stand in single quotes, without a backslash, so that every shell reads them
/// alike. They must not change without need: Codex asks for trust again when they do.
const TAIL: &str = r#"|| { rc=$?; [ $rc -eq 2 ] || echo "airlock-exec: the hook ended with status $rc; the command was not executed" >&2; exit 2; }"#;

/// Returns the command for a shell, whichever the host uses.
pub(super) fn text(binary: &Path, host: &str, allowing: Allowing) -> String {
    let binary = binary.to_string_lossy();
    let binary = shell_words::quote(&binary);
    let more = match allowing {
        Allowing::Grants => "",
        Allowing::Quietly => " quietly",
    };
    format!(r#"/bin/sh -c '"$0" {}{more} {TAIL}' {binary}"#, marker(host))
}

/// Returns the words by which an entry of ours is known.
pub(super) fn marker(host: &str) -> String {
    format!("agent-hook {host}")
}

/// A command of ours, as an installer of ours wrote it.
#[derive(Debug, PartialEq, Eq)]
pub struct HookCommand {
    /// Its words: a shell, and what that is given.
    pub words: Vec<String>,
    /// The program that it calls.
    pub binary: PathBuf,
}

impl HookCommand {
    /// Reads a text; `None` when it is anything else than that command, to the byte.
    #[must_use]
    pub fn read(whole: &str) -> Option<Self> {
        let words = shell_words::split(whole).ok()?;
        let binary = PathBuf::from(words.last()?);
        let ways = [Allowing::Grants, Allowing::Quietly];
        let is_one = |host: &str| ways.iter().any(|way| text(&binary, host, *way) == whole);
        HOSTS.iter().any(|host| is_one(host.name)).then_some(Self { words, binary })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_command_is_known_and_nothing_like_it() {
        let binary = Path::new("/opt/a b/airlock-exec");
        let whole = text(binary, "codex", Allowing::Grants);
        let read = HookCommand::read(&whole).expect("ours");
        assert_eq!((read.words.len(), read.binary.as_path()), (4, binary));
        for other in [format!("{whole}; id"), whole.replace("codex", "nobody"), "id".to_owned()] {
            assert_eq!(HookCommand::read(&other), None, "{other}");
        }
    }
}
