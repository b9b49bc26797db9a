//! Items that were changed, moved or made up on the way, and the good one.

use super::*;
use crate::crypto::X25519Secret;
use crate::process::PrivateDir;
use crate::protocol::artifact::ArtifactHash;
use crate::protocol::{Ciphertext, Plaintext};
use jiff::SignedDuration;
use serde_json::json;

/// An enforcer that is paired with an approver, and what it sealed.
struct Scene {
    keys: Keys,
    enforcer: X25519Secret,
    pairing: Pairing,
}

const CREATED: Timestamp = Timestamp::UNIX_EPOCH;

fn expiry() -> Timestamp {
    CREATED + SignedDuration::from_mins(10)
}

fn scene() -> Scene {
    let outer = tempfile::tempdir().expect("temporary directory");
    let directory = PrivateDir::open(&outer.path().join("a")).expect("private directory");
    let enforcer = X25519Secret::generate().expect("random");
    let pairing = Pairing::with(enforcer.public());
    Scene { keys: Keys::load_or_create(&directory).expect("keys"), enforcer, pairing }
}

impl Scene {
    fn plaintext() -> Value {
        json!({"requestId": "req-1", "expiresAt": expiry().to_string(), "commandText": "ls"})
    }

    fn sealed(&self, plaintext: &Value, cipher: Cipher) -> InboxItem {
        let plaintext = Plaintext::of(plaintext).expect("canonical");
        let shared = self.enforcer.agree(&self.keys.agreement().public()).expect("agreed");
        InboxItem {
            request_id: "req-1".parse().expect("an id"),
            enforcer_id: Some("enf-1".parse().expect("an id")),
            artifact_type: "command.review".to_owned(),
            artifact_hash: plaintext.hash(),
            ciphertext: Ciphertext::seal(&plaintext, &shared.derive(cipher)).expect("sealed"),
            state: ExchangeState::PendingApproval,
            created_at: CREATED,
            expires_at: expiry(),
            metadata: serde_json::from_value(json!({})).expect("metadata"),
        }
    }

    fn opened(&self, item: InboxItem) -> Item {
        open(item, &self.keys, std::slice::from_ref(&self.pairing))
    }

    #[track_caller]
    fn assert_closed(&self, item: InboxItem, why: &Closed) {
        let item = self.opened(item);
        let Content::Closed(closed) = &item.content else { panic!("opened: {item:?}") };
        assert_eq!(closed, why);
        assert!(item.opened().is_none());
    }
}

#[test]
fn opens_what_the_paired_enforcer_sealed_with_either_cipher() {
    let scene = scene();
    for cipher in Cipher::ALL {
        let item = scene.opened(scene.sealed(&Scene::plaintext(), cipher));
        assert_eq!(item.opened().and_then(|opened| opened.text("commandText")), Some("ls"));
    }
}

#[test]
fn closes_what_was_changed_on_the_way() {
    let scene = scene();
    let good = || scene.sealed(&Scene::plaintext(), Cipher::XChaCha20Poly1305);
    for index in 0..good().ciphertext.data.0.len() {
        let mut item = good();
        item.ciphertext.data.0[index] ^= 1;
        scene.assert_closed(item, &Closed::NotAuthentic);
    }
    let mut item = good();
    item.ciphertext.tag.0[0] ^= 1;
    scene.assert_closed(item, &Closed::NotAuthentic);
    let mut item = good();
    item.ciphertext.nonce.0.pop();
    scene.assert_closed(item, &Closed::NotAuthentic);
    let mut item = good();
    item.ciphertext.alg = "AES-256-GCM".to_owned();
    scene.assert_closed(item, &Closed::NotAuthentic);
    let mut item = good();
    item.ciphertext.alg = "none".to_owned();
    scene.assert_closed(item, &Closed::UnknownSeal);
}

#[test]
fn closes_what_does_not_hash_to_what_would_be_signed() {
    let scene = scene();
    let mut item = scene.sealed(&Scene::plaintext(), Cipher::XChaCha20Poly1305);
    item.artifact_hash = "00".repeat(32).parse::<ArtifactHash>().expect("a hash");
    scene.assert_closed(item, &Closed::HashMismatch);
}

#[test]
fn closes_a_content_that_belongs_to_another_envelope() {
    let scene = scene();
    let mut item = scene.sealed(&Scene::plaintext(), Cipher::XChaCha20Poly1305);
    item.request_id = "req-2".parse().expect("an id");
    scene.assert_closed(item, &Closed::OtherRequest);
}

#[test]
fn the_earlier_of_both_expiries_counts() {
    let scene = scene();
    let minute = SignedDuration::from_secs(60);
    for (envelope, counts) in
        [(expiry() + minute, expiry()), (expiry() - minute, expiry() - minute)]
    {
        let mut item = scene.sealed(&Scene::plaintext(), Cipher::XChaCha20Poly1305);
        item.expires_at = envelope;
        let item = scene.opened(item);
        assert!(item.opened().is_some());
        assert_eq!(item.expires_at, counts);
    }
}

#[test]
fn closes_what_comes_from_nobody_we_know() {
    let scene = scene();
    let mut item = scene.sealed(&Scene::plaintext(), Cipher::XChaCha20Poly1305);
    item.enforcer_id = Some("enf-2".parse().expect("an id"));
    scene.assert_closed(item, &Closed::UnknownSender);
    let mut item = scene.sealed(&Scene::plaintext(), Cipher::XChaCha20Poly1305);
    item.enforcer_id = None;
    scene.assert_closed(item, &Closed::UnknownSender);
    let stranger = Scene { enforcer: X25519Secret::generate().expect("random"), ..scene };
    let item = stranger.sealed(&Scene::plaintext(), Cipher::XChaCha20Poly1305);
    stranger.assert_closed(item, &Closed::NotAuthentic);
}

#[test]
fn closes_a_content_that_is_no_object() {
    let scene = scene();
    let item = scene.sealed(&json!(["req-1"]), Cipher::Aes256Gcm);
    scene.assert_closed(item, &Closed::Unreadable);
}

#[test]
fn a_cursor_is_safe_in_an_address() {
    let encoded: String = "a b&c=%/é".bytes().map(percent_encoded).collect();
    assert_eq!(encoded, "a%20b%26c%3D%25%2F%C3%A9");
}
