//! An agent in a loop does not bury its person in questions.

use super::support::{Refused, Running, Sandbox};
use super::verified;
use nix::sys::signal::Signal;

fn ask(sandbox: &Sandbox, number: usize) -> Running {
    let text = format!("exit {number}");
    sandbox.start(["--wait", "60s", "--", "sh", "-c", &text])
}

fn waiting(sandbox: &Sandbox, count: usize) {
    super::support::eventually("the questions", || {
        (sandbox.pending_now().len() == count).then_some(())
    });
}

#[test]
fn one_question_too_many_is_refused_and_room_is_made_by_whatever_ends() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let set = sandbox.airlock(["config", "set", "limits.pending", "2"]).output().expect("starts");
    assert!(set.status.success(), "{set:?}");
    let first = ask(&sandbox, 1);
    waiting(&sandbox, 1);
    let second = ask(&sandbox, 2);
    waiting(&sandbox, 2);
    let canary = sandbox.canary();
    let refused = sandbox.start(canary.arguments()).finish();
    Refused::with_status(&refused, 122).assert_says(&["too many pending", "do not ask in a loop"]);
    canary.assert_absent();
    assert_eq!(sandbox.pending_now().len(), 2, "nobody was asked");
    assert_eq!(sandbox.records_of("notAsked")[0]["cause"], "too-many-pending");
    // Who asks the same joins, and adds no question.
    let joined = ask(&sandbox, 2);
    // Killed, it leaves its place to the next.
    first.signal(Signal::SIGKILL);
    first.finish();
    let third = sandbox.start(canary.arguments());
    waiting(&sandbox, 3);
    for running in [second, joined, third] {
        running.signal(Signal::SIGTERM);
        running.finish();
    }
    canary.assert_absent();
    verified(&sandbox);
}

#[test]
fn a_question_too_many_within_a_minute_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let set = ["config", "set", "limits.per_minute", "3"];
    assert!(sandbox.airlock(set).status().expect("it starts").success());
    // The one that warmed up was the first.
    for number in [1, 2] {
        let running = ask(&sandbox, number);
        sandbox.reject(&sandbox.pending(), "no");
        assert_eq!(running.finish().status.code(), Some(120));
    }
    let canary = sandbox.canary();
    let refused = sandbox.start(canary.arguments()).finish();
    Refused::with_status(&refused, 122).assert_says(&[
        "too many questions: this session puts 3 questions a minute at most",
        "limits.per_minute",
    ]);
    canary.assert_absent();
    assert!(sandbox.pending_now().is_empty(), "nobody was asked");
    assert_eq!(sandbox.records_of("notAsked")[0]["cause"], "too-many-asked");
    verified(&sandbox);
}
