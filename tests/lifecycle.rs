//! What happens around a decision: several approvers, consent, revocation, standing
//! answers, signs of life.

#[path = "lifecycle/clock.rs"]
mod clock;
#[path = "lifecycle/slow.rs"]
mod slow;
mod support;

use nix::sys::signal::Signal;
use serde_json::{Value, json};
use std::fs;
use support::{Call, Fault, Proxy, Refused, Running, Sandbox, assert_refused, eventually};

fn refusal(status: &'static str, body: &Value) -> Fault {
    Fault::Answer(status, body.to_string().into_bytes())
}

#[test]
fn the_first_approval_counts_and_the_other_request_is_taken_back() {
    let sandbox = Sandbox::new();
    let phone = sandbox.with_phone();
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "60s");
    let (here, there) = (sandbox.pending(), phone.pending());
    assert_ne!(here.id, there.id, "each has a request of its own");
    assert_ne!(here.details["artifactHash"], there.details["artifactHash"]);
    assert_eq!(here.details["commandText"], there.details["commandText"]);
    phone.does(&["approve", &there.id]);
    let output = running.finish();
    assert!(output.status.success(), "{output:?}");
    canary.assert_present();
    assert!(sandbox.pending_now().is_empty(), "nobody approves what ran already");
}

#[test]
fn a_rejection_by_any_of_them_is_final() {
    let sandbox = Sandbox::new();
    let phone = sandbox.with_phone();
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "60s");
    sandbox.pending();
    phone.does(&["reject", &phone.pending().id, "--reason", "not today"]);
    assert_refused(&running.finish(), &canary, 120, &["rejected", "not today"]);
    assert!(sandbox.pending_now().is_empty(), "nobody else can turn it round");
}

#[test]
fn every_request_is_taken_back_when_nobody_waits_any_more() {
    let sandbox = Sandbox::new();
    let phone = sandbox.with_phone();
    let canary = sandbox.canary();
    let output = sandbox.start_canary(&canary, "1s").finish();
    assert_refused(&output, &canary, 122, &["no decision"]);
    assert!(sandbox.pending_now().is_empty() && phone.pending_now().is_empty());
    let running = sandbox.start_canary(&canary, "60s");
    sandbox.pending();
    phone.pending();
    running.signal(Signal::SIGTERM);
    Refused::by_signal(&running.finish(), Signal::SIGTERM);
    assert!(sandbox.pending_now().is_empty() && phone.pending_now().is_empty());
    canary.assert_absent();
}

#[test]
fn an_approver_that_ends_its_pairing_leaves_the_others_to_decide() {
    let sandbox = Sandbox::new();
    let phone = sandbox.with_phone();
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "60s");
    phone.pending();
    let id = phone.pending().details["enforcerId"].as_str().expect("an id").to_owned();
    phone.does(&["unpair", &id]);
    running.wait_for_stderr("waiting for the others");
    assert!(sandbox.stored_pairings()[1]["revokedAt"].is_string(), "it is over here as well");
    sandbox.approve(&sandbox.pending());
    assert!(running.finish().status.success());
    canary.assert_present();
}

/// Ends the only pairing from the approver's side.
fn unpair_from_the_other_side(sandbox: &Sandbox) {
    let host = sandbox.pending().details["enforcerId"].as_str().expect("an id").to_owned();
    let output = sandbox.output(&["approver", "unpair", &host]);
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn a_pairing_ended_from_the_phone_ends_the_wait_and_every_later_request() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "60s");
    unpair_from_the_other_side(&sandbox);
    assert_refused(&running.finish(), &canary, 124, &["was revoked", "airlock-exec pair"]);
    assert!(sandbox.stored_pairings()[0].get("secret").is_none(), "its keys are gone");
    let output = sandbox.start_canary(&canary, "5s").finish();
    assert_refused(&output, &canary, 124, &["no approver is paired"]);
}

