//! Decisions: both forms, and every way to tamper with them.

use super::{ARTIFACT_HASH, any_json, canonical_text, value};
use crate::crypto::{SigningKey, VerifyingKey, encoding};
use crate::protocol::decision::{DecisionField, DecisionNonce, Expectation};
use crate::protocol::{
    ArtifactHash, Decision, DecisionBody, DecisionError, Plaintext, ReceivedDecision, RequestId,
    SignedDecision, canonical, json,
};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

const DECISION_KEY: &str = "68GYuLi_rncjJ4w7MWKfKd5ygpeXzMjCzM5tlDakz_I";
const DECISION: &str = r#"{"artifactHash":"8e326e1f69e5859a3b5b12965f06b5829f09b12d1748aa2fddb609fb44f831c1","artifactHashAlg":"SHA-256","decision":"allow","expiresAt":"2026-02-21T12:05:00Z","nonce":"bm9uY2UtMDAx","repoRef":"repo:acme/widgets","requestId":"01J2V8V3K6B2Z9X6G1V7Y2QK8H","scope":"once","sigAlg":"Ed25519","signerKeyId":"ma-key-01"}"#;
const DECISION_SIGNATURE: &str =
    "tszU90YldEomMTTrJpUYz-h8xXcAvJ6U97aaEy-1-Oo_vkCx3o63aZps6dN0VaJVKmXY2UnVW6ldoCuXv5sZDA";

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

struct Scene {
    key: SigningKey,
    hash: ArtifactHash,
    request_id: RequestId,
}

impl Scene {
    fn new() -> Self {
        Self {
            key: SigningKey::from_seed(&Zeroizing::new([9; 32])),
            hash: ARTIFACT_HASH.parse().unwrap(),
            request_id: "01J2V8V3K6B2Z9X6G1V7Y2QK8H".parse().unwrap(),
        }
    }

    fn expectation(&self) -> Expectation<'_> {
        Expectation {
            request_id: &self.request_id,
            artifact_hash: &self.hash,
            repo_ref: "repo:acme/widgets",
            now: time("2026-02-21T12:04:00Z"),
        }
    }

    fn signed(&self, decision: Decision) -> Value {
        let id = "key-1".parse().unwrap();
        let nonce = "nonce-1".parse().unwrap();
        let signed = SignedDecision::sign(&self.key, id, self.hash, decision, nonce);
        let signed = signed.with_reason(Some("because".to_owned()));
        serde_json::to_value(DecisionBody::from(&signed)).unwrap()
    }

    fn verdict(&self, body: &Value) -> Result<Decision, DecisionError> {
        ReceivedDecision::read(body)?.verify(&self.key.verifying_key(), &self.expectation())
    }

    fn signed_core(&self, changes: &[(&str, Value)]) -> Value {
        let mut body = value(DECISION);
        for (field, change) in changes {
            body[*field] = change.clone();
        }
        let signature = self.key.sign(&canonical::bytes(&body).unwrap());
        body["signature"] = json!(signature.to_string());
        body
    }
}

#[test]
fn a_signed_decision_survives_the_wire() {
    let scene = Scene::new();
    for decision in [Decision::Approve, Decision::Reject] {
        let body = scene.signed(decision);
        let read = ReceivedDecision::read(&body).unwrap();
        assert_eq!(read.unsigned_reason(), Some("because"));
        assert_eq!((read.signer_key_id().as_str(), read.nonce().as_str()), ("key-1", "nonce-1"));
        assert_eq!(scene.verdict(&body), Ok(decision));
    }
}

#[test]
fn the_signature_is_over_hash_decision_and_nonce() {
    let scene = Scene::new();
    let body = scene.signed(Decision::Approve);
    let input = format!("{ARTIFACT_HASH}|approve|nonce-1");
    let signature = body["signature"].as_str().unwrap();
    let public = scene.key.verifying_key().to_string();
    let holds =
        airlock_gateway::crypto::ed25519_verify(&public, input.as_bytes(), signature).unwrap();
    assert!(holds);
    let mut padded = body.clone();
    let raw = encoding::decode_any(signature).unwrap();
    padded["signature"] = json!(encoding::to_base64(&raw));
    assert_eq!(scene.verdict(&padded), Ok(Decision::Approve));
}

