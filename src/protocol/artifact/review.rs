//! The review of a command, with keys that are for people.

use super::evidence::{
    Arguments, BoundText, EnvironmentEntry, FileEvidence, HexBytes, InputKind, InterceptionKind,
};
use crate::crypto::Sha256Digest;
use crate::protocol::id::{RequestId, SessionId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// What an artifact is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum ArtifactKind {
    /// A command to run.
    #[default]
    #[serde(rename = "command.review")]
    CommandReview,
    /// Commands that run without asking again.
    #[serde(rename = "command.grant")]
    CommandGrant,
}

impl ArtifactKind {
    /// Tells whether it is about one command.
    #[must_use]
    pub fn is_about_a_command(self) -> bool {
        matches!(self, Self::CommandReview)
    }

    /// Returns the name used on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CommandReview => "command.review",
            Self::CommandGrant => "command.grant",
        }
    }
}

/// How an artifact is hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum HashAlgorithm {
    /// SHA-256 of the canonical bytes.
    #[default]
    #[serde(rename = "SHA-256")]
    Sha256,
}

/// What an approval lets happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionType {
    /// A command in a terminal.
    #[default]
    TerminalCommand,
    /// Commands in a terminal, for longer than once.
    StandingPermission,
}

/// Everything an approver sees and a signature binds. Protocol sections 5 and 8.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommandReview {
    /// The request this is the content of.
    pub request_id: RequestId,
    /// What this is about.
    pub artifact_type: ArtifactKind,
    /// How this is hashed.
    pub artifact_hash_alg: HashAlgorithm,
    /// What an approval lets happen.
    pub action_type: ActionType,
    /// When it was asked.
    pub created_at: Timestamp,
    /// When an approval stops to count.
    pub expires_at: Timestamp,
    /// Names the repository without telling where it is.
    pub repo_ref: String,
    /// The agent's session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<SessionId>,
    /// The complete command, quoted for a shell.
    pub command_text: String,
    /// How many different approvers must approve, when that is more than one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approvals_needed: Option<u8>,
    /// What git tells about a commit or a push, when one of its hooks asks. Its keys
    /// are for people too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git: Option<Value>,
    /// Each argument, `argv[0]` first.
    pub argv: Vec<String>,
    /// The exact bytes of the arguments that are not UTF-8, by their index.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub argv_bytes: BTreeMap<usize, HexBytes>,
    /// The working directory.
    pub cwd: String,
    /// Its exact bytes when they are not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cwd_bytes: Option<HexBytes>,
    /// The program's absolute path.
    pub executable: String,
    /// Its exact bytes when they are not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub executable_bytes: Option<HexBytes>,
    /// The digest of the program's file, absent when nobody may read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub executable_sha256: Option<Sha256Digest>,
    /// Scripts and other files that will be executed.
    pub files: Vec<FileEvidence>,
    /// Variables that change what runs.
    pub environment: Vec<EnvironmentEntry>,
    /// What standard input is.
    pub stdin: InputKind,
    /// The digest of standard input, when the program comes through it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stdin_sha256: Option<Sha256Digest>,
    /// Its size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stdin_size: Option<u64>,
    /// Its start, when it is text: all of it when that is as long as its size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stdin_preview: Option<String>,
    /// Who runs it.
    pub user: String,
    /// Where it runs.
    pub host: String,
    /// The shell the command is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shell: Option<String>,
    /// The agent that asks, as far as we can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// How the command came to us.
    pub interception: InterceptionKind,
    /// The workspace it runs in.
    pub workspace: String,
    /// The repository's name, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repo_name: Option<String>,
    /// The branch that is checked out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// The commit that is checked out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_revision: Option<String>,
    /// Why a person is asked: the rule, or what no rule covers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why_asked: Option<String>,
    /// What makes it risky, in words.
    pub notes: Vec<String>,
    /// Whether some of the notes are about what is hard to undo, so that an approver
    /// should ask twice.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ask_twice: bool,
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

impl CommandReview {
    /// Returns the arguments with the exact bytes of those that are not UTF-8.
    #[must_use]
    pub fn arguments(&self) -> Arguments {
        Arguments { texts: self.argv.clone(), bytes: self.argv_bytes.clone() }
    }

    /// Returns the working directory as text and, where needed, bytes.
    #[must_use]
    pub fn directory(&self) -> BoundText {
        BoundText { text: self.cwd.clone(), bytes: self.cwd_bytes.clone() }
    }
}

/// Keys that HARP lets others define. HARP requested-actions 2.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Extensions {
    /// The buttons an approver app shows.
    #[serde(
        rename = "org.harp.requestedActions",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub requested_actions: Option<RequestedActions>,
}

impl Extensions {
    /// Asks for two buttons: run it once, or reject it.
    #[must_use]
    pub fn approve_or_reject() -> Self {
        Self::two_buttons("Run once")
    }

    /// Asks for two buttons: let these run without asking again, or reject it.
    #[must_use]
    pub fn grant_or_reject() -> Self {
        Self::two_buttons("Grant for longer than once")
    }

    fn two_buttons(approve: &str) -> Self {
        let action = |id: &str, caption: &str, style, decision| RequestedAction {
            id: id.to_owned(),
            caption: caption.to_owned(),
            style,
            decision,
        };
        let actions = vec![
            action("approve", approve, ButtonStyle::Primary, ActionDecision::Allow),
            action("reject", "Reject", ButtonStyle::Danger, ActionDecision::Deny),
        ];
        Self { requested_actions: Some(RequestedActions { version: 1, actions }) }
    }
}

/// A list of one to five buttons. HARP requested-actions 3.1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestedActions {
    /// The version of this list's shape: 1.
    pub version: u32,
    /// The buttons in order.
    pub actions: Vec<RequestedAction>,
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestedAction {
    /// Names the button.
    pub id: String,
    /// What is written on it.
    pub caption: String,
    /// What it looks like.
    #[serde(default)]
    pub style: ButtonStyle,
    /// What it decides.
    pub decision: ActionDecision,
}

/// What a button decides, in HARP-CORE's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ActionDecision {
    /// Run it.
    Allow,
    /// Do not run it.
    Deny,
}

/// What a button looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ButtonStyle {
    /// The usual choice.
    Primary,
    /// A choice that stops something.
    Danger,
    /// Another choice, and whatever style we do not know.
    #[default]
    #[serde(other)]
    Secondary,
}
