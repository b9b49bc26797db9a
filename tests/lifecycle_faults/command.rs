//! Faults of the calls that a command makes.

use super::stage::{Stage, fault, with_every_trouble};
use crate::support::{Call, Fault, eventually};
use serde_json::json;

#[test]
fn a_submission_in_trouble_runs_nothing() {
    with_every_trouble(
        || Stage::with_trouble_at(Call::is_submit),
        |stage, trouble, expected, _| stage.refuses(trouble, &["--wait", "3s"], expected),
    );
}

#[test]
fn a_wait_in_trouble_runs_nothing() {
    with_every_trouble(
        || Stage::with_trouble_at(Call::is_wait),
        |stage, trouble, _, expected| {
            let wait = if expected == 123 { "30s" } else { "2s" };
            stage.refuses(trouble, &["--wait", wait], expected);
            // We leave after two seconds at most, whether or not the gateway has it by then; of
            // itself it would stay open a minute longer than this waits.
            let is_over = || stage.sandbox.pending_now().is_empty() || expected != 122;
            eventually(&format!("{trouble:?}: it to be taken back"), || is_over().then_some(()));
        },
    );
}

#[test]
fn a_withdrawal_in_trouble_changes_nothing() {
    with_every_trouble(
        || Stage::with_trouble_at(Call::is_withdraw),
        |stage, trouble, _, _| {
            let tried = stage.proxy.count("/withdraw");
            stage.refuses(trouble, &["--wait", "1s"], 122);
            assert!(stage.proxy.count("/withdraw") > tried, "{trouble:?}");
        },
    );
}

#[test]
fn policies_that_cannot_be_asked_for_leave_it_to_a_person() {
    with_every_trouble(
        || Stage::with_trouble_at(|call| call.line.contains("/v1/policy/dnd/effective")),
        |stage, trouble, _, _| stage.refuses(trouble, &["--wait", "1s"], 122),
    );
}

#[test]
fn a_heartbeat_in_trouble_changes_nothing() {
    let heartbeat = "/v1/presence/heartbeat";
    with_every_trouble(
        || Stage::with_trouble_at(|call| call.line.contains("/v1/presence/heartbeat")),
        |stage, trouble, _, _| {
            let sent = stage.proxy.count(heartbeat);
            stage.refuses(trouble, &["--wait", "2s"], 122);
            assert!(stage.proxy.count(heartbeat) > sent, "{trouble:?}");
        },
    );
}

#[test]
fn a_presence_channel_in_trouble_changes_nothing() {
    with_every_trouble(
        || Stage::with_trouble_at(|call| call.line.contains("/v1/ws")),
        |stage, trouble, _, _| {
            let opened = stage.proxy.count("/v1/ws");
            stage.refuses(trouble, &["--wait", "2s"], 122);
            assert!(stage.proxy.count("/v1/ws") > opened, "{trouble:?}");
        },
    );
}

#[test]
fn an_acknowledgement_in_trouble_changes_nothing() {
    with_every_trouble(
        || Stage::with_trouble_at(Call::is_acknowledgement),
        |stage, trouble, _, _| {
            let canary = stage.sandbox.canary();
            let name = canary.path().file_name().expect("a name").to_string_lossy().into_owned();
            let output = stage.during(trouble, |sandbox| {
                let running = sandbox.start_canary(&canary, "60s");
                sandbox.approve(&sandbox.pending_with(&name));
                running.finish()
            });
            assert!(output.status.success(), "{trouble:?}: {output:?}");
            canary.assert_present();
            stage.assert_silent(trouble, &output);
        },
    );
}

/// A command that waits for consent, while nobody can be asked whether it came.
#[test]
fn a_consent_in_trouble_runs_nothing() {
    with_every_trouble(
        || {
            Stage::with(|call, current| {
                let pending = json!({"error": "app_consent_pending", "message": "soon"});
                let is_consent = call.line.contains("/v1/consent");
                match fault(current, is_consent) {
                    Some(fault) => fault,
                    None if call.is_submit() && current.lock().expect("held briefly").is_some() => {
                        let body = pending.to_string().into_bytes();
                        Fault::Answer("HTTP/1.1 403 Forbidden", body)
                    }
                    None => Fault::Pass,
                }
            })
        },
        |stage, trouble, status, _| {
            let asked = stage.proxy.count("/v1/consent");
            stage.refuses(trouble, &["--wait", "3s", "--wait-consent"], status);
            assert!(stage.proxy.count("/v1/consent") > asked, "{trouble:?}");
            assert!(stage.sandbox.pending_now().is_empty(), "{trouble:?}");
        },
    );
}