#[test]
fn each_missing_field_is_named() {
    let scene = Scene::new();
    let fields = [
        DecisionField::ArtifactHash,
        DecisionField::Decision,
        DecisionField::Nonce,
        DecisionField::Signature,
        DecisionField::SignerKeyId,
    ];
    for field in fields {
        for absent in [None, Some(Value::Null), Some(json!(""))] {
            let mut body = scene.signed(Decision::Approve);
            match absent {
                None => drop(body.as_object_mut().unwrap().remove(field.name())),
                Some(value) => body[field.name()] = value,
            }
            assert_eq!(scene.verdict(&body), Err(DecisionError::Missing(field)));
        }
    }
}

#[test]
fn refuses_when_any_field_was_changed() {
    let scene = Scene::new();
    let other_hash = Plaintext::of(&json!({})).unwrap().hash().to_string();
    let other_signature = scene.signed(Decision::Reject)["signature"].clone();
    let changes = [
        ("artifactHash", json!(other_hash), DecisionError::WrongArtifact),
        (
            "artifactHash",
            json!(ARTIFACT_HASH.to_uppercase()),
            DecisionError::Malformed(DecisionField::ArtifactHash),
        ),
        ("decision", json!("reject"), DecisionError::BadSignature(Decision::Reject)),
        ("decision", json!("Approve"), DecisionError::UnknownDecision("Approve".to_owned())),
        ("decision", json!("approve "), DecisionError::UnknownDecision("approve ".to_owned())),
        ("decision", json!(true), DecisionError::Malformed(DecisionField::Body)),
        ("nonce", json!("nonce-2"), DecisionError::BadSignature(Decision::Approve)),
        ("nonce", json!("nonce-1\n"), DecisionError::Malformed(DecisionField::Nonce)),
        ("signature", other_signature, DecisionError::BadSignature(Decision::Approve)),
        ("signature", json!("AAAA"), DecisionError::Malformed(DecisionField::Signature)),
        ("signerKeyId", json!("../key"), DecisionError::Malformed(DecisionField::SignerKeyId)),
    ];
    for (field, change, expected) in changes {
        let mut body = scene.signed(Decision::Approve);
        body[field] = change;
        assert_eq!(scene.verdict(&body), Err(expected), "{field}");
    }
    assert!(scene.verdict(&json!([])).is_err() && scene.verdict(&Value::Null).is_err());
}

#[test]
fn refuses_when_the_signature_is_by_another_key() {
    let scene = Scene::new();
    let body = scene.signed(Decision::Approve);
    let stranger = SigningKey::generate().unwrap().verifying_key();
    let outcome = ReceivedDecision::read(&body).unwrap().verify(&stranger, &scene.expectation());
    assert_eq!(outcome, Err(DecisionError::BadSignature(Decision::Approve)));
}

#[test]
fn verifies_harp_core_vector_2() {
    let scene = Scene::new();
    let key: VerifyingKey = DECISION_KEY.parse().unwrap();
    assert_eq!(canonical_text(DECISION), DECISION);
    let mut body = value(DECISION);
    body["signature"] = json!(DECISION_SIGNATURE);
    let read = ReceivedDecision::read(&body).unwrap();
    assert_eq!(read.verify(&key, &scene.expectation()), Ok(Decision::Approve));
    assert_eq!(read.signer_key_id().as_str(), "ma-key-01");
    assert_eq!(read.nonce().as_str(), "bm9uY2UtMDAx");
    for field in
        ["artifactHash", "expiresAt", "nonce", "repoRef", "requestId", "signerKeyId", "extra"]
    {
        let mut changed = body.clone();
        changed[field] = match changed[field].as_str() {
            Some(text) => json!(text.replace(['1', 'u'], "2").replace('w', "v")),
            None => json!("added"),
        };
        assert_ne!(changed, body, "{field}");
        let outcome = ReceivedDecision::read(&changed)
            .and_then(|read| read.verify(&key, &scene.expectation()));
        assert!(outcome.is_err(), "{field}");
    }
}

#[test]
fn takes_both_spellings_of_a_harp_core_decision() {
    let scene = Scene::new();
    for (word, decision) in [
        ("allow", Decision::Approve),
        ("approve", Decision::Approve),
        ("deny", Decision::Reject),
        ("reject", Decision::Reject),
    ] {
        let body = scene.signed_core(&[("decision", json!(word))]);
        assert_eq!(scene.verdict(&body), Ok(decision), "{word}");
    }
}

