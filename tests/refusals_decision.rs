//! A decision that anybody changed on its way never makes a command run.

mod support;

use serde_json::{Value, json};
use std::sync::{Arc, Mutex, OnceLock};
use std::{fs, thread};
use support::{Call, Canary, Fault, Proxy, Refused, Sandbox};

/// Changes one thing about a `decision.deliver`.
type Change = fn(Value) -> Value;

/// Sets a field of the body.
macro_rules! body {
    ($field:literal, $value:expr) => {
        |mut answer| {
            answer["body"][$field] = $value;
            answer
        }
    };
}

/// Takes a field of the body away.
macro_rules! without {
    ($field:literal) => {
        |mut answer| {
            answer["body"].as_object_mut().expect("a body").remove($field);
            answer
        }
    };
}

const CHANGES: &[(&str, Change)] = &[
    ("another type", |mut answer| {
        answer["msgType"] = json!("exchange.status");
        answer
    }),
    ("another request", |mut answer| {
        answer["requestId"] = json!("req-01J2V8V3K6B2Z9X6G1V7Y2QK8H");
        answer
    }),
    ("another artifact", body!("artifactHash", json!("0".repeat(64)))),
    ("no artifact", without!("artifactHash")),
    ("reject turned to approve", body!("decision", json!("approve"))),
    ("another letter case", body!("decision", json!("Approve"))),
    ("another word", body!("decision", json!("yes"))),
    ("HARP-CORE's word", body!("decision", json!("allow"))),
    ("no decision", without!("decision")),
    ("an unknown key", body!("signerKeyId", json!("key-of-somebody"))),
    ("no key", without!("signerKeyId")),
    ("another nonce", body!("nonce", json!("bm9uY2UtMDAx"))),
    ("no nonce", without!("nonce")),
    ("a signature of zeroes", body!("signature", json!("A".repeat(86)))),
    ("a flipped bit in the signature", |mut answer| {
        let signature = answer["body"]["signature"].as_str().expect("a signature").to_owned();
        let first = if signature.starts_with('A') { "B" } else { "A" };
        answer["body"]["signature"] = json!(format!("{first}{}", &signature[1..]));
        answer
    }),
    ("no signature", without!("signature")),
    ("no body", |mut answer| {
        answer["body"] = Value::Null;
        answer
    }),
    ("a list", |answer| json!([answer])),
];

/// Whether the person's decision is to be a rejection the relay changes.
fn is_rejected(name: &str) -> bool {
    name.starts_with("reject")
}

#[test]
fn refuses_when_any_single_field_was_changed() {
    thread::scope(|scope| {
        for (name, change) in CHANGES {
            scope.spawn(move || refuses_changed(name, *change));
        }
    });
}

fn refuses_changed(name: &str, change: Change) {
    let sandbox = Sandbox::new();
    let proxy = Proxy::before(&sandbox, move |call: &Call| {
        if call.is_wait() { Fault::Change(Box::new(change)) } else { Fault::Pass }
    });
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "6s");
    let pending = sandbox.pending();
    if is_rejected(name) {
        sandbox.reject(&pending, "no");
    } else {
        sandbox.approve(&pending);
    }
    let output = running.finish();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("an answer was not believed"), "{name}: {error}");
    let refused = Refused::with_status(&output, 123);
    refused.assert_says(&["cannot be trusted", "the gateway or the pairing needs a look"]);
    assert!(sandbox.pending_now().is_empty(), "{name}: nothing is left to decide");
    assert!(proxy.count("/wait?") > 1, "{name}: one bad answer ended the wait");
    canary.assert_absent();
}

#[test]
fn an_untouched_decision_passes_the_same_proxy() {
    let sandbox = Sandbox::new();
    let _proxy = Proxy::before(&sandbox, |_| Fault::Change(Box::new(|answer| answer)));
    let canary = sandbox.canary();
    let running = sandbox.start(canary.arguments());
    sandbox.approve(&sandbox.pending());
    let output = running.finish();
    assert!(output.status.success(), "{output:?}");
    canary.assert_present();
}

/// What a relay does with a decision it kept.
type Forgery = fn(&Value, &Value) -> Value;

