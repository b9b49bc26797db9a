//! The audit log as evidence: what happens to it, and what it says of what happened.

mod support;

#[path = "log/allowed.rs"]
mod allowed;
#[path = "log/bursts.rs"]
mod bursts;
#[path = "log/changes.rs"]
mod changes;
#[path = "log/commands.rs"]
mod commands;
#[path = "log/faults.rs"]
mod faults;
#[path = "log/kills.rs"]
mod kills;
#[path = "log/many.rs"]
mod many;
#[path = "log/slow.rs"]
mod slow;

use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::Output;
use support::Sandbox;

/// The file that is written to.
fn path(sandbox: &Sandbox) -> PathBuf {
    sandbox.path("state/airlock-exec/audit/audit.jsonl")
}

/// Every record of that file.
fn records(sandbox: &Sandbox) -> Vec<Value> {
    let text = fs::read_to_string(path(sandbox)).expect("a log");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// The records of one kind.
fn of_kind(sandbox: &Sandbox, kind: &str) -> Vec<Value> {
    records(sandbox).into_iter().filter(|record| record["kind"] == kind).collect()
}

fn log(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    sandbox.airlock([&["log"], arguments].concat()).output().expect("it starts")
}

/// What `log` says, which must be fine.
fn said(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let output = log(sandbox, arguments);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).expect("text")
}

fn verified(sandbox: &Sandbox) {
    said(sandbox, &["verify"]);
}

/// Runs `sh -c TEXT`, approved.
fn approved(sandbox: &Sandbox, text: &str) {
    let running = sandbox.start(["--", "sh", "-c", text]);
    sandbox.approve(&sandbox.pending());
    running.finish();
}