#[test]
fn refuses_a_harp_core_decision_that_is_not_for_this_once() {
    let scene = Scene::new();
    let refused = [
        ("scope", json!("session"), DecisionError::Scope("session".to_owned())),
        ("scope", json!("timebox"), DecisionError::Scope("timebox".to_owned())),
        ("requestId", json!("req-2"), DecisionError::WrongRequest),
        ("artifactHash", json!("0".repeat(64)), DecisionError::WrongArtifact),
        ("repoRef", json!("repo:other"), DecisionError::WrongRepository),
        ("sigAlg", json!("none"), DecisionError::Algorithm(DecisionField::SigAlg)),
        ("artifactHashAlg", json!("MD5"), DecisionError::Algorithm(DecisionField::ArtifactHashAlg)),
        ("decision", json!("maybe"), DecisionError::UnknownDecision("maybe".to_owned())),
        ("expiresAt", json!("soon"), DecisionError::Malformed(DecisionField::ExpiresAt)),
        (
            "expiresAt",
            json!("2026-02-21T12:02:59Z"),
            DecisionError::Expired(time("2026-02-21T12:02:59Z")),
        ),
    ];
    for (field, change, expected) in refused {
        assert_eq!(scene.verdict(&scene.signed_core(&[(field, change)])), Err(expected), "{field}");
    }
    let at_the_edge = scene.signed_core(&[("expiresAt", json!("2026-02-21T12:03:00Z"))]);
    assert_eq!(scene.verdict(&at_the_edge), Ok(Decision::Approve));
    let wide_rejection =
        scene.signed_core(&[("decision", json!("deny")), ("scope", json!("session"))]);
    assert_eq!(scene.verdict(&wide_rejection), Ok(Decision::Reject));
}

#[test]
fn a_relay_hands_on_a_decision_as_it_came() {
    let body = Scene::new().signed_core(&[]);
    let relayed: DecisionBody = json::from_value(body.clone()).unwrap();
    assert_eq!(serde_json::to_value(relayed).unwrap(), body);
}

#[test]
fn a_message_never_carries_raw_control_characters() {
    let word = DecisionError::UnknownDecision("\u{1b}[2J".to_owned()).to_string();
    let scope = DecisionError::Scope("\u{202e}".to_owned()).to_string();
    assert!(!word.contains('\u{1b}') && !scope.contains('\u{202e}'));
}

fn names(body: &Value) -> Vec<String> {
    body.as_object().map(Map::keys).into_iter().flatten().cloned().collect()
}

proptest! {
    #[test]
    fn a_decision_with_any_other_text_in_a_signed_field_is_refused(
        field in 0_usize..5,
        text in "[ -~]{0,90}",
        core: bool,
    ) {
        let scene = Scene::new();
        let mut body = if core { scene.signed_core(&[]) } else { scene.signed(Decision::Approve) };
        let unsigned = ["reason", "signerKeyId"];
        let is_signed = |name: &String| core || !unsigned.contains(&name.as_str());
        let fields: Vec<String> = names(&body).into_iter().filter(is_signed).collect();
        let field = &fields[field % fields.len()];
        prop_assume!(body[field.as_str()] != json!(text));
        body[field.as_str()] = json!(text);
        prop_assert!(scene.verdict(&body).is_err(), "{}", field);
    }

    #[test]
    fn reading_a_decision_never_panics(body in any_json()) {
        let scene = Scene::new();
        prop_assert!(scene.verdict(&body).is_err());
        let mut signed = scene.signed(Decision::Approve);
        signed["nonce"] = body;
        prop_assert!(scene.verdict(&signed).is_err());
    }
}

#[test]
fn nonces_are_new_and_printable() {
    let nonce = DecisionNonce::generate().unwrap();
    assert_ne!(nonce, DecisionNonce::generate().unwrap());
    assert_eq!(nonce.as_str().parse(), Ok(nonce.clone()));
    for text in ["", "a b", "é", &"x".repeat(257)] {
        assert!(text.parse::<DecisionNonce>().is_err());
    }
}