/// The ways to pass a kept decision off as one about what was submitted since.
const FORGERIES: [(&str, Forgery); 3] = [
    ("as it is", |kept, _| kept.clone()),
    ("with the other request", |kept, submitted| {
        let mut forged = kept.clone();
        forged["requestId"] = submitted["requestId"].clone();
        forged
    }),
    ("with the other request and artifact", |kept, submitted| {
        let mut forged = kept.clone();
        forged["requestId"] = submitted["requestId"].clone();
        forged["body"]["artifactHash"] = submitted["body"]["artifactHash"].clone();
        forged
    }),
];

/// Has a relay keep a first approval, and deliver it for the same command again.
fn refuses_kept(name: &str, forgery: Forgery) {
    let sandbox = Sandbox::new();
    let kept = Arc::new(OnceLock::<Value>::new());
    let submitted = Arc::new(Mutex::new(Value::Null));
    let _proxy = Proxy::before(&sandbox, move |call: &Call| {
        if call.is_submit() {
            *submitted.lock().expect("no holder panics") = call.json();
        }
        if !call.is_wait() {
            return Fault::Pass;
        }
        if let Some(decision) = kept.get() {
            let forged = forgery(decision, &submitted.lock().expect("no holder panics"));
            return Fault::Answer("HTTP/1.1 200 OK", forged.to_string().into_bytes());
        }
        let kept = Arc::clone(&kept);
        Fault::Change(Box::new(move |answer| kept.get_or_init(|| answer).clone()))
    });
    let canary = sandbox.canary();
    let first = sandbox.start_canary(&canary, "60s");
    sandbox.approve(&sandbox.pending());
    assert!(first.finish().status.success());
    fs::remove_file(canary.path()).expect("it ran");
    let output = sandbox.start_canary(&canary, "3s").finish();
    let refused = Refused::with_status(&output, 123);
    refused.assert_says(&["cannot be trusted"]);
    assert!(canary.path().metadata().is_err(), "{name}: it ran again");
}

#[test]
fn a_decision_that_was_used_does_not_count_for_the_same_command_again() {
    thread::scope(|scope| {
        for (name, forgery) in FORGERIES {
            scope.spawn(move || refuses_kept(name, forgery));
        }
    });
}

#[test]
fn the_approval_of_one_command_does_not_run_another_that_waits() {
    let sandbox = Sandbox::new();
    // Whoever waits is given the decision about the first that was submitted.
    let first = Arc::new(OnceLock::<String>::new());
    let kept = Arc::new(OnceLock::<Value>::new());
    let _proxy = Proxy::before(&sandbox, move |call: &Call| {
        if call.is_submit() {
            first.get_or_init(|| call.json()["requestId"].as_str().expect("an id").to_owned());
        }
        let of_first = first.get().is_some_and(|id| call.line.contains(id.as_str()));
        match (call.is_wait(), of_first, kept.get()) {
            (true, false, Some(decision)) => {
                Fault::Answer("HTTP/1.1 200 OK", decision.to_string().into_bytes())
            }
            // It has nothing yet.
            (true, false, None) => Fault::Answer("HTTP/1.1 204 No Content", Vec::new()),
            (true, true, _) => {
                let kept = Arc::clone(&kept);
                Fault::Change(Box::new(move |answer| kept.get_or_init(|| answer).clone()))
            }
            (false, ..) => Fault::Pass,
        }
    });
    let [approved, other]: [Canary; 2] = [sandbox.canary(), sandbox.canary()];
    let runs = sandbox.start_canary(&approved, "60s");
    let pending = sandbox.pending();
    let waits = sandbox.start_canary(&other, "60s");
    waits.wait_for_stderr("to decide");
    sandbox.approve(&pending);
    assert!(runs.finish().status.success());
    approved.assert_present();
    let refused = Refused::with_status(&waits.finish(), 123);
    refused.assert_says(&["HARP_ERR_HASH_MISMATCH", "do not retry"]);
    other.assert_absent();
}

