//! A decision that anybody changed on its way never makes a command run.

mod support;

use serde_json::{Value, json};
use std::thread;
use support::{Call, Fault, Proxy, Sandbox};

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
    let [dashes, program, file] = canary.arguments();
    let wait = ["--wait".into(), "4s".into(), dashes, program, file];
    let running = sandbox.start(wait);
    let pending = sandbox.pending();
    if is_rejected(name) {
        sandbox.reject(&pending, "no");
    } else {
        sandbox.approve(&pending);
    }
    let output = running.finish();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(122 | 123)), "{name}: {output:?}");
    assert!(error.contains("an answer was not believed"), "{name}: {error}");
    assert!(error.contains("nothing was executed"), "{name}: {error}");
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

#[test]
fn a_decision_that_was_used_does_not_count_for_the_same_command_again() {
    let sandbox = Sandbox::new();
    // The relay keeps the first decision and delivers it ever after.
    let kept = std::sync::Arc::new(std::sync::Mutex::new(None::<Value>));
    let shared = std::sync::Arc::clone(&kept);
    let _proxy = Proxy::before(&sandbox, move |call: &Call| {
        if !call.is_wait() {
            return Fault::Pass;
        }
        let kept = std::sync::Arc::clone(&shared);
        let known = kept.lock().expect("no holder panics").clone();
        match known {
            Some(decision) => Fault::Answer("HTTP/1.1 200 OK", decision.to_string().into_bytes()),
            None => Fault::Change(Box::new(move |answer| {
                *kept.lock().expect("no holder panics") = Some(answer.clone());
                answer
            })),
        }
    });
    let first = sandbox.start(["--", "true"]);
    sandbox.approve(&sandbox.pending());
    assert!(first.finish().status.success());
    let canary = sandbox.canary();
    let output = sandbox.start(canary.arguments()).finish();
    assert_eq!(output.status.code(), Some(123), "{output:?}");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("HARP_ERR_HASH_MISMATCH"), "{error}");
    canary.assert_absent();
}
