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

use std::process::Output;
use support::Sandbox;

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
