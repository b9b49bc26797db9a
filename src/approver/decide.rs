//! Signs what a person decided and hands it to the gateway.
//!
//! `signature = Ed25519(key, artifactHash "|" decision "|" nonce)`; the hash is
//! that of the item that was shown. Only an item that was opened can be approved;
//! the type of [`approve`] says so.

use super::item::{Item, Opened};
use super::keys::Keys;
use crate::client::{Answer, Backoff, Transport, TransportError};
use crate::crypto::RandomError;
use crate::process;
use crate::protocol::decision::DecisionNonce;
use crate::protocol::{Decision, DecisionBody, Envelope, MessageType, Party, SignedDecision};
use std::time::Duration;
use thiserror::Error;

/// How often a decision is sent when no answer comes.
const ATTEMPTS: usize = 3;
const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// The longest reason that is sent, in bytes.
const LONGEST_REASON: usize = 2000;

/// Why a decision did not arrive.
#[derive(Debug, Error)]
pub enum DecideError {
    /// Somebody decided before, or the enforcer took the request back.
    #[error("decide: the request was decided or withdrawn before")]
    AlreadyDecided,
    /// The gateway does not know the request any more.
    #[error("decide: the request is gone")]
    Gone,
    /// Any other refusal, or no answer: it is not known whether it arrived.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// No nonce could be made.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// An item that could not be opened.
    #[error("decide: what this request would run cannot be read, so it can only be rejected")]
    NotReadable,
    /// It is over by our clock, which need not be right. Protocol section 7, check 6.
    #[error(
        "decide: by this machine's clock the request is over, so it can only be rejected; the \
         gateway says that it waits"
    )]
    Overdue,
}

impl DecideError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::AlreadyDecided | Self::Gone => {
                "nothing is left to decide; see what waits with: airlock-exec approver list"
            }
            Self::Transport(error) if error.status().is_some_and(|status| status >= 500) => {
                "wait until the gateway works again, or mend it, then decide again"
            }
            Self::Transport(_) => "check that the gateway runs, then decide again",
            Self::Random(error) => error.hint(),
            Self::NotReadable => "reject it: airlock-exec approver reject ID",
            Self::Overdue => "set this machine's clock, then approve it; or reject it",
        }
    }
}

/// Approves an item whose content was opened and shown.
///
/// # Errors
///
/// [`DecideError`]; [`DecideError::NotReadable`] and [`DecideError::Overdue`] before
/// anything is signed.
pub(super) async fn approve(
    transport: &Transport,
    keys: &Keys,
    item: &Item,
) -> Result<(), DecideError> {
    let _read: &Opened = item.opened().ok_or(DecideError::NotReadable)?;
    if item.overdue(process::now()).is_some() {
        return Err(DecideError::Overdue);
    }
    submit(transport, keys, item, sign(keys, item, Decision::Approve)?).await
}

/// Rejects an item; the reason is not signed and reaches the agent as given.
///
/// # Errors
///
/// [`DecideError`].
pub(super) async fn reject(
    transport: &Transport,
    keys: &Keys,
    item: &Item,
    reason: Option<&str>,
) -> Result<(), DecideError> {
    let reason = reason.map(str::trim).filter(|reason| !reason.is_empty()).map(shortened);
    let decision = sign(keys, item, Decision::Reject)?.with_reason(reason);
    submit(transport, keys, item, decision).await
}

fn sign(keys: &Keys, item: &Item, decision: Decision) -> Result<SignedDecision, RandomError> {
    let nonce = DecisionNonce::generate()?;
    let name = keys.signer_key_id().clone();
    Ok(SignedDecision::sign(keys.signing(), name, item.artifact_hash, decision, nonce))
}

async fn submit(
    transport: &Transport,
    keys: &Keys,
    item: &Item,
    decision: SignedDecision,
) -> Result<(), DecideError> {
    let envelope = Envelope::new(
        MessageType::DecisionSubmit,
        item.request_id.clone(),
        Party::approver(keys.approver_id().clone()),
        process::now(),
        DecisionBody::from(&decision),
    )?;
    let mut backoff = Backoff::new();
    for _ in 1..ATTEMPTS {
        match transport.post("/v1/decisions", &envelope).await {
            // The same bytes again: a gateway that took them before says so.
            Err(error) if error.is_passing() => {
                tokio::time::sleep(backoff.next_wait(LONGEST_WAIT)).await;
            }
            answer => return outcome(answer),
        }
    }
    outcome(transport.post("/v1/decisions", &envelope).await)
}

