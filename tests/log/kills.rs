//! Killed in each state: nothing runs twice, nothing runs unrecorded, and what was on its
//! way is accounted for the next time.

use super::support::{Running, Sandbox, eventually};
use super::{approved, log, verified};
use std::fs;
use std::os::unix::process::ExitStatusExt;

/// A command that leaves a line in a file each time it runs.
const COUNTED: &str = "echo ran >> ran";

fn runs(sandbox: &Sandbox) -> usize {
    fs::read_to_string(sandbox.work().join("ran")).unwrap_or_default().lines().count()
}

/// Starts the command so that it is killed in that state.
fn dying(sandbox: &Sandbox, state: &str) -> Running {
    let mut command = sandbox.airlock(["--wait", "60s", "--", "sh", "-c", COUNTED]);
    Running::start(command.env("AIRLOCK_EXEC_DIE_AT", state))
}

/// The causes of all refusals.
fn causes(sandbox: &Sandbox) -> Vec<String> {
    let of = |record: &serde_json::Value| record["cause"].as_str().map(str::to_owned);
    sandbox.records_of("refused").iter().filter_map(of).collect()
}

#[test]
fn killed_before_anybody_decided_it_is_abandoned_and_joined_by_the_next() {
    for state in ["requested", "submitted"] {
        let sandbox = Sandbox::new();
        sandbox.warm_up();
        dying(&sandbox, state).finish();
        assert_eq!(runs(&sandbox), 0, "{state}");
        let again = sandbox.start(["--wait", "60s", "--", "sh", "-c", COUNTED]);
        sandbox.approve(&sandbox.pending());
        assert!(again.finish().status.success(), "{state}");
        assert_eq!(runs(&sandbox), 1, "{state}");
        assert_eq!(causes(&sandbox), ["abandoned"], "{state}");
        verified(&sandbox);
    }
}

#[test]
fn killed_with_a_decision_in_hand_it_has_not_run_and_the_decision_is_good_once() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let running = dying(&sandbox, "decided");
    sandbox.approve(&sandbox.pending());
    running.finish();
    assert_eq!(runs(&sandbox), 0);
    // The approval came too late for that one, and is used by the next, once.
    let again = sandbox.start(["--wait", "60s", "--", "sh", "-c", COUNTED]);
    assert!(again.finish().status.success());
    assert_eq!((runs(&sandbox), causes(&sandbox)), (1, vec!["abandoned".to_owned()]));
    verified(&sandbox);
}

#[test]
fn killed_with_a_decision_spent_it_has_not_run_and_is_asked_about_again() {
    for state in ["spent", "permitted"] {
        let sandbox = Sandbox::new();
        sandbox.warm_up();
        let running = dying(&sandbox, state);
        let first = sandbox.pending();
        sandbox.approve(&first);
        running.finish();
        assert_eq!(runs(&sandbox), 0, "{state}");
        let again = sandbox.start(["--wait", "60s", "--", "sh", "-c", COUNTED]);
        let asked = sandbox.pending();
        assert_ne!(asked.id, first.id, "{state}: a spent approval allows nothing");
        sandbox.approve(&asked);
        assert!(again.finish().status.success(), "{state}");
        assert_eq!((runs(&sandbox), causes(&sandbox)), (1, vec!["spent-not-run".to_owned()]));
        verified(&sandbox);
    }
}

#[test]
fn killed_around_the_start_what_is_written_down_is_no_less_than_what_ran() {
    for (state, ran) in [("started", 0), ("ended", 1)] {
        let sandbox = Sandbox::new();
        sandbox.warm_up();
        let before = sandbox.records_of("started").len();
        let running = dying(&sandbox, state);
        sandbox.approve(&sandbox.pending());
        running.finish();
        assert_eq!(runs(&sandbox), ran, "{state}");
        let started = sandbox.records_of("started");
        assert_eq!(started.len(), before + 1, "{state}");
        assert!(String::from_utf8_lossy(&log(&sandbox, &[]).stdout).contains("end unknown"));
        let ended = sandbox.records_of("ended");
        let last = ended.last().expect("the account of it");
        assert_eq!(last["started"], started[before]["seq"], "{state}");
        assert!(last["lost"].as_str().expect("why").contains("killed"), "{last}");
        verified(&sandbox);
        // Told once.
        log(&sandbox, &[]);
        assert_eq!(sandbox.records_of("ended").len(), ended.len(), "{state}");
    }
}

