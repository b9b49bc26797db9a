//! A wait that ends without a decision: by a signal, by its time, by force.

mod support;

use nix::sys::signal::Signal;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use support::{Call, Fault, Proxy, Refused, Running, Sandbox, eventually};

/// How long an end may take at most: two seconds for the withdrawal, and a busy machine.
const SOON: Duration = Duration::from_secs(8);

#[test]
fn a_signal_takes_the_request_back_and_ends_us_as_it_ends_others() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let asked = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT];
    let others = [Signal::SIGALRM, Signal::SIGUSR1, Signal::SIGUSR2, Signal::SIGXCPU];
    for signals in [asked, others] {
        thread::scope(|scope| {
            for signal in signals {
                let sandbox = &sandbox;
                scope.spawn(move || takes_the_request_back(sandbox, signal));
            }
        });
    }
}

fn takes_the_request_back(sandbox: &Sandbox, signal: Signal) {
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "60s");
    let name = canary.path().file_name().expect("a name").to_string_lossy();
    let pending = sandbox.pending_with(&name);
    running.signal(signal);
    let output = running.finish();
    let refused = Refused::by_signal(&output, signal);
    refused.assert_says(&["interrupted while waiting", "run the command again"]);
    let waits = |id: &str| sandbox.pending_now().iter().any(|each| each.id == id);
    assert!(!waits(&pending.id), "{signal}: withdrawn before it ended");
    canary.assert_absent();
}

#[test]
fn a_hangup_that_was_to_be_ignored_does_not_end_the_wait() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let mut command = sandbox.program("sh");
    command.args(["-c", "trap '' HUP; exec \"$@\"", "sh", support::BINARY]);
    let mut running = Running::start(command.args(canary.arguments()));
    let pending = sandbox.pending();
    running.signal(Signal::SIGHUP);
    assert!(!running.has_ended());
    sandbox.approve(&pending);
    assert!(running.finish().status.success());
    canary.assert_present();
}

#[test]
fn a_caller_that_must_be_there_and_is_not_has_nothing_run() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    for (option, runs) in [("--require-parent", false), ("--wait=60s", true)] {
        let canary = sandbox.canary();
        let line = format!(
            "{} {option} -- touch {} > /dev/null 2> said & while [ ! -e go ]; do sleep 0.02; done",
            support::BINARY,
            canary.path().display()
        );
        let mut caller = sandbox.program("bash");
        let caller = Running::start(caller.args(["-c", &line]));
        let name = canary.path().file_name().expect("a name").to_string_lossy();
        let pending = sandbox.pending_with(&name);
        // The shell ends, and whom it started has another parent now.
        std::fs::write(sandbox.work().join("go"), "").expect("a file");
        assert!(caller.finish().status.success());
        if runs {
            sandbox.approve(&pending);
            eventually("it to run", || canary.path().exists().then_some(()));
            continue;
        }
        let said = eventually("the end", || {
            let said = std::fs::read_to_string(sandbox.work().join("said")).ok()?;
            said.contains("  next: ").then_some(said)
        });
        assert!(said.contains("whoever started this ended before it was decided"), "{said}");
        assert!(sandbox.pending_now().is_empty(), "it was taken back");
        canary.assert_absent();
        std::fs::remove_file(sandbox.work().join("go")).expect("removed");
    }
}

#[test]
fn what_was_killed_while_it_waited_never_runs() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "60s");
    let pending = sandbox.pending();
    running.signal(Signal::SIGKILL);
    running.finish();
    // Nobody could take it back, so it can still be approved: for nothing.
    sandbox.approve(&pending);
    let second = sandbox.canary();
    let running = sandbox.start_canary(&second, "60s");
    sandbox.approve(&sandbox.pending());
    assert!(running.finish().status.success());
    second.assert_present();
    canary.assert_absent();
}

#[test]
fn whoever_decides_too_late_is_told_so() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "3s");
    let pending = sandbox.pending();
    let output = running.finish();
    let refused = Refused::with_status(&output, 122);
    refused.assert_says(&["no decision within 3 seconds", "nobody said no"]);
    for decision in ["approve", "reject"] {
        let late = sandbox.start(["approver", decision, &pending.id]).finish();
        assert_eq!(late.status.code(), Some(125), "{late:?}");
        let words = ["no request that waits has an id ending in", "airlock-exec approver list"];
        Refused::of_subcommand(&late).assert_says(&words);
    }
    canary.assert_absent();
}

