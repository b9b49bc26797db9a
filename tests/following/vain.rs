//! Approvals that nothing runs by: those who gave them learn that, and so does the log.

use super::support::{Call, Fault, Pending, Proxy, Refused, Sandbox, eventually};
use super::{approver, follow, messages};
use nix::sys::signal::Signal;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::thread;
use std::time::Duration;

/// Approves a command whose start cannot be written down any more: what makes it so is done
/// while it waits. Nothing runs, and the approval is acknowledged.
fn approved_in_vain(sandbox: &Sandbox, spoil: impl FnOnce()) -> Pending {
    let proxy = Proxy::before(sandbox, |_: &Call| Fault::Pass);
    let canary = sandbox.canary();
    let running = sandbox.start(canary.arguments());
    let pending = sandbox.pending();
    spoil();
    sandbox.approve(&pending);
    assert_eq!(running.finish().status.code(), Some(125));
    canary.assert_absent();
    // The command before it, which started the gateway, is acknowledged as well.
    let is_its = |call: &Call| call.is_acknowledgement() && call.json()["requestId"] == pending.id;
    eventually("its acknowledgement", || proxy.calls().iter().any(is_its).then_some(()));
    pending
}

#[test]
fn an_approval_of_what_cannot_be_written_down_is_acknowledged_and_told() {
    let sandbox = Sandbox::new();
    let pending = approved_in_vain(&sandbox, || {
        let path = sandbox.log_file();
        let sound = fs::read(&path).expect("a log");
        fs::write(&path, [&sound[..], b"nonsense\n"].concat()).expect("written");
    });
    assert_not_started(&sandbox, &pending, "was changed");
}

#[test]
fn an_approval_that_the_journal_does_not_take_is_acknowledged_and_told() {
    let sandbox = Sandbox::new();
    let pending = approved_in_vain(&sandbox, || {
        let journal = sandbox.path("state/airlock-exec/enforcer/journal");
        fs::set_permissions(&journal, Permissions::from_mode(0o644)).expect("loosened");
    });
    assert_not_started(&sandbox, &pending, "journal");
}

#[test]
fn an_approval_of_what_changed_meanwhile_is_told_and_written_down() {
    let sandbox = Sandbox::new();
    let tool = sandbox.script("tool", "true");
    let running = sandbox.start(["--", "tool"]);
    let pending = sandbox.pending();
    fs::write(&tool, "#!/bin/sh\nfalse\n").expect("changed");
    sandbox.approve(&pending);
    assert_eq!(running.finish().status.code(), Some(123));
    assert_not_started(&sandbox, &pending, "tool");
    sandbox.assert_decided_in_vain(&pending, "changed");
}

#[test]
fn what_was_decided_while_we_were_stopped_beyond_the_end_is_read_and_runs_nothing() {
    for (decision, status, said) in [
        ("reject", 120, "rejected by the approver"),
        ("approve", 122, "was read only after"),
        // Nobody: the gateway has seen the end before us.
        ("list", 122, "no decision within 4 seconds"),
    ] {
        let sandbox = Sandbox::new();
        sandbox.warm_up();
        let canary = sandbox.canary();
        let running = sandbox.start_canary(&canary, "4s");
        let pending = sandbox.pending();
        running.signal(Signal::SIGSTOP);
        let id = (decision != "list").then_some(&*pending.id);
        let words: Vec<&str> = [decision].into_iter().chain(id).collect();
        assert!(approver(&sandbox, &words).status.success());
        thread::sleep(Duration::from_secs(5));
        running.signal(Signal::SIGCONT);
        Refused::with_status(&running.finish(), status).assert_says(&[said]);
        canary.assert_absent();
        if decision == "approve" {
            assert_not_started(&sandbox, &pending, said);
            sandbox.assert_decided_in_vain(&pending, "too-late");
        }
    }
}

/// Whoever follows it learns that it did not start, and why.
#[track_caller]
fn assert_not_started(sandbox: &Sandbox, pending: &Pending, why: &str) {
    let told = messages(&follow(sandbox, &pending.id).finish());
    let end = &told.last().expect("an end")["end"];
    assert_eq!(end["how"], "notStarted", "{told:?}");
    assert!(end["why"].as_str().expect("words").contains(why), "{told:?}");
}
