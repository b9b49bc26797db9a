//! A disk that does not keep what must be kept before a command may run.
#![cfg(target_os = "linux")]

mod support;

use nix::libc::{EDQUOT, EIO, ENOSPC, SIGTERM};
use nix::sys::signal::Signal;
use serde_json::Value;
use std::ffi::OsString;
use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Output;
use support::{Canary, Refused, Running, Sandbox, eventually};

/// What the disk says, how it reads, and what helps.
const FAULTS: [(i32, &str, &str); 3] = [
    (EIO, "Input/output error", "check "),
    (ENOSPC, "No space left on device", "free some disk space and run the command again"),
    (EDQUOT, "quota exceeded", "free some disk space and run the command again"),
];

fn journal(sandbox: &Sandbox) -> PathBuf {
    sandbox.path("state/airlock-exec/enforcer/journal")
}

/// Asks for a command, does something to its disk while it waits, and approves.
fn decided(sandbox: &Sandbox, words: &[OsString], break_disk: impl FnOnce()) -> Output {
    let running = Running::start(&mut sandbox.on_disk(words));
    let pending = sandbox.pending();
    break_disk();
    sandbox.approve(&pending);
    running.finish()
}

/// Asks for a command whose decision the disk does not keep, says how it was refused, and
/// that it ran once the disk was mended.
#[track_caller]
fn refused_then_run(sandbox: &Sandbox, path: &Path, (error, says, next): (i32, &str, &str)) {
    let canary = sandbox.canary();
    let words = canary.arguments();
    let output = decided(sandbox, &words, || sandbox.break_disk(path, error));
    let refused = Refused::with_status(&output, 125);
    refused.assert_says(&[path.to_str().expect("UTF-8"), says]);
    assert!(refused.next.starts_with(next), "{refused:?}");
    canary.assert_absent();
    sandbox.mend_disk();
    // What was approved is used up: it is asked about anew.
    let output = decided(sandbox, &words, || ());
    assert!(output.status.success(), "{output:?}");
    canary.assert_present();
}

/// Returns the records of one kind of a log that is whole.
fn recorded(sandbox: &Sandbox, kind: &str) -> Vec<Value> {
    assert!(sandbox.start(["log", "verify"]).finish().status.success());
    sandbox.records_of(kind)
}

#[test]
fn nothing_runs_by_a_decision_that_the_disk_does_not_keep() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    for fault in FAULTS {
        refused_then_run(&sandbox, &journal(&sandbox), fault);
    }
    let ended = recorded(&sandbox, "ended");
    let why: Vec<&str> = ended.iter().filter_map(|each| each["notStarted"].as_str()).collect();
    assert_eq!(why.len(), FAULTS.len(), "{ended:?}");
    for (why, (_, says, _)) in why.iter().zip(FAULTS) {
        assert!(why.contains("the replay journal") && why.contains(says), "{why}");
    }
}

#[test]
fn nothing_runs_whose_start_the_disk_does_not_keep() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    for fault in FAULTS {
        refused_then_run(&sandbox, &sandbox.log_file(), fault);
    }
    let ended = recorded(&sandbox, "ended");
    let why: Vec<&str> = ended.iter().filter_map(|each| each["notStarted"].as_str()).collect();
    assert_eq!(why.len(), FAULTS.len(), "{ended:?}");
    for (why, (_, says, _)) in why.iter().zip(FAULTS) {
        assert!(why.contains("audit.jsonl") && why.contains(says), "{why}");
    }
}

#[test]
fn a_journal_whose_name_the_disk_does_not_keep_stays_untrusted() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let (path, fault) = (journal(&sandbox), FAULTS[0]);
    let directory = path.parent().expect("a directory");
    fs::remove_file(&path).expect("removed");
    for _ in 0..2 {
        let canary = sandbox.canary();
        let output =
            decided(&sandbox, &canary.arguments(), || sandbox.break_disk(directory, fault.0));
        let refused = Refused::with_status(&output, 125);
        refused.assert_says(&[directory.to_str().expect("UTF-8"), fault.1]);
        canary.assert_absent();
        sandbox.mend_disk();
    }
    sandbox.warm_up();
    assert_eq!(fs::read_to_string(&path).expect("a journal").lines().count(), 1);
}

