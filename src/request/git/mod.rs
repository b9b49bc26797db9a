//! What a commit or a push would do, told by git's plumbing.
//!
//! A hook of git asks about something that has no command line of its own: a tree
//! about to be committed, references about to move. [`GitEvidence`] says it for a
//! person; the trees and objects it names bind it. Nothing that the repository
//! configures runs while it is collected ([`crate::process::Git`]).

mod approved;
mod branches;
mod change;
mod commit;
mod framework;
mod history;
mod index;
mod listed;
mod message;
mod push;
mod risk;
mod site;
mod undo;

pub use approved::{Approvals, ApprovedCommit};
pub use branches::{BranchUpdate, branch_updates};
pub use commit::{Amend, Commit};
pub use index::IndexCopy;
pub use listed::Listed;
pub use message::as_git_keeps_it;
pub use push::{Push, RefUpdate};
pub use site::Site;
pub use undo::{Kept, Undo, UndoError, Undoing};

use serde::Serialize;

/// What an approver should see of a commit or a push, besides the words of the command.
///
/// Its keys are for people. Everything in it is text without the bytes that are not
/// UTF-8: what is bound are the ids of trees and commits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GitEvidence {
    /// What would happen, in words.
    pub what: String,
    /// The command that started the hook, as it says itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_by: Option<String>,
    /// The top of the work tree.
    pub repository: String,
    /// The branch that is checked out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// The commit that is checked out, and its subject.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<String>,
    /// The name of the remote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote: Option<String>,
    /// Its address, without credentials.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Which references move, and how.
    #[serde(skip_serializing_if = "Listed::is_empty")]
    pub refs: Listed,
    /// Who is said to have written it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// Who is said to commit it, when that is somebody else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub committer: Option<String>,
    /// The beginning of the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The size of all of it, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_size: Option<usize>,
    /// The commits that come with it, the newest first.
    #[serde(skip_serializing_if = "Listed::is_empty")]
    pub commits: Listed,
    /// The commits that are lost by it, the newest first.
    #[serde(skip_serializing_if = "Listed::is_empty")]
    pub lost: Listed,
    /// How many files and lines, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// The files, and what becomes of each.
    #[serde(skip_serializing_if = "Listed::is_empty")]
    pub changes: Listed,
    /// The tree that is committed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tree: Option<String>,
    /// The parents of the commit.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parents: Vec<String>,
    /// What makes it risky, in words; part of the request's notes.
    #[serde(skip)]
    pub notes: Vec<String>,
}

/// Tells whether an object id is the one that stands for none.
pub(super) fn is_none(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|digit| digit == b'0')
}

/// Returns enough of an object id to tell it from others by eye.
pub(super) fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}
