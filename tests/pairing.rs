//! Pairing: both ways to begin, and everything that must not end in a pairing.

mod support;

use airlock_exec::crypto::{SigningKey, X25519Public};
use airlock_exec::process;
use airlock_exec::protocol::PairingResponse;
use serde_json::{Value, json};
use std::process::Output;
use support::{Call, Fault, Person, Proxy, Refused, Sandbox, Terminal, pairing_code};

/// Returns what a subcommand says that failed with this status.
#[track_caller]
fn refused(output: &Output, status: i32) -> Refused {
    assert_eq!(output.status.code(), Some(status), "{output:?}");
    let error = Output { stdout: Vec::new(), ..output.clone() };
    Refused::of_subcommand(&error)
}

/// A sandbox whose gateway runs, with its own approver paired.
fn warm() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    sandbox
}

#[test]
fn a_person_types_the_code_that_the_enforcer_shows() {
    let sandbox = warm();
    let phone = Person::new(&sandbox, "phone");
    sandbox.pair_with(&phone, "phone");
    let listed = sandbox.output(&["pairings", "list", "--json"]);
    let listed: Value = serde_json::from_slice(&listed.stdout).expect("JSON");
    assert_eq!(listed[0]["name"], "approver");
    assert_eq!(listed[1]["name"], "phone");
    assert_eq!(listed[1]["fingerprint"], phone.fingerprint());
    assert_eq!(listed[1]["revokedAt"], Value::Null);
    for secret in ["secret", "routingToken"] {
        assert_eq!(listed[1].get(secret), None, "{listed}");
        assert!(sandbox.stored_pairings()[1][secret].is_string());
    }
    let text = String::from_utf8(sandbox.output(&["pairings"]).stdout).expect("text");
    assert!(text.contains("phone") && text.contains(&phone.fingerprint()), "{text}");
}

#[test]
fn the_enforcer_claims_the_code_that_a_person_made() {
    let sandbox = warm();
    let phone = Person::new(&sandbox, "phone");
    let fingerprint = phone.fingerprint();
    let mut offer = support::Running::start(&mut phone.command(&["code"]));
    // Typed as people type: small letters, no hyphen.
    let code = pairing_code(&offer).to_lowercase().replace('-', "");
    let pairing = ["pair", "--code", &code, "--fingerprint", &fingerprint.to_lowercase()];
    let output = sandbox.output(&pairing);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(sandbox.stored_pairings()[1]["name"], "approver-2");
    support::eventually("the approver to end", || offer.has_ended().then_some(()));
    let again = sandbox.output(&pairing);
    refused(&again, 124).assert_says(&["used before", "new code"]);
    assert_eq!(sandbox.stored_pairings().len(), 2);
}

#[test]
fn on_a_terminal_a_qr_code_is_shown_and_a_person_compares() {
    let sandbox = warm();
    let phone = Person::new(&sandbox, "phone");
    for (answer, stored) in [("n\n", 1), ("y\n", 2)] {
        let mut terminal = Terminal::airlock(&sandbox, ["pair", "--name", "phone"]);
        terminal.expect("code: ");
        terminal.expect("█");
        terminal.expect("waiting for the approver");
        let said = terminal.output();
        let code = said.split_once("code: ").expect("a code").1;
        let code: String = code.chars().take_while(|c| !c.is_whitespace()).collect();
        phone.does(&["pair", &code, "--wait", "0s"]);
        terminal.expect(&phone.fingerprint());
        terminal.expect("[y/N] ");
        assert_eq!(sandbox.stored_pairings().len(), 1, "nothing is kept before");
        terminal.send(answer);
        let (status, said) = terminal.finish();
        assert_eq!(status.success(), stored == 2, "{said}");
        assert_eq!(sandbox.stored_pairings().len(), stored, "{said}");
    }
}

#[test]
fn nobody_is_asked_where_nobody_can_compare() {
    let sandbox = warm();
    let output = sandbox.output(&["pair"]);
    refused(&output, 125).assert_says(&["no terminal to compare", "--fingerprint"]);
    assert!(output.stdout.is_empty(), "no code was made: {output:?}");
}