#[test]
fn a_log_whose_name_the_disk_does_not_keep_lets_nobody_be_asked() {
    let sandbox = Sandbox::new();
    let path = sandbox.log_file();
    let directory = path.parent().expect("a directory");
    DirBuilder::new().recursive(true).mode(0o700).create(directory).expect("made");
    sandbox.break_disk(directory, EIO);
    for _ in 0..2 {
        let canary = sandbox.canary();
        let output = Running::start(&mut sandbox.on_disk(canary.arguments())).finish();
        let refused = Refused::with_status(&output, 125);
        refused.assert_says(&[path.to_str().expect("UTF-8"), "Input/output error"]);
        assert!(sandbox.pending_now().is_empty(), "nobody is asked in vain");
        canary.assert_absent();
    }
    sandbox.mend_disk();
    sandbox.warm_up();
    assert!(sandbox.start(["log", "verify"]).finish().status.success());
}

/// Starts a command, makes what keeps its start from it, and approves it. Whatever is sent
/// to us meanwhile it gets: `timeout` sends a signal once.
#[track_caller]
fn gets_what_is_sent_meanwhile(sandbox: &Sandbox, in_the_way: impl FnOnce(), out: impl FnOnce()) {
    let mut running = Running::start(&mut sandbox.on_disk(["--", "sh", "-c", "exec sleep 60"]));
    let pending = sandbox.pending();
    in_the_way();
    sandbox.approve(&pending);
    eventually("signals to be put off", || {
        let status = fs::read_to_string(format!("/proc/{}/status", running.pid())).ok()?;
        let blocked = status.lines().find_map(|line| line.strip_prefix("SigBlk:"))?.trim();
        let blocked = u64::from_str_radix(blocked, 16).ok()?;
        (blocked & (1 << (SIGTERM - 1)) != 0).then_some(())
    });
    running.signal(Signal::SIGTERM);
    out();
    eventually("the command to end", || running.has_ended().then_some(()));
    assert_eq!(running.finish().status.signal(), Some(SIGTERM));
    // It had started: what was sent did not keep it from that.
    let ended = sandbox.records_of("ended").pop().expect("recorded");
    assert_eq!(ended["signal"], SIGTERM, "{ended}");
}

#[test]
fn a_signal_that_comes_while_the_disk_takes_the_start_reaches_the_command() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    for slow in [sandbox.log_file(), journal(&sandbox)] {
        gets_what_is_sent_meanwhile(&sandbox, || sandbox.slow_disk(&slow, 1500), || ());
        sandbox.mend_disk();
    }
}

#[test]
fn a_signal_that_comes_while_others_have_the_journal_reaches_the_command() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let lock = fs::File::open(journal(&sandbox).with_extension("lock")).expect("there");
    let taken = || lock.lock().expect("taken");
    gets_what_is_sent_meanwhile(&sandbox, taken, || lock.unlock().expect("let go"));
}

#[test]
fn whoever_holds_a_lock_for_too_long_is_named() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    for file in [journal(&sandbox), sandbox.log_file()] {
        let canary = sandbox.canary();
        let lock = fs::File::open(file.with_extension("lock")).expect("there");
        let output = decided(&sandbox, &canary.arguments(), || lock.lock().expect("taken"));
        let refused = Refused::with_status(&output, 125);
        let us = format!("process {}", std::process::id());
        refused.assert_says(&["another process holds the lock", &us]);
        assert!(refused.next.starts_with("wait until that process is done"), "{refused:?}");
        canary.assert_absent();
    }
}

#[test]
fn many_that_wait_for_a_slow_disk_have_their_turn() {
    const MANY: usize = 14;
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let most = ["config", "set", "limits.pending", "20"];
    assert!(sandbox.start(most).finish().status.success());
    let canaries: Vec<Canary> = (0..MANY).map(|_| sandbox.canary()).collect();
    let start = |canary: &Canary| Running::start(&mut sandbox.on_disk(canary.arguments()));
    let running: Vec<Running> = canaries.iter().map(start).collect();
    let pending = eventually("all to wait", || {
        Some(sandbox.pending_now()).filter(|pending| pending.len() == MANY)
    });
    // One start after the other, and longer in all than anybody waits for one.
    sandbox.slow_disk(&sandbox.log_file(), 500);
    let ids = pending.iter().map(|each| each.id.as_str());
    let approved = sandbox.start(["approver", "approve"].into_iter().chain(ids)).finish();
    assert!(approved.status.success(), "{approved:?}");
    for running in running {
        let output = running.finish();
        assert!(output.status.success(), "{output:?}");
    }
    canaries.iter().for_each(Canary::assert_present);
}
