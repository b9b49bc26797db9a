//! The approver's side of a test: what waits, and the decision on it.

use super::sandbox::Sandbox;
use super::wait::eventually;
use serde_json::Value;
use std::process::Output;

/// A request that waits for a decision.
#[derive(Debug, Clone)]
pub(crate) struct Pending {
    /// The name that `approver show|approve|reject` take.
    pub(crate) id: String,
    /// Everything that `approver list --json` says of it.
    pub(crate) details: Value,
}

impl Pending {
    /// Reads what `approver list --json` says; nothing when it says something else.
    pub(super) fn read(list: &[u8]) -> Vec<Self> {
        let list: Vec<Value> = serde_json::from_slice(list).unwrap_or_default();
        let read = |details: Value| {
            let id = details["requestId"].as_str().expect("each item has a requestId").to_owned();
            Self { id, details }
        };
        list.into_iter().map(read).collect()
    }
}

impl Sandbox {
    /// Returns what waits now, as `approver list --json` says it.
    pub(crate) fn pending_now(&self) -> Vec<Pending> {
        let output = self.airlock(["approver", "list", "--json"]).output().expect("it starts");
        Pending::read(&output.stdout)
    }

    /// Waits until a request is there, and returns the first.
    pub(crate) fn pending(&self) -> Pending {
        self.pending_with("")
    }

    /// Waits until a request is there whose details hold that text.
    pub(crate) fn pending_with(&self, text: &str) -> Pending {
        eventually(&format!("a pending request with {text:?}"), || {
            self.pending_now()
                .into_iter()
                .find(|pending| pending.details.to_string().contains(text))
        })
    }

    /// Returns what the request says to the person: its decrypted artifact.
    pub(crate) fn plaintext(&self, pending: &Pending) -> Value {
        let mut command = self.airlock(["approver", "show", "--json", &pending.id]);
        let output = command.output().expect("it starts");
        let shown: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        shown["plaintext"].clone()
    }

    /// Approves the request as the person at the other terminal.
    pub(crate) fn approve(&self, pending: &Pending) {
        succeed(&self.airlock(["approver", "approve", &pending.id]).output().expect("it starts"));
    }

    /// Rejects the request with a reason as the person at the other terminal.
    pub(crate) fn reject(&self, pending: &Pending, reason: &str) {
        let mut command = self.airlock(["approver", "reject", &pending.id, "--reason", reason]);
        succeed(&command.output().expect("it starts"));
    }
}

fn succeed(output: &Output) {
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the decision was not taken: {error}");
}
