//! Follows a command after its approval: how it goes on, and a say in that.
//!
//! The gateway may drop what an enforcer tells, and nothing else: what does not open at
//! its place is left out and counted as missing. Orders are signed with the key that
//! decides. Spec: docs/harp.md, extensions.

use super::item::Item;
use super::keys::Keys;
use super::pairings::Pairing;
use crate::client::{Transport, TransportError};
use crate::crypto::{Cipher, RandomError, SealError, SealKey};
use crate::process;
use crate::protocol::follow::{
    Control, Direction, FollowBody, FollowPage, FollowUp, Sealed, Subject,
};
use crate::protocol::json::{self, JsonError};
use crate::protocol::{Envelope, MessageType, Party};
use std::time::Duration;
use thiserror::Error;

/// Why a command cannot be followed.
#[derive(Debug, Error)]
pub enum FollowError {
    /// The gateway is away or refused.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The gateway has no such calls, or forgot the exchange.
    #[error("follow the command: this gateway knows nothing about it")]
    Unknown,
    /// Nobody approved it.
    #[error("follow the command: it is not approved, so it does not run")]
    NotDecided,
    /// The gateway sent something else than was asked for.
    #[error("follow the command: the gateway sent something else than what follows")]
    NotAPage,
    /// The page is not what it should be.
    #[error("follow the command: {0}")]
    Json(#[from] JsonError),
    /// What was asked could not be read, so nobody knows who would read an answer.
    #[error("follow the command: what it asked could not be read here")]
    NotReadable,
    /// The order could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// There is no random name for the message.
    #[error(transparent)]
    Random(#[from] RandomError),
}

impl FollowError {
    /// Tells whether the same call may succeed later.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Transport(error) if error.is_passing())
    }

    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unknown => {
                "only gateways of ours pass on how a command goes on: see docs/recording.md"
            }
            Self::NotDecided => "approve it first: airlock-exec approver approve ID",
            Self::Transport(_) | Self::NotAPage | Self::Json(_) => {
                "check that the gateway runs and that the token is an approver's"
            }
            Self::NotReadable => "follow it where it was approved",
            Self::Seal(_) | Self::Random(_) => "try again",
        }
    }
}

/// What came of a command.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// How many messages before it are missing: dropped on the way, or forgotten since.
    pub missing: u64,
    /// The message.
    pub message: FollowUp,
}

/// A command that is followed.
#[derive(Debug)]
pub struct Following {
    subject: Subject,
    sender: Pairing,
    cipher: Cipher,
    last: u64,
    /// How many before the next are missing already.
    lost: u64,
    ordered: u64,
}

impl Following {
    /// How long a gateway is to hold an answer back.
    pub const HELD: Duration = Duration::from_secs(50);
    /// The same while the command is watched: each time the wish to watch is said again.
    pub const HELD_WATCHED: Duration = Duration::from_secs(10);

    /// Follows what this item asked for, from the start.
    ///
    /// # Errors
    ///
    /// [`FollowError::NotReadable`] for an item that could not be opened.
    pub fn of(item: &Item) -> Result<Self, FollowError> {
        let (Some(opened), Some(sender)) = (item.opened(), &item.sender) else {
            return Err(FollowError::NotReadable);
        };
        let subject =
            Subject { request_id: item.request_id.clone(), artifact_hash: item.artifact_hash };
        let (sender, cipher) = (sender.clone(), opened.cipher());
        Ok(Self { subject, sender, cipher, last: 0, lost: 0, ordered: 0 })
    }

    /// Returns what came since the last call, waiting so long (to 60 s) for something.
    ///
    /// # Errors
    ///
    /// [`FollowError`].
    pub async fn next(
        &mut self,
        transport: &Transport,
        keys: &Keys,
        held: Duration,
    ) -> Result<Vec<Seen>, FollowError> {
        let seconds = held.as_secs().min(60);
        let id = &self.subject.request_id;
        let path = format!("/v1/exchanges/{id}/follow-ups?after={}&timeout={seconds}", self.last);
        let answer =
            transport.long_poll(&path, Duration::from_secs(seconds)).await.map_err(told)?;
        let Some(body) = answer.body else { return Ok(Vec::new()) };
        let page: Envelope<FollowPage> = json::from_value(body)?;
        if page.message_type != MessageType::FollowUpPage || page.request_id != *id {
            return Err(FollowError::NotAPage);
        }
        let key = self.key(keys)?;
        Ok(page.body.items.iter().filter_map(|item| self.open(item, &key)).collect())
    }