#[test]
fn a_pairing_ended_here_ends_the_waits_of_other_processes() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    // The gateway is never told.
    let _proxy = Proxy::before(&sandbox, |call: &Call| {
        if call.line.contains("/revoke") { Fault::Cut } else { Fault::Pass }
    });
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "60s");
    sandbox.pending();
    let output = sandbox.output(&["unpair"]);
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("gateway was not told"));
    assert_refused(&running.finish(), &canary, 124, &["was revoked"]);
}

#[test]
fn a_revoked_pairing_is_never_tried_again() {
    let sandbox = Sandbox::new();
    let proxy = Proxy::before(&sandbox, |call: &Call| {
        let body = json!({"error": "pairing_revoked", "message": "unpaired"});
        if call.is_submit() { refusal("HTTP/1.1 403 Forbidden", &body) } else { Fault::Pass }
    });
    let canary = sandbox.canary();
    for words in [["was revoked", "airlock-exec pair"], ["no approver is paired", "pair"]] {
        let output = sandbox.start_canary(&canary, "5s").finish();
        assert_refused(&output, &canary, 124, &words);
    }
    assert_eq!(proxy.count("POST /v1/artifacts"), 1);
}

#[test]
fn says_what_a_person_must_do_before_this_app_may_act() {
    let cases = [
        ("app_consent_required", "a person must let"),
        ("app_consent_pending", "was asked"),
        ("app_consent_denied", "a person said no"),
    ];
    std::thread::scope(|scope| {
        for (code, words) in cases {
            scope.spawn(move || {
                let sandbox = Sandbox::new();
                let _proxy = Proxy::before(&sandbox, move |call: &Call| {
                    let body = json!({"error": code, "message": "consent",
                        "consentUrl": "https://airlock.example/consent", "appName": "tests"});
                    if call.is_submit() {
                        refusal("HTTP/1.1 403 Forbidden", &body)
                    } else {
                        Fault::Pass
                    }
                });
                let canary = sandbox.canary();
                let output = sandbox.start_canary(&canary, "5s").finish();
                let url = "https://airlock.example/consent";
                assert_refused(&output, &canary, 124, &[words, url, "tests"]);
                assert!(sandbox.stored_pairings()[0].get("revokedAt").is_none());
            });
        }
    });
}

#[test]
fn waits_for_consent_when_asked_to_by_either_path() {
    for path in ["/v1/consents/check", "/v1/consent/status"] {
        let sandbox = Sandbox::new();
        let proxy = Proxy::before(&sandbox, move |call: &Call| {
            let body = json!({"error": "app_consent_pending", "message": "consent",
                "consentUrl": "https://airlock.example/consent"});
            if call.is_submit() && call.earlier == 0 {
                refusal("HTTP/1.1 403 Forbidden", &body)
            } else if call.line.contains("/v1/consent") && !call.line.contains(path) {
                refusal("HTTP/1.1 404 Not Found", &json!({"error": "not_found", "message": ""}))
            } else {
                Fault::Pass
            }
        });
        let canary = sandbox.canary();
        let arguments = ["--wait", "60s", "--wait-consent"].map(std::ffi::OsString::from);
        let running = sandbox.start(arguments.into_iter().chain(canary.arguments()));
        running.wait_for_stderr("https://airlock.example/consent");
        sandbox.approve(&sandbox.pending());
        assert!(running.finish().status.success());
        canary.assert_present();
        assert!(proxy.count(path) >= 1);
        assert_eq!(proxy.count("POST /v1/artifacts"), 2);
    }
}

/// Leaves a standing answer for commands in the sandbox's working directory.
fn dnd(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let mut whole = vec!["approver", "dnd"];
    whole.extend(arguments);
    let output = sandbox.output(&whole);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("text")
}

/// Returns the records of standing answers that reached the gateway.
fn records(proxy: &Proxy) -> Vec<Value> {
    let submitted = proxy.calls().into_iter().filter(Call::is_submit).map(|call| call.json());
    let metadata = submitted.map(|envelope| envelope["body"]["metadata"].clone());
    metadata.filter(|metadata| metadata["dndAudit"] == "true").collect()
}