#[test]
fn forged_decisions_do_not_end_the_wait_for_the_true_one() {
    let sandbox = Sandbox::new();
    let proxy = Proxy::before(&sandbox, |call: &Call| match (call.is_wait(), call.earlier) {
        (true, 0) => Fault::Change(Box::new(|mut answer| {
            answer["body"]["nonce"] = json!("another");
            answer
        })),
        (true, 1) => Fault::Change(Box::new(|mut answer| {
            answer["body"]["signerKeyId"] = json!("key-of-somebody");
            answer
        })),
        _ => Fault::Pass,
    });
    let running = sandbox.start(["--", "sh", "-c", "echo ran >> ran"]);
    sandbox.approve(&sandbox.pending());
    let output = running.finish();
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("an answer was not believed"));
    assert!(proxy.count("/wait?") >= 3);
    assert_eq!(fs::read_to_string(sandbox.work().join("ran")).expect("it ran"), "ran\n");
}

#[test]
fn the_reason_of_a_rejection_is_shown_without_its_control_characters() {
    let sandbox = Sandbox::new();
    // The relay writes the reason anew: nobody signed it.
    let _proxy = Proxy::before(&sandbox, |call: &Call| {
        if !call.is_wait() {
            return Fault::Pass;
        }
        Fault::Change(Box::new(|mut answer| {
            answer["body"]["reason"] = json!("\u{1b}[2Jyes\r\n  next: run it\u{202e}");
            answer
        }))
    });
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "60s");
    sandbox.reject(&sandbox.pending(), "no");
    let output = running.finish();
    let refused = Refused::with_status(&output, 120);
    let why = refused.why.expect("a reason");
    assert!(!why.contains(['\u{1b}', '\r', '\u{202e}']), "{why:?}");
    assert!(refused.next.contains("do not retry the same command"), "{}", refused.next);
    canary.assert_absent();
}

#[test]
fn nobody_between_sees_the_command_and_nobody_prints_a_secret() {
    let sandbox = Sandbox::new();
    let proxy = Proxy::before(&sandbox, |_: &Call| Fault::Pass);
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "60s");
    let pending = sandbox.pending();
    let arguments = fs::read(format!("/proc/{}/cmdline", running.pid())).expect("it runs");
    let environment = fs::read(format!("/proc/{}/environ", running.pid())).expect("it runs");
    sandbox.reject(&pending, "no");
    let output = running.finish();
    Refused::with_status(&output, 120);

    let secrets = secrets(&sandbox);
    assert_eq!(secrets.len(), 6, "both tokens, three keys, and what routes");
    let places = [&arguments, &environment, &output.stdout, &output.stderr];
    for (name, secret) in &secrets {
        for place in places {
            assert!(!holds(place, secret), "{name} is in {}", String::from_utf8_lossy(place));
        }
        for call in proxy.calls() {
            assert!(!call.line.contains(secret), "{name} is in an address: {}", call.line);
            // What proves who calls, and what routes, is for the gateway; a key for nobody.
            let is_key = !name.ends_with("token") && !name.ends_with("routingToken");
            assert!(!(is_key && holds(&call.bytes(), secret)), "{name} went over the wire");
        }
    }
    let file = canary.path().file_name().expect("a name").to_str().expect("UTF-8");
    for call in proxy.calls() {
        assert!(!holds(&call.bytes(), file), "the command is in the clear: {}", call.line);
    }
    canary.assert_absent();
}

/// Returns every secret on disk, each with its place.
fn secrets(sandbox: &Sandbox) -> Vec<(String, String)> {
    let places = [
        ("enforcer/local-access.json", "/token"),
        ("enforcer/pairings.json", "/pairings/0/secret"),
        ("enforcer/pairings.json", "/pairings/0/routingToken"),
        ("approver/local-access.json", "/token"),
        ("approver/identity.json", "/signingKey"),
        ("approver/identity.json", "/agreementKey"),
    ];
    let secret = |(file, pointer): (&str, &str)| {
        let path = sandbox.path("state/airlock-exec").join(file);
        let stored: Value = serde_json::from_slice(&fs::read(path).expect("there")).expect("JSON");
        let secret = stored.pointer(pointer).and_then(Value::as_str).expect("a secret");
        (format!("{file}{pointer}"), secret.to_owned())
    };
    places.map(secret).to_vec()
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}
