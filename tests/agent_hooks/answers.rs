//! Decisions, as the hosts hear them.

use crate::hostile::{ask, assert_denied};
use crate::support::{Running, Sandbox};
use serde_json::{Value, json};
use std::process::Output;

fn bash(sandbox: &Sandbox, command: &str) -> Vec<u8> {
    let payload = json!({
        "hook_event_name": "PreToolUse", "tool_name": "Bash", "cwd": sandbox.work(),
        "tool_input": {"command": command},
    });
    payload.to_string().into_bytes()
}

fn said(output: &Output) -> Value {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one document")
}

fn start(sandbox: &Sandbox, host: &str, command: &str) -> Running {
    let payload = bash(sandbox, command);
    Running::start_with_input(&mut sandbox.airlock(["agent-hook", host]), &payload)
}

#[test]
fn a_tool_that_is_not_ours_gets_no_answer_and_leaves_no_trace() {
    let sandbox = Sandbox::new();
    let payload = br#"{"hook_event_name":"PreToolUse","tool_name":"Read","tool_input":{}}"#;
    let output = ask(&sandbox, "claude-code", payload);
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
    assert!(!sandbox.path("state/airlock-exec").exists());
}

#[test]
fn what_policy_allows_is_allowed_in_the_host_s_way_and_not_run() {
    let sandbox = Sandbox::new();
    sandbox.policy("read-only = \"allow\"\n");
    let output = ask(&sandbox, "claude-code", &bash(&sandbox, "ls -l"));
    assert_eq!(said(&output)["hookSpecificOutput"]["permissionDecision"], "allow");
    let output = ask(&sandbox, "codex", &bash(&sandbox, "ls -l"));
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stdout.is_empty(), "codex takes an allow for a mistake: {output:?}");
}

#[test]
fn a_hook_that_is_quiet_leaves_the_hosts_own_question_to_it_and_denies_as_ever() {
    let sandbox = Sandbox::new();
    sandbox.policy("read-only = \"allow\"\n[[rule]]\nargv = [\"make\"]\ndecision = \"deny\"\n");
    for host in ["claude-code", "copilot", "droid"] {
        let output = sandbox.output(&["hook", "install", "--agent", host, "--own-questions"]);
        assert!(output.status.success(), "{output:?}");
        let ask = |command: &str| {
            let payload = bash(&sandbox, command);
            let mut hook = sandbox.airlock(["agent-hook", host, "quietly"]);
            Running::start_with_input(&mut hook, &payload).finish()
        };
        let output = ask("ls -l");
        assert_eq!((output.status.code(), &output.stdout[..]), (Some(0), &b""[..]), "{host}");
        assert_denied(&ask("make"));
    }
    let doctor = sandbox.output(&["doctor"]);
    let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(said.contains("ok      agents: Claude Code asks"), "{said}");
    let path = sandbox.path("home/.claude/settings.json");
    let text = std::fs::read_to_string(&path).expect("written");
    assert!(text.contains("agent-hook claude-code quietly"), "{text}");
    let output = sandbox.output(&["hook", "uninstall", "--agent", "claude-code"]);
    assert!(output.status.success() && !path.exists(), "{output:?}");
}

#[test]
fn what_policy_forbids_is_denied_with_the_words_of_the_rule() {
    let sandbox = Sandbox::new();
    sandbox.policy(
        "[[rule]]\nargv = [\"git\", \"push\"]\ndecision = \"deny\"\nreason = \"use a merge request\"\n",
    );
    let output = ask(&sandbox, "codex", &bash(&sandbox, "cd /tmp && git push --force"));
    let text = assert_denied(&output);
    assert!(text.contains("use a merge request") && text.contains("policy.toml"), "{text}");
    let said: Value = serde_json::from_slice(&output.stdout).expect("a document");
    let reason = said["hookSpecificOutput"]["permissionDecisionReason"].as_str().expect("a reason");
    assert_eq!(reason, text.trim_end());
}

#[test]
fn an_approval_is_told_with_the_request_and_nothing_is_run_by_us() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let command = format!("touch {}", canary.path().display());
    let asking = start(&sandbox, "claude-code", &command);
    let pending = sandbox.pending();
    let plaintext = sandbox.plaintext(&pending);
    assert_eq!(plaintext["argv"], json!(["bash", "-c", command]));
    assert_eq!(plaintext["cwd"], json!(sandbox.work()));
    assert_eq!(plaintext["stdin"], "null", "what the host wrote to us is not the command's");
    sandbox.approve(&pending);
    let output = asking.finish();
    let said = said(&output);
    let why = said["hookSpecificOutput"]["permissionDecisionReason"].as_str().expect("why");
    assert!(why.contains("approved by a person") && why.contains(&pending.id), "{why}");
    canary.assert_absent();
    let log = sandbox.airlock(["log", "--json"]).output().expect("it starts");
    assert!(String::from_utf8_lossy(&log.stdout).contains("released"), "{log:?}");
}

#[test]
fn a_rejection_is_told_in_the_approver_s_words() {
    let sandbox = Sandbox::new();
    let asking = start(&sandbox, "gemini", "git push");
    let pending = sandbox.pending();
    sandbox.reject(&pending, "not on a Friday\u{202e}");
    let output = asking.finish();
    let text = assert_denied(&output);
    assert!(text.contains("not on a Friday\\u{202E}"), "{text}");
    assert!(text.contains(&pending.id) && text.contains("do not retry"), "{text}");
    let said: Value = serde_json::from_slice(&output.stdout).expect("a document");
    assert_eq!(said["decision"], "deny");
}

#[test]
fn a_directory_that_is_gone_denies() {
    let sandbox = Sandbox::new();
    let payload = br#"{"hook_event_name":"PreToolUse","tool_name":"Bash","cwd":"/nonexistent","tool_input":{"command":"ls"}}"#;
    assert!(assert_denied(&ask(&sandbox, "claude-code", payload)).contains("directory"));
}

#[test]
fn a_host_with_a_short_limit_is_told_to_come_again_and_the_retry_gets_the_decision() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let payload = json!({
        "hookName": "PreToolUse", "workspaceRoots": [sandbox.work()],
        "preToolUse": {"toolName": "execute_command", "parameters": {"command": "git push"}},
    });
    let payload = payload.to_string().into_bytes();
    let start =
        || Running::start_with_input(&mut sandbox.airlock(["agent-hook", "cline"]), &payload);
    let first = start().finish();
    let text = assert_denied(&first);
    let pending = sandbox.pending();
    assert!(text.contains(&pending.id) && text.contains("run exactly the same"), "{text}");
    sandbox.approve(&pending);
    let second = start().finish();
    assert_eq!(said(&second), json!({"cancel": false}));
    // It allowed one command: the third asks anew.
    let third = start();
    let again = sandbox.pending();
    assert_ne!(again.id, pending.id);
    sandbox.reject(&again, "once was enough");
    assert_denied(&third.finish());
}