#[test]
fn a_standing_denial_is_always_honoured_and_recorded() {
    let sandbox = Sandbox::new();
    let proxy = Proxy::before(&sandbox, |_: &Call| Fault::Pass);
    let said = dnd(&sandbox, &["deny", "--for", "10m", "--workspace", "work"]);
    let canary = sandbox.canary();
    let output = sandbox.start_canary(&canary, "60s").finish();
    assert_refused(&output, &canary, 121, &["do-not-disturb", "do not retry"]);
    let records = records(&proxy);
    assert_eq!(records.len(), 1);
    assert_eq!(records[0]["dndDecision"], "deny");
    assert!(sandbox.pending_now().is_empty(), "nobody is disturbed");
    let id = said.split_whitespace().next().expect("an id");
    assert!(dnd(&sandbox, &["list"]).contains(id));
    dnd(&sandbox, &["end", id]);
    assert!(dnd(&sandbox, &["list"]).contains("no standing answers"));
    let running = sandbox.start_canary(&canary, "60s");
    sandbox.approve(&sandbox.pending());
    assert!(running.finish().status.success());
}

#[test]
fn a_standing_denial_for_a_session_counts_in_that_one_only() {
    let sandbox = Sandbox::new();
    let proxy = Proxy::before(&sandbox, |_: &Call| Fault::Pass);
    let start = |session: Option<&str>| {
        let canary = sandbox.canary();
        let mut command = sandbox.airlock(["--wait", "60s"]);
        command.args(canary.arguments());
        command.envs(session.map(|session| ("AIRLOCK_EXEC_SESSION", session)));
        (Running::start(&mut command), canary)
    };
    dnd(&sandbox, &["deny", "--for", "10m", "--workspace", "work", "--session", "ses-1"]);
    assert!(dnd(&sandbox, &["list"]).contains("in session ses-1 of work"));
    let (running, canary) = start(Some("ses-1"));
    assert_refused(&running.finish(), &canary, 121, &["do-not-disturb"]);
    assert_eq!(records(&proxy).len(), 1);
    for (session, shown) in
        [(Some("ses-2"), json!("ses-2")), (Some("no name"), json!(null)), (None, json!(null))]
    {
        let (running, canary) = start(session);
        let pending = sandbox.pending();
        // It is the session that the approver is shown.
        assert_eq!(sandbox.plaintext(&pending)["sessionId"], shown);
        sandbox.reject(&pending, "somebody was asked");
        assert_refused(&running.finish(), &canary, 120, &["somebody was asked"]);
    }
    assert_eq!(records(&proxy).len(), 1);
}

#[test]
fn a_standing_approval_counts_only_where_the_user_said_so() {
    let sandbox = Sandbox::new();
    let proxy = Proxy::before(&sandbox, |_: &Call| Fault::Pass);
    dnd(&sandbox, &["approve", "--for", "10m", "--workspace", "work", "--", "touch"]);
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "60s");
    let pending = sandbox.pending();
    canary.assert_absent();
    sandbox.reject(&pending, "I decide");
    assert_refused(&running.finish(), &canary, 120, &["I decide"]);
    let config = sandbox.path("config/airlock-exec/config.toml");
    fs::write(&config, "trust_gateway_dnd = true\n").expect("written");
    let other = sandbox.canary();
    let output = sandbox.start_canary(&other, "60s").finish();
    assert!(output.status.success(), "{output:?}");
    other.assert_present();
    assert_eq!(records(&proxy).len(), 1);
    assert_eq!(records(&proxy)[0]["dndDecision"], "approve");
    // A denial of the same words goes before it.
    dnd(&sandbox, &["deny", "--for", "10m", "--workspace", "work", "--", "touch"]);
    let third = sandbox.canary();
    let output = sandbox.start_canary(&third, "60s").finish();
    assert_refused(&output, &third, 121, &["do-not-disturb"]);
}

