//! What nobody thought of: answers drawn at random.

use super::scene::Scene;
use crate::crypto::encoding;
use crate::protocol::Decision;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::cell::LazyCell;

/// A JSON value of any shape, a few levels deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        let name = prop_oneof![
            Just("msgType"),
            Just("requestId"),
            Just("body"),
            Just("decision"),
            Just("signature"),
            Just("nonce"),
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::hash_map(name.prop_map(str::to_owned), inner, 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

thread_local! {
    /// Making a case asks the operating system for much; one is enough for what follows.
    static SCENE: LazyCell<Scene> = const { LazyCell::new(Scene::new) };
}

proptest! {
    #[test]
    fn any_other_text_in_a_checked_field_refuses(
        pointer in prop::sample::select(vec![
            "/msgType", "/requestId", "/body/artifactHash", "/body/decision",
            "/body/signerKeyId", "/body/nonce", "/body/signature",
        ]),
        text in prop_oneof!["[ -~]{0,90}", ".{0,20}", "(key-)?[0-9a-f]{4}", "[A-Za-z0-9_-]{86}"],
    ) {
        SCENE.with(|scene| {
            let mut answer = scene.delivered(Decision::Approve);
            // Another spelling of the same key is the same key.
            prop_assume!(pointer != "/body/signerKeyId" || text != "7f3a");
            prop_assume!(answer.pointer(pointer) != Some(&json!(text)));
            *answer.pointer_mut(pointer).expect("there") = json!(text);
            prop_assert!(scene.verdict(answer).is_err(), "{}", pointer);
            Ok(())
        })?;
    }

    #[test]
    fn any_changed_bit_of_the_signature_refuses(bit in 0_usize..512) {
        SCENE.with(|scene| {
            let mut answer = scene.delivered(Decision::Approve);
            let text = answer["body"]["signature"].as_str().expect("text").to_owned();
            let mut raw = encoding::decode_any(&text).expect("base64url");
            raw[bit / 8] ^= 1 << (bit % 8);
            answer["body"]["signature"] = json!(encoding::to_base64url(&raw));
            prop_assert!(scene.verdict(answer).is_err(), "bit {}", bit);
            Ok(())
        })?;
    }

    #[test]
    fn no_answer_of_any_shape_is_a_decision(answer in any_json(), body: bool) {
        SCENE.with(|scene| {
            let answer = if body { scene.enveloped(&answer) } else { answer };
            prop_assert!(scene.verdict(answer).is_err());
            Ok(())
        })?;
    }
}
