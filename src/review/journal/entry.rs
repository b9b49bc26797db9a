//! One used decision, and the line that says it.

use crate::crypto::digest::Sha256Digest;
use jiff::Timestamp;
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

impl Entry {
    /// Makes the entry of something that followed an approval, as a use of a grant does.
    ///
    /// No request id of a decision holds a `#`.
    pub(super) fn followed_by(&self, what: &str) -> Self {
        let behind = |text: &str| format!("{text}#{what}");
        let (nonce, request_id) = (behind(&self.nonce), behind(&self.request_id));
        Self { nonce, request_id, family: None, ..self.clone() }
    }

    pub(super) fn collides_with(&self, other: &Self) -> bool {
        self.is_same_decision(other) || (self.family.is_some() && self.family == other.family)
    }

    pub(super) fn is_same_decision(&self, other: &Self) -> bool {
        (self.signer_key_id == other.signer_key_id && self.nonce == other.nonce)
            || (self.request_id == other.request_id && self.artifact_hash == other.artifact_hash)
    }
}

/// `DIGEST JSON\n`, the digest being the first 16 hexadecimal digits of SHA-256.
pub(super) fn line(entry: &Entry) -> Vec<u8> {
    let json = serde_json::to_string(entry).expect("an entry is plain text and numbers");
    format!("{} {json}\n", check(json.as_bytes())).into_bytes()
}

pub(super) fn parse(line: &[u8]) -> Option<Entry> {
    let line = line.strip_suffix(b"\n")?;
    let split = line.iter().position(|byte| *byte == b' ')?;
    let (digest, json) = (&line[..split], &line[split + 1..]);
    (digest == check(json).as_bytes()).then(|| serde_json::from_slice(json).ok())?
}

fn check(json: &[u8]) -> String {
    let mut digest = Sha256Digest::of(json).to_string();
    digest.truncate(16);
    digest
}