#[test]
fn a_standing_approval_that_cannot_be_recorded_is_none() {
    let sandbox = Sandbox::new();
    let _proxy = Proxy::before(&sandbox, |call: &Call| {
        let record = call.is_submit() && !call.json()["body"]["metadata"]["dndAudit"].is_null();
        if record { Fault::Cut } else { Fault::Pass }
    });
    dnd(&sandbox, &["approve", "--for", "10m", "--workspace", "work"]);
    let config = sandbox.path("config/airlock-exec/config.toml");
    fs::write(&config, "trust_gateway_dnd = true\n").expect("written");
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "60s");
    let pending = sandbox.pending();
    canary.assert_absent();
    sandbox.approve(&pending);
    assert!(running.finish().status.success());
}

#[test]
fn a_policy_that_cannot_be_read_hides_no_denial() {
    let sandbox = Sandbox::new();
    let _proxy = Proxy::before(&sandbox, |call: &Call| {
        if !call.line.contains("/v1/policy/dnd/effective") {
            return Fault::Pass;
        }
        Fault::Change(Box::new(|mut answer| {
            let policies = answer["body"].as_array_mut().expect("a list");
            policies.insert(0, json!({"policyMode": "tomorrow"}));
            answer
        }))
    });
    dnd(&sandbox, &["deny", "--for", "10m", "--workspace", "work"]);
    let canary = sandbox.canary();
    let output = sandbox.start_canary(&canary, "60s").finish();
    assert_refused(&output, &canary, 121, &["do-not-disturb"]);
}

#[test]
fn one_process_says_that_this_machine_is_there() {
    let sandbox = Sandbox::new();
    let proxy = Proxy::before(&sandbox, |_: &Call| Fault::Pass);
    let waiting: Vec<Running> =
        (0..3).map(|_| sandbox.start_canary(&sandbox.canary(), "60s")).collect();
    proxy.wait_for("/v1/presence/heartbeat", 1);
    eventually("three requests", || (sandbox.pending_now().len() == 3).then_some(()));
    let sign = proxy.calls().into_iter().find(|call| call.line.contains("heartbeat"));
    let sign = sign.expect("a heartbeat").json();
    assert!(sign["enforcerId"].is_string() && sign["enforcerLabel"].is_string(), "{sign}");
    for running in &waiting {
        running.signal(Signal::SIGTERM);
    }
    for running in waiting {
        Refused::by_signal(&running.finish(), Signal::SIGTERM);
    }
    assert_eq!(proxy.count("/v1/presence/heartbeat"), 1);
}

#[test]
fn the_presence_channel_tells_at_once_that_a_pairing_ended() {
    let sandbox = Sandbox::new();
    // No command waits that could be told otherwise.
    sandbox.warm_up();
    let presence = sandbox.start(["presence"]);
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "60s");
    let host = sandbox.pending().details["enforcerId"].as_str().expect("an id").to_owned();
    running.signal(Signal::SIGTERM);
    Refused::by_signal(&running.finish(), Signal::SIGTERM);
    assert!(sandbox.output(&["approver", "unpair", &host]).status.success());
    eventually("the store to know", || {
        sandbox.stored_pairings()[0]["revokedAt"].is_string().then_some(())
    });
    drop(presence);
    let output = sandbox.start_canary(&canary, "5s").finish();
    assert_refused(&output, &canary, 124, &["no approver is paired"]);
}

#[test]
fn presence_runs_until_it_is_ended() {
    let sandbox = Sandbox::new();
    let proxy = Proxy::before(&sandbox, |_: &Call| Fault::Pass);
    let presence = sandbox.start(["presence"]);
    proxy.wait_for("/v1/presence/heartbeat", 1);
    presence.signal(Signal::SIGINT);
    let output = presence.finish();
    assert!(output.status.success(), "{output:?}");
    assert!(sandbox.output(&["unpair"]).status.success());
    let output = sandbox.output(&["presence"]);
    assert_eq!(output.status.code(), Some(124), "{output:?}");
}
