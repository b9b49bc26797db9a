//! A request under review and an approver who decides about it.

use super::super::*;
use super::KEY_ID;
use crate::client::Agreed;
use crate::crypto::{Cipher, SigningKey, X25519Secret};
use crate::process;
use crate::protocol::{DecisionBody, SignedDecision, canonical};
use serde_json::json;
use zeroize::Zeroizing;

/// A real request under review, and the approver it was sealed for.
pub(super) struct Scene {
    pub(super) case: Case,
    pub(super) key: SigningKey,
    pub(super) pairings: Vec<Pairing>,
    pub(super) now: Timestamp,
}

impl Scene {
    pub(super) fn new() -> Self {
        let now = process::now();
        let case = Case::of_a_shell(now);
        let key = SigningKey::from_seed(&Zeroizing::new([7; 32]));
        let pairings = vec![paired(KEY_ID, &key)];
        Self { case, key, pairings, now }
    }

    pub(super) fn hash(&self) -> String {
        self.case.plaintext().hash().to_string()
    }

    /// What the gateway delivers after the person decided.
    pub(super) fn delivered(&self, decision: Decision) -> Value {
        self.delivered_by(&self.key, KEY_ID, decision)
    }

    pub(super) fn delivered_by(&self, key: &SigningKey, key_id: &str, decision: Decision) -> Value {
        let key_id = key_id.parse().expect("a key id");
        let nonce = "nonce-1".parse().expect("a nonce");
        let hash = self.case.plaintext().hash();
        let signed = SignedDecision::sign(key, key_id, hash, decision, nonce);
        let signed = signed.with_reason(Some("because".to_owned()));
        self.enveloped(&json!(DecisionBody::from(&signed)))
    }

    /// The same in HARP-CORE's form, with other fields before it is signed.
    pub(super) fn delivered_core(&self, changes: &[(&str, Value)]) -> Value {
        let mut body = json!({
            "requestId": self.case.request_id(), "artifactHash": self.hash(),
            "artifactHashAlg": "SHA-256", "repoRef": self.case.repo_ref(), "decision": "allow",
            "scope": "once", "expiresAt": self.case.expires_at(), "nonce": "nonce-1",
            "signerKeyId": KEY_ID, "sigAlg": "Ed25519",
        });
        for (field, change) in changes {
            body[*field] = change.clone();
        }
        let signature = self.key.sign(&canonical::bytes(&body).expect("canonical"));
        body["signature"] = json!(signature.to_string());
        self.enveloped(&body)
    }

    pub(super) fn enveloped(&self, body: &Value) -> Value {
        json!({
            "msgId": "msg-1", "msgType": "decision.deliver",
            "requestId": self.case.request_id(), "createdAt": self.now,
            "sender": {"gatewayId": "gw"}, "body": body,
        })
    }

    pub(super) fn verdict(&self, answer: Value) -> Result<Verified, Doubt> {
        verify(answer, &self.case, &self.pairings, self.now)
    }

    /// Verifies an approval with one text of it replaced.
    pub(super) fn tampered(&self, pointer: &str, change: Value) -> Doubt {
        let mut answer = self.delivered(Decision::Approve);
        let place = answer.pointer_mut(pointer).expect("a field of the message");
        assert_ne!(*place, change, "{pointer} must change");
        *place = change;
        self.verdict(answer).expect_err(pointer)
    }
}

/// Pairs with an approver who signs with that key.
pub(super) fn paired(key_id: &str, key: &SigningKey) -> Pairing {
    let secret = X25519Secret::generate().expect("random");
    let agreed = Agreed {
        name: "phone".parse().expect("a name"),
        pairing_nonce: "n-1".parse().expect("a nonce"),
        device_id: "dev-1".parse().expect("an id"),
        gateway_id: "gw".to_owned(),
        signer_key_id: key_id.parse().expect("a key id"),
        signing_key: key.verifying_key(),
        agreement_key: X25519Secret::generate().expect("random").public(),
        cipher: Cipher::XChaCha20Poly1305,
        created_at: Timestamp::UNIX_EPOCH,
        passkey: None,
    };
    Pairing::new(agreed, "rt_x".parse().expect("a token"), &secret)
}

/// Returns a key that nobody paired with.
pub(super) fn other_key() -> SigningKey {
    SigningKey::from_seed(&Zeroizing::new([8; 32]))
}
