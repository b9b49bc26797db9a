//! Faults of the calls that make and end a pairing.

use super::stage::{Stage, with_every_trouble};
use super::trouble::Trouble;
use crate::support::{self, Call, Person, Refused, pairing_code};
use std::process::Output;

/// Checks that nothing was paired, and that it was said why.
#[track_caller]
fn does_not_pair(stage: &Stage, trouble: Trouble, output: &Output) {
    // Nothing came, or nothing that could be understood: the gateway's fault.
    assert_eq!(output.status.code(), Some(124), "{trouble:?}: {output:?}");
    let error = Output { stdout: Vec::new(), ..output.clone() };
    assert!(!Refused::of_subcommand(&error).next.is_empty(), "{trouble:?}");
    assert_eq!(stage.sandbox.stored_pairings().len(), 1, "{trouble:?}");
    stage.assert_silent(trouble, output);
}

#[test]
fn beginning_to_pair_in_trouble_leaves_nothing() {
    with_every_trouble(
        || Stage::with_trouble_at(|call| call.line.contains("/v1/pairing/initiate")),
        |stage, trouble, _, _| {
            let output = stage.during(trouble, |sandbox| sandbox.output(&["pair", "--yes"]));
            does_not_pair(stage, trouble, &output);
        },
    );
}

#[test]
fn claiming_a_code_in_trouble_leaves_nothing() {
    with_every_trouble(
        || Stage::with_trouble_at(|call| call.line.contains("/v1/pairing/claim")),
        |stage, trouble, _, _| {
            let phone = format!("phone-{}", stage.proxy.calls().len());
            let phone = Person::new(&stage.sandbox, &phone);
            let offer = support::Running::start(&mut phone.command(&["code"]));
            let code = pairing_code(&offer);
            let claim = ["pair", "--yes", "--code", &code];
            let output = stage.during(trouble, |sandbox| sandbox.output(&claim));
            does_not_pair(stage, trouble, &output);
            assert!(trouble.takes_effect() || offer.stdout().contains("code: "), "{trouble:?}");
        },
    );
}

#[test]
fn waiting_for_the_approver_in_trouble_leaves_nothing_or_goes_on() {
    with_every_trouble(
        || Stage::with_trouble_at(Call::is_pairing_status),
        |stage, trouble, _, _| {
            let running = stage.during(trouble, |sandbox| {
                let mut running = sandbox.start(["pair", "--yes"]);
                let asked = stage.proxy.count("/v1/pairing/");
                pairing_code(&running);
                let ended = support::eventually("an end or a second look", || {
                    let again = stage.proxy.count("/v1/pairing/") > asked + 2;
                    (running.has_ended() || again).then(|| running.has_ended())
                });
                assert_eq!(stage.sandbox.stored_pairings().len(), 1, "{trouble:?}");
                ended.then(|| running.finish())
            });
            if let Some(output) = running {
                does_not_pair(stage, trouble, &output);
            }
        },
    );
}

#[test]
fn unpairing_in_trouble_ends_the_pairing_here_and_says_who_was_not_told() {
    with_every_trouble(
        || Stage::with_trouble_at(|call| call.line.contains("/v1/pairing/revoke")),
        |stage, trouble, _, _| {
            let output = stage.during(trouble, |sandbox| sandbox.output(&["unpair"]));
            assert!(output.status.success(), "{trouble:?}: {output:?}");
            stage.assert_silent(trouble, &output);
            let said = String::from_utf8_lossy(&output.stdout);
            // A gateway that does not know the pairing, or says yes in its own words,
            // has been told.
            let told = matches!(trouble, Trouble::Empty | Trouble::WrongType)
                || matches!(trouble, Trouble::Status(line, _) if line.starts_with("404") || line.starts_with("410"));
            assert_eq!(!said.contains("the gateway was not told"), told, "{trouble:?}: {said}");
            let kept = &stage.sandbox.stored_pairings()[0];
            assert!(kept["revokedAt"].is_string() && kept.get("secret").is_none(), "{kept}");
            let canary = stage.sandbox.canary();
            let refused = stage.sandbox.start_canary(&canary, "3s").finish();
            Refused::with_status(&refused, 124).assert_says(&["no approver is paired"]);
            canary.assert_absent();
        },
    );
}
