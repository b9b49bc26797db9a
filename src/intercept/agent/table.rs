//! Every host we know.
//!
//! What was [`Evidence::Tried`] fired our hook itself; else the sources are the vendors'
//! documentation and source where [`Evidence::Documented`] says so.

use super::host::Evidence::{Documented, Experimental, Tried};
use super::host::Form::{
    Block, Cancel, Decision, DecisionDenial, Flat, Nested, NestedDenial, NestedGrant, Permission,
};
use super::host::{Evidence, Host, Silence};
use std::ffi::OsStr;
use std::time::Duration;

/// What the installer writes where a limit can be written.
const WRITTEN: Duration = Duration::from_mins(10);
/// What Cline has fixed, and what we assume where nobody says.
const SHORT: Duration = Duration::from_secs(30);

/// A host that says nothing else: the others are differences from it.
const fn plain(name: &'static str, title: &'static str, evidence: Evidence) -> Host {
    Host {
        name,
        title,
        evidence,
        runs: &[],
        types: &[],
        edits: EDITORS,
        events: &[],
        forms: &[],
        silence: Silence::GoesOn,
        limit: WRITTEN,
    }
}

/// Editors whose `command` is a verb such as `view`.
const EDITORS: &[&str] = &[
    "str_replace_editor",
    "str_replace_based_edit_tool",
    "file_editor",
    "fs_read",
    "fs_write",
    "apply_patch",
];

/// The hosts, in the order in which they are listed.
pub const HOSTS: &[Host] = &[
    Host {
        runs: &["Bash", "PowerShell", "Monitor"],
        forms: &[Nested],
        ..plain("claude-code", "Claude Code", Tried("2.1.332"))
    },
    Host {
        runs: &["Bash"],
        types: &["write_stdin"],
        forms: &[NestedDenial],
        ..plain("codex", "Codex CLI", Tried("0.171.0"))
    },
    Host {
        runs: &["Shell"],
        events: &["beforeShellExecution"],
        forms: &[Permission],
        ..plain("cursor", "Cursor", Documented)
    },
    Host {
        runs: &["bash", "local_shell", "powershell", "Bash", "run_in_terminal"],
        types: &["write_bash", "write_powershell"],
        // With status 2 the CLI throws the reason away when it finds the nested form; VS
        // Code takes it from standard error.
        forms: &[Flat, NestedGrant],
        ..plain("copilot", "Copilot CLI, VS Code", Tried("1.0.102"))
    },
    Host {
        runs: &["run_shell_command"],
        forms: &[DecisionDenial],
        ..plain("gemini", "Gemini CLI", Tried("0.61.0"))
    },
    Host {
        runs: &["run_command"],
        forms: &[Decision],
        silence: Silence::IsAFault,
        limit: SHORT,
        ..plain("antigravity", "Antigravity", Experimental)
    },
    Host {
        runs: &["bash", "shell"],
        forms: &[Decision],
        ..plain("opencode", "opencode", Tried("1.18.33"))
    },
    Host {
        events: &["pre_run_command"],
        limit: SHORT,
        ..plain("windsurf", "Windsurf", Experimental)
    },
    Host {
        runs: &["execute_command", "run_commands"],
        forms: &[Cancel],
        limit: SHORT,
        ..plain("cline", "Cline", Documented)
    },
    Host {
        runs: &["terminal"],
        forms: &[DecisionDenial],
        ..plain("openhands", "OpenHands", Documented)
    },
    Host { runs: &["developer__shell"], forms: &[Block], ..plain("goose", "goose", Documented) },
    Host { runs: &["execute_bash", "shell"], ..plain("kiro", "Kiro CLI", Experimental) },
    Host {
        runs: &["Execute"],
        forms: &[Nested],
        ..plain("droid", "Factory Droid", Tried("0.215.0"))
    },
    Host {
        runs: &["run_shell_command", "Bash"],
        forms: &[Nested],
        ..plain("qwen", "Qwen Code", Tried("0.15.10"))
    },
    Host {
        runs: &["run_terminal_command", "Bash"],
        forms: &[Decision],
        ..plain("grok", "Grok Build", Experimental)
    },
    Host {
        runs: &["bash", "powershell"],
        forms: &[Decision],
        ..plain("pi", "pi", Tried("0.73.1"))
    },
    Host { runs: &["Bash"], forms: &[Decision], ..plain("amp", "Amp", Experimental) },
];

/// Finds a host by its word.
#[must_use]
pub fn host(name: &OsStr) -> Option<&'static Host> {
    HOSTS.iter().find(|host| name == host.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_host_waits_for_less_time_than_it_gets() {
        for host in HOSTS {
            assert!(host.patience() < host.limit, "{}", host.name);
            assert!(host.patience() >= Duration::from_secs(20), "{}", host.name);
        }
    }

    #[test]
    fn every_host_names_what_it_gates() {
        for host in HOSTS {
            assert!(!host.runs.is_empty() || !host.events.is_empty(), "{}", host.name);
            assert_eq!(super::host(OsStr::new(host.name)), Some(host));
        }
    }
}
