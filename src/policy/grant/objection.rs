//! Patterns that could make anything run, told before anybody is asked.

use super::Pattern;
use crate::policy::tool::{Carrier, carrier};
use crate::policy::words::base_name;
use crate::protocol::artifact::PatternWord;
use thiserror::Error;

/// Whether the files that a command executes are bound by their digests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    /// Its words name a script, and its digest is part of the grant.
    Bound,
    /// They name none.
    None,
}

/// Why a pattern is not granted to anybody.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Objection {
    /// The program runs whatever its arguments say.
    #[error("{0} runs the command in its arguments")]
    Wrapper(String),
    /// The program runs text, and no script is bound.
    #[error("{0} runs any program it is given, and no script is named by its words")]
    Interpreter(String),
    /// An open word would choose what is run or written.
    #[error("an open word of {0} could choose what it runs or writes")]
    OpenEnd(String),
}

impl Objection {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Wrapper(_) => "ask for the command itself, without the wrapper".to_owned(),
            Self::Interpreter(name) => {
                format!("put it into a script and ask for that: {name} SCRIPT")
            }
            Self::OpenEnd(_) => "write out the words that are to be granted".to_owned(),
        }
    }
}

/// Programs whose first word chooses what they do: it must not be open.
const MANY_USES: &[&str] = &[
    "git",
    "cargo",
    "npm",
    "go",
    "docker",
    "podman",
    "kubectl",
    "gh",
    "systemctl",
    "apt",
    "apt-get",
    "dnf",
    "brew",
    "conda",
    "rustup",
];

/// Uses that run or configure something else by their operands.
const OPEN_USES: &[(&str, &[&str])] = &[
    (
        "git",
        &[
            "config",
            "clone",
            "submodule",
            "bisect",
            "filter-branch",
            "rebase",
            "remote",
            "difftool",
            "mergetool",
        ],
    ),
    ("npm", &["exec", "x", "run", "run-script", "config", "install", "i", "ci", "link"]),
    ("cargo", &["run", "install", "x"]),
    ("go", &["run", "generate", "install", "tool", "env"]),
    ("docker", &["run", "exec", "build", "cp", "compose"]),
    ("podman", &["run", "exec", "build", "cp"]),
    ("kubectl", &["exec", "run", "apply", "cp", "debug", "plugin", "config"]),
    ("gh", &["api", "alias", "extension", "config"]),
];

/// Programs that no table of ours lists and that run or write by operands.
const MORE: &[&str] = &["find", "gfind", "fd", "fdfind", "awk", "gawk", "mawk", "sed", "cp", "mv"];

/// Says why a pattern must not be granted, if so.
///
/// # Errors
///
/// [`Objection`].
pub fn object(pattern: &Pattern, script: Script) -> Result<(), Objection> {
    let word = |at: usize| match pattern.words().get(at) {
        Some(PatternWord::Exactly(word)) => Some(word.as_str()),
        _ => None,
    };
    let program = word(0).unwrap_or_default();
    let name = std::str::from_utf8(base_name(program.as_bytes())).unwrap_or(program);
    let kind = carrier(name.as_bytes());
    match kind {
        Some(Carrier::Wrapper | Carrier::Builtin) => {
            return Err(Objection::Wrapper(name.to_owned()));
        }
        Some(Carrier::Interpreter) if script == Script::None => {
            return Err(Objection::Interpreter(name.to_owned()));
        }
        _ => {}
    }
    if !pattern.is_open() {
        return Ok(());
    }
    let open_end = || Err(Objection::OpenEnd(name.to_owned()));
    if kind == Some(Carrier::Versatile) || MORE.contains(&name) {
        return open_end();
    }
    if MANY_USES.contains(&name) {
        let Some(verb) = word(1).filter(|verb| !verb.starts_with('-')) else { return open_end() };
        let open = OPEN_USES.iter().find(|(program, _)| *program == name);
        if open.is_some_and(|(_, verbs)| verbs.contains(&verb)) {
            return Err(Objection::OpenEnd(format!("{name} {verb}")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::Syntax;
    use super::*;
    use std::ffi::OsString;

    fn objection(line: &str, script: Script) -> Option<Objection> {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        object(&Pattern::read(&words, Syntax::Pattern).expect("a pattern"), script).err()
    }

    #[test]
    fn wrappers_shells_and_interpreters_are_not_granted() {
        for line in [
            "sudo make",
            "env make",
            "xargs rm",
            "timeout 5 make",
            "eval x",
            "busybox ls",
            "run-parts ./h",
            "setarch x86_64 x",
            "x86_64 x",
            "/lib64/ld-linux-x86-64.so.2 x",
        ] {
            let found = objection(line, Script::Bound);
            assert!(matches!(found, Some(Objection::Wrapper(_))), "{line}: {found:?}");
        }
        for line in ["bash", "sh -c ls", "/bin/bash -c {}", "python3.12 -m x", "perl -e 1 ..."] {
            let found = objection(line, Script::None);
            assert!(matches!(found, Some(Objection::Interpreter(_))), "{line}: {found:?}");
        }
        assert_eq!(objection("python3 tool.py ...", Script::Bound), None);
    }

    #[test]
    fn open_words_do_not_choose_what_runs() {
        for line in [
            "git {}",
            "git -C {} push",
            "git ...",
            "git config ...",
            "find . {}",
            "ssh host ...",
            "curl {}",
            "tar xf {}",
            "docker run ...",
            "npm run {}",
            "sed {} x",
            "cp {} {}",
        ] {
            let found = objection(line, Script::None);
            assert!(matches!(found, Some(Objection::OpenEnd(_))), "{line}: {found:?}");
        }
        for line in ["git push origin {}", "cargo test ...", "curl https://example.org", "touch {}"]
        {
            assert_eq!(objection(line, Script::None), None, "{line}");
        }
    }
}
