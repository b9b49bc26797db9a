//! The touch of a passkey that an approval takes.

use super::scene::Scene;
use super::*;
use crate::process;
use crate::protocol::passkey::challenge;
use crate::protocol::passkey::tests::{Authenticator, TouchSaid};
use crate::protocol::{AssertionError, CommandReview};
use crate::review::grant::Unusable;
use crate::review::kept;
use crate::review::{Terms, TouchRule, WithoutPasskey};
use std::mem::discriminant;

/// A request whose approval takes a touch, and an approver who is paired with a passkey.
fn scene(authenticator: &Authenticator) -> Scene {
    let mut scene = Scene::new();
    scene.case = Case::of_a_shell_on(scene.now, TouchRule::Always);
    scene.pairings[0].agreed.passkey = Some(authenticator.passkey());
    scene
}

fn touch(scene: &Scene, decision: Decision, nonce: &str) -> TouchSaid {
    let nonce = nonce.parse().expect("a nonce");
    TouchSaid::of(&challenge(&scene.case.plaintext().hash(), decision, &nonce))
}

/// An approval with that assertion.
fn approved(scene: &Scene, assertion: Value) -> Value {
    let mut answer = scene.delivered(Decision::Approve);
    answer["body"]["assertion"] = assertion;
    answer
}

fn true_one(scene: &Scene, authenticator: &Authenticator) -> Value {
    let touch = touch(scene, Decision::Approve, "nonce-1");
    approved(scene, authenticator.assertion(&touch))
}

fn refused(scene: &Scene, answer: Value, expected: &AssertionError) {
    match scene.verdict(answer) {
        Err(Doubt::Touch(Untouched::Assertion { why, origin })) => {
            assert_eq!(&why, expected);
            assert_eq!(origin, "http://localhost:41897");
        }
        other => panic!("{expected}: {other:?}"),
    }
}

#[test]
fn an_approval_with_its_touch_is_one() {
    let authenticator = Authenticator::new();
    let scene = scene(&authenticator);
    let verified = scene.verdict(true_one(&scene, &authenticator));
    let Ok(Verified::Approval(approval)) = verified else { panic!("{verified:?}") };
    assert!(approval.decision.body.get("assertion").is_some(), "it can be checked again");
}

#[test]
fn a_signature_alone_approves_nothing() {
    let scene = scene(&Authenticator::new());
    refused(&scene, scene.delivered(Decision::Approve), &AssertionError::Missing);
    refused(&scene, scene.delivered_core(&[]), &AssertionError::Missing);
    let doubt = scene.verdict(scene.delivered(Decision::Approve)).expect_err("no touch");
    let said = doubt.to_string();
    assert!(said.contains("http://localhost:41897") && said.contains("pair"), "{said}");
    assert!(doubt.is_about_a_decision());
}

#[test]
fn refuses_the_touch_of_another_decision() {
    let authenticator = Authenticator::new();
    let (ours, theirs) = (scene(&authenticator), scene(&authenticator));
    let other = AssertionError::OtherChallenge;
    for touched in [
        touch(&theirs, Decision::Approve, "nonce-1"),
        touch(&ours, Decision::Reject, "nonce-1"),
        touch(&ours, Decision::Approve, "nonce-2"),
    ] {
        refused(&ours, approved(&ours, authenticator.assertion(&touched)), &other);
    }
    let stranger = Authenticator::new().assertion(&touch(&ours, Decision::Approve, "nonce-1"));
    refused(&ours, approved(&ours, stranger), &AssertionError::BadSignature);
}

#[test]
fn a_rejection_never_takes_one() {
    let scene = scene(&Authenticator::new());
    let verified = scene.verdict(scene.delivered(Decision::Reject));
    assert!(matches!(verified, Ok(Verified::Rejection { .. })), "{verified:?}");
}

