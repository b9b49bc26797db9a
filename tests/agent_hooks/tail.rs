//! The installed command blocks whatever becomes of the binary, in every shell.

use crate::support::{Running, Sandbox};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Output;

const PAYLOAD: &[u8] =
    br#"{"hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{"command":"ls"}}"#;

/// Returns the command that the installer writes, with another program in our place.
fn installed(sandbox: &Sandbox, program: &Path) -> String {
    let output = sandbox.airlock(["hook", "install", "--agent", "codex"]).output().expect("runs");
    assert!(output.status.success(), "{output:?}");
    let text = fs::read(sandbox.path("home/.codex/hooks.json")).expect("written");
    let whole: Value = serde_json::from_slice(&text).expect("JSON");
    let command = &whole["hooks"]["PreToolUse"][0]["hooks"][0]["command"];
    let command = command.as_str().expect("a command").to_owned();
    let replaced = command.replace(crate::support::BINARY, program.to_str().expect("text"));
    assert_ne!(command, replaced);
    replaced
}

fn in_shells(sandbox: &Sandbox, command: &str, check: impl Fn(&str, &Output)) {
    for shell in ["sh", "bash", "dash", "zsh", "fish"] {
        for flags in [&["-c"][..], &["-l", "-c"][..]] {
            let mut started = sandbox.program(shell);
            started.args(flags).arg(command);
            if started.get_program() != "sh" && !Path::new("/usr/bin").join(shell).exists() {
                continue;
            }
            let output = Running::start_with_input(&mut started, PAYLOAD).finish();
            check(&format!("{shell} {flags:?}"), &output);
        }
    }
}

#[test]
fn a_binary_that_is_missing_killed_or_broken_blocks_with_words() {
    let sandbox = Sandbox::new();
    let missing = sandbox.path("bin/gone");
    let killed = sandbox.script("killed", "kill -KILL $$");
    let aborted = sandbox.script("aborted", "kill -ABRT $$");
    let panicked = sandbox.script("panicked", "exit 101");
    let failed = sandbox.script("failed", "exit 1");
    let timed_out = sandbox.script("timed-out", "kill -ALRM $$");
    let directory = sandbox.path("bin");
    for program in [&missing, &killed, &aborted, &panicked, &failed, &timed_out, &directory] {
        in_shells(&sandbox, &installed(&sandbox, program), |shell, output| {
            let about = format!("{} in {shell}: {output:?}", program.display());
            assert_eq!(output.status.code(), Some(2), "{about}");
            assert!(String::from_utf8_lossy(&output.stderr).contains("not executed"), "{about}");
            assert!(output.stdout.is_empty(), "{about}");
        });
    }
}

/// Ends our own process while it waits for a person, as the system does that has no
/// memory left.
#[test]
fn a_hook_that_is_killed_while_a_person_thinks_blocks_with_words() {
    let sandbox = Sandbox::new();
    let output = sandbox.airlock(["hook", "install", "--agent", "codex"]).output().expect("runs");
    assert!(output.status.success(), "{output:?}");
    let text = fs::read(sandbox.path("home/.codex/hooks.json")).expect("written");
    let whole: Value = serde_json::from_slice(&text).expect("JSON");
    let command = whole["hooks"]["PreToolUse"][0]["hooks"][0]["command"].clone();
    let command = command.as_str().expect("a command");
    for (shell, signal) in [
        ("bash", Signal::SIGKILL),
        ("dash", Signal::SIGABRT),
        ("zsh", Signal::SIGKILL),
        ("fish", Signal::SIGKILL),
    ] {
        let mut started = sandbox.program(shell);
        let running = Running::start_with_input(started.args(["-c", command]), PAYLOAD);
        let pending = sandbox.pending();
        kill(waiting_below(running.pid()), signal).expect("it is ours");
        let output = running.finish();
        let about = format!("{shell}: {output:?}");
        assert_eq!(output.status.code(), Some(2), "{about}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("not executed"), "{about}");
        assert!(output.stdout.is_empty(), "{about}");
        sandbox.reject(&pending, "over");
        // A rejection is remembered for a while; the next question is another sandbox's.
        let _ = fs::remove_dir_all(sandbox.path("state/airlock-exec/enforcer/asked"));
    }
}

/// Returns the process of ours that waits below that one.
fn waiting_below(ancestor: Pid) -> Pid {
    let read = |process: i32, file| fs::read_to_string(format!("/proc/{process}/{file}"));
    let parent = |process: i32| -> Option<i32> {
        let text = read(process, "stat").ok()?;
        text.rsplit_once(')')?.1.split_ascii_whitespace().nth(1)?.parse().ok()
    };
    let is_below = |process: i32| {
        let mut line = std::iter::successors(Some(process), |each| parent(*each));
        line.any(|each| each == ancestor.as_raw())
    };
    let is_it = |process: &i32| {
        let words = read(*process, "cmdline").unwrap_or_default();
        words.starts_with(crate::support::BINARY) && is_below(*process)
    };
    let processes = fs::read_dir("/proc").expect("Linux").flatten();
    let numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    Pid::from_raw({ numbers }.find(is_it).expect("it waits"))
}

#[test]
fn an_answer_passes_through_as_it_is() {
    let sandbox = Sandbox::new();
    let allows = sandbox.script("allows", "cat");
    in_shells(&sandbox, &installed(&sandbox, &allows), |shell, output| {
        assert_eq!(output.status.code(), Some(0), "{shell}");
        assert_eq!(output.stdout, PAYLOAD, "{shell}");
    });
    let denies = sandbox.script("denies", "echo '{}'; echo because >&2; exit 2");
    in_shells(&sandbox, &installed(&sandbox, &denies), |shell, output| {
        assert_eq!(output.status.code(), Some(2), "{shell}");
        assert_eq!((&output.stdout[..], &output.stderr[..]), (&b"{}\n"[..], &b"because\n"[..]));
    });
}

#[test]
fn the_script_of_cline_cancels_when_the_binary_is_gone_or_killed() {
    let sandbox = Sandbox::new();
    let output = sandbox.airlock(["hook", "install", "--agent", "cline"]).output().expect("runs");
    assert!(output.status.success(), "{output:?}");
    let script = sandbox.path("home/Documents/Cline/Hooks/PreToolUse");
    let text = fs::read_to_string(&script).expect("written");
    for program in [sandbox.path("bin/gone"), sandbox.script("killed", "kill -KILL $$")] {
        let replaced = text.replace(crate::support::BINARY, program.to_str().expect("text"));
        assert_ne!(replaced, text);
        fs::write(&script, replaced).expect("written");
        let output = Running::start_with_input(&mut sandbox.program(&script), PAYLOAD).finish();
        let said: Value = serde_json::from_slice(&output.stdout).expect("one document");
        assert_eq!(said["cancel"], true, "{output:?}");
    }
}
