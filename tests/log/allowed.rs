//! What a rule allows is written down too, and costs next to nothing.

use super::support::{self, Refused, Running, Sandbox};
use super::{log, said, verified};
use serde_json::Value;
use std::fs;

fn file(sandbox: &Sandbox) -> std::path::PathBuf {
    sandbox.path("state/airlock-exec/audit/allowed.jsonl")
}

fn allowed(sandbox: &Sandbox) -> Vec<Value> {
    let records = sandbox.records_of("allowed");
    records.iter().flat_map(|each| each["commands"].as_array().expect("a list").clone()).collect()
}

#[test]
fn an_allowed_command_is_noted_at_once_and_is_in_the_chain_when_the_log_is_read() {
    let sandbox = Sandbox::new();
    sandbox.policy("");
    let mut command = sandbox.airlock(["--", "ls", "-l"]);
    assert!(Running::start(command.env("CLAUDECODE", "1")).finish().status.success());
    let noted = fs::read_to_string(file(&sandbox)).expect("noted");
    assert_eq!(noted.trim().lines().count(), 1, "{noted}");
    assert!(!sandbox.log_file().exists(), "no chain on the fast path");
    let shown = said(&sandbox, &[]);
    assert!(shown.contains("allowed") && shown.contains("ls -l"), "{shown}");
    assert!(!file(&sandbox).exists(), "it was copied");
    let found = allowed(&sandbox);
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0]["way"], &found[0]["agent"]), (&"prefix".into(), &"claude-code".into()));
    assert_eq!(found[0]["cwd"].as_str(), sandbox.work().to_str());
    assert!(found[0]["timeMs"].as_i64().expect("a time") > 1_700_000_000_000);
    verified(&sandbox);
    // The next slower command copies as well.
    assert!(sandbox.start(["--", "ls"]).finish().status.success());
    sandbox.policy("read-only = \"ask\"\n");
    sandbox.warm_up();
    assert_eq!(allowed(&sandbox).len(), 2);
    verified(&sandbox);
}

#[test]
fn secrets_in_it_never_reach_the_disk() {
    let sandbox = Sandbox::new();
    sandbox.policy("[[rule]]\nargv = [\"echo\"]\ndecision = \"allow\"\n");
    let words = ["--", "echo", "--token", "hunter2", "--password=hunter2", "https://me:hunter2@x/"];
    assert!(sandbox.start(words).finish().status.success());
    let noted = fs::read_to_string(file(&sandbox)).expect("noted");
    assert!(!noted.contains("hunter2") && noted.contains("--token"), "{noted}");
    assert!(noted.contains("redacted value len=7 #"), "{noted}");
}

#[test]
fn a_policy_turns_it_off_or_insists_and_a_project_cannot_turn_it_off() {
    let sandbox = Sandbox::new();
    sandbox.policy("log-allowed = \"no\"\n");
    assert!(sandbox.start(["--", "ls"]).finish().status.success());
    assert!(!file(&sandbox).exists());
    let project = sandbox.work().join(".airlock");
    fs::create_dir(&project).expect("a directory");
    fs::write(project.join("policy.toml"), "log-allowed = \"yes\"\n").expect("written");
    assert!(sandbox.start(["--", "ls"]).finish().status.success());
    assert!(file(&sandbox).exists(), "a project may insist");
    fs::write(project.join("policy.toml"), "log-allowed = \"no\"\n").expect("written");
    Refused::with_status(&sandbox.start(["--", "ls"]).finish(), 125).assert_says(&["stricter"]);
    fs::remove_dir_all(project).expect("removed");
    sandbox.policy("log-allowed = \"maybe\"\n");
    Refused::with_status(&sandbox.start(["--", "ls"]).finish(), 125).assert_says(&["\"must\""]);
}

#[test]
fn on_a_full_disk_it_runs_unless_the_policy_insists() {
    let sandbox = Sandbox::new();
    for (policy, runs) in [("", true), ("log-allowed = \"must\"\n", false)] {
        sandbox.policy(policy);
        // The policy is compiled by now, so nothing else needs space.
        let warm = sandbox.start(["--", "ls", "-d"]).finish();
        assert!(warm.status.success(), "{warm:?}");
        let before = fs::read(file(&sandbox)).expect("noted");
        let mut command = sandbox.program("sh");
        let script = "trap '' XFSZ; ulimit -f 0; exec \"$@\"";
        command.args(["-c", script, "sh", support::BINARY, "--", "ls", "-d", "."]);
        let output = Running::start(&mut command).finish();
        if runs {
            assert_eq!((output.status.code(), &output.stdout[..]), (Some(0), &b".\n"[..]));
            assert!(output.stderr.is_empty(), "nobody can tell: {output:?}");
        } else {
            let refused = Refused::with_status(&output, 125);
            refused.assert_says(&["cannot write", "allowed.jsonl"]);
        }
        assert_eq!(fs::read(file(&sandbox)).expect("noted"), before);
    }
    assert!(log(&sandbox, &["verify"]).status.success());
}

#[test]
fn a_line_that_was_cut_off_is_told_of_and_takes_no_other_with_it() {
    let sandbox = Sandbox::new();
    sandbox.policy("");
    assert!(sandbox.start(["--", "ls"]).finish().status.success());
    let noted = fs::read(file(&sandbox)).expect("noted");
    // As a full disk leaves it.
    let cut = &noted[..noted.len() / 2];
    fs::write(file(&sandbox), [&noted[..], cut].concat()).expect("written");
    assert!(sandbox.start(["--", "ls", "-a"]).finish().status.success());
    let shown = said(&sandbox, &[]);
    assert!(shown.contains("ls -a") && shown.contains("unreadable"), "{shown}");
    assert_eq!(allowed(&sandbox).len(), 2, "{shown}");
    let lost = sandbox.records_of("unreadable");
    assert_eq!((lost.len(), &lost[0]["lines"]), (1, &1.into()));
    let verified = said(&sandbox, &["verify"]);
    assert!(verified.contains("warning: record "), "{verified}");
    let kept = fs::read(sandbox.path("state/airlock-exec/audit/audit.torn")).expect("kept");
    assert!(kept.starts_with(cut.trim_ascii_start()), "{kept:?}");
    let json = said(&sandbox, &["verify", "--json"]);
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(
        (&json["sound"], json["warnings"].as_array().map(Vec::len)),
        (&true.into(), Some(1))
    );
}
