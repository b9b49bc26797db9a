//! The canary for hooks: called as agents and git call them.

use super::fire::{Shot, hand};
use super::map::{Row, Seen};
use super::{caught_by, nonce};
use crate::cli::hook::{HookForm, InstalledHook, installed_at_agents, installed_at_git};
use crate::process::{Environment, WorkingDirectory};
use serde_json::json;
use std::ffi::OsStr;

/// The shells that agents hand a hook's command to.
const SHELLS: &[&str] = &["sh", "bash", "dash", "zsh", "fish"];
const LOADED: &str = "the agent loads it itself: fire it from there";

/// Hands a canary to every agent's hook that is installed, in each shell.
pub(super) fn of_agents(environment: &Environment) -> Vec<Row> {
    let directory = WorkingDirectory::capture().map(|here| here.path().to_owned());
    let directory = directory.unwrap_or_else(|_| "/".into());
    let mut rows = Vec::new();
    for InstalledHook { title, tool, call } in installed_at_agents(environment) {
        let mut add = |what: String, seen, beyond| {
            rows.push(Row { form: title.to_owned(), what, seen, beyond });
        };
        let fire = |program: &OsStr, words: &[&str]| {
            let nonce = nonce();
            let payload = json!({
                "hook_event_name": "PreToolUse", "tool_name": tool, "cwd": directory,
                "tool_input": {"command": format!("airlock-exec-canary {nonce}")},
            });
            seen(hand(program, words, payload.to_string().as_bytes(), &nonce), &nonce)
        };
        match call {
            HookForm::Loaded => add("its hook".to_owned(), Seen::Untried, Some(LOADED)),
            HookForm::Program(path) => {
                add("its hook".to_owned(), fire(path.as_os_str(), &[]), None);
            }
            HookForm::Text(text) => {
                for shell in SHELLS {
                    let seen = fire(shell.as_ref(), &["-c", &text]);
                    add(format!("its hook, by {shell}"), seen, None);
                }
            }
        }
    }
    rows
}

/// Calls what the hooks of the repository around us call.
pub(super) fn of_git(environment: &Environment) -> Vec<Row> {
    let fire = |(hook, program)| {
        let nonce = nonce();
        let shot = hand(program, &["git-hook", hook], &[], &nonce);
        let (form, what) = ("git".to_owned(), format!("hook {hook}"));
        Row { form, what, seen: seen(shot, &nonce), beyond: None }
    };
    installed_at_git(environment).into_iter().map(fire).collect()
}

fn seen(shot: Shot, nonce: &str) -> Seen {
    match shot {
        Shot::Said(said) => caught_by(&said, nonce).map_or(Seen::Missed(None), Seen::Caught),
        Shot::NotHere => Seen::NotHere,
        Shot::Silent => Seen::Unknown,
    }
}
