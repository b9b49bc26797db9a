//! A true decision, and everything a relay could make of it.

mod drawn;
mod scene;
mod touch;

use super::*;
use crate::crypto::encoding;
use crate::protocol::decision::DecisionField;
use jiff::SignedDuration;
use scene::{Scene, other_key, paired};
use serde_json::json;

const KEY_ID: &str = "key-7f3a";

#[test]
fn a_true_approval_is_one_and_names_what_it_spends() {
    let scene = Scene::new();
    let verified = scene.verdict(scene.delivered(Decision::Approve)).expect("true");
    let Verified::Approval(approval) = verified else { panic!("an approval") };
    let VerifiedApproval { entry, decision, .. } = approval;
    assert_eq!((entry.signer_key_id.as_str(), entry.nonce.as_str()), ("7f3a", "nonce-1"));
    assert_eq!(entry.request_id, scene.case.request_id().to_string());
    assert_eq!(entry.artifact_hash, scene.hash());
    let hash = scene.case.plaintext().hash();
    let again = |key: &crate::crypto::SigningKey| decision.verify(&key.verifying_key(), &hash);
    assert_eq!(again(&scene.key), Ok(Decision::Approve), "it can be checked again");
    assert!(again(&other_key()).is_err());
    assert!(decision.body.get("reason").is_none(), "nobody signed the reason");
}

#[test]
fn a_true_rejection_is_one_and_keeps_its_reason() {
    let scene = Scene::new();
    let verified = scene.verdict(scene.delivered(Decision::Reject)).expect("true");
    assert!(matches!(verified, Verified::Rejection { reason: Some(why), .. } if why == "because"));
}

#[test]
fn refuses_an_approval_with_any_field_missing() {
    let scene = Scene::new();
    for field in ["msgType", "requestId", "body"] {
        let mut answer = scene.delivered(Decision::Approve);
        answer.as_object_mut().and_then(|fields| fields.remove(field)).expect("there");
        let doubt = scene.verdict(answer).expect_err(field);
        assert!(matches!(doubt, Doubt::NotAMessage(_) | Doubt::Decision(_)), "{field}: {doubt:?}");
    }
    for field in ["artifactHash", "decision", "signerKeyId", "nonce", "signature"] {
        let mut answer = scene.delivered(Decision::Approve);
        answer["body"].as_object_mut().and_then(|fields| fields.remove(field)).expect("there");
        let doubt = scene.verdict(answer).expect_err(field);
        let Doubt::Decision(DecisionError::Missing(named)) = doubt else { panic!("{doubt:?}") };
        assert_eq!(named.name(), field);
    }
}

#[test]
fn refuses_another_type_of_message() {
    let scene = Scene::new();
    for name in ["decision.submit", "exchange.status", "Decision.Deliver", "error", ""] {
        let doubt = scene.tampered("/msgType", json!(name));
        assert!(matches!(&doubt, Doubt::OtherType(found) if found == name), "{doubt:?}");
    }
}

#[test]
fn refuses_a_decision_about_another_command() {
    let (scene, other) = (Scene::new(), Scene::new());
    let theirs = other.delivered(Decision::Approve);
    assert!(matches!(scene.verdict(theirs.clone()), Err(Doubt::OtherCommand)));
    // The relay puts their signed approval into an envelope of ours.
    let relabelled = scene.enveloped(&theirs["body"]);
    assert!(matches!(scene.verdict(relabelled), Err(Doubt::OtherCommand)));
    // And writes our hash over theirs.
    let mut repainted = scene.enveloped(&theirs["body"]);
    repainted["body"]["artifactHash"] = json!(scene.hash());
    let doubt = scene.verdict(repainted).expect_err("signed for another hash");
    assert!(matches!(doubt, Doubt::Decision(DecisionError::BadSignature(_))), "{doubt:?}");
}

#[test]
fn refuses_every_word_but_the_two_and_a_word_turned_round() {
    let scene = Scene::new();
    for word in ["Approve", "APPROVE", "approved", " approve", "yes", "allow_once", "true", "1"] {
        let doubt = scene.tampered("/body/decision", json!(word));
        assert!(
            matches!(doubt, Doubt::Decision(DecisionError::UnknownDecision(_))),
            "{word}: {doubt:?}"
        );
    }
    // HARP-CORE's word in the gateway's form: not all of that form's fields are there.
    scene.tampered("/body/decision", json!("allow"));
    let mut turned = scene.delivered(Decision::Reject);
    turned["body"]["decision"] = json!("approve");
    let doubt = scene.verdict(turned).expect_err("it was a rejection");
    assert!(matches!(doubt, Doubt::Decision(DecisionError::BadSignature(_))), "{doubt:?}");
}

#[test]
fn refuses_values_of_another_type() {
    let scene = Scene::new();
    let pointers = ["/msgType", "/requestId", "/body", "/body/artifactHash", "/body/decision"];
    let more = ["/body/signerKeyId", "/body/nonce", "/body/signature"];
    for pointer in pointers.into_iter().chain(more) {
        for value in [json!(null), json!(1), json!(true), json!(["approve"]), json!({}), json!("")]
        {
            scene.tampered(pointer, value);
        }
    }
}

