//! Decisions that a program makes, read from standard input.
//!
//! ```json
//! {"requestId": "req-...", "artifactHash": "...", "decision": "approve"}
//! {"requestId": "req-...", "artifactHash": "...", "decision": "reject", "reason": "..."}
//! ```
//!
//! The hash is that of the `pending` line the program read: what it did not read cannot
//! be decided.

use super::Post;
use crate::approver::Item;
use crate::protocol::{ArtifactHash, Decision, RequestId};
use serde::Deserialize;
use std::io::BufRead as _;
use tokio::sync::mpsc;

/// The longest line that is read, in bytes.
const LONGEST: u64 = 64 << 10;

/// Lines of standard input.
#[derive(Debug)]
pub(super) struct Answers {
    lines: mpsc::Receiver<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Answer {
    request_id: RequestId,
    artifact_hash: ArtifactHash,
    decision: Decision,
    #[serde(default)]
    reason: Option<String>,
}

impl Answers {
    /// Begins to read; a thread, because a pipe may have nothing for long.
    pub(super) fn of_input() -> Self {
        let (sender, lines) = mpsc::channel(16);
        std::thread::spawn(move || {
            let mut input = std::io::stdin().lock();
            loop {
                let mut line = Vec::new();
                let mut limited = std::io::Read::take(&mut input, LONGEST);
                match limited.read_until(b'\n', &mut line) {
                    Ok(1..) if line.ends_with(b"\n") => {
                        let line = String::from_utf8_lossy(&line).trim().to_owned();
                        if !line.is_empty() && sender.blocking_send(line).is_err() {
                            return;
                        }
                    }
                    // Half a line is no decision.
                    _ => return,
                }
            }
        });
        Self { lines }
    }

    /// Waits for the next line; `None` at the end.
    pub(super) async fn next(&mut self) -> Option<String> {
        self.lines.recv().await
    }
}

/// Does what a line says.
///
/// # Errors
///
/// Why it was not done, in words.
pub(super) async fn answer(post: &Post<'_>, items: &[Item], line: &str) -> Result<(), String> {
    let answer: Answer = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let item = items
        .iter()
        .find(|item| item.request_id == answer.request_id)
        .ok_or("no request of that id waits")?;
    if item.artifact_hash != answer.artifact_hash {
        return Err("the request that waits has another hash".to_owned());
    }
    let decided = match answer.decision {
        Decision::Approve => post.approver.approve(&post.transport, item).await,
        Decision::Reject => {
            post.approver.reject(&post.transport, item, answer.reason.as_deref()).await
        }
    };
    decided.map_err(|error| error.to_string())
}
