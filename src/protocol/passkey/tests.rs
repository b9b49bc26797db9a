//! A true touch, and everything somebody without the passkey could make of it.

use super::*;
use crate::crypto::Sha256Digest;
use crate::crypto::p256::P256SigningKey;
use crate::protocol::Decision;
use serde_json::{Value, json};

const ORIGIN: &str = "http://localhost:41897";

/// An authenticator with one passkey.
pub(crate) struct Authenticator(P256SigningKey);

/// What an authenticator and a browser say of a touch.
pub(crate) struct TouchSaid {
    pub(crate) client_data: Value,
    pub(crate) host: String,
    pub(crate) flags: u8,
}

impl TouchSaid {
    /// A touch as it should be, for that challenge.
    pub(crate) fn of(challenge: &Sha256Digest) -> Self {
        let client_data = json!({
            "type": "webauthn.get", "challenge": to_base64url(challenge.as_bytes()),
            "origin": ORIGIN, "crossOrigin": false, "some": "other key",
        });
        Self { client_data, host: "localhost".to_owned(), flags: 0b101 }
    }
}

impl Authenticator {
    pub(crate) fn new() -> Self {
        Self(P256SigningKey::generate())
    }

    /// Returns the passkey as it was added to the page.
    pub(crate) fn passkey(&self) -> Passkey {
        serde_json::from_value(self.described()).expect("a passkey")
    }

    fn described(&self) -> Value {
        json!({
            "credentialId": to_base64url(b"credential 1"), "rpId": "localhost", "origin": ORIGIN,
            "publicKey": self.0.public(), "userVerified": true,
        })
    }

    /// Returns the assertion of a touch.
    pub(crate) fn assertion(&self, touch: &TouchSaid) -> Value {
        let client_data = touch.client_data.to_string();
        let host = Sha256Digest::of(touch.host.as_bytes());
        let data = [&host.as_bytes()[..], &[touch.flags, 0, 0, 0, 7]].concat();
        let signed = [&data[..], Sha256Digest::of(client_data.as_bytes()).as_bytes()].concat();
        let signature = self.0.sign(&signed);
        json!({
            "credentialId": to_base64url(b"credential 1"),
            "authenticatorData": to_base64url(&data),
            "clientDataJSON": to_base64url(client_data.as_bytes()),
            "signature": to_base64url(&signature),
        })
    }
}

fn one() -> Sha256Digest {
    let hash = "ab".repeat(32).parse().expect("a hash");
    challenge(&hash, Decision::Approve, &"nonce-1".parse().expect("a nonce"))
}

fn verdict(passkey: &Passkey, assertion: &Value) -> Result<(), AssertionError> {
    passkey.verify_touch(&json!({ "assertion": assertion }), &one())
}

#[test]
fn the_challenge_names_hash_word_and_nonce() {
    // `tests/page/texts.mjs` has the same.
    let expected = "0x6Jr9sa2g2FJhVek0DLjPKL8OvqT49_a-0Qi6gydeg";
    assert_eq!(to_base64url(one().as_bytes()), expected);
}

#[test]
fn a_true_touch_is_one() {
    let authenticator = Authenticator::new();
    let assertion = authenticator.assertion(&TouchSaid::of(&one()));
    assert_eq!(verdict(&authenticator.passkey(), &assertion), Ok(()));
}

#[test]
fn refuses_a_touch_of_another_decision_page_or_kind() {
    let (authenticator, other) = (Authenticator::new(), Sha256Digest::of(b"another"));
    let elsewhere = |origin: &str| AssertionError::OtherOrigin(origin.to_owned());
    let cases = [
        ("challenge", json!(to_base64url(other.as_bytes())), AssertionError::OtherChallenge),
        ("challenge", json!(""), AssertionError::OtherChallenge),
        ("type", json!("webauthn.create"), AssertionError::OtherPurpose),
        ("origin", json!("http://localhost:41898"), elsewhere("http://localhost:41898")),
        ("origin", json!("http://localhost"), elsewhere("http://localhost")),
        ("origin", json!("https://localhost:41897"), elsewhere("https://localhost:41897")),
        ("origin", json!("http://evil.example"), elsewhere("http://evil.example")),
        ("crossOrigin", json!(true), AssertionError::Framed),
        ("topOrigin", json!(ORIGIN), AssertionError::Framed),
        ("origin", json!(7), AssertionError::Malformed("clientDataJSON")),
    ];
    for (field, value, expected) in cases {
        let mut touch = TouchSaid::of(&one());
        touch.client_data[field] = value;
        let assertion = authenticator.assertion(&touch);
        assert_eq!(verdict(&authenticator.passkey(), &assertion), Err(expected), "{field}");
    }
}

