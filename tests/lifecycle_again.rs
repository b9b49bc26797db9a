//! The same command asked again: while it waits, after it was killed, after a no.

mod support;

use nix::sys::signal::Signal;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Stdio;
use support::{Call, Fault, Proxy, Refused, Running, Sandbox, eventually};

/// A command that leaves a line in a file each time it runs.
fn counted(sandbox: &Sandbox) -> impl Fn() -> Running {
    || sandbox.start(["--wait", "60s", "--", "sh", "-c", "echo ran >> ran"])
}

fn runs(sandbox: &Sandbox) -> usize {
    fs::read_to_string(sandbox.work().join("ran")).unwrap_or_default().lines().count()
}

#[test]
fn an_approval_that_came_too_late_is_used_once_by_the_next_identical_command() {
    let sandbox = Sandbox::new();
    let proxy = Proxy::before(&sandbox, |_: &Call| Fault::Pass);
    let start = counted(&sandbox);
    let running = start();
    let pending = sandbox.pending();
    // As a tool ends what takes too long for it.
    running.signal(Signal::SIGKILL);
    running.finish();
    sandbox.approve(&pending);
    assert_eq!(runs(&sandbox), 0);
    assert!(start().finish().status.success(), "it was approved already");
    assert_eq!(runs(&sandbox), 1);
    let third = start();
    let asked = sandbox.pending();
    assert_ne!(asked.id, pending.id, "the approval is spent");
    sandbox.reject(&asked, "once is enough");
    Refused::with_status(&third.finish(), 120).assert_says(&["once is enough"]);
    assert_eq!(runs(&sandbox), 1);
    // Asked again at once, it is answered at once.
    let submitted = proxy.count("POST /v1/artifacts");
    let fourth = start().finish();
    Refused::with_status(&fourth, 120).assert_says(&["a moment ago", "once is enough"]);
    assert_eq!(proxy.count("POST /v1/artifacts"), submitted);
}

#[test]
fn an_approval_of_the_same_words_with_another_input_or_variable_is_of_no_use() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    for name in ["one", "two"] {
        fs::write(sandbox.work().join(name), format!("{name}\n")).expect("written");
    }
    let start = |input: &str, target: &str| {
        let mut command = sandbox.airlock(["--wait", "60s", "--", "tee", "ran"]);
        let input = File::open(sandbox.work().join(input)).expect("a file");
        let command = command.env("AIRLOCK_EXEC_TARGET", target);
        let child = command.stdin(input).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
        child.expect("it starts")
    };
    for (input, target) in [("two", "here"), ("one", "there")] {
        let mut killed = start("one", "here");
        let pending = sandbox.pending();
        killed.kill().expect("it waits");
        killed.wait().expect("it ends");
        sandbox.approve(&pending);
        let other = start(input, target);
        let asked = sandbox.pending();
        sandbox.reject(&asked, "another");
        assert_eq!(other.wait_with_output().expect("it ends").status.code(), Some(120));
        assert_eq!(runs(&sandbox), 0);
        // With the same it is used, once.
        assert!(start("one", "here").wait().expect("it ends").success());
        assert_eq!(fs::read_to_string(sandbox.work().join("ran")).expect("it ran"), "one\n");
        fs::remove_file(sandbox.work().join("ran")).expect("removed");
    }
}

#[test]
fn the_same_command_asked_twice_is_one_question_and_each_run_has_its_own_approval() {
    let sandbox = Sandbox::new();
    let proxy = Proxy::before(&sandbox, |_: &Call| Fault::Pass);
    let start = counted(&sandbox);
    let first = start();
    let pending = sandbox.pending();
    let second = start();
    // Both are there, and wait for the same.
    proxy.wait_for(&format!("/v1/exchanges/{}/wait", pending.id), 2);
    assert_eq!(sandbox.pending_now().len(), 1);
    sandbox.approve(&pending);
    eventually("the first run", || (runs(&sandbox) == 1).then_some(()));
    let again = sandbox.pending();
    assert_ne!(again.id, pending.id);
    assert_eq!(runs(&sandbox), 1);
    sandbox.approve(&again);
    assert!(first.finish().status.success() && second.finish().status.success());
    assert_eq!(runs(&sandbox), 2);
}

#[test]
fn the_same_command_started_at_once_is_one_question() {
    const COMMANDS: usize = 5;
    let sandbox = Sandbox::new();
    let proxy = Proxy::before(&sandbox, |_: &Call| Fault::Pass);
    let start = counted(&sandbox);
    for round in 0..4 {
        let (before, all) = (proxy.count("POST /v1/artifacts"), [(); COMMANDS]);
        let running = all.map(|()| start());
        let pending = sandbox.pending();
        let waits = format!("/v1/exchanges/{}/wait", pending.id);
        proxy.wait_for(&waits, COMMANDS);
        assert_eq!(sandbox.pending_now().len(), 1, "round {round}");
        sandbox.reject(&pending, "not five times");
        for each in running {
            Refused::with_status(&each.finish(), 120).assert_says(&["not five times"]);
        }
        // Whoever was told of it wrote it down, one after the other or at once.
        let submitted = proxy.count("POST /v1/artifacts") - before;
        Refused::with_status(&start().finish(), 120).assert_says(&["a moment ago"]);
        assert_eq!(proxy.count("POST /v1/artifacts") - before, submitted, "nobody is asked");
        forget(&sandbox);
    }
    assert_eq!(runs(&sandbox), 0);
}

