//! Where each host keeps its hooks, and what an entry of ours looks like there.

use super::command;
use super::host::Allowing;
use serde_json::{Value, json};
use std::path::Path;

/// Where a host keeps its hooks.
#[derive(Debug)]
pub struct Site {
    /// The host's word.
    pub host: &'static str,
    /// The variable that names another directory than `base`.
    pub variable: Option<&'static str>,
    /// The user's directory, below the home directory.
    pub base: &'static str,
    /// The directory in a project, when the host reads one there.
    pub project: Option<&'static str>,
    /// What is written there.
    pub kind: Kind,
}

/// What is written at a site.
#[derive(Debug)]
pub enum Kind {
    /// An entry in a file of the host's; the words lead to the list it stands in.
    Entry {
        /// The file, below the directory.
        file: &'static str,
        /// The objects on the way to the list.
        at: &'static [&'static str],
        /// Makes the entry.
        entry: fn(&Shape<'_>) -> Value,
        /// What to do when there is no such file.
        missing: Missing,
    },
    /// Files that are all ours.
    Own(&'static [Own]),
}

/// What to do when a host's file is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Make one: it needs nothing but the hook.
    Make,
    /// Leave it: it says more than hooks, which only the user can.
    Refuse,
}

/// A file that is all ours.
#[derive(Debug)]
pub struct Own {
    /// Its path, below the directory.
    pub file: &'static str,
    /// Makes its text.
    pub text: fn(&Shape<'_>) -> String,
    /// Whether the host executes it.
    pub mode: u32,
}

/// What an entry is made of.
#[derive(Debug)]
pub struct Shape<'a> {
    /// Our binary, by a path that upgrades keep.
    pub binary: &'a Path,
    /// The host's word.
    pub host: &'static str,
    /// What a host of a known version understands, when it does.
    pub on_failure: OnFailure,
    /// Whether what we allow answers the host's own question.
    pub allowing: Allowing,
}

/// Whether the host can be told to block when a hook breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFailure {
    /// It has a switch, and this version of it knows the switch.
    Blocks,
    /// It has none, or nobody knows the version.
    Unknown,
}

impl Shape<'_> {
    fn command(&self) -> String {
        command::text(self.binary, self.host, self.allowing)
    }

    /// The entry that Claude Code and those who follow it read.
    fn hook(&self, timeout: u32) -> Value {
        json!({"type": "command", "command": self.command(), "timeout": timeout})
    }

    fn script(&self, template: &str) -> String {
        template.replace("@BINARY@", &json!(self.binary.to_string_lossy()).to_string())
    }
}

const PRE_TOOL_USE: &[&str] = &["hooks", "PreToolUse"];
const SECONDS: u32 = 600;
const MILLISECONDS: u32 = 600_000;

const fn entry(
    host: &'static str,
    (base, project): (&'static str, Option<&'static str>),
    file: &'static str,
    at: &'static [&'static str],
    make: fn(&Shape<'_>) -> Value,
) -> Site {
    Site {
        host,
        variable: None,
        base,
        project,
        kind: Kind::Entry { file, at, entry: make, missing: Missing::Make },
    }
}

const fn own(
    host: &'static str,
    (base, project): (&'static str, Option<&'static str>),
    files: &'static [Own],
) -> Site {
    Site { host, variable: None, base, project, kind: Kind::Own(files) }
}

const fn file(file: &'static str, text: fn(&Shape<'_>) -> String) -> Own {
    Own { file, text, mode: 0o600 }
}

