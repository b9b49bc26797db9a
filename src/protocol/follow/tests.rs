//! Messages that were moved, and orders that were forged.

use super::*;
use crate::crypto::{Cipher, SigningKey, X25519Secret};
use crate::protocol::id::SignerKeyId;

fn key() -> SealKey {
    let (ours, theirs) = (X25519Secret::generate().unwrap(), X25519Secret::generate().unwrap());
    ours.agree(&theirs.public()).unwrap().derive(Cipher::XChaCha20Poly1305)
}

fn subject(id: &str) -> Subject {
    Subject { request_id: id.parse().unwrap(), artifact_hash: "ab".repeat(32).parse().unwrap() }
}

fn ended() -> FollowUp {
    FollowUp::Ended {
        end: End::Returned { status: 3 },
        duration_ms: 12,
        stopped: false,
        last_output: None,
    }
}

#[test]
fn a_message_opens_only_where_it_was_put() {
    let (key, ours) = (key(), subject("req-1"));
    let sealed = ours.seal(Direction::FromEnforcer, 7, &ended(), &key).unwrap();
    let opened: FollowUp = ours.open(Direction::FromEnforcer, &sealed, &key).unwrap();
    assert_eq!(opened, ended());
    let moved = Sealed { seq: 8, ..sealed.clone() };
    assert!(ours.open::<FollowUp>(Direction::FromEnforcer, &moved, &key).is_err(), "reordered");
    assert!(ours.open::<FollowUp>(Direction::FromApprover, &sealed, &key).is_err(), "reflected");
    let other = subject("req-2");
    assert!(other.open::<FollowUp>(Direction::FromEnforcer, &sealed, &key).is_err(), "elsewhere");
    let hash = "cd".repeat(32).parse().unwrap();
    let other = Subject { artifact_hash: hash, ..ours.clone() };
    assert!(other.open::<FollowUp>(Direction::FromEnforcer, &sealed, &key).is_err(), "other hash");
    let stranger = self::key();
    assert!(ours.open::<FollowUp>(Direction::FromEnforcer, &sealed, &stranger).is_err());
}

#[test]
fn what_travels_beside_a_message_is_not_what_it_is_bound_to() {
    let (key, ours) = (key(), subject("req-1"));
    let plaintext = serde_json::to_vec(&ended()).unwrap();
    let ciphertext = Ciphertext::seal_bytes(&plaintext, &key, Some(b"elsewhere")).unwrap();
    assert!(ciphertext.open(&key).is_ok(), "by its own account it is well");
    let moved = Sealed { seq: 7, ciphertext };
    assert!(ours.open::<FollowUp>(Direction::FromEnforcer, &moved, &key).is_err());
}

#[test]
fn a_later_kind_is_no_error() {
    let (key, ours) = (key(), subject("req-1"));
    let later = serde_json::json!({"kind": "sung", "verse": 1});
    let sealed = ours.seal(Direction::FromEnforcer, 1, &later, &key).unwrap();
    let opened: FollowUp = ours.open(Direction::FromEnforcer, &sealed, &key).unwrap();
    assert_eq!(opened, FollowUp::Unknown);
}

#[test]
fn a_stop_counts_once_and_only_by_the_key_that_decided() {
    let (key, ours) = (key(), subject("req-1"));
    let signing = SigningKey::generate().unwrap();
    let verifying = signing.verifying_key();
    let name: SignerKeyId = "key-1".parse().unwrap();
    let signer = (&name, &verifying);
    let seal =
        |seq, signing: &SigningKey| Control::Stop.seal(&ours, seq, (&name, signing), &key).unwrap();
    let mut received = ReceivedControl::default();
    let stop = seal(1_000, &signing);
    assert_eq!(received.verify(&ours, &stop, signer, &key).unwrap(), Control::Stop);
    let again = received.verify(&ours, &stop, signer, &key);
    assert!(matches!(again, Err(ControlError::Replayed)), "{again:?}");
    let earlier = received.verify(&ours, &seal(999, &signing), signer, &key);
    assert!(matches!(earlier, Err(ControlError::Replayed)), "{earlier:?}");
    // Whoever has the key of the pairing alone, as a copied enforcer has, orders nothing.
    let forged = seal(1_001, &SigningKey::generate().unwrap());
    let forged = received.verify(&ours, &forged, signer, &key);
    assert!(matches!(forged, Err(ControlError::BadSignature)), "{forged:?}");
    let elsewhere = Control::Stop.seal(&subject("req-2"), 1_002, (&name, &signing), &key).unwrap();
    assert!(received.verify(&ours, &elsewhere, signer, &key).is_err());
    let other_name: SignerKeyId = "key-2".parse().unwrap();
    let other = received.verify(&ours, &seal(1_003, &signing), (&other_name, &verifying), &key);
    assert!(matches!(other, Err(ControlError::OtherKey)), "{other:?}");
    // What was not to be obeyed passes no place.
    assert!(received.verify(&ours, &seal(1_001, &signing), signer, &key).is_ok());
}
