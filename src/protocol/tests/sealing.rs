//! Sealing, opening, and reading what was sealed.

use crate::crypto::{Cipher, SealKey, VerifyingKey, X25519Secret, encoding};
use crate::protocol::artifact::{self, ActionDecision, ArtifactError, Extensions};
use crate::protocol::ciphertext::UnsealError;
use crate::protocol::{Ciphertext, CommandReview, Plaintext, ReceivedArtifact, json};
use serde_json::json;
use zeroize::Zeroizing;

fn review() -> CommandReview {
    json::from_value(json!({
        "requestId": "req-1", "artifactType": "command.review", "artifactHashAlg": "SHA-256",
        "actionType": "terminal_command", "createdAt": "2026-02-21T12:00:00Z",
        "expiresAt": "2026-02-21T12:10:00Z", "repoRef": "repo:1", "commandText": "git push",
        "argv": ["git", "push"], "argvBytes": {"1": "ff"}, "cwd": "/w", "executable": "/usr/bin/git",
        "executableSha256": "0".repeat(64), "files": [], "environment": [], "stdin": "null",
        "user": "u", "host": "h", "interception": "prefix", "workspace": "w", "notes": [],
        "source": "airlock-exec/0", "extensions": Extensions::approve_or_reject()
    }))
    .unwrap()
}

#[test]
fn what_is_hashed_is_what_is_sealed() {
    let plaintext = Plaintext::of(&review()).unwrap();
    for cipher in Cipher::ALL {
        let key = SealKey::generate(cipher).unwrap();
        let sealed = Ciphertext::seal(&plaintext, &key).unwrap();
        let wire = serde_json::to_vec(&sealed).unwrap();
        let read: Ciphertext = json::read_as(&wire, json::LIMIT).unwrap();
        let opened = read.open(&key).unwrap();
        let received = ReceivedArtifact::read(&opened, &plaintext.hash()).unwrap();
        assert_eq!(received.command().unwrap(), review());
        assert_eq!(received.hash(), plaintext.hash());
    }
}

#[test]
fn the_buttons_are_those_of_the_extension() {
    let rows = serde_json::to_value(review()).unwrap();
    let actions = &rows["extensions"]["org.harp.requestedActions"]["actions"];
    assert_eq!(
        (&actions[0]["decision"], &actions[1]["decision"]),
        (&json!("allow"), &json!("deny"))
    );
    let unknown_style = json!({"id": "a", "caption": "A", "style": "neon", "decision": "deny"});
    let action: artifact::RequestedAction = json::from_value(unknown_style).unwrap();
    assert_eq!(
        (action.style, action.decision),
        (artifact::ButtonStyle::Secondary, ActionDecision::Deny)
    );
}

#[test]
fn an_artifact_with_another_hash_is_not_shown() {
    let other = Plaintext::of(&json!({"a": 1})).unwrap().hash();
    let outcome = ReceivedArtifact::read(br#"{"a":2}"#, &other);
    assert!(matches!(outcome, Err(ArtifactError::WrongHash { .. })));
    let list = Plaintext::of(&json!([1])).unwrap();
    let outcome = ReceivedArtifact::read(list.as_bytes(), &list.hash());
    assert!(matches!(outcome, Err(ArtifactError::NotAnObject)));
    let spaced = ReceivedArtifact::read(
        br#"{ "b": 1, "a": 1 }"#,
        &Plaintext::of(&json!({"a": 1, "b": 1})).unwrap().hash(),
    );
    assert_eq!(spaced.unwrap().rows().len(), 2);
}

#[test]
fn a_ciphertext_only_opens_under_its_own_name() {
    let plaintext = Plaintext::of(&json!({"a": 1})).unwrap();
    let bytes = [7; 32];
    let [ours, other] =
        Cipher::ALL.map(|cipher| SealKey::from_bytes(cipher, Zeroizing::new(bytes)));
    let mut sealed = Ciphertext::seal(&plaintext, &ours).unwrap();
    sealed.alg = sealed.alg.to_uppercase();
    assert!(sealed.open(&ours).is_ok());
    assert_eq!(sealed.open(&other), Err(UnsealError::Algorithm { expected: other.cipher() }));
    sealed.alg = other.cipher().name().to_owned();
    assert!(matches!(sealed.open(&other), Err(UnsealError::Open(_))));
    sealed.alg = "rot13".to_owned();
    assert!(sealed.open(&ours).is_err());
}

#[test]
fn data_beside_the_ciphertext_is_bound_to_it() {
    let key = SealKey::generate(Cipher::Aes256Gcm).unwrap();
    let mut sealed = Ciphertext::seal_bytes(b"text", &key, Some(b"beside")).unwrap();
    assert_eq!(sealed.open(&key).unwrap().as_slice(), b"text");
    sealed.aad = None;
    assert!(sealed.open(&key).is_err());
}

#[test]
fn the_published_client_and_we_read_each_other() {
    use airlock_gateway::crypto as theirs;
    let pair = theirs::generate_x25519_keypair();
    let secret = X25519Secret::generate().unwrap();
    let shared = secret.agree(&pair.public_key.parse().unwrap()).unwrap();
    let key = shared.derive(Cipher::Aes256Gcm);
    let their_key =
        theirs::derive_shared_key(&pair.private_key, &secret.public().to_string()).unwrap();
    assert_eq!(encoding::to_base64url(key.expose_bytes()), their_key);

    let payload = theirs::aes_gcm_encrypt(&their_key, r#"{"a":"ä"}"#).unwrap();
    let read: Ciphertext = json::from_value(serde_json::to_value(payload).unwrap()).unwrap();
    assert_eq!(read.open(&key).unwrap().as_slice(), r#"{"a":"ä"}"#.as_bytes());

    let plaintext = Plaintext::of(&review()).unwrap();
    let sealed = serde_json::to_value(Ciphertext::seal(&plaintext, &key).unwrap()).unwrap();
    let payload: theirs::EncryptedPayload = json::from_value(sealed).unwrap();
    let opened = theirs::aes_gcm_decrypt(&their_key, &payload).unwrap();
    assert_eq!(opened.as_bytes(), plaintext.as_bytes());
    let hash = airlock_gateway::canonical_json::hash_canonical(&opened).unwrap();
    assert_eq!(hash, plaintext.hash().to_string());

    let signer = theirs::generate_ed25519_keypair();
    let signature = theirs::ed25519_sign(&signer.private_key, b"message").unwrap();
    let verifying: VerifyingKey = signer.public_key.parse().unwrap();
    verifying.verify_strict(b"message", &signature.parse().unwrap()).unwrap();
}