#[test]
fn takes_each_spelling_of_a_signature_and_no_other() {
    let scene = Scene::new();
    let answer = scene.delivered(Decision::Approve);
    let text = answer["body"]["signature"].as_str().expect("text").to_owned();
    let raw = encoding::decode_any(&text).expect("base64url");
    let standard = encoding::to_base64(&raw);
    let unpadded = standard.trim_end_matches('=').to_owned();
    for spelling in [standard.clone(), unpadded.clone(), format!("{text}==")] {
        let mut respelled = answer.clone();
        respelled["body"]["signature"] = json!(spelling);
        assert!(scene.verdict(respelled).is_ok(), "{spelling}");
    }
    let foreign = scene.delivered_by(&other_key(), KEY_ID, Decision::Approve);
    let mut trailing_bits = text.clone();
    let last = trailing_bits.pop().expect("86 characters");
    trailing_bits.push(if last == 'A' { 'B' } else { char::from(u8::try_from(last).unwrap() + 1) });
    for wrong in [
        format!(" {text}"),
        format!("{text}\n"),
        format!("{text}="),
        format!("{text}AA"),
        trailing_bits,
        text[..84].to_owned(),
        encoding::to_hex(&raw),
        encoding::to_base64url(&[0; 64]),
        foreign["body"]["signature"].as_str().expect("text").to_owned(),
    ] {
        let mut respelled = answer.clone();
        respelled["body"]["signature"] = json!(wrong);
        let doubt = scene.verdict(respelled).expect_err(&wrong);
        assert!(
            matches!(
                doubt,
                Doubt::Decision(
                    DecisionError::Malformed(DecisionField::Signature)
                        | DecisionError::BadSignature(_)
                )
            ),
            "{wrong:?}: {doubt:?}"
        );
    }
}

#[test]
fn refuses_a_key_that_is_not_paired() {
    let scene = Scene::new();
    let stranger = scene.delivered_by(&other_key(), "key-stranger", Decision::Approve);
    assert!(matches!(scene.verdict(stranger), Err(Doubt::UnknownKey)));
    // Under the name of the paired key, its signature is still its own.
    let pretender = scene.delivered_by(&other_key(), KEY_ID, Decision::Approve);
    assert!(matches!(
        scene.verdict(pretender),
        Err(Doubt::Decision(DecisionError::BadSignature(_)))
    ));
    let mut nobody = Scene::new();
    nobody.pairings.clear();
    assert!(matches!(nobody.verdict(nobody.delivered(Decision::Approve)), Err(Doubt::UnknownKey)));
}

#[test]
fn looks_a_key_up_with_and_without_its_prefix_as_one_key() {
    let mut scene = Scene::new();
    for (stored, sent) in [(KEY_ID, "7f3a"), ("7f3a", KEY_ID), ("7f3a", "7f3a")] {
        scene.pairings = vec![paired(stored, &scene.key)];
        let answer = scene.delivered_by(&scene.key, sent, Decision::Approve);
        let Ok(Verified::Approval(approval)) = scene.verdict(answer) else { panic!("{sent}") };
        assert_eq!(approval.entry.signer_key_id, "7f3a", "one name in the journal");
    }
    for other in ["key-7f3", "key-7f3ab", "KEY-7f3a", "key-key-7f3a"] {
        scene.pairings = vec![paired(KEY_ID, &scene.key)];
        let answer = scene.delivered_by(&scene.key, other, Decision::Approve);
        assert!(matches!(scene.verdict(answer), Err(Doubt::UnknownKey)), "{other}");
    }
}

#[test]
fn refuses_a_revoked_key() {
    let mut scene = Scene::new();
    scene.pairings[0].revoked_at = Some(scene.now);
    for decision in [Decision::Approve, Decision::Reject] {
        assert!(matches!(scene.verdict(scene.delivered(decision)), Err(Doubt::RevokedKey)));
    }
}

#[test]
fn refuses_what_comes_after_the_request_expired() {
    let mut scene = Scene::new();
    let answer = scene.delivered(Decision::Approve);
    scene.now = scene.case.expires_at() + CLOCK_SKEW;
    assert!(scene.verdict(answer.clone()).is_ok(), "two clocks may be a minute apart");
    scene.now += SignedDuration::from_millis(1);
    assert!(matches!(scene.verdict(answer), Err(Doubt::Late)));
}

#[test]
fn takes_a_harp_core_decision_for_this_once_only() {
    let scene = Scene::new();
    let approved = scene.verdict(scene.delivered_core(&[]));
    assert!(matches!(approved, Ok(Verified::Approval(_))), "{approved:?}");
    let denied = scene.verdict(scene.delivered_core(&[("decision", json!("deny"))]));
    assert!(matches!(denied, Ok(Verified::Rejection { reason: None, .. })), "{denied:?}");
    let expired = scene.now - CLOCK_SKEW - SignedDuration::from_secs(1);
    for (field, value) in [
        ("scope", json!("session")),
        ("expiresAt", json!(expired)),
        ("requestId", json!("req-other")),
        ("artifactHash", json!("0".repeat(64))),
        ("artifactHashAlg", json!("MD5")),
        ("sigAlg", json!("none")),
        ("repoRef", json!("repo:other")),
        ("decision", json!("Allow")),
        ("signerKeyId", json!("key-other")),
    ] {
        let signed_so = scene.delivered_core(&[(field, value.clone())]);
        assert!(scene.verdict(signed_so).is_err(), "{field} signed as {value}");
        let mut changed = scene.delivered_core(&[]);
        changed["body"][field] = value.clone();
        assert!(scene.verdict(changed).is_err(), "{field} changed to {value}");
    }
    let mut added = scene.delivered_core(&[]);
    added["body"]["more"] = json!("x");
    assert!(scene.verdict(added).is_err(), "a field that was not signed");
}