/// Where the hosts keep their hooks.
pub const SITES: &[Site] = &[
    Site {
        variable: Some("CLAUDE_CONFIG_DIR"),
        ..entry("claude-code", (".claude", Some(".claude")), "settings.json", PRE_TOOL_USE, claude)
    },
    Site {
        variable: Some("CODEX_HOME"),
        ..entry("codex", (".codex", Some(".codex")), "hooks.json", PRE_TOOL_USE, |shape| {
            // Without a time limit of its own in the command: any change of it asks for trust again.
            json!({"hooks": [shape.hook(SECONDS)]})
        })
    },
    Site {
        variable: Some("CURSOR_CONFIG_DIR"),
        ..entry(
            "cursor",
            (".cursor", Some(".cursor")),
            "hooks.json",
            &["hooks", "beforeShellExecution"],
            |shape| json!({"command": shape.command(), "timeout": SECONDS, "failClosed": true}),
        )
    },
    Site {
        variable: Some("COPILOT_HOME"),
        ..own("copilot", (".copilot", Some(".github")), &[file("hooks/airlock-exec.json", copilot)])
    },
    entry(
        "gemini",
        (".gemini", Some(".gemini")),
        "settings.json",
        &["hooks", "BeforeTool"],
        |shape| {
            let hook = json!({"type": "command", "name": "airlock-exec",
                "command": shape.command(), "timeout": MILLISECONDS});
            json!({"matcher": "*", "hooks": [hook]})
        },
    ),
    entry(
        "antigravity",
        (".gemini/config", Some(".agents")),
        "hooks.json",
        &["airlock-exec", "PreToolUse"],
        |shape| {
            let hook = json!({"type": "command", "command": shape.command()});
            json!({"matcher": "run_command", "hooks": [hook]})
        },
    ),
    Site {
        variable: Some("OPENCODE_CONFIG_DIR"),
        ..own(
            "opencode",
            (".config/opencode", Some(".opencode")),
            &[file("plugins/airlock-exec.js", |shape| {
                shape.script(include_str!("../../../shims/agents/opencode.js"))
            })],
        )
    },
    entry(
        "windsurf",
        (".codeium/windsurf", Some(".windsurf")),
        "hooks.json",
        &["hooks", "pre_run_command"],
        |shape| json!({"command": shape.command(), "show_output": true}),
    ),
    own(
        "cline",
        ("Documents/Cline/Hooks", Some(".clinerules/hooks")),
        &[Own {
            file: "PreToolUse",
            text: |shape| {
                let binary = shell_words::quote(&shape.binary.to_string_lossy()).into_owned();
                include_str!("../../../shims/agents/cline.sh").replace("@BINARY@", &binary)
            },
            mode: 0o700,
        }],
    ),
    entry("openhands", (".openhands", Some(".openhands")), "hooks.json", PRE_TOOL_USE, any_tool),
    own(
        "goose",
        (".agents/plugins/airlock-exec", None),
        &[
            file("plugin.json", |_| {
                pretty(&json!({"name": "airlock-exec", "version": env!("CARGO_PKG_VERSION")}))
            }),
            file("hooks/hooks.json", goose),
        ],
    ),
    Site {
        host: "kiro",
        variable: None,
        base: ".kiro/agents",
        project: Some(".kiro/agents"),
        kind: Kind::Entry {
            file: "default.json",
            at: &["hooks", "preToolUse"],
            entry: |shape| {
                json!({"matcher": "execute_bash", "command": shape.command(),
                    "timeout_ms": MILLISECONDS, "cache_ttl_seconds": 0})
            },
            missing: Missing::Refuse,
        },
    },
    entry("droid", (".factory", Some(".factory")), "settings.json", PRE_TOOL_USE, any_tool),
    entry(
        "qwen",
        (".qwen", Some(".qwen")),
        "settings.json",
        PRE_TOOL_USE,
        |shape| json!({"hooks": [shape.hook(MILLISECONDS)]}),
    ),
    Site {
        variable: Some("GROK_HOME"),
        ..own(
            "grok",
            (".grok", Some(".grok")),
            &[file("hooks/airlock-exec.json", |shape| {
                let group = json!({"hooks": [shape.hook(SECONDS)]});
                pretty(&json!({"hooks": {"PreToolUse": [group]}}))
            })],
        )
    },
    Site {
        variable: Some("PI_CODING_AGENT_DIR"),
        ..own(
            "pi",
            (".pi/agent", Some(".pi")),
            &[file("extensions/airlock-exec.js", |shape| {
                shape.script(include_str!("../../../shims/agents/pi.js"))
            })],
        )
    },
    own(
        "amp",
        (".config/amp", None),
        &[file("plugins/airlock-exec.ts", |shape| {
            shape.script(include_str!("../../../shims/agents/amp.ts"))
        })],
    ),
];

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

fn any_tool(shape: &Shape<'_>) -> Value {
    json!({"matcher": "*", "hooks": [shape.hook(SECONDS)]})
}

fn claude(shape: &Shape<'_>) -> Value {
    let mut entry = any_tool(shape);
    let hook = &mut entry["hooks"][0];
    hook["statusMessage"] = json!("waiting for an approval by airlock-exec");
    if shape.on_failure == OnFailure::Blocks {
        hook["onFailure"] = json!("block");
    }
    entry
}

/// One file for Copilot CLI, which reads `timeoutSec`, and VS Code, which reads `timeout`.
fn copilot(shape: &Shape<'_>) -> String {
    let command = shape.command();
    pretty(&json!({"version": 1, "hooks": {"PreToolUse": [{
        "type": "command", "command": command, "bash": command,
        "timeoutSec": SECONDS, "timeout": SECONDS,
    }]}}))
}

fn goose(shape: &Shape<'_>) -> String {
    let mut hook = shape.hook(SECONDS);
    hook["on_failure"] = json!("block");
    let group = json!({"matcher": "developer__shell", "hooks": [hook]});
    pretty(&json!({"hooks": {"PreToolUse": [group]}}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intercept::agent::HOSTS;

    #[test]
    fn every_host_has_a_site() {
        let hosts: Vec<&str> = HOSTS.iter().map(|host| host.name).collect();
        let sites: Vec<&str> = SITES.iter().map(|site| site.host).collect();
        assert_eq!(hosts, sites);
    }
}
