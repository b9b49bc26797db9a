//! What is written down: one event for each change of state.

mod made;

use super::allowed::AllowedCommand;
use super::basis::{Basis, End};
use super::cast::Recorded;
use super::command::Command;
use super::line::Link;
use crate::crypto::Sha256Digest;
use crate::protocol::artifact::ArtifactKind;
use crate::protocol::decision::SettledDecision;
use crate::protocol::{ArtifactHash, Passkey, RequestId, SignerKeyId};
use crate::request::git::Kept;
use crate::review::Touch;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One change of state in the life of a command. HARP-CORE 9.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Event {
    /// A person is about to be asked.
    Requested {
        /// The request.
        request_id: RequestId,
        /// What a decision must be about.
        artifact_hash: ArtifactHash,
        /// What is asked for.
        artifact_type: ArtifactKind,
        /// How many different approvers must approve.
        #[serde(default = "one", skip_serializing_if = "is_one")]
        approvals: u8,
        /// Whose approval takes the touch of a passkey; not there where nobody's does, and
        /// in records from before it was written down.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        touch: Option<Touch>,
        /// The command it is about.
        command: Command,
        /// Why the policy asks.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
        /// What the approver is told besides.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        notes: Vec<String>,
        /// The process that asks: ours.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        process: Option<u32>,
    },
    /// The gateway took the request.
    Submitted {
        /// The request.
        request_id: RequestId,
    },
    /// An answer came that was not believed; the wait goes on.
    Doubted {
        /// The request, as it was made first.
        request_id: RequestId,
        /// One word for what was wrong with it.
        cause: String,
        /// What was.
        detail: String,
    },
    /// A person decided, and the decision passed every check.
    Decided {
        /// The request, as it was made first.
        request_id: RequestId,
        /// The decision, which can be checked again.
        decision: Box<SettledDecision>,
        /// The words that came along, which nobody signed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unsigned_reason: Option<String>,
    },
    /// A person granted commands for longer than once.
    Granted {
        /// The grant: the request that one of the approvers signed.
        grant: RequestId,
        /// How many runs it is for.
        uses: u32,
        /// Until when.
        until: Timestamp,
    },
    /// A grant was taken back.
    Revoked {
        /// The grant.
        grant: String,
    },
    /// When an approver is asked was changed.
    Pairing {
        /// What the pairing is called.
        name: String,
        /// The fingerprint of the approver's key.
        fingerprint: String,
        /// For how many seconds nobody must have decided before it is asked.
        after_secs: u64,
    },
    /// The decisions of a key count from now on.
    Paired {
        /// What the pairing is called.
        name: String,
        /// Its name in what it signs.
        signer_key_id: String,
        /// The fingerprint of the key.
        fingerprint: String,
        /// At which gateway.
        gateway: String,
        /// The passkey that some approvals by it take; public.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        passkey: Option<Passkey>,
    },
    /// The decisions of a key count no longer: unpaired, or its keys were replaced.
    Unpaired {
        /// What the pairing was called.
        name: String,
        /// Its name in what it signed.
        signer_key_id: String,
    },
    /// A policy file is another one than when somebody was last asked.
    PolicyChanged {
        /// The file.
        path: String,
        /// Its digest; none when it is gone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sha256: Option<Sha256Digest>,
    },
    /// It does not run, and not because a person said so.
    Refused {
        /// The request.
        request_id: RequestId,
        /// One word for what happened.
        cause: String,
        /// The sentence the caller was told.
        detail: String,
    },
    /// It does not run, and nobody was asked.
    NotAsked {
        /// One word for what happened.
        cause: String,
        /// The sentence the caller was told.
        detail: String,
        /// What was to run.
        command: Command,
    },
    /// A command is about to start; written durably before it does.
    Started {
        /// What allows it.
        by: Basis,
        /// The process that watches it: ours.
        process: u32,
        /// What runs.
        command: Command,
    },
    /// Whoever asked was told that it may run, and runs it, if at all; written durably
    /// before that was said.
    Released {
        /// What allows it.
        by: Basis,
        /// How it came to us.
        to: String,
        /// What may run.
        command: Command,
    },
    /// A command that an approved command started is about to run in our place.
    Nested {
        /// What was approved: the command that runs around it.
        within: RequestId,
        /// How it came to us.
        to: String,
        /// What runs.
        command: Command,
    },
    /// An approver had it stopped while it ran.
    Stopped {
        /// The number of the record that it started.
        started: u64,
        /// The key that signed the order: the one that approved it.
        by: SignerKeyId,
    },
    /// What a command takes away was kept, so that it can be brought back; written before
    /// it starts.
    Kept {
        /// What allows the command.
        request_id: RequestId,
        /// What was kept, and how it comes back.
        kept: Vec<Kept>,
    },
    /// What went over its terminal was recorded.
    Recorded {
        /// The number of the record that it started.
        started: u64,
        /// Where, and how much of it.
        recording: Recorded,
    },
    /// It ended.
    Ended {
        /// The number of the record that it started.
        started: u64,
        /// How it ended.
        #[serde(flatten)]
        end: End,
        /// How long it ran.
        duration_ms: u64,
    },
    /// Commands that a rule allowed, as they came.
    Allowed {
        /// The file they were first written to. A crash may have them copied twice:
        /// those of one file and part are the same.
        source: String,
        /// Which part of it, from 1.
        part: u32,
        /// The commands.
        commands: Vec<AllowedCommand>,
    },
    /// Lines about commands that a rule allowed cannot be read, so that what they were is
    /// not known.
    Unreadable {
        /// The file they stood in.
        source: String,
        /// How many there are.
        lines: usize,
        /// How many bytes they have.
        bytes: usize,
        /// Their digest.
        sha256: Sha256Digest,
        /// The file they were put into, beside this one.
        kept: String,
    },
    /// This file goes on where another is full.
    Continued {
        /// The full one, beside this one.
        after: String,
    },
    /// Old parts of the log were let go, as the settings say.
    LetGo {
        /// The last record that went.
        through: u64,
        /// The files they stood in.
        files: Vec<String>,
    },
    /// The log was begun anew, because it was not what was written.
    BegunAnew {
        /// Where what was there is kept, beside this file.
        kept: String,
        /// What was wrong with it.
        faults: Vec<String>,
        /// The last record of it, as far as it could be told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last: Option<Link>,
    },
    /// An end of this file that was never finished was put aside.
    Repaired {
        /// How many bytes it had.
        bytes: u64,
        /// Their digest.
        sha256: Sha256Digest,
        /// The file they were put into, beside this one.
        kept: String,
    },
}

impl Event {
    /// Returns what somebody who reads the log should know, where it is sound all the same.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let Self::Unreadable { lines, kept, .. } = self else { return None };
        Some(format!(
            "lines about allowed commands that cannot be read: {lines}, which are in {kept}; \
             what ran by them is not known"
        ))
    }
}

fn one() -> u8 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_one(number: &u8) -> bool {
    *number == 1
}

/// Returns the time an event happened at, and how long the machine had run by then.
#[must_use]
pub(super) fn clocks() -> (Timestamp, u64) {
    let since_boot = crate::process::since_boot().as_millis();
    (crate::process::now(), u64::try_from(since_boot).unwrap_or(u64::MAX))
}