#[test]
fn a_gateway_that_stays_silent_does_not_hold_us() {
    let sandbox = Sandbox::new();
    let proxy = Proxy::before(&sandbox, |call: &Call| {
        if call.is_wait() || call.is_withdraw() { Fault::Hang } else { Fault::Pass }
    });
    let (late, stopped) = (sandbox.canary(), sandbox.canary());
    let began = Instant::now();
    let waits_in_vain = sandbox.start_canary(&late, "1s");
    let is_stopped = sandbox.start_canary(&stopped, "60s");
    Refused::with_status(&waits_in_vain.finish(), 122);
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    late.assert_absent();
    proxy.wait_for("/wait?", 2);
    let began = Instant::now();
    is_stopped.signal(Signal::SIGTERM);
    Refused::by_signal(&is_stopped.finish(), Signal::SIGTERM);
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    stopped.assert_absent();
}

#[test]
fn a_second_signal_ends_the_withdrawal_too() {
    let sandbox = Sandbox::new();
    let proxy = Proxy::before(
        &sandbox,
        |call: &Call| {
            if call.is_withdraw() { Fault::Hang } else { Fault::Pass }
        },
    );
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "60s");
    proxy.wait_for("/wait?", 1);
    running.signal(Signal::SIGINT);
    proxy.wait_for("/withdraw", 1);
    let began = Instant::now();
    running.signal(Signal::SIGINT);
    let mut running = running;
    eventually("the end", || running.has_ended().then_some(()));
    assert!(began.elapsed() < Duration::from_millis(1500), "{:?}", began.elapsed());
    Refused::by_signal(&running.finish(), Signal::SIGINT);
    canary.assert_absent();
}

#[test]
fn a_first_signal_does_not_end_a_withdrawal_that_is_under_way() {
    const SLOW: Duration = Duration::from_millis(800);
    let sandbox = Sandbox::new();
    let slow = |call: &Call| {
        if call.is_withdraw() { Fault::Delay(SLOW) } else { Fault::Pass }
    };
    let proxy = Proxy::before(&sandbox, slow);
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "1s");
    proxy.wait_for("/withdraw", 1);
    let began = Instant::now();
    running.signal(Signal::SIGTERM);
    let output = running.finish();
    assert!(began.elapsed() > SLOW / 2, "it waits for the answer: {:?}", began.elapsed());
    Refused::by_signal(&output, Signal::SIGTERM);
    canary.assert_absent();
    assert!(sandbox.pending_now().is_empty());
}

#[test]
fn a_withdrawal_that_fails_is_tried_again() {
    let sandbox = Sandbox::new();
    let failing = AtomicU32::new(2);
    let proxy = Proxy::before(&sandbox, move |call: &Call| {
        let fails = |left: u32| left.checked_sub(1).filter(|_| call.is_withdraw());
        let is_hit = failing.fetch_update(Ordering::SeqCst, Ordering::SeqCst, fails).is_ok();
        if is_hit { Fault::Cut } else { Fault::Pass }
    });
    let canary = sandbox.canary();
    let output = sandbox.start_canary(&canary, "1s").finish();
    Refused::with_status(&output, 122).assert_says(&["no decision"]);
    assert_eq!(proxy.count("/withdraw"), 3);
    assert!(sandbox.pending_now().is_empty());
    canary.assert_absent();
}

#[test]
fn a_request_that_cannot_be_taken_back_is_told() {
    let sandbox = Sandbox::new();
    let cut = |call: &Call| if call.is_withdraw() { Fault::Cut } else { Fault::Pass };
    let _proxy = Proxy::before(&sandbox, cut);
    let canary = sandbox.canary();
    let output = sandbox.start_canary(&canary, "1s").finish();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("could not be taken back"), "{said}");
    Refused::with_status(&output, 122).assert_says(&["no decision"]);
    canary.assert_absent();
}

#[test]
fn a_gateway_that_does_not_take_a_submission_is_given_up() {
    let sandbox = Sandbox::new();
    let _proxy = Proxy::before(
        &sandbox,
        |call: &Call| {
            if call.is_submit() { Fault::Hang } else { Fault::Pass }
        },
    );
    let canary = sandbox.canary();
    let began = Instant::now();
    let output = sandbox.start_canary(&canary, "1s").finish();
    Refused::with_status(&output, 124).assert_says(&["did not answer in time"]);
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    canary.assert_absent();
}
