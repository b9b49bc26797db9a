//! Permission for longer than once, as an approver reads and signs it.

use super::evidence::{EnvironmentEntry, FileEvidence};
use super::{ActionType, ArtifactKind, Extensions, HashAlgorithm};
use crate::crypto::Sha256Digest;
use crate::protocol::id::{EnforcerId, RequestId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Everything a signature on a grant covers; nothing else about a grant counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommandGrant {
    /// The request this is the content of, and the name of the grant.
    pub request_id: RequestId,
    /// What this is about.
    pub artifact_type: ArtifactKind,
    /// How this is hashed.
    pub artifact_hash_alg: HashAlgorithm,
    /// What an approval lets happen.
    pub action_type: ActionType,
    /// When it was asked.
    pub created_at: Timestamp,
    /// Until when it can be approved.
    pub expires_at: Timestamp,
    /// Names the repository without telling where it is.
    pub repo_ref: String,
    /// In one line: that this is for longer than once, and what.
    pub command_text: String,
    /// In a sentence: what an approval means.
    pub meaning: String,
    /// Which commands, word by word.
    pub pattern: Vec<PatternWord>,
    /// How many of them may run.
    pub uses: u32,
    /// Until when.
    pub until: Timestamp,
    /// Where they must start.
    pub place: GrantPlace,
    /// Who runs them.
    pub user: String,
    /// The name of the machine.
    pub host: String,
    /// Which machine that is: opaque, the same for every start of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<String>,
    /// Which installation of ours.
    pub enforcer: EnforcerId,
    /// The process below which they must be started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<GrantSession>,
    /// The program's absolute path.
    pub executable: String,
    /// The digest of the program's file.
    pub executable_sha256: Sha256Digest,
    /// Scripts and other files that must not change.
    pub files: Vec<FileEvidence>,
    /// Variables that change what runs, as they must be.
    pub environment: Vec<EnvironmentEntry>,
    /// The digest of all of these, also of what is not shown.
    pub environment_sha256: Sha256Digest,
    /// When it was asked, by a clock that nobody can turn back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot_clock: Option<BootClock>,
    /// The agent that asks, as far as we can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// Commands it would cover, and some that it would not.
    pub examples: Vec<String>,
    /// What makes it risky, in words.
    pub notes: Vec<String>,
    /// Whether an approver who is paired with a passkey must touch it to approve.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ask_touch: bool,
    /// Whether no other approval counts: who has no passkey can only reject.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub needs_touch: bool,
    /// `airlock-exec/` and its version.
    pub source: String,
    /// What else HARP defines.
    pub extensions: Extensions,
}

/// One word of a pattern.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PatternWord {
    /// This word and no other.
    Exactly(String),
    /// A word that is not known yet.
    Any(AnyWord),
}

/// What stands for words that are not known yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AnyWord {
    /// One word that is no option.
    #[serde(rename = "one word")]
    One,
    /// Any number of words that are no options, at the end.
    #[serde(rename = "further words")]
    Further,
}

/// Where commands must start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GrantPlace {
    /// What sort of place.
    pub kind: GrantPlaceKind,
    /// Its top.
    pub path: String,
    /// Which directory that is: the number of its device.
    pub device: String,
    /// Which directory that is: its number there.
    pub inode: String,
}

/// What sort of place commands must start in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GrantPlaceKind {
    /// A repository, and no other one inside it.
    Repository,
    /// A directory, and everything below it.
    Directory,
}

/// A process whose descendants alone may use a grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GrantSession {
    /// Its number.
    pub process: i32,
    /// When it started, in ticks since the machine did; as text, since it is 64 bits.
    pub started: String,
    /// What it calls itself.
    pub name: String,
}

/// A moment by the clock of one run of the machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BootClock {
    /// Which run.
    pub boot: String,
    /// How long it had run, in milliseconds.
    pub since_boot_ms: u64,
}
