//! `approver watch`: asks a person at a terminal, tells a program without one.

mod support;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
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
    let mut person = Terminal::airlock(&sandbox, ["approver", "watch"]);
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
        events().into_iter().find(|event| event["event"] == "pending")
    });
    assert_eq!(request["version"], 1);
    assert!(request["commandText"].as_str().expect("text").starts_with("touch "));
    let pending = sandbox.pending();
    assert_eq!(request["requestId"].as_str(), Some(pending.id.as_str()));
    sandbox.approve(&pending);
    let of = |name: &str| events().into_iter().find(|event| event["event"] == name);
    let decided = eventually("its end", || of("decided"));
    assert_eq!(decided["requestId"], request["requestId"]);
    assert_eq!(decided["decision"], "approve");
    assert!(command.finish().status.success());

    let waiting = sandbox.start(canary.arguments());
    let pending = sandbox.pending();
    // What came and went between two looks is not told of.
    eventually("the request", || {
        events().into_iter().find(|event| event["requestId"].as_str() == Some(pending.id.as_str()))
    });
    waiting.signal(nix::sys::signal::Signal::SIGTERM);
    let withdrawn = eventually("a withdrawal", || of("withdrawn"));
    assert_eq!(withdrawn["requestId"].as_str(), Some(pending.id.as_str()));
    // Whoever asks takes it back when the time is over, or the gateway ends it.
    let hurried = [&["--wait", "1s"].map(Into::into)[..], &canary.arguments()].concat();
    let before = events().len();
    assert_eq!(sandbox.start(hurried).finish().status.code(), Some(122));
    eventually("its end", || {
        let new = events().split_off(before);
        new.into_iter().find(|event| event["event"] == "expired" || event["event"] == "withdrawn")
    });
}

#[test]
fn a_program_decides_by_the_hash_it_read() {
    let sandbox = Sandbox::new();
    let canaries = [sandbox.canary(), sandbox.canary()];
    let mut watch = sandbox
        .airlock(["approver", "watch", "--json", "--decide"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut input = watch.stdin.take().expect("a pipe");
    let mut lines = BufReader::new(watch.stdout.take().expect("a pipe")).lines();
    let mut next = |wanted: &str| -> Value {
        loop {
            let line = lines.next().expect("a line").expect("readable");
            let event: Value = serde_json::from_str(&line).expect("JSON");
            if event["event"] == wanted {
                return event;
            }
        }
    };
    next("watching");
    let mut say = |line: Value| writeln!(input, "{line}").expect("it reads");
    let decision = |event: &Value, hash: &Value, decision: &str| {
        json!({"requestId": event["requestId"], "artifactHash": hash, "decision": decision,
               "reason": "use a branch"})
    };

    let rejected = sandbox.start(canaries[0].arguments());
    let pending = next("pending");
    say(json!("approve"));
    next("refused");
    say(decision(&pending, &json!("ab".repeat(32)), "approve"));
    assert!(next("refused")["problem"].as_str().expect("words").contains("another hash"));
    canaries[0].assert_absent();
    say(decision(&pending, &pending["artifactHash"], "reject"));
    assert_eq!(next("decided")["decision"], "reject");
    let ended = rejected.finish();
    assert_eq!(ended.status.code(), Some(120));
    assert!(String::from_utf8_lossy(&ended.stderr).contains("use a branch"));
    canaries[0].assert_absent();

    let approved = sandbox.start(canaries[1].arguments());
    let pending = next("pending");
    say(decision(&pending, &pending["artifactHash"], "approve"));
    assert!(approved.finish().status.success());
    canaries[1].assert_present();
    drop(input);
    assert!(watch.wait().expect("it ends").success());
}

/// Returns the number of the local gateway's process.
fn gateway(sandbox: &Sandbox) -> Option<Pid> {
    let text = fs::read(sandbox.path("run/airlock-exec/gateway.json")).ok()?;
    let endpoint: Value = serde_json::from_slice(&text).ok()?;
    Some(Pid::from_raw(i32::try_from(endpoint["pid"].as_i64()?).ok()?))
}

#[test]
fn a_local_gateway_that_does_not_start_is_said_and_started_again() {
    let sandbox = Sandbox::new();
    let mut watch = sandbox.start(["approver", "watch"]);
    watch.wait_for_stdout("watching");
    let [database, aside] =
        ["gateway.db", "aside"].map(|name| sandbox.path("state/airlock-exec/gateway").join(name));
    // The one that runs goes on by its descriptor; the next has no database to open.
    fs::rename(&database, &aside).expect("moved");
    fs::create_dir(&database).expect("in its place");
    let before = gateway(&sandbox).expect("a gateway");
    kill(before, Signal::SIGKILL).expect("it runs");
    watch.wait_for_stderr("it is tried again");
    assert!(!watch.has_ended(), "{}", watch.stderr());
    fs::remove_dir(&database).expect("removed");
    fs::rename(&aside, &database).expect("moved back");
    eventually("another gateway", || gateway(&sandbox).filter(|after| *after != before));
    let canary = sandbox.canary();
    let command = sandbox.start(canary.arguments());
    watch.wait_for_stdout("\"pending\"");
    sandbox.approve(&sandbox.pending());
    assert!(command.finish().status.success());
    assert_eq!(watch.stderr().matches("it is tried again").count(), 1, "{}", watch.stderr());
}
