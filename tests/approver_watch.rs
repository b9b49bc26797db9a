//! `approver watch`: asks a person at a terminal, tells a program without one.

mod support;

use serde_json::Value;
use support::{Sandbox, Terminal, eventually};

#[test]
fn a_person_approves_at_the_terminal_and_a_bare_enter_does_not() {
    let sandbox = Sandbox::new();
    let mut person = Terminal::airlock(&sandbox, ["approver", "watch"]);
    person.expect("watching for requests");
    // Typed before anything was asked: it must not answer what comes.
    person.send("y\r");
    let canary = sandbox.canary();
    let command = sandbox.start(canary.arguments());
    answer_pages(&mut person);
    person.send("\r");
    person.expect("please type y, n, s, f");
    person.expect("approve?");
    canary.assert_absent();
    person.send("y\r");
    person.expect("approved ");
    assert!(command.finish().status.success());
    canary.assert_present();
    person.expect("watching for requests");
    person.send("\u{3}");
    person.finish();
}

/// Goes through the pages of a card until the question comes.
fn answer_pages(person: &mut Terminal) {
    person.expect("┌─ request ");
    let mut seen = 0;
    eventually("the question", || {
        let shown = person.output();
        let pages = shown.matches("Enter shows them: ").count();
        if pages > seen {
            seen = pages;
            person.send("\r");
        }
        shown.contains("└─ end of request ").then_some(())
    });
    person.expect("└─ end of request ");
    person.expect("approve?");
}

#[test]
fn a_sentence_rejects_and_is_the_reason() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let command = sandbox.start(canary.arguments());
    sandbox.pending();
    let mut person = Terminal::airlock(&sandbox, ["approver"]);
    answer_pages(&mut person);
    person.send("please use a branch\r");
    person.expect("rejected ");
    let ended = command.finish();
    assert_eq!(ended.status.code(), Some(120));
    assert!(String::from_utf8_lossy(&ended.stderr).contains("please use a branch"));
    canary.assert_absent();
}

#[test]
fn a_request_decided_elsewhere_ends_the_question() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let command = sandbox.start(canary.arguments());
    let pending = sandbox.pending();
    let mut person = Terminal::airlock(&sandbox, ["approver", "watch"]);
    answer_pages(&mut person);
    sandbox.reject(&pending, "no");
    person.expect("decided or withdrawn elsewhere");
    person.expect("watching for requests");
    command.finish();
    canary.assert_absent();
}

#[test]
fn without_a_terminal_it_prints_events_as_json_lines() {
    let sandbox = Sandbox::new();
    let watch = sandbox.start(["approver", "watch"]);
    let events = || -> Vec<Value> {
        let text = watch.stdout();
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        whole.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    };
    eventually("the first event", || events().first().cloned());
    let canary = sandbox.canary();
    let command = sandbox.start(canary.arguments());
    let request = eventually("the request", || {
        events().into_iter().find(|event| event["event"] == "request")
    });
    assert!(request["commandText"].as_str().expect("text").starts_with("touch "));
    let pending = sandbox.pending();
    assert_eq!(request["requestId"].as_str(), Some(pending.id.as_str()));
    sandbox.approve(&pending);
    let gone =
        eventually("its end", || events().into_iter().find(|event| event["event"] == "gone"));
    assert_eq!(gone["requestId"], request["requestId"]);
    assert!(command.finish().status.success());
}
