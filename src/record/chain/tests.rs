//! The touch of a passkey, looked at again years later.

use super::*;
use crate::crypto::{Cipher, SigningKey};
use crate::protocol::passkey::challenge;
use crate::protocol::passkey::tests::{Authenticator, TouchSaid};
use crate::protocol::{DecisionBody, SignedDecision};
use crate::record::Durability;
use jiff::Timestamp;
use serde_json::{Value, json};

const HASH: [&str; 2] = [
    "abababababababababababababababababababababababababababababababab",
    "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd",
];

/// An approver with a passkey, and a log.
struct Scene {
    _outer: tempfile::TempDir,
    log: Log,
    key: SigningKey,
    authenticator: Authenticator,
    pairing: Pairing,
}

impl Scene {
    fn new() -> Self {
        let outer = tempfile::tempdir().expect("temporary directory");
        let log = Log::open(&outer.path().join("audit"), &outer.path().join("keys"));
        let (key, authenticator) = (SigningKey::generate().expect("random"), Authenticator::new());
        let pairing = serde_json::from_value(json!({
            "name": "page", "pairingNonce": "n-1", "deviceId": "dev-1", "gatewayId": "gw",
            "signerKeyId": "key-1", "signingKey": key.verifying_key(),
            "agreementKey": "hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo=",
            "cipher": Cipher::XChaCha20Poly1305, "createdAt": Timestamp::UNIX_EPOCH,
            "passkey": authenticator.passkey(),
        }));
        let pairing = pairing.expect("a pairing");
        Self { _outer: outer, log: log.expect("a log"), key, authenticator, pairing }
    }

    /// An approval that the touch came along with which belongs to that hash.
    fn approval(&self, touch_of: Option<&str>) -> Value {
        let (hash, nonce) = (HASH[0].parse().expect("a hash"), "nonce-1".parse().expect("one"));
        let id = "key-1".parse().expect("a key id");
        let signed = SignedDecision::sign(&self.key, id, hash, Decision::Approve, nonce);
        let mut body = json!(DecisionBody::from(&signed));
        if let Some(of) = touch_of {
            let nonce = "nonce-1".parse().expect("a nonce");
            let of = challenge(&of.parse().expect("a hash"), Decision::Approve, &nonce);
            body["assertion"] = self.authenticator.assertion(&TouchSaid::of(&of));
        }
        json!({
            "kind": "decided", "requestId": "req-1", "decision": {
                "requestId": "req-1", "artifactHash": HASH[0], "repoRef": "none",
                "decision": "approve", "signerKeyId": "key-1",
                "signingKey": self.key.verifying_key(), "verifiedAt": Timestamp::UNIX_EPOCH,
                "body": body,
            },
        })
    }

    /// Writes a request and its approval down, and verifies the log.
    fn verified(&self, touch: Option<&str>, approval: Value) -> (Vec<FaultKind>, usize) {
        let mut requested = json!({
            "kind": "requested", "requestId": "req-1", "artifactHash": HASH[0],
            "artifactType": "command.review",
            "command": {"argv": ["true"], "cwd": "/", "program": "/bin/true", "user": "me"},
        });
        if let Some(touch) = touch {
            requested["touch"] = json!(touch);
        }
        let read = |event: Value| serde_json::from_value::<Event>(event).expect("an event");
        let events = vec![read(requested), read(approval)];
        self.log.append(events, Durability::Durable).expect("written");
        let found = self.log.verify(|_| Some(&self.pairing)).expect("readable");
        (found.faults.into_iter().map(|fault| fault.kind).collect(), found.touches)
    }
}

#[test]
fn a_true_touch_holds_and_is_counted() {
    for touch in [Some("ofPasskeys"), Some("ofEverybody"), None] {
        let scene = Scene::new();
        assert_eq!(scene.verified(touch, scene.approval(Some(HASH[0]))), (vec![], 1), "{touch:?}");
    }
}

#[test]
fn a_touch_that_is_missing_or_of_another_decision_is_a_fault() {
    for (touch, came) in [
        (Some("ofPasskeys"), None),
        (Some("ofEverybody"), None),
        (Some("ofPasskeys"), Some(HASH[1])),
        // Nobody wrote down that one was asked for, and one came.
        (None, Some(HASH[1])),
    ] {
        let scene = Scene::new();
        let (faults, touches) = scene.verified(touch, scene.approval(came));
        let [FaultKind::NoTouch(_)] = &faults[..] else { panic!("{touch:?} {came:?}: {faults:?}") };
        assert_eq!((faults[0].word(), touches), ("no-touch", 0));
    }
}

#[test]
fn who_has_no_passkey_needs_none_unless_everybody_does() {
    let mut scene = Scene::new();
    scene.pairing.agreed.passkey = None;
    assert_eq!(scene.verified(Some("ofPasskeys"), scene.approval(None)), (vec![], 0));
    let (faults, _) = scene.verified(Some("ofEverybody"), scene.approval(None));
    assert!(matches!(faults[..], [FaultKind::NoTouch(_)]), "{faults:?}");
}

#[test]
fn a_log_from_before_it_was_written_down_still_verifies() {
    let scene = Scene::new();
    let paired = json!({
        "kind": "paired", "name": "page", "signerKeyId": "key-1", "fingerprint": "AA:BB",
        "gateway": "gw",
    });
    let paired = serde_json::from_value(paired).expect("an event");
    scene.log.append(vec![paired], Durability::Durable).expect("written");
    assert_eq!(scene.verified(None, scene.approval(None)), (vec![], 0));
}