#[test]
fn refuses_without_a_touch_a_verified_user_or_the_host() {
    let authenticator = Authenticator::new();
    let said = |host: &str, flags| {
        let touch = TouchSaid { host: host.to_owned(), flags, ..TouchSaid::of(&one()) };
        verdict(&authenticator.passkey(), &authenticator.assertion(&touch))
    };
    assert_eq!(said("localhost", 0b100), Err(AssertionError::NotPresent));
    assert_eq!(said("localhost", 0b001), Err(AssertionError::NotVerified));
    assert_eq!(said("evil.example", 0b101), Err(AssertionError::OtherHost));
    let mut described = authenticator.described();
    described["userVerified"] = json!(false);
    let lax: Passkey = serde_json::from_value(described).expect("a passkey");
    let touch = TouchSaid { flags: 0b001, ..TouchSaid::of(&one()) };
    assert_eq!(verdict(&lax, &authenticator.assertion(&touch)), Ok(()), "a touch alone will do");
}

#[test]
fn refuses_another_key_and_whatever_was_changed() {
    let (authenticator, other) = (Authenticator::new(), Authenticator::new());
    let passkey = authenticator.passkey();
    let forged = other.assertion(&TouchSaid::of(&one()));
    assert_eq!(verdict(&passkey, &forged), Err(AssertionError::BadSignature));
    let assertion = authenticator.assertion(&TouchSaid::of(&one()));
    for field in ["credentialId", "authenticatorData", "clientDataJSON", "signature"] {
        for value in [json!(null), json!(7), json!(""), json!("!"), json!("A".repeat(8000))] {
            let mut changed = assertion.clone();
            changed[field] = value.clone();
            assert!(verdict(&passkey, &changed).is_err(), "{field}: {value}");
        }
        let mut missing = assertion.clone();
        missing.as_object_mut().and_then(|parts| parts.remove(field)).expect("there");
        let missing = verdict(&passkey, &missing);
        assert_eq!(missing, Err(AssertionError::Malformed("assertion")), "{field}");
        // One bit of it.
        let mut bytes = decode_any(assertion[field].as_str().expect("text")).expect("base64url");
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        let mut changed = assertion.clone();
        changed[field] = json!(to_base64url(&bytes));
        assert!(verdict(&passkey, &changed).is_err(), "{field}");
    }
    // The counter is not looked at, and it is signed.
    assert_eq!(verdict(&passkey, &json!(null)), Err(AssertionError::Missing));
    assert_eq!(passkey.verify_touch(&json!({}), &one()), Err(AssertionError::Missing));
    assert_eq!(verdict(&passkey, &json!("x")), Err(AssertionError::Malformed("assertion")));
}

#[test]
fn a_passkey_is_for_a_page_that_can_have_one() {
    let authenticator = Authenticator::new();
    let read = |changes: &[(&str, Value)]| {
        let mut described = authenticator.described();
        for (field, value) in changes {
            described[*field] = value.clone();
        }
        serde_json::from_value::<Passkey>(described)
    };
    assert!(read(&[]).is_ok());
    let at = |origin: &str, host: &str| read(&[("origin", json!(origin)), ("rpId", json!(host))]);
    assert!(at("https://gateway.lan:8750", "gateway.lan").is_ok());
    for (origin, host) in [
        ("http://gateway.lan:8750", "gateway.lan"),
        ("http://127.0.0.1:8750", "127.0.0.1"),
        ("https://gateway.lan", "lan"),
        ("http://localhost:1/", "localhost"),
        ("http://localhost:1#x", "localhost"),
        ("http://evil.example", "localhost"),
        ("file:///localhost", "localhost"),
        ("", ""),
    ] {
        assert!(at(origin, host).is_err(), "{origin}");
    }
    for id in ["", "!", &to_base64url(&[1; 1024])] {
        assert!(read(&[("credentialId", json!(id))]).is_err());
    }
    assert!(read(&[("publicKey", json!("AAAA"))]).is_err());
}

#[test]
fn an_introduction_is_signed_by_the_key_that_decides_for_one_pairing() {
    let key = SigningKey::generate().expect("random");
    let nonce = |text: &str| text.parse::<PairingNonce>().expect("a nonce");
    let passkey = Authenticator::new().passkey();
    let introduced = IntroducedPasskey::sign(&key, &nonce("n-1"), passkey.clone());
    let written = serde_json::to_value(&introduced).expect("JSON");
    let read: IntroducedPasskey = serde_json::from_value(written.clone()).expect("as written");
    let verifying = key.verifying_key();
    assert_eq!(read.verify(&verifying, &nonce("n-1")), Ok(passkey));
    let bad = Err(PasskeyError::BadSignature);
    assert_eq!(read.verify(&verifying, &nonce("n-2")), bad);
    let other = SigningKey::generate().expect("random").verifying_key();
    assert_eq!(read.verify(&other, &nonce("n-1")), bad);
    let another = serde_json::to_value(Authenticator::new().passkey()).expect("JSON");
    for (field, value) in [
        ("credentialId", json!("AAAA")),
        ("publicKey", another["publicKey"].clone()),
        ("userVerified", json!(false)),
        ("origin", json!("http://localhost:2")),
        ("signature", json!("AAAA")),
    ] {
        let mut changed = written.clone();
        changed[field] = value;
        let read: IntroducedPasskey = serde_json::from_value(changed).expect(field);
        assert_eq!(read.verify(&verifying, &nonce("n-1")), bad, "{field}");
    }
}
