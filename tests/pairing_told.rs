//! What an approver is told of what the enforcer makes of its answer.

mod support;

use serde_json::Value;
use std::process::Output;
use support::{Call, Fault, Person, Proxy, Refused, Sandbox, Terminal, pairing_code};

/// Answers, as that person, the code that a terminal shows.
fn answers(person: &Person<'_>, terminal: &mut Terminal, words: &[&str]) -> Output {
    terminal.expect("waiting for the approver");
    let said = terminal.output();
    let code = said.split_once("code: ").expect("a code").1;
    let code: String = code.chars().take_while(|c| !c.is_whitespace()).collect();
    let words = [&["pair", &code], words].concat();
    person.command(&words).output().expect("it starts")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[track_caller]
fn refused(output: &Output, status: i32) -> Refused {
    assert_eq!(output.status.code(), Some(status), "{output:?}");
    let error = Output { stdout: Vec::new(), ..output.clone() };
    Refused::of_subcommand(&error)
}

fn paired_with(person: &Person<'_>) -> usize {
    let known: Value = serde_json::from_str(&person.does(&["id", "--json"])).expect("JSON");
    known["pairings"].as_array().expect("a list").len()
}

#[test]
fn an_approver_is_told_that_the_enforcer_keeps_the_pairing() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let phone = Person::new(&sandbox, "phone");
    let fingerprint = phone.fingerprint();
    for _ in 0..2 {
        let pairing = sandbox.start(["pair", "--name", "phone", "--fingerprint", &fingerprint]);
        let told = phone.does(&["pair", &pairing_code(&pairing)]);
        assert!(told.contains(&format!("compare this fingerprint there: {fingerprint}")), "{told}");
        assert!(told.contains("it keeps the pairing"), "{told}");
        assert!(pairing.finish().status.success());
        assert_eq!(paired_with(&phone), 1, "the older one is forgotten by now");
    }
    // With a code of its own it waits as well.
    let tablet = Person::new(&sandbox, "tablet");
    let offer = support::Running::start(&mut tablet.command(&["code"]));
    let code = pairing_code(&offer);
    let claim = ["pair", "--code", &code, "--fingerprint", &tablet.fingerprint()];
    assert!(sandbox.output(&claim).status.success());
    let offered = offer.finish();
    assert!(offered.status.success(), "{offered:?}");
    assert!(said(&offered).contains("it keeps the pairing"), "{offered:?}");
}

#[test]
fn an_approver_is_told_that_the_enforcer_refuses_the_pairing() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let phone = Person::new(&sandbox, "phone");
    let other = "1F:2E:3D:4C:5B:6A:79:88";
    let refuse = || {
        let pairing = sandbox.start(["pair", "--fingerprint", other]);
        let told = phone.command(&["pair", &pairing_code(&pairing)]).output().expect("it starts");
        assert_eq!(pairing.finish().status.code(), Some(123));
        told
    };
    let told = refuse();
    refused(&told, 120).assert_says(&["refused the pairing", "pair again"]);
    assert!(!said(&told).contains("paired with"), "{told:?}");
    assert_eq!(paired_with(&phone), 0);
    sandbox.pair_with(&phone, "phone");
    refused(&refuse(), 120).assert_says(&["refused the pairing", "the one before goes on"]);
    assert_eq!(paired_with(&phone), 1);
    let offer = support::Running::start(&mut phone.command(&["code"]));
    let claim = ["pair", "--code", &pairing_code(&offer), "--fingerprint", other];
    assert_eq!(sandbox.output(&claim).status.code(), Some(123));
    refused(&offer.finish(), 120).assert_says(&["refused the pairing"]);
}

#[test]
fn an_approver_is_told_that_the_enforcer_has_not_said_yet() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let phone = Person::new(&sandbox, "phone");
    for (wait, status) in [("1s", 122), ("0s", 0)] {
        let mut terminal = Terminal::airlock(&sandbox, ["pair", "--name", "phone"]);
        let told = answers(&phone, &mut terminal, &["--wait", wait]);
        assert_eq!(told.status.code(), Some(status), "{told:?}");
        let all = said(&told) + &String::from_utf8_lossy(&told.stderr);
        assert!(all.contains("has not said yet whether it keeps the pairing"), "{all}");
        assert!(said(&told).contains("compare this fingerprint there"), "{told:?}");
        terminal.expect("[y/N] ");
        terminal.send("y\n");
        let (ended, shown) = terminal.finish();
        assert!(ended.success(), "{shown}");
    }
    let negative = phone.command(&["pair", "ABCD-EFGH", "--wait", "-1s"]).output();
    assert_eq!(negative.expect("it starts").status.code(), Some(125));
}

/// A gateway that tells nothing of it, as ours did before, and others do.
#[test]
fn where_the_gateway_cannot_tell_the_approver_says_that_it_answered() {
    let sandbox = Sandbox::new();
    let proxy = Proxy::before(&sandbox, |call: &Call| {
        if !call.is_pairing_status() {
            return Fault::Pass;
        }
        Fault::Change(Box::new(|mut status| {
            let fields = status.as_object_mut().expect("an object");
            fields.remove("extensions");
            fields.remove("keptAt");
            status
        }))
    });
    let phone = Person::new(&sandbox, "phone");
    let fingerprint = phone.fingerprint();
    for count in 0..2 {
        let pairing = sandbox.start(["pair", "--name", "phone", "--fingerprint", &fingerprint]);
        let told = phone.does(&["pair", &pairing_code(&pairing)]);
        assert!(told.contains("paired with ") && !told.contains("keeps"), "{told}");
        let output = pairing.finish();
        assert!(output.status.success(), "{output:?}");
        // Without the call that says more, it ends the older one by the one there is.
        assert_eq!(proxy.count("/v1/pairing/kept"), 0);
        assert_eq!(proxy.count("/v1/pairing/revoke"), count);
    }
}
