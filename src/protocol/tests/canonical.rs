//! Canonical bytes and hashes.

use super::{ARTIFACT_HASH, any_json, canonical_text, value};
use crate::protocol::canonical::{self, CanonicalError};
use crate::protocol::{Plaintext, json};
use proptest::prelude::*;
use serde_json::Value;

const ARTIFACT: &str = r#"{"requestId":"01J2V8V3K6B2Z9X6G1V7Y2QK8H","sessionId":"01J2V8V3M2YF0KX9Q0Z7E6H9R1","artifactType":"plan.review","repoRef":"repo:acme/widgets","baseRevision":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08","createdAt":"2026-02-21T12:00:00Z","expiresAt":"2026-02-21T12:10:00Z","payload":{"kind":"plan","title":"Refactor Parser","steps":["Extract tokenizer","Add unit tests","Replace recursive descent with Pratt parser"],"risk":"medium"},"artifactHashAlg":"SHA-256"}"#;

#[test]
fn hashes_the_artifact_of_harp_core_vector_1() {
    assert_eq!(Plaintext::of(&value(ARTIFACT)).unwrap().hash().to_string(), ARTIFACT_HASH);
}

#[test]
fn hashes_as_the_published_client_does() {
    let text = r#"{"value":42,"action":"test"}"#;
    let hash = Plaintext::of(&value(text)).unwrap().hash().to_string();
    assert_eq!(hash, "d3c2d7effb479ffc5085aad2144df886a452a4863396060f4e0ea29a8409d0fd");
    assert_eq!(airlock_gateway::canonical_json::hash_canonical(text).unwrap(), hash);
}

#[test]
fn canonicalises_the_examples_of_rfc_8785() {
    // 3.2.2 and 3.2.3
    let input = r#"{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
        "literals": [null, true, false]}"#;
    let expected = concat!(
        r#"{"literals":[null,true,false],"#,
        r#""numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"#,
        "\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}"
    );
    assert_eq!(canonical_text(input), expected);
    let sorting = r#"{"\u20ac": "Euro Sign", "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
        "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis"}"#;
    let expected = concat!(
        r#"{"\r":"Carriage Return","1":"One","#,
        "\"\u{80}\":\"Control\",\"ö\":\"Latin Small Letter O With Diaeresis\",",
        "\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\",",
        "\"\u{fb33}\":\"Hebrew Letter Dalet With Dagesh\"}"
    );
    assert_eq!(canonical_text(sorting), expected);
}

#[test]
fn writes_numbers_as_in_rfc_8785_appendix_b() {
    let samples: [(u64, &str); 21] = [
        (0x0000_0000_0000_0000, "0"),
        (0x8000_0000_0000_0000, "0"),
        (0x0000_0000_0000_0001, "5e-324"),
        (0x8000_0000_0000_0001, "-5e-324"),
        (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
        (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"),
        (0x4340_0000_0000_0000, "9007199254740992"),
        (0xc340_0000_0000_0000, "-9007199254740992"),
        (0x4430_0000_0000_0000, "295147905179352830000"),
        (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
        (0x44b5_2d02_c7e1_4af6, "1e+23"),
        (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
        (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
        (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"),
        (0x444b_1ae4_d6e2_ef50, "1e+21"),
        (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
        (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
        (0x41b3_de43_5555_5553, "333333333.3333332"),
        (0x41b3_de43_5555_5557, "333333333.33333343"),
        (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
        (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
    ];
    for (bits, expected) in samples {
        let written = canonical::bytes(&f64::from_bits(bits)).unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), expected, "{bits:x}");
    }
}

#[test]
fn refuses_integers_that_would_be_rounded() {
    for text in ["9007199254740992", "[-9007199254740992]", r#"{"a":18446744073709551615}"#] {
        let outcome = canonical::bytes(&value(text));
        assert!(matches!(outcome, Err(CanonicalError::UnsafeInteger(_))), "{text}");
    }
    assert_eq!(
        canonical_text("[9007199254740991,-9007199254740991]"),
        "[9007199254740991,-9007199254740991]"
    );
}

/// Objects as an artifact has them: keys of ASCII, any text, whole numbers.
fn plain_json() -> impl Strategy<Value = Value> {
    const SAFE: i64 = (1 << 53) - 1;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-SAFE..=SAFE).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        (0_u32..0x90).prop_map(|code| char::from_u32(code).map(String::from).into()),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        let entries = prop::collection::btree_map("[ -~]{0,4}", inner.clone(), 0..6);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            entries.prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

/// Writes JSON with white space and each object's keys in reverse.
fn written_otherwise(value: &Value) -> String {
    match value {
        Value::Object(entries) => {
            let entries = entries.iter().rev().map(|(key, value)| {
                format!(" {} :\t{}", Value::from(key.as_str()), written_otherwise(value))
            });
            format!("{{{}\n}}", entries.collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => {
            format!("[ {} ]", items.iter().map(written_otherwise).collect::<Vec<_>>().join(" , "))
        }
        other => other.to_string(),
    }
}

proptest! {
    #[test]
    fn a_canonical_form_is_its_own(value in any_json()) {
        let once = canonical::bytes(&value).unwrap();
        let again = json::read(&once, json::LIMIT).unwrap();
        // Whole numbers beyond 2^53 that came as fractions are the one exception.
        prop_assume!(canonical::bytes(&again).is_ok());
        prop_assert_eq!(canonical::bytes(&again).unwrap(), once);
    }

    #[test]
    fn the_order_of_keys_and_white_space_are_irrelevant(value in any_json()) {
        let other = json::read(written_otherwise(&value).as_bytes(), json::LIMIT).unwrap();
        prop_assert_eq!(canonical::bytes(&other).unwrap(), canonical::bytes(&value).unwrap());
    }

    #[test]
    fn what_is_plain_is_written_as_the_scheme_writes_it(value in any_json(), plain in plain_json()) {
        for value in [value, plain] {
            let expected = serde_json_canonicalizer::to_vec(&value).unwrap();
            prop_assert_eq!(canonical::bytes(&value).unwrap(), expected);
        }
    }

    #[test]
    fn the_reader_takes_any_bytes_without_harm(bytes: Vec<u8>) {
        let _outcome = json::read(&bytes, json::LIMIT);
    }
}
