//! A relay that would make one approval two.

use super::support::{Call, Fault, Proxy, Sandbox, assert_refused};
use super::with_two;
use serde_json::Value;
use std::sync::{Arc, Mutex};

/// What a relay makes of the first approval, for the second request.
type Forgery = fn(&Value, &str, &str) -> Value;

const FORGERIES: &[(&str, Forgery)] = &[
    ("replayed as it is", |first, _, _| first.clone()),
    ("under the other request's id", |first, id, _| {
        let mut forged = first.clone();
        forged["requestId"] = id.into();
        forged
    }),
    ("about the other artifact", |first, id, hash| {
        let mut forged = first.clone();
        forged["requestId"] = id.into();
        forged["body"]["artifactHash"] = hash.into();
        forged
    }),
    ("in the other approver's name", |first, id, hash| {
        let mut forged = first.clone();
        forged["requestId"] = id.into();
        forged["body"]["artifactHash"] = hash.into();
        forged["body"]["signerKeyId"] = "key-of-the-phone".into();
        forged
    }),
];

#[test]
fn one_approval_is_never_two_whatever_the_relay_makes_of_it() {
    for (what, forge) in FORGERIES {
        let sandbox = Sandbox::new();
        let phone = with_two(&sandbox);
        // The second submission: its request and hash.
        let second: Arc<Mutex<Option<(String, String)>>> = Arc::default();
        let first: Arc<Mutex<Option<Value>>> = Arc::default();
        let handler = {
            let (second, first) = (Arc::clone(&second), Arc::clone(&first));
            move |call: &Call| {
                if call.is_submit() {
                    let body = call.json();
                    let text = |value: &Value| value.as_str().expect("text").to_owned();
                    if call.earlier == 1 {
                        let named = (text(&body["requestId"]), text(&body["body"]["artifactHash"]));
                        *second.lock().expect("no holder panics") = Some(named);
                    }
                    return Fault::Pass;
                }
                if !call.is_wait() {
                    return Fault::Pass;
                }
                let named = second.lock().expect("no holder panics").clone();
                let Some((id, hash)) = named.filter(|(id, _)| call.line.contains(&**id)) else {
                    let first = Arc::clone(&first);
                    return Fault::Change(Box::new(move |answer| {
                        *first.lock().expect("no holder panics") = Some(answer.clone());
                        answer
                    }));
                };
                match &*first.lock().expect("no holder panics") {
                    Some(first) => {
                        let forged = forge(first, &id, &hash).to_string().into_bytes();
                        Fault::Answer("HTTP/1.1 200 OK", forged)
                    }
                    None => Fault::Answer("HTTP/1.1 204 No Content", Vec::new()),
                }
            }
        };
        let _proxy = Proxy::before(&sandbox, handler);
        let canary = sandbox.canary();
        let running = sandbox.start_canary(&canary, "6s");
        // Whichever of the two was submitted first is approved.
        let (here, there) = (sandbox.pending(), phone.pending());
        let named = second.lock().expect("no holder panics").clone().expect("a second");
        if named.0 == here.id {
            phone.does(&["approve", &there.id]);
        } else {
            sandbox.approve(&here);
        }
        let output = running.finish();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("1 more must"), "{what}: {said}");
        assert_refused(&output, &canary, 123, &["cannot be trusted"]);
    }
}
