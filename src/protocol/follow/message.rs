//! What an enforcer tells.

use crate::protocol::ciphertext::Base64;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What became of the command since the last follow-up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum FollowUp {
    /// It runs.
    Started {
        /// Since when.
        at: Timestamp,
        /// What of it can be watched.
        view: View,
        /// The size of its terminal.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        columns: Option<u16>,
        /// The size of its terminal.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rows: Option<u16>,
    },
    /// It wrote this: bytes for a terminal, of any encoding, cut anywhere.
    Output {
        /// Milliseconds since it started.
        at_ms: u64,
        /// How many bytes before these were left out: nobody watched, or too many came.
        #[serde(default)]
        skipped: u64,
        /// The bytes.
        data: Base64,
    },
    /// It ended; nothing comes after this.
    Ended {
        /// How.
        end: End,
        /// How long it ran.
        duration_ms: u64,
        /// Whether this approver had it stopped.
        #[serde(default)]
        stopped: bool,
        /// The end of what it wrote, where the enforcer's user lets that be sent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last_output: Option<Base64>,
    },
    /// Of a later version.
    #[serde(other)]
    Unknown,
}

/// What of a command can be watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum View {
    /// What it writes to its terminal.
    Terminal,
    /// Nothing: its streams are the caller's own, and nobody copies them. It can be
    /// stopped.
    None,
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "camelCase")]
pub enum End {
    /// It returned.
    Returned {
        /// Its status, 0 to 255.
        status: u8,
    },
    /// A signal killed it.
    Killed {
        /// The signal's number.
        signal: i32,
    },
    /// It did not start.
    NotStarted {
        /// Why.
        why: String,
    },
    /// Whoever watched it was killed, and the command with it.
    Lost,
}

impl End {
    /// Says it in words that fit in a line.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Returned { status: 0 } => "ended well (status 0)".to_owned(),
            Self::Returned { status } => format!("ended with status {status}"),
            Self::Killed { signal } => format!("was killed by signal {signal}"),
            Self::NotStarted { why } => format!("did not start: {why}"),
            Self::Lost => "was lost: whoever watched it was killed".to_owned(),
        }
    }
}
