//! `airlock-exec -- COMMAND` from a cold start: no configuration, no gateway.

mod support;

use nix::sys::signal::Signal;
use std::os::unix::process::ExitStatusExt;
use support::{Running, Sandbox, Terminal, eventually};

#[test]
fn runs_what_was_approved_and_passes_its_bytes_and_status_through() {
    let sandbox = Sandbox::new();
    let script = "cat; printf 'out\\377'; printf err >&2; exit 9";
    let mut command = sandbox.airlock(["--", "sh", "-c", script]);
    let running = Running::start_with_input(&mut command, b"in\0");
    sandbox.approve(&sandbox.pending());
    let output = running.finish();
    assert_eq!(output.stdout, b"in\0out\xff", "{output:?}");
    assert_eq!(output.status.code(), Some(9));
    assert!(output.stderr.ends_with(b"err"), "{output:?}");
}

#[test]
fn waits_until_it_is_approved() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let mut running = sandbox.start(canary.arguments());
    let pending = sandbox.pending();
    assert!(!running.has_ended());
    canary.assert_absent();
    running.wait_for_stderr("airlock-exec approver approve");
    sandbox.approve(&pending);
    assert!(running.finish().status.success());
    canary.assert_present();
}

#[test]
fn refuses_what_was_rejected_and_says_why() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let running = sandbox.start(canary.arguments());
    sandbox.reject(&sandbox.pending(), "not on a Friday");
    let output = running.finish();
    assert_eq!(output.status.code(), Some(120), "{output:?}");
    assert!(output.stdout.is_empty(), "standard output is the command's");
    let error = String::from_utf8_lossy(&output.stderr);
    for said in ["nothing was executed", "not on a Friday"] {
        assert!(error.contains(said), "{said:?} is not in: {error}");
    }
    canary.assert_absent();
}

#[test]
fn withdraws_the_request_when_it_is_interrupted() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let running = sandbox.start(canary.arguments());
    sandbox.pending();
    running.signal(Signal::SIGINT);
    let output = running.finish();
    let status = output.status;
    assert!(status.code() == Some(122) || status.signal() == Some(2), "{output:?}");
    eventually("the request to be withdrawn", || sandbox.pending_now().is_empty().then_some(()));
    canary.assert_absent();
}

#[test]
fn two_cold_starts_at_once_share_one_gateway() {
    let sandbox = Sandbox::new();
    let canaries = [sandbox.canary(), sandbox.canary()];
    let running = canaries.each_ref().map(|canary| sandbox.start(canary.arguments()));
    for canary in &canaries {
        let name = canary.path().file_name().expect("a name").to_string_lossy();
        sandbox.approve(&sandbox.pending_with(&name));
    }
    for running in running {
        let output = running.finish();
        assert!(output.status.success(), "{output:?}");
    }
    canaries.iter().for_each(support::Canary::assert_present);
}

#[test]
fn runs_on_a_terminal_what_was_approved_elsewhere() {
    let sandbox = Sandbox::new();
    let script = "test -t 0 && test -t 1 && stty size && exit 4";
    let mut terminal = Terminal::airlock(&sandbox, ["--", "sh", "-c", script]);
    sandbox.approve(&sandbox.pending());
    terminal.expect("24 80");
    assert_eq!(terminal.finish().0.exit_code(), 4);
}

#[test]
fn refuses_on_a_terminal_what_was_rejected_elsewhere() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let mut terminal = Terminal::airlock(&sandbox, canary.arguments());
    sandbox.reject(&sandbox.pending(), "no");
    terminal.expect("nothing was executed");
    assert_eq!(terminal.finish().0.exit_code(), 120);
    canary.assert_absent();
}

#[test]
fn runs_nothing_without_a_command() {
    let sandbox = Sandbox::new();
    for arguments in [&[][..], &["--"], &["--frobnicate", "--", "true"]] {
        let output = sandbox.start(arguments).finish();
        assert_eq!(output.status.code(), Some(125), "{arguments:?}: {output:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{output:?}");
    }
}