#[test]
fn killed_while_it_runs_it_does_not_go_on_and_its_end_is_accounted_for() {
    for arguments in [&["--wait", "60s", "--"][..], &["--pty=always", "--wait", "60s", "--"]] {
        let sandbox = Sandbox::new();
        sandbox.warm_up();
        let before = sandbox.records_of("started").len();
        let mark = sandbox.work().join("mark");
        // The shell itself waits: what outlives us must not be a child of its own.
        let script = format!("{COUNTED}; mkfifo {0} && read never <{0}; {COUNTED}", mark.display());
        let mut command = sandbox.airlock([arguments, &["sh", "-c", &script]].concat());
        let running = Running::start(command.env("AIRLOCK_EXEC_DIE_AT", "running"));
        sandbox.approve(&sandbox.pending());
        let killed = running.finish();
        assert_eq!(killed.status.signal(), Some(9), "{killed:?}");
        eventually("nobody runs it any more", || (!is_running(&mark)).then_some(()));
        assert!(runs(&sandbox) <= 1, "it ran once at most");
        assert_eq!(sandbox.records_of("started").len(), before + 1);
        // The next start accounts for it, whatever it is about.
        approved(&sandbox, "exit 0");
        let started = &sandbox.records_of("started")[before];
        let ended = sandbox.records_of("ended");
        let lost: Vec<_> = ended.iter().filter(|each| each["lost"].is_string()).collect();
        assert_eq!(lost.len(), 1, "{ended:?}");
        assert_eq!(lost[0]["started"], started["seq"]);
        assert!(runs(&sandbox) <= 1, "and nothing ran again");
        verified(&sandbox);
    }
}

/// Tells whether a shell runs whose text names that path.
fn is_running(mark: &std::path::Path) -> bool {
    let mark = mark.as_os_str().as_encoded_bytes();
    let processes = fs::read_dir("/proc").expect("processes");
    processes.filter_map(Result::ok).any(|entry| {
        let words = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        words.starts_with(b"sh\0") && words.windows(mark.len()).any(|part| part == mark)
    })
}

#[test]
fn killed_while_the_log_is_written_it_is_mended_and_nothing_ran() {
    for state in ["log-unwritten", "log-half-written", "log-written"] {
        let sandbox = Sandbox::new();
        sandbox.warm_up();
        let whole = fs::read_to_string(sandbox.log_file()).expect("a log");
        dying(&sandbox, state).finish();
        assert_eq!(runs(&sandbox), 0, "{state}");
        let now = fs::read_to_string(sandbox.log_file()).expect("a log");
        assert!(now.starts_with(&whole), "{state}: nothing is lost");
        assert_eq!(now.len() > whole.len(), state != "log-unwritten", "{state}");
        approved(&sandbox, COUNTED);
        assert_eq!(runs(&sandbox), 1, "{state}");
        let repaired = sandbox.records_of("repaired").len();
        assert_eq!(repaired, usize::from(state == "log-half-written"), "{state}");
        verified(&sandbox);
    }
}

#[test]
fn killed_while_what_was_allowed_is_copied_each_is_told_once() {
    for state in ["allowed-taken", "allowed-copied"] {
        let sandbox = Sandbox::new();
        sandbox.policy("");
        for _ in 0..3 {
            assert!(sandbox.start(["--", "ls"]).finish().status.success());
        }
        let mut command = sandbox.airlock(["log"]);
        Running::start(command.env("AIRLOCK_EXEC_DIE_AT", state)).finish();
        let shown = eventually("the account", || {
            let shown = String::from_utf8_lossy(&log(&sandbox, &[]).stdout).into_owned();
            (!shown.is_empty()).then_some(shown)
        });
        assert_eq!(shown.matches("allowed").count(), 3, "{state}: {shown}");
        verified(&sandbox);
    }
}

#[test]
fn killed_when_a_change_was_written_down_it_is_told_again_and_not_lost() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    sandbox.policy("read-only = \"ask\"\n# another\n");
    dying(&sandbox, "changes-written").finish();
    assert_eq!(runs(&sandbox), 0);
    approved(&sandbox, COUNTED);
    let digests: Vec<_> = sandbox
        .records_of("policyChanged")
        .iter()
        .map(|record| record["sha256"].as_str().expect("a digest").to_owned())
        .collect();
    assert_eq!(digests.len(), 3, "the first, the change, and the change again");
    assert!(digests[1] == digests[2] && digests[0] != digests[1], "{digests:?}");
    verified(&sandbox);
}
