//! Published vectors, the published client as a stranger, and tampering.

mod canonical;
mod decision;
mod sealing;

use super::json;
use proptest::prelude::*;
use serde_json::Value;

/// The hash of the artifact in HARP-CORE's test vector 1.
const ARTIFACT_HASH: &str = "8e326e1f69e5859a3b5b12965f06b5829f09b12d1748aa2fddb609fb44f831c1";

fn canonical_text(text: &str) -> String {
    let value = json::read(text.as_bytes(), json::LIMIT).unwrap();
    String::from_utf8(super::canonical::bytes(&value).unwrap()).unwrap()
}

fn value(text: &str) -> Value {
    json::read(text.as_bytes(), json::LIMIT).unwrap()
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-(1_i64 << 53) + 1..1_i64 << 53).prop_map(Value::from),
        any::<f64>().prop_filter_map("finite", |number| serde_json::Number::from_f64(number)
            .map(Value::Number)),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}