#[test]
fn refuses_when_another_key_answers() {
    let sandbox = warm();
    let phone = Person::new(&sandbox, "phone");
    let other = "1F:2E:3D:4C:5B:6A:79:88";
    let pairing = sandbox.start(["pair", "--fingerprint", other]);
    let told = phone.command(&["pair", &pairing_code(&pairing)]).output().expect("it starts");
    assert_eq!(told.status.code(), Some(120), "{told:?}");
    let output = pairing.finish();
    refused(&output, 123).assert_says(&[other, &phone.fingerprint()]);
    assert_eq!(sandbox.stored_pairings().len(), 1);
}

#[test]
fn refuses_a_code_that_is_no_code_of_the_gateway() {
    let sandbox = warm();
    let output = sandbox.output(&["pair", "--code", "AAAA-AAAA", "--yes"]);
    refused(&output, 124).assert_says(&["unknown, or has expired"]);
    let output = sandbox.output(&["pair", "--code", "AB\u{202e}CD", "--yes"]);
    assert_eq!(output.status.code(), Some(125), "{output:?}");
    let output = sandbox.output(&["pair", "--name", "my phone", "--yes"]);
    assert_eq!(output.status.code(), Some(125), "{output:?}");
    assert_eq!(sandbox.stored_pairings().len(), 1);
}

/// What a relay could make of an approver's answer.
type Forgery = fn(&Value) -> Value;

/// Signs an introduction to the nonce of a status, by a key nobody knows.
fn signed_by_somebody(status: &Value, sealing: &X25519Public) -> Value {
    let answer = PairingResponse::sign(
        &SigningKey::generate().expect("random"),
        "key-1".parse().expect("a name"),
        status["pairingNonce"].as_str().expect("text").parse().expect("a nonce"),
        process::now(),
        sealing,
    );
    json!(answer.to_json())
}

fn with(status: &Value, field: &str, value: &str) -> Value {
    let mut answer: Value =
        serde_json::from_str(status["responseJson"].as_str().expect("JSON")).expect("JSON");
    answer[field] = json!(value);
    json!(answer.to_string())
}