#[test]
fn is_asked_only_where_the_artifact_says_so_and_a_passkey_is_paired() {
    let mut plain = Scene::new();
    plain.pairings[0].agreed.passkey = Some(Authenticator::new().passkey());
    let verified = plain.verdict(plain.delivered(Decision::Approve));
    assert!(matches!(verified, Ok(Verified::Approval(_))), "{verified:?}");
    let mut without = scene(&Authenticator::new());
    without.pairings[0].agreed.passkey = None;
    let verified = without.verdict(without.delivered(Decision::Approve));
    assert!(matches!(verified, Ok(Verified::Approval(_))), "{verified:?}");
}

#[test]
fn where_everybody_needs_one_no_approver_without_it_approves() {
    let authenticator = Authenticator::new();
    let mut strict = scene(&authenticator);
    strict.case = strict.case.needing_touch();
    let touched = strict.verdict(true_one(&strict, &authenticator));
    assert!(matches!(touched, Ok(Verified::Approval(_))), "{touched:?}");
    strict.pairings[0].agreed.passkey = None;
    let refused = strict.verdict(true_one(&strict, &authenticator));
    assert!(matches!(refused, Err(Doubt::Touch(Untouched::NoPasskey))), "{refused:?}");
    let rejected = strict.verdict(strict.delivered(Decision::Reject));
    assert!(matches!(rejected, Ok(Verified::Rejection { .. })), "{rejected:?}");
}

#[test]
fn the_terms_say_whose_approval_takes_one() {
    use crate::review::terms::Gravity::{HardToUndo, Usual};
    use Touch::{NotAsked, OfEverybody, OfPasskeys};
    for (rule, usual, grave) in [
        (TouchRule::Never, NotAsked, NotAsked),
        (TouchRule::HardToUndo, NotAsked, OfPasskeys),
        (TouchRule::Always, OfPasskeys, OfPasskeys),
    ] {
        let mut terms = Terms::usual(rule);
        assert_eq!((terms.touch_for(Usual), terms.touch_for(HardToUndo)), (usual, grave));
        terms.without_passkey = WithoutPasskey::Refused;
        let strict = |touch| if touch == OfPasskeys { OfEverybody } else { touch };
        let both = (terms.touch_for(Usual), terms.touch_for(HardToUndo));
        assert_eq!(both, (strict(usual), strict(grave)));
    }
    let of_a_shell = |rule| Touch::of(Case::of_a_shell_on(process::now(), rule).plaintext());
    assert_eq!(of_a_shell(TouchRule::HardToUndo), NotAsked, "a harmless command");
    assert_eq!(of_a_shell(TouchRule::Always), OfPasskeys);
    let odd = crate::protocol::Plaintext::of(&json!({ "askTouch": "no" })).expect("JSON");
    assert_eq!(Touch::of(&odd), OfEverybody, "what cannot be read takes one");
}

#[test]
fn what_is_kept_is_verified_with_its_touch_again() {
    let authenticator = Authenticator::new();
    let scene = scene(&authenticator);
    let verified = scene.verdict(true_one(&scene, &authenticator));
    let Ok(Verified::Approval(VerifiedApproval { decision, .. })) = verified else {
        panic!("{verified:?}")
    };
    let plaintext = std::str::from_utf8(scene.case.plaintext().as_bytes()).expect("text");
    let again = |decision: &SettledDecision, pairings: &[Pairing]| {
        kept::verify::<CommandReview>(plaintext, decision, pairings).map(drop)
    };
    again(&decision, &scene.pairings).expect("as it was kept");
    let theirs = Authenticator::new();
    let forged = theirs.assertion(&touch(&scene, Decision::Approve, "nonce-1"));
    for (assertion, expected) in
        [(Value::Null, AssertionError::Missing), (forged, AssertionError::BadSignature)]
    {
        let mut changed = decision.clone();
        changed.body["assertion"] = assertion;
        let refused = again(&changed, &scene.pairings).expect_err("no touch of ours");
        let Unusable::Touch(Untouched::Assertion { why, .. }) = refused else {
            panic!("{refused}")
        };
        assert_eq!(discriminant(&why), discriminant(&expected));
    }
    // The approver paired anew with another passkey: what was approved before is over.
    let mut paired = scene.pairings.clone();
    paired[0].agreed.passkey = Some(theirs.passkey());
    assert!(again(&decision, &paired).is_err());
}
