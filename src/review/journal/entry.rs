//! One used decision, and the line that says it.

use crate::crypto::{Sha256Digest, encoding};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// One used decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Format of the line.
    pub version: u32,
    /// The key that signed.
    pub signer_key_id: String,
    /// The nonce it signed.
    pub nonce: String,
    /// The request it decided.
    pub request_id: String,
    /// The artifact it decided, in hexadecimal.
    pub artifact_hash: String,
    /// What the artifacts about one command have in common, when each approver had
    /// one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
    /// When the artifact expires.
    pub expires_at: Timestamp,
}

/// The version of [`Entry`] this release writes.
pub(in crate::review) const ENTRY_VERSION: u32 = 1;

/// Entries stay this long beyond their expiry: skew and a day.
const RETENTION: SignedDuration = SignedDuration::from_hours(25);

impl Entry {
    /// Makes the entry of something that followed an approval, as a use of a grant does.
    ///
    /// No request id of a decision holds a `#`.
    pub(super) fn followed_by(&self, what: &str) -> Self {
        let behind = |text: &str| format!("{text}#{what}");
        let (nonce, request_id) = (behind(&self.nonce), behind(&self.request_id));
        Self { nonce, request_id, family: None, ..self.clone() }
    }

    /// Returns what another entry must hold, one of it, to be about the same.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        let family = self.family.as_deref();
        [&*self.nonce, &*self.request_id].into_iter().chain(family)
    }

    pub(super) fn collides_with(&self, other: &Self) -> bool {
        self.is_same_decision(other) || (self.family.is_some() && self.family == other.family)
    }

    /// Tells whether no decision can match it any more.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        self.expires_at.saturating_add(RETENTION).is_ok_and(|end| end <= now)
    }

    pub(super) fn is_same_decision(&self, other: &Self) -> bool {
        (self.signer_key_id == other.signer_key_id && self.nonce == other.nonce)
            || (self.request_id == other.request_id && self.artifact_hash == other.artifact_hash)
    }
}

/// How many digits the digest of a line has.
const DIGITS: usize = 16;

/// `DIGEST JSON\n`, the digest being the first 16 hexadecimal digits of SHA-256.
pub(super) fn line(entry: &Entry) -> Vec<u8> {
    let json = serde_json::to_string(entry).expect("an entry is plain text and numbers");
    format!("{} {json}\n", check(json.as_bytes())).into_bytes()
}

pub(super) fn parse(line: &[u8]) -> Option<Entry> {
    serde_json::from_slice(json_of(line)?).ok()
}

/// Returns what stands behind the digest of a whole line, if that is its digest.
pub(super) fn json_of(line: &[u8]) -> Option<&[u8]> {
    let (digest, json) = line.strip_suffix(b"\n")?.split_at_checked(DIGITS)?;
    let json = json.strip_prefix(b" ")?;
    (digest == check(json).as_bytes()).then_some(json)
}

fn check(json: &[u8]) -> String {
    encoding::to_hex(&Sha256Digest::of(json).as_bytes()[..DIGITS / 2])
}