fn outcome(answer: Result<Answer, TransportError>) -> Result<(), DecideError> {
    answer.map(drop).map_err(|error| match error.status() {
        Some(404 | 410) => DecideError::Gone,
        Some(409) => DecideError::AlreadyDecided,
        _ => DecideError::Transport(error),
    })
}

fn shortened(reason: &str) -> String {
    let end = (0..=LONGEST_REASON.min(reason.len()))
        .rev()
        .find(|end| reason.is_char_boundary(*end))
        .unwrap_or(0);
    reason[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::approver::item::{Closed, Content, Opened};
    use crate::process::PrivateDir;
    use jiff::Timestamp;
    use serde_json::Map;

    fn keys() -> Keys {
        let outer = tempfile::tempdir().expect("temporary directory");
        let directory = PrivateDir::open(&outer.path().join("a")).expect("private directory");
        Keys::load_or_create(&directory).expect("keys")
    }

    fn item(content: Content) -> Item {
        Item {
            request_id: "req-1".parse().expect("an id"),
            artifact_hash: "ab".repeat(32).parse().expect("a hash"),
            sender: None,
            created_at: Timestamp::UNIX_EPOCH,
            expires_at: Timestamp::MAX,
            content,
        }
    }

    #[test]
    fn what_to_do_depends_on_whether_the_gateway_answered() {
        let url = || "http://localhost".to_owned();
        let hint = |error| DecideError::Transport(error).hint();
        let refused =
            TransportError::Refused { url: url(), status: 503, error: None, retry_after: None };
        assert!(hint(refused).starts_with("wait until the gateway works again"));
        assert!(
            hint(TransportError::TimedOut { url: url() }).starts_with("check that the gateway")
        );
    }

    #[test]
    fn signs_the_hash_of_the_item_with_a_nonce_of_its_own() {
        let keys = keys();
        let item = item(Content::Opened(Opened::new(Map::new())));
        let one = sign(&keys, &item, Decision::Approve).expect("signed");
        let other = sign(&keys, &item, Decision::Reject).expect("signed");
        let key = keys.signing().verifying_key();
        assert_eq!(one.verify(&key, &item.artifact_hash).ok(), Some(Decision::Approve));
        assert_eq!(other.verify(&key, &item.artifact_hash).ok(), Some(Decision::Reject));
        assert_ne!(one.nonce(), other.nonce());
        assert!(one.nonce().as_str().len() >= 22, "at least 128 bits of base64");
        assert!(one.signer_key_id().names_same_key(keys.signer_key_id()));
    }

    #[test]
    fn refuses_to_approve_what_could_not_be_read() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        // Nothing listens there: an attempt to send would be another error.
        let transport = Transport::new("http://127.0.0.1:1", None).expect("an address");
        let item = item(Content::Closed(Closed::HashMismatch));
        let approved = runtime.expect("a runtime").block_on(approve(&transport, &keys(), &item));
        assert!(matches!(approved, Err(DecideError::NotReadable)), "{approved:?}");
    }

    #[test]
    fn refuses_to_approve_what_is_over_by_our_clock() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        // Nothing listens there: an attempt to send would be another error.
        let transport = Transport::new("http://127.0.0.1:1", None).expect("an address");
        let mut item = item(Content::Opened(Opened::new(Map::new())));
        item.expires_at = process::now();
        let approved = runtime.expect("a runtime").block_on(approve(&transport, &keys(), &item));
        assert!(matches!(approved, Err(DecideError::Overdue)), "{approved:?}");
    }

    #[test]
    fn a_long_reason_is_cut_at_a_character() {
        let reason = "é".repeat(2000);
        let cut = shortened(&reason);
        assert!(cut.len() <= LONGEST_REASON && reason.starts_with(&cut) && !cut.is_empty());
        assert_eq!(shortened("short"), "short");
    }
}
