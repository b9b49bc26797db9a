//! Pairing anew with the same approver: until the new pairing is kept the older one holds.

mod support;

use nix::libc::EIO;
use serde_json::{Value, json};
use support::{Call, Fault, Person, Proxy, Refused, Running, Sandbox, Terminal, pairing_code};

/// Returns the pairings that the gateway holds for good, as who runs it sees them.
fn at_gateway(sandbox: &Sandbox) -> usize {
    let listed = sandbox.output(&["gateway", "pairings", "list", "--json"]);
    let listed: Value = serde_json::from_slice(&listed.stdout).expect("JSON");
    listed.as_array().expect("a list").len()
}

/// Has the phone alone decide what is asked from now on.
fn ask_the_phone_alone(sandbox: &Sandbox) {
    assert!(sandbox.output(&["pairings", "revoke", "approver"]).status.success());
}

/// Checks that a command is shown to that person in words, and runs once they approve.
#[track_caller]
fn decides(sandbox: &Sandbox, person: &Person<'_>) {
    let canary = sandbox.canary();
    let running = sandbox.start(canary.arguments());
    approves(person, running);
    canary.assert_present();
}

#[track_caller]
fn approves(person: &Person<'_>, running: Running) {
    let pending = person.pending();
    assert_eq!(pending.details["readable"], true, "{:?}", pending.details);
    person.does(&["approve", &pending.id]);
    let output = running.finish();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn a_pairing_that_is_refused_leaves_the_older_one_and_what_waits_in_it() {
    let sandbox = Sandbox::new();
    let phone = sandbox.with_phone();
    ask_the_phone_alone(&sandbox);
    let before = sandbox.stored_pairings();
    let canary = sandbox.canary();
    let running = sandbox.start(canary.arguments());
    phone.pending();
    let other = "1F:2E:3D:4C:5B:6A:79:88";
    let anew = sandbox.start(["pair", "--name", "phone", "--fingerprint", other]);
    let code = pairing_code(&anew);
    phone.command(&["pair", &code]).output().expect("it starts");
    assert_eq!(anew.finish().status.code(), Some(123));
    assert_eq!(sandbox.stored_pairings(), before);
    assert_eq!(at_gateway(&sandbox), 1);
    approves(&phone, running);
    canary.assert_present();
    decides(&sandbox, &phone);
    let known = phone.does(&["id", "--json"]);
    let known: Value = serde_json::from_str(&known).expect("JSON");
    assert_eq!(known["pairings"].as_array().map(Vec::len), Some(1), "{known}");
}

#[test]
fn a_pairing_that_is_kept_ends_the_older_one_at_once() {
    let sandbox = Sandbox::new();
    let phone = sandbox.with_phone();
    ask_the_phone_alone(&sandbox);
    let canary = sandbox.canary();
    let waiting = sandbox.start_canary(&canary, "60s");
    phone.pending();
    let rotation = sandbox.start(["pairings", "rotate", "phone"]);
    phone.does(&["pair", &pairing_code(&rotation)]);
    let output = rotation.finish();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(at_gateway(&sandbox), 1, "the enforcer ended the older one itself");
    Refused::with_status(&waiting.finish(), 124).assert_says(&["was revoked"]);
    canary.assert_absent();
    decides(&sandbox, &phone);
    let known = phone.does(&["id"]);
    assert_eq!(known.matches("paired with: ").count(), 1, "{known}");
}

#[test]
fn a_pairing_whose_enforcer_was_killed_before_it_was_kept_leaves_the_older_one() {
    let sandbox = Sandbox::new();
    let phone = sandbox.with_phone();
    ask_the_phone_alone(&sandbox);
    let mut terminal = Terminal::airlock(&sandbox, ["pair", "--name", "phone"]);
    terminal.expect("waiting for the approver");
    let said = terminal.output();
    let code = said.split_once("code: ").expect("a code").1;
    let code: String = code.chars().take_while(|c| !c.is_whitespace()).collect();
    phone.does(&["pair", &code, "--wait", "0s"]);
    terminal.expect("[y/N] ");
    // Its terminal goes away, and it with that.
    drop(terminal);
    assert_eq!(at_gateway(&sandbox), 2, "nobody has said what became of the new one");
    decides(&sandbox, &phone);
    // The person sees both, and ends both at once: they mean the machine.
    let known = phone.does(&["id"]);
    assert_eq!(known.matches("paired with: ").count(), 2, "{known}");
    assert!(known.contains("unless it refuses"), "{known}");
    let known: Value = serde_json::from_str(&phone.does(&["id", "--json"])).expect("JSON");
    let host = known["pairings"][0]["enforcerId"].as_str().expect("an id");
    phone.does(&["unpair", host]);
    assert_eq!(at_gateway(&sandbox), 0);
    let known = phone.does(&["id"]);
    assert!(!known.contains("paired with: "), "{known}");
}

#[test]
fn a_gateway_that_was_not_told_ends_the_older_one_with_the_first_request() {
    let sandbox = Sandbox::new();
    let _proxy = Proxy::before(&sandbox, |call: &Call| {
        let ends = ["/v1/pairing/revoke", "/v1/pairing/kept"];
        if ends.iter().any(|path| call.line.contains(path)) { Fault::Cut } else { Fault::Pass }
    });
    let phone = Person::new(&sandbox, "phone");
    let fingerprint = phone.fingerprint();
    let first = sandbox.start(["pair", "--name", "phone", "--fingerprint", &fingerprint]);
    phone.does(&["pair", &pairing_code(&first), "--wait", "0s"]);
    assert!(first.finish().status.success());
    for program in [false, true] {
        let mut words = vec!["pair", "--name", "phone", "--fingerprint", &fingerprint];
        words.extend(program.then_some("--json"));
        let anew = sandbox.start(&words);
        let code = if program {
            anew.wait_for_stdout("\"code\"");
            let said = anew.stdout();
            let event: Value =
                serde_json::from_str(said.lines().next().expect("a line")).expect("JSON");
            event["code"].as_str().expect("a code").to_owned()
        } else {
            pairing_code(&anew)
        };
        phone.does(&["pair", &code, "--wait", "0s"]);
        let output = anew.finish();
        assert!(output.status.success(), "it is kept: {output:?}");
        let said = String::from_utf8(output.stdout).expect("text");
        if program {
            let paired: Value =
                serde_json::from_str(said.lines().last().expect("a line")).expect("JSON");
            assert_eq!(
                (&paired["event"], &paired["replaced"]),
                (&json!("paired"), &json!("untold"))
            );
        } else {
            assert!(said.contains("the gateway was not told"), "{said}");
        }
        // The approver of the sandbox, and two of the phone.
        assert_eq!(at_gateway(&sandbox), 3);
        decides(&sandbox, &phone);
        assert_eq!(at_gateway(&sandbox), 2);
    }
}

#[test]
fn a_pairing_that_is_on_a_disk_that_may_lose_it_is_not_taken_back() {
    let sandbox = Sandbox::new();
    let phone = sandbox.with_phone();
    ask_the_phone_alone(&sandbox);
    let fingerprint = phone.fingerprint();
    let words = ["pair", "--name", "phone", "--fingerprint", &fingerprint];
    let anew = Running::start(&mut sandbox.on_disk(words));
    let code = pairing_code(&anew);
    // The file has its name already when the disk is to keep that.
    let directory = sandbox.path("state/airlock-exec/enforcer");
    sandbox.break_disk(&directory, EIO);
    phone.does(&["pair", &code, "--wait", "0s"]);
    assert_eq!(anew.finish().status.code(), Some(125));
    sandbox.mend_disk();
    assert_eq!(at_gateway(&sandbox), 2, "either may be what is there after a crash");
    decides(&sandbox, &phone);
    assert_eq!(at_gateway(&sandbox), 1);
}
