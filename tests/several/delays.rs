//! When each approver is asked.

use super::support::{Sandbox, Terminal, assert_refused};
use super::{log, with_two};
use serde_json::Value;

fn set(sandbox: &Sandbox, name: &str, after: &str) -> String {
    let output = sandbox.output(&["pairings", "set", name, "--after", after]);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn an_approver_with_a_delay_is_not_asked_when_somebody_decides_before() {
    let sandbox = Sandbox::new();
    let phone = sandbox.with_phone();
    let said = set(&sandbox, "phone", "1h");
    assert!(said.contains("when nobody decided for 1 h"), "{said}");
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "60s");
    let here = sandbox.pending();
    assert!(phone.pending_now().is_empty());
    sandbox.approve(&here);
    let output = running.finish();
    assert!(output.status.success(), "{output:?}");
    canary.assert_present();
    // Neither asked nor taken back: it was never told.
    assert!(!String::from_utf8_lossy(&output.stderr).contains("not withdrawn"), "{output:?}");
}

#[test]
fn an_approver_with_a_delay_is_asked_when_nobody_decides() {
    let sandbox = Sandbox::new();
    let phone = sandbox.with_phone();
    set(&sandbox, "phone", "1s");
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "60s");
    let there = phone.pending();
    assert!(running.stderr().contains("nobody has decided for 1 s, asking phone too"));
    phone.does(&["approve", &there.id]);
    assert!(running.finish().status.success());
    canary.assert_present();
    assert!(sandbox.pending_now().is_empty());
}

#[test]
fn the_next_is_asked_at_once_when_those_before_cannot_decide() {
    let sandbox = Sandbox::new();
    let phone = sandbox.with_phone();
    set(&sandbox, "phone", "1h");
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "60s");
    let id = sandbox.pending().details["enforcerId"].as_str().expect("an id").to_owned();
    let output = sandbox.output(&["approver", "unpair", &id]);
    assert!(output.status.success(), "{output:?}");
    phone.does(&["approve", &phone.pending().id]);
    let output = running.finish();
    assert!(output.status.success(), "{output:?}");
    canary.assert_present();
}

#[test]
fn somebody_is_asked_at_once_even_if_all_have_delays() {
    let sandbox = Sandbox::new();
    let phone = sandbox.with_phone();
    set(&sandbox, "approver", "2h");
    set(&sandbox, "phone", "1h");
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "60s");
    phone.does(&["reject", &phone.pending().id]);
    assert_refused(&running.finish(), &canary, 120, &["rejected"]);
    assert!(sandbox.pending_now().is_empty());
}

#[test]
fn a_second_person_is_asked_at_once_when_the_first_has_approved() {
    let sandbox = Sandbox::new();
    let phone = with_two(&sandbox);
    set(&sandbox, "phone", "1h");
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "60s");
    let here = sandbox.pending();
    assert!(phone.pending_now().is_empty());
    sandbox.approve(&here);
    let there = phone.pending();
    canary.assert_absent();
    phone.does(&["approve", &there.id]);
    assert!(running.finish().status.success());
    canary.assert_present();
}

#[test]
fn a_wait_that_ends_before_somebody_was_asked_takes_nothing_back_from_them() {
    let sandbox = Sandbox::new();
    let phone = sandbox.with_phone();
    set(&sandbox, "phone", "1h");
    let canary = sandbox.canary();
    let output = sandbox.start_canary(&canary, "1s").finish();
    assert_refused(&output, &canary, 122, &["no decision within one second"]);
    assert!(sandbox.pending_now().is_empty() && phone.pending_now().is_empty());
}

#[test]
fn a_delay_is_shown_written_down_kept_and_taken_back() {
    let sandbox = Sandbox::new();
    let phone = sandbox.with_phone();
    set(&sandbox, "phone", "30s");
    let listed = sandbox.output(&["pairings", "list", "--json"]);
    let listed: Value = serde_json::from_slice(&listed.stdout).expect("JSON");
    assert_eq!((&listed[0]["afterSecs"], &listed[1]["afterSecs"]), (&0.into(), &30.into()));
    let text = String::from_utf8(sandbox.output(&["pairings"]).stdout).expect("UTF-8");
    assert!(text.contains("asked after 30 s"), "{text}");
    assert_eq!(log(&sandbox), ["paired", "pairing"]);
    let shown = String::from_utf8(sandbox.output(&["log"]).stdout).expect("UTF-8");
    assert!(shown.contains("phone") && shown.contains("asked after 30 s"), "{shown}");
    // New keys of the same approver change nothing about it.
    let mut rotate = Terminal::airlock(&sandbox, ["pairings", "rotate", "phone"]);
    rotate.expect("code: ");
    rotate.expect("waiting for the approver");
    let said = rotate.output();
    let code = said.split_once("code: ").expect("a code").1;
    let code: String = code.chars().take_while(|c| !c.is_whitespace()).collect();
    phone.does(&["pair", &code]);
    assert!(rotate.finish().0.success());
    assert_eq!(sandbox.stored_pairings()[2]["afterSecs"], 30);
    let said = set(&sandbox, "phone", "0s");
    assert!(said.contains("phone is asked at once"), "{said}");
    assert_eq!(sandbox.stored_pairings()[2].get("afterSecs"), None);
}

#[test]
fn refuses_what_is_no_delay_or_no_pairing() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    for arguments in [["approver", "soon"], ["approver", "25h"], ["nobody", "30s"]] {
        let output = sandbox.output(&["pairings", "set", arguments[0], "--after", arguments[1]]);
        assert_eq!(output.status.code(), Some(125), "{output:?}");
    }
    assert_eq!(sandbox.stored_pairings()[0].get("afterSecs"), None);
    assert!(log(&sandbox).is_empty());
}
