//! What this approver decided, one JSON object on a line, the newest last.
//!
//! Kept for the person who decided, in a private file beside the keys; what proves a
//! decision is the enforcer's audit log. A line that cannot be read is passed over.

use super::item::Item;
use super::store::{self, StoreError};
use crate::process::{PrivateDir, PrivateError};
use crate::protocol::{ArtifactHash, Decision, RequestId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::io::Write as _;

const FILE: &str = "history.jsonl";
/// More bytes than these are cut down to the newest lines.
const LARGEST: usize = 512 << 10;
/// How many lines stay then.
const KEPT: usize = 200;
/// The longest text that is kept, in characters.
const LONGEST: usize = 400;

/// A decision this approver made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Decided {
    /// The version of this line's form: 1.
    pub version: u32,
    /// The request.
    pub request_id: RequestId,
    /// The hash that was signed.
    pub artifact_hash: ArtifactHash,
    /// What was decided.
    pub decision: Decision,
    /// When.
    pub decided_at: Timestamp,
    /// The words that went with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The beginning of the command, when it could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// Where it was to run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory: Option<String>,
    /// What the enforcer that asked calls itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_by: Option<String>,
}

impl Decided {
    /// Makes the line about a decision on an item.
    pub(super) fn of(
        item: &Item,
        decision: Decision,
        reason: Option<&str>,
        now: Timestamp,
    ) -> Self {
        let text = |name| item.opened().and_then(|opened| opened.text(name)).map(shortened);
        Self {
            version: 1,
            request_id: item.request_id.clone(),
            artifact_hash: item.artifact_hash,
            decision,
            decided_at: now,
            reason: reason.map(str::trim).filter(|words| !words.is_empty()).map(shortened),
            command: text("commandText"),
            directory: text("cwd"),
            asked_by: item.sender.as_ref().map(|sender| shortened(&sender.label)),
        }
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Adds a decision.
///
/// # Errors
///
/// [`StoreError`] when the file cannot be trusted or written.
pub(super) fn add(directory: &PrivateDir, decided: &Decided) -> Result<(), StoreError> {
    let _lock = store::lock(directory)?;
    let mut line = serde_json::to_vec(decided).expect("texts and times always serialise");
    line.push(b'\n');
    let mut file = directory.append(FILE)?;
    file.write_all(&line).map_err(|source| PrivateError::System {
        action: "write",
        path: directory.path().join(FILE),
        source,
    })?;
    let length = file.metadata().map_or(0, |found| found.len());
    if length > u64::try_from(LARGEST).unwrap_or(u64::MAX) {
        let whole = directory.read_up_to(FILE, 4 << 20)?.unwrap_or_default();
        let lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
        let newest = lines[lines.len().saturating_sub(KEPT)..].concat();
        directory.write(FILE, &newest)?;
    }
    Ok(())
}

/// Reads what was decided, the newest first.
///
/// # Errors
///
/// [`StoreError`] when the file cannot be trusted or read.
pub(super) fn load(directory: &PrivateDir) -> Result<Vec<Decided>, StoreError> {
    let bytes = directory.read_up_to(FILE, 4 << 20)?.unwrap_or_default();
    let lines = bytes.split(|byte| *byte == b'\n').rev();
    Ok(lines.filter_map(|line| serde_json::from_slice(line).ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::approver::item::tests::named;
    use serde_json::json;

    #[test]
    fn the_newest_comes_first_and_old_ones_go() {
        let outer = tempfile::tempdir().expect("temporary directory");
        let directory = PrivateDir::open(&outer.path().join("a")).expect("private directory");
        assert!(load(&directory).expect("none yet").is_empty());
        let long = "x".repeat(5000);
        for number in 0..1500 {
            let item = named(&format!("req-{number}"), json!({"commandText": long}));
            let made = Decided::of(&item, Decision::Reject, Some(" no "), Timestamp::UNIX_EPOCH);
            add(&directory, &made).expect("added");
        }
        let found = load(&directory).expect("readable");
        assert_eq!(found[0].request_id.as_str(), "req-1499");
        assert_eq!(found[0].reason.as_deref(), Some("no"));
        assert_eq!(found[0].command.as_ref().expect("a command").chars().count(), LONGEST + 1);
        assert!((KEPT..1400).contains(&found.len()), "{}", found.len());
    }

    #[test]
    fn a_torn_line_is_passed_over() {
        let outer = tempfile::tempdir().expect("temporary directory");
        let directory = PrivateDir::open(&outer.path().join("a")).expect("private directory");
        let item = named("req-1", json!({}));
        add(&directory, &Decided::of(&item, Decision::Approve, None, Timestamp::UNIX_EPOCH))
            .expect("added");
        directory.append(FILE).expect("a file").write_all(b"{\"version\":1,\"req").expect("torn");
        assert_eq!(load(&directory).expect("readable").len(), 1);
    }
}