#[test]
fn refuses_every_answer_that_does_not_verify() {
    let forgeries: [(&str, &str, Forgery); 9] = [
        ("a swapped nonce", "another pairing", |s| with(s, "pairingNonce", "n-1")),
        ("a changed key id", "its signature", |s| with(s, "signerKeyId", "key-2")),
        ("a changed time", "its signature", |s| with(s, "timestamp", "2026-02-21T12:00:00Z")),
        ("no signature", "its signature", |s| with(s, "signature", "")),
        // RFC 8032: the identity and a point of order 8, for which anybody can sign.
        ("a weak key", "weak", |s| {
            with(s, "publicKey", "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
        }),
        ("an unsigned zero key", "its signature", |s| {
            with(s, "x25519PublicKey", &X25519Public::from_bytes([0; 32]).to_string())
        }),
        ("a signed zero key", "small order", |s| {
            signed_by_somebody(s, &X25519Public::from_bytes([0; 32]))
        }),
        ("a signed key of order 8", "small order", |s| {
            // RFC 7748 6.1: the shared secret is all zero.
            let bytes: [u8; 32] = [
                0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f,
                0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16,
                0x5f, 0x49, 0xb8, 0x00,
            ];
            signed_by_somebody(s, &X25519Public::from_bytes(bytes))
        }),
        ("not JSON", "read the approver's answer", |_| json!("<html>")),
    ];
    std::thread::scope(|scope| {
        for (name, words, forge) in forgeries {
            scope.spawn(move || {
                let sandbox = Sandbox::new();
                let _proxy = Proxy::before(&sandbox, move |call: &Call| {
                    if !call.is_pairing_status() {
                        return Fault::Pass;
                    }
                    Fault::Change(Box::new(move |mut status| {
                        if status["state"] == "Completed" {
                            status["responseJson"] = forge(&status);
                        }
                        status
                    }))
                });
                let phone = Person::new(&sandbox, "phone");
                let pairing = sandbox.start(["pair", "--yes"]);
                let told = phone.command(&["pair", &pairing_code(&pairing)]).output();
                assert_eq!(told.expect("it starts").status.code(), Some(120), "{name}");
                let output = pairing.finish();
                assert_eq!(output.status.code(), Some(123), "{name}: {output:?}");
                refused(&output, 123).assert_says(&[words]);
                assert_eq!(sandbox.stored_pairings().len(), 1, "{name}");
                // The approver answered, and can ask the gateway what became of it.
                let listed = sandbox.output(&["gateway", "pairings", "list", "--json"]);
                let listed: Value = serde_json::from_slice(&listed.stdout).expect("JSON");
                assert_eq!(listed.as_array().map(Vec::len), Some(1), "{name}: {listed}");
            });
        }
    });
}

#[test]
fn an_ended_pairing_keeps_its_public_record_and_nothing_else() {
    let sandbox = warm();
    let output = sandbox.output(&["unpair"]);
    assert!(output.status.success(), "{output:?}");
    let stored = &sandbox.stored_pairings()[0];
    assert!(stored["revokedAt"].is_string() && stored["signingKey"].is_string(), "{stored}");
    assert!(stored.get("secret").is_none() && stored.get("routingToken").is_none(), "{stored}");
    let canary = sandbox.canary();
    let output = sandbox.start_canary(&canary, "5s").finish();
    Refused::with_status(&output, 124).assert_says(&["no approver is paired", "airlock-exec pair"]);
    canary.assert_absent();
    let listed = sandbox.output(&["pairings", "list"]);
    assert!(String::from_utf8_lossy(&listed.stdout).contains("no approver is paired"));
    let listed = sandbox.output(&["pairings", "list", "--all"]);
    assert!(String::from_utf8_lossy(&listed.stdout).contains("revoked"));
    refused(&sandbox.output(&["unpair"]), 124).assert_says(&["no approver is paired"]);
}

#[test]
fn several_pairings_are_ended_by_name() {
    let sandbox = warm();
    let phone = Person::new(&sandbox, "phone");
    sandbox.pair_with(&phone, "phone");
    refused(&sandbox.output(&["unpair"]), 125).assert_says(&["2 pairings", "--all"]);
    refused(&sandbox.output(&["pairings", "revoke", "tablet"]), 125).assert_says(&["\"tablet\""]);
    assert!(sandbox.output(&["pairings", "revoke", "phone"]).status.success());
    assert!(sandbox.stored_pairings()[0].get("revokedAt").is_none());
    assert!(sandbox.stored_pairings()[1]["revokedAt"].is_string());
    sandbox.warm_up();
}

#[test]
fn a_rotated_pairing_has_new_keys_and_the_same_approver() {
    let sandbox = warm();
    let phone = Person::new(&sandbox, "phone");
    let tablet = Person::new(&sandbox, "tablet");
    sandbox.pair_with(&phone, "phone");
    let before = sandbox.stored_pairings();
    // Somebody else cannot take the place.
    let rotation = sandbox.start(["pairings", "rotate", "phone"]);
    let told = tablet.command(&["pair", &pairing_code(&rotation)]).output();
    assert_eq!(told.expect("it starts").status.code(), Some(120));
    refused(&rotation.finish(), 123).assert_says(&["the key that answered"]);
    assert_eq!(sandbox.stored_pairings(), before);
    let rotation = sandbox.start(["pairings", "rotate", "phone"]);
    phone.does(&["pair", &pairing_code(&rotation)]);
    let output = rotation.finish();
    assert!(output.status.success(), "{output:?}");
    let after = sandbox.stored_pairings();
    assert_eq!(after.len(), 3);
    assert!(after[1]["revokedAt"].is_string(), "the old keys are over");
    assert_eq!(
        (&after[2]["name"], &after[2]["signingKey"]),
        (&json!("phone"), &before[1]["signingKey"])
    );
    assert_ne!(after[2]["secret"], before[1]["secret"]);
}
