//! Clocks that are set during a wait, a machine that sleeps through one, and a gateway
//! that lives in another time.

use super::support::{Refused, Running, Sandbox};
use std::time::{Duration, Instant};

/// Starts a command that waits, with clocks that are still right.
fn waiting(sandbox: &Sandbox, wait: &str) -> Running {
    sandbox.warm_up();
    sandbox.shift_clocks(0, 0);
    let words = ["--wait", wait, "--", "sh", "-c", "echo ran > ran"];
    Running::start(&mut sandbox.with_clocks(&words))
}

fn has_run(sandbox: &Sandbox) -> bool {
    sandbox.work().join("ran").exists()
}

#[test]
fn a_wall_clock_that_is_set_during_a_wait_ends_it_neither_sooner_nor_later() {
    for wall in [-86_400, 86_400] {
        let sandbox = Sandbox::new();
        let running = waiting(&sandbox, "4s");
        sandbox.pending();
        sandbox.shift_clocks(wall, 0);
        let began = Instant::now();
        let output = running.finish();
        Refused::with_status(&output, 122).assert_says(&["no decision"]);
        assert!(began.elapsed() < Duration::from_secs(20), "{wall}: {:?}", began.elapsed());
        assert!(!has_run(&sandbox));
        assert!(sandbox.pending_now().is_empty(), "it was taken back");
    }
}

#[test]
fn an_approval_counts_whatever_the_wall_clock_was_set_to_meanwhile() {
    for wall in [-86_400, 86_400] {
        let sandbox = Sandbox::new();
        let running = waiting(&sandbox, "60s");
        let pending = sandbox.pending();
        sandbox.shift_clocks(wall, 0);
        sandbox.approve(&pending);
        let output = running.finish();
        assert!(output.status.success(), "{wall}: {output:?}");
        assert!(has_run(&sandbox));
    }
}

#[test]
fn time_asleep_counts() {
    let sandbox = Sandbox::new();
    let running = waiting(&sandbox, "10m");
    let pending = sandbox.pending();
    // Only the clock that counts sleep goes on, and the wall clock with it.
    sandbox.shift_clocks(601, 601);
    let output = running.finish();
    assert!(!has_run(&sandbox));
    Refused::with_status(&output, 122).assert_says(&["no decision"]);
    assert!(sandbox.pending_now().iter().all(|each| each.id != pending.id), "it was taken back");
}

#[test]
fn where_nothing_can_be_redrawn_a_line_comes_every_half_minute() {
    let sandbox = Sandbox::new();
    let running = waiting(&sandbox, "10m");
    let pending = sandbox.pending();
    running.wait_for_stderr("waiting up to 10:00 for approval of: sh -c 'echo ran > ran'");
    assert!(!running.stderr().contains("still waiting"), "{}", running.stderr());
    for (passed, words) in [(31, "still waiting (0:3"), (62, "still waiting (1:0")] {
        sandbox.shift_clocks(passed, passed);
        running.wait_for_stderr(words);
    }
    assert_eq!(running.stderr().matches("still waiting").count(), 2, "{}", running.stderr());
    sandbox.approve(&pending);
    let output = running.finish();
    assert!(output.status.success() && output.stdout.is_empty(), "{output:?}");
}

#[test]
fn an_approver_whose_clock_is_ahead_sees_what_waits_and_approves_it_when_it_is_set() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "60s");
    let pending = sandbox.pending();
    sandbox.shift_clocks(3600, 0);
    let approver = |words: &[&str]| {
        let output = sandbox.with_clocks(&[&["approver"], words].concat()).output();
        let output = output.expect("it starts");
        let both = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(both).expect("text"))
    };
    let ago = "ago by this machine's clock, not by the gateway's";
    for words in [&["list"][..], &["list", "--json"], &["show", &pending.id]] {
        let (status, said) = approver(words);
        assert_eq!(status, Some(0), "{said}");
        assert!(
            said.contains(ago) && said.contains(&canary.path().display().to_string()),
            "{said}"
        );
    }
    let (status, said) = approver(&["approve", &pending.id]);
    assert_ne!(status, Some(0), "{said}");
    assert!(
        said.contains("can only be rejected") && said.contains("set this machine's clock"),
        "{said}"
    );
    canary.assert_absent();
    sandbox.shift_clocks(0, 0);
    let (_, said) = approver(&["list"]);
    assert!(!said.contains("clock") && said.contains(" left; "), "{said}");
    let (status, said) = approver(&["approve", &pending.id]);
    assert_eq!(status, Some(0), "{said}");
    assert!(running.finish().status.success());
    // A person may say no without setting anything.
    let other = sandbox.canary();
    let running = sandbox.start_canary(&other, "60s");
    let pending = sandbox.pending();
    sandbox.shift_clocks(3600, 0);
    let (status, said) = approver(&["reject", &pending.id, "--reason", "not now"]);
    assert_eq!(status, Some(0), "{said}");
    Refused::with_status(&running.finish(), 120).assert_says(&["not now"]);
    other.assert_absent();
}

#[test]
fn says_that_the_gateway_lives_in_another_time() {
    for (wall, words) in
        [(-90, "seconds behind the gateway's"), (90, "seconds ahead of the gateway's")]
    {
        let sandbox = Sandbox::new();
        sandbox.warm_up();
        sandbox.shift_clocks(wall, 0);
        let output =
            Running::start(&mut sandbox.with_clocks(&["--wait", "1s", "--", "true"])).finish();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn a_gateway_whose_clock_is_right_is_not_worth_a_word() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let output = sandbox.start(["--wait", "1s", "--", "true"]).finish();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!said.contains("clock"), "{said}");
}