    /// Sends an order, signed.
    ///
    /// # Errors
    ///
    /// [`FollowError`]; whether it was obeyed is told by what comes next.
    pub async fn order(
        &mut self,
        transport: &Transport,
        keys: &Keys,
        control: Control,
    ) -> Result<(), FollowError> {
        let now = process::now();
        let seq = u64::try_from(now.as_millisecond()).unwrap_or(1).max(self.ordered + 1);
        self.ordered = seq;
        let signer = (keys.signer_key_id(), keys.signing());
        let sealed = control.seal(&self.subject, seq, signer, &self.key(keys)?)?;
        let artifact_hash = self.subject.artifact_hash;
        let body = FollowBody { artifact_hash, passing: false, sealed };
        let (id, sender) = (&self.subject.request_id, Party::approver(keys.approver_id().clone()));
        let envelope = Envelope::new(MessageType::ControlSubmit, id.clone(), sender, now, body)?;
        let path = format!("/v1/exchanges/{id}/controls");
        transport.post(&path, &envelope).await.map(drop).map_err(told)
    }

    /// Opens a message, if it stands after the last; one that does not open is missing.
    fn open(&mut self, item: &Sealed, key: &SealKey) -> Option<Seen> {
        if item.seq <= self.last {
            return None;
        }
        let before = item.seq - self.last - 1;
        self.last = item.seq;
        let Ok(message) = self.subject.open(Direction::FromEnforcer, item, key) else {
            self.lost = self.lost.saturating_add(before + 1);
            return None;
        };
        let missing = std::mem::take(&mut self.lost).saturating_add(before);
        Some(Seen { missing, message })
    }

    fn key(&self, keys: &Keys) -> Result<SealKey, FollowError> {
        let shared = keys.agreement().agree(&self.sender.x25519_public_key);
        Ok(shared.map_err(|_| FollowError::NotReadable)?.derive(self.cipher))
    }
}

fn told(error: TransportError) -> FollowError {
    match error.status() {
        Some(404) => FollowError::Unknown,
        Some(409) => FollowError::NotDecided,
        _ => FollowError::Transport(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::X25519Secret;
    use crate::process::PrivateDir;
    use crate::protocol::follow::{End, ReceivedControl};

    struct Scene {
        keys: Keys,
        following: Following,
        /// As the enforcer has it.
        key: SealKey,
    }

    fn scene() -> Scene {
        let outer = tempfile::tempdir().expect("temporary directory");
        let directory = PrivateDir::open(&outer.path().join("a")).expect("private directory");
        let keys = Keys::load_or_create(&directory).expect("keys");
        let enforcer = X25519Secret::generate().expect("random");
        let sender = Pairing::with(enforcer.public());
        let cipher = Cipher::Aes256Gcm;
        let key = enforcer.agree(&keys.agreement().public()).expect("agreed").derive(cipher);
        let subject = Subject {
            request_id: "req-1".parse().expect("an id"),
            artifact_hash: "ab".repeat(32).parse().expect("a hash"),
        };
        let following = Following { subject, sender, cipher, last: 0, lost: 0, ordered: 0 };
        Scene { keys, following, key }
    }

    fn ended(status: u8) -> FollowUp {
        let end = End::Returned { status };
        FollowUp::Ended { end, duration_ms: 1, stopped: false, last_output: None }
    }

    #[test]
    fn what_is_dropped_is_counted_and_what_is_repeated_is_not_seen_again() {
        let Scene { keys, mut following, key } = scene();
        let subject = following.subject.clone();
        let seal = |seq, status| {
            subject.seal(Direction::FromEnforcer, seq, &ended(status), &key).expect("sealed")
        };
        let ours = following.key(&keys).expect("a key");
        let first = seal(1, 0);
        assert_eq!(following.open(&first, &ours), Some(Seen { missing: 0, message: ended(0) }));
        assert_eq!(following.open(&first, &ours), None, "again");
        let moved = Sealed { seq: 3, ..seal(2, 1) };
        assert_eq!(following.open(&moved, &ours), None, "moved");
        let fourth = Some(Seen { missing: 2, message: ended(4) });
        assert_eq!(following.open(&seal(4, 4), &ours), fourth);
        assert_eq!(following.open(&seal(2, 2), &ours), None, "too late");
    }

    #[test]
    fn an_order_is_one_that_the_enforcer_obeys() {
        let Scene { keys, following, key } = scene();
        let signer = (keys.signer_key_id(), keys.signing());
        let ours = following.key(&keys).expect("a key");
        let sealed = Control::Stop.seal(&following.subject, 7, signer, &ours).expect("sealed");
        let verifying = keys.signing().verifying_key();
        let mut received = ReceivedControl::default();
        let verified =
            received.verify(&following.subject, &sealed, (keys.signer_key_id(), &verifying), &key);
        assert_eq!(verified.expect("obeyed"), Control::Stop);
    }
}