#[test]
fn a_rejection_that_two_wrote_down_at_once_is_one() {
    let sandbox = Sandbox::new();
    let start = counted(&sandbox);
    let running = start();
    sandbox.reject(&sandbox.pending(), "no");
    Refused::with_status(&running.finish(), 120).assert_says(&["no"]);
    for file in notes(&sandbox) {
        let written = fs::read(&file).expect("a note");
        fs::write(&file, [&written[..], &written].concat()).expect("twice");
    }
    Refused::with_status(&start().finish(), 120).assert_says(&["a moment ago"]);
    assert_eq!(runs(&sandbox), 0);
}

/// What is known about commands that were asked about.
fn notes(sandbox: &Sandbox) -> Vec<PathBuf> {
    let directory = sandbox.path("state/airlock-exec/enforcer/asked");
    let entries = fs::read_dir(directory).expect("a directory");
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

/// Lets a rejection be a minute old.
fn forget(sandbox: &Sandbox) {
    for file in notes(sandbox) {
        fs::write(file, "").expect("written");
    }
}

#[test]
fn who_stops_waiting_leaves_the_question_to_who_waits_on() {
    let sandbox = Sandbox::new();
    let proxy = Proxy::before(&sandbox, |_: &Call| Fault::Pass);
    let start = counted(&sandbox);
    let first = start();
    let pending = sandbox.pending();
    let second = start();
    proxy.wait_for(&format!("/v1/exchanges/{}/wait", pending.id), 2);
    first.signal(Signal::SIGTERM);
    Refused::by_signal(&first.finish(), Signal::SIGTERM);
    assert_eq!(proxy.count("/withdraw"), 0);
    sandbox.approve(&pending);
    assert!(second.finish().status.success());
    assert_eq!(runs(&sandbox), 1);
}

#[test]
fn a_question_that_a_policy_answers_for_the_next_who_asks_is_taken_back() {
    for (mode, status) in [("deny", 121), ("approve", 0)] {
        let sandbox = Sandbox::new();
        let start = counted(&sandbox);
        let running = start();
        let pending = sandbox.pending();
        running.signal(Signal::SIGKILL);
        running.finish();
        assert_eq!(sandbox.pending_now().len(), 1);
        sandbox.set("trust_gateway_dnd", "true");
        let dnd = sandbox.output(&["approver", "dnd", mode, "--for", "10m", "--workspace", "work"]);
        assert!(dnd.status.success(), "{dnd:?}");
        assert_eq!(start().finish().status.code(), Some(status));
        assert_eq!(runs(&sandbox), usize::from(status == 0));
        assert!(sandbox.pending_now().iter().all(|each| each.id != pending.id), "{mode}");
    }
}

#[test]
fn an_approval_of_something_else_is_of_no_use() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let script = sandbox.script("tool", "echo one >> ran");
    let running = sandbox.start(["--wait", "60s", "--", "tool"]);
    let pending = sandbox.pending();
    running.signal(Signal::SIGKILL);
    running.finish();
    sandbox.approve(&pending);
    // The same words, and another program behind them.
    fs::write(script, "#!/bin/sh\necho two >> ran\n").expect("written");
    let second = sandbox.start(["--wait", "60s", "--", "tool"]);
    let asked = sandbox.pending();
    assert_ne!(asked.id, pending.id);
    assert_eq!(runs(&sandbox), 0);
    sandbox.reject(&asked, "changed");
    Refused::with_status(&second.finish(), 120);
    assert_eq!(runs(&sandbox), 0);
}

#[test]
fn a_gateway_whose_address_file_is_gone_is_found_all_the_same() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let pid = sandbox.gateway_pid();
    let file = sandbox.path("run/airlock-exec/gateway.json");
    fs::remove_file(&file).expect("removed");
    let began = std::time::Instant::now();
    sandbox.warm_up();
    assert!(began.elapsed() < std::time::Duration::from_secs(10), "{:?}", began.elapsed());
    assert!(!file.exists() && fs::exists(format!("/proc/{pid}")).expect("a system with /proc"));
}

#[test]
fn sessions_with_another_runtime_directory_use_the_same_gateway() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let mut other = sandbox.airlock(["--wait", "60s", "--", "true"]);
    let running = Running::start(other.env_remove("XDG_RUNTIME_DIR"));
    sandbox.approve(&sandbox.pending());
    let output = running.finish();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn with_another_state_directory_the_gateway_of_the_session_is_left_alone() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let mut other = sandbox.airlock(["--wait", "20s", "--", "true"]);
    let output = Running::start(other.env("XDG_STATE_HOME", sandbox.path("elsewhere"))).finish();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{said}");
    assert!(said.contains("set XDG_RUNTIME_DIR"), "{said}");
    for wrong in ["mv ", "kill "] {
        assert!(!said.contains(wrong), "{said}");
    }
}
