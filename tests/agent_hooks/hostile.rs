//! Input that no host writes: everything is refused, in every host's form.

use crate::support::{Running, Sandbox};
use airlock_exec::intercept::agent::{HOSTS, Host};
use std::process::{Command, Output, Stdio};

/// Asks the hook of a host with these bytes.
pub(crate) fn ask(sandbox: &Sandbox, host: &str, payload: &[u8]) -> Output {
    Running::start_with_input(&mut sandbox.airlock(["agent-hook", host]), payload).finish()
}

#[track_caller]
pub(crate) fn assert_denied(output: &Output) -> String {
    let text = String::from_utf8(output.stderr.clone()).expect("we write UTF-8");
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert_eq!(text.lines().count(), 1, "one reason: {text:?}");
    assert!(text.contains("not executed"), "{text}");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.lines().count() <= 1, "one document: {said}");
    assert!(!said.contains("allow") && !said.contains("\"cancel\":false"), "{said}");
    text
}

fn bash(command: &str) -> Vec<u8> {
    format!(r#"{{"hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{{"command":{command}}}}}"#)
        .into_bytes()
}

/// What a host writes about a command, by its own names; the command is any JSON.
fn payload(host: &Host, command: &str) -> Vec<u8> {
    let text = match (host.runs.first(), host.events.first()) {
        (Some(tool), None) => format!(
            r#"{{"hook_event_name":"PreToolUse","tool_name":"{tool}","tool_input":{{"command":{command}}}}}"#
        ),
        (_, Some(event)) => format!(r#"{{"hook_event_name":"{event}","command":{command}}}"#),
        (None, None) => unreachable!("every host names what it gates"),
    };
    text.into_bytes()
}

fn hostile_payloads(host: &Host) -> Vec<(&'static str, Vec<u8>)> {
    let of = |command: &str| payload(host, command);
    let whole = of(r#""touch ran""#);
    let mut large = whole.clone();
    large.resize(50 << 20, b' ');
    let not_text = of("\"touch ran \u{fffd}\"");
    let not_text = not_text.into_iter().map(|byte| if byte == 0xbf { 0xff } else { byte });
    vec![
        ("nothing", Vec::new()),
        ("a byte order mark", [b"\xef\xbb\xbf", &whole[..]].concat()),
        ("invalid UTF-8", not_text.collect()),
        ("half a surrogate", of(r#""touch ran \ud800""#)),
        ("a NUL in the command", of(r#""touch ran\u0000""#)),
        ("a NUL in the text", of("\"touch\0ran\"")),
        ("a key twice", of(r#""ls","command":"touch ran""#)),
        ("a key twice, escaped", of(r#""ls","comm\u0061nd":"touch ran""#)),
        ("deep nesting", of(&format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)))),
        ("50 MB", large),
        ("truncated", whole[..whole.len() - 3].to_vec()),
        ("two documents", [&whole[..], &whole[..]].concat()),
        ("a list", b"[]".to_vec()),
        ("a number", b"7".to_vec()),
        ("a command that is an object", of(r#"{"a":1}"#)),
        ("a command with a number among its words", of(r#"["touch",7]"#)),
    ]
}

#[test]
fn no_hostile_payload_is_passed_over_by_any_host() {
    let sandbox = Sandbox::new();
    for host in HOSTS {
        for (about, payload) in hostile_payloads(host) {
            let output = ask(&sandbox, host.name, &payload);
            assert_eq!(output.status.code(), Some(2), "{} {about}: {output:?}", host.name);
            assert!(assert_denied(&output).contains("airlock-exec"), "{} {about}", host.name);
        }
    }
    assert!(!sandbox.path("state/airlock-exec").exists(), "nobody was asked");
}

#[test]
fn a_tool_that_nobody_knows_is_refused_when_its_command_has_another_shape() {
    let sandbox = Sandbox::new();
    let tool = |command: &str| {
        let input = format!(r#"{{"command":{command}}}"#);
        format!(
            r#"{{"hook_event_name":"PreToolUse","tool_name":"mcp__a__b","tool_input":{input}}}"#
        )
    };
    for command in [r#"{"program":"touch","args":["ran"]}"#, "7", "true"] {
        let output = ask(&sandbox, "claude-code", tool(command).as_bytes());
        assert!(assert_denied(&output).contains("neither text nor"), "{command}: {output:?}");
    }
    let output = ask(&sandbox, "claude-code", tool("null").as_bytes());
    assert!(output.status.success() && output.stdout.is_empty(), "no command: {output:?}");
}

#[test]
fn every_host_refuses_what_it_cannot_read() {
    let sandbox = Sandbox::new();
    for host in HOSTS {
        assert_denied(&ask(&sandbox, host.name, b"{"));
    }
}

#[test]
fn no_mistake_ends_with_a_status_that_lets_the_command_run() {
    let sandbox = Sandbox::new();
    let lines: [&[&str]; 5] = [
        &["agent-hook"],
        &["agent-hook", "nobody"],
        &["agent-hook", "claude-code", "more"],
        &["agent-hook", "--host", "codex"],
        &["agent-hook", "CODEX"],
    ];
    for line in lines {
        let output = Running::start(&mut sandbox.airlock(line)).finish();
        assert_denied(&output);
    }
}

#[test]
fn a_home_that_is_missing_denies() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.airlock(["agent-hook", "codex"]);
    command.env_clear();
    let output = Running::start_with_input(&mut command, &bash(r#""touch ran""#)).finish();
    assert!(assert_denied(&output).contains("HOME"), "{output:?}");
}

#[test]
fn closed_descriptors_deny() {
    let sandbox = Sandbox::new();
    for closed in ["<&-", ">&- 2>&-", "<&- >&- 2>&-"] {
        let script = format!("\"$0\" agent-hook claude-code {closed}");
        let mut shell = sandbox.program("sh");
        shell.args(["-c", &script, crate::support::BINARY]);
        let output = Running::start_with_input(&mut shell, b"{").finish();
        assert_eq!(output.status.code(), Some(2), "{closed}");
    }
}

#[test]
fn an_approval_that_nobody_can_read_is_none() {
    let sandbox = Sandbox::new();
    sandbox.policy("[[rule]]\nargv = [\"touch\"]\ndecision = \"allow\"\n");
    let mut shell: Command = sandbox.program("sh");
    shell.args(["-c", "\"$0\" agent-hook cursor > /dev/full", crate::support::BINARY]);
    shell.stderr(Stdio::piped());
    let payload = br#"{"hook_event_name":"beforeShellExecution","command":"true","cwd":""}"#;
    let output = Running::start_with_input(&mut shell, payload).finish();
    assert_eq!(output.status.code(), Some(2));
}
