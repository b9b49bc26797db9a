//! Commits that were approved and are not made yet.
//!
//! Between the question and the commit other hooks run, an editor may be open, and
//! whoever commits may stage something else. So what was approved is kept, bound to
//! the tree, the parents and, where it was known, the message; and the commit that is
//! made is compared with it. One small file for each, private, good for an hour, used
//! up when a branch has the commit.
//!
//! It is as safe as the rest of our files: whoever can write as this user can write it.

use super::Commit;
use crate::crypto::Sha256Digest;
use crate::process::{PrivateDir, PrivateError, now};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// How long an approval waits for its commit: an editor may be open meanwhile.
const LIFETIME: SignedDuration = SignedDuration::from_hours(1);
const VERSION: u32 = 1;

/// What an approval of a commit is bound to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApprovedCommit {
    /// The tree.
    pub tree: String,
    /// The parents, in order.
    pub parents: Vec<String>,
    /// The digest of the message as git keeps it; `None` when it was not known.
    pub message: Option<Sha256Digest>,
}

/// What a file keeps.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Note {
    version: u32,
    until: Timestamp,
    commit: ApprovedCommit,
}

/// The approved commits of one repository.
#[derive(Debug)]
pub struct Approvals {
    directory: PrivateDir,
}

impl Approvals {
    /// Opens those of the repository whose work trees share that directory.
    ///
    /// # Errors
    ///
    /// [`PrivateError`] when others could have written there.
    pub fn of(place: &PrivateDir, common: &Path) -> Result<Self, PrivateError> {
        let name = Sha256Digest::of(common.as_os_str().as_bytes()).to_string();
        Ok(Self { directory: place.subdir(&name[..16])? })
    }

    /// Keeps an approval until its commit is made.
    ///
    /// # Errors
    ///
    /// [`PrivateError`]: then the commit would be asked about again.
    pub fn keep(&self, commit: ApprovedCommit) -> Result<(), PrivateError> {
        self.forget_expired();
        let until = now().saturating_add(LIFETIME).unwrap_or(Timestamp::MAX);
        let name = name(&commit);
        let note = Note { version: VERSION, until, commit };
        let bytes = serde_json::to_vec(&note).expect("texts and times are always JSON");
        self.directory.write(&name, &bytes)
    }

    /// Tells whether that commit was approved.
    ///
    /// # Errors
    ///
    /// [`PrivateError`] when others could have written it.
    pub fn cover(&self, commit: &Commit) -> Result<bool, PrivateError> {
        let wanted = commit.approval();
        let Some(bytes) = self.directory.read(&name(&wanted))? else { return Ok(false) };
        // What cannot be read, or is of another version, approves nothing.
        let note: Option<Note> = serde_json::from_slice(&bytes).ok();
        Ok(note.is_some_and(|note| {
            note.version == VERSION && now() < note.until && note.commit.covers(&wanted)
        }))
    }

    /// Uses an approval up.
    ///
    /// # Errors
    ///
    /// [`PrivateError::System`].
    pub fn spend(&self, commit: &Commit) -> Result<(), PrivateError> {
        self.directory.remove(&name(&commit.approval()))
    }

    fn forget_expired(&self) {
        let Ok(entries) = fs::read_dir(self.directory.path()) else { return };
        for name in entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()) {
            let bytes = self.directory.read(&name).ok().flatten().unwrap_or_default();
            let until = serde_json::from_slice(&bytes).map(|note: Note| note.until);
            if until.is_ok_and(|until| until < now()) {
                // One that stays is expired all the same.
                let _ = self.directory.remove(&name);
            }
        }
    }
}

impl ApprovedCommit {
    fn covers(&self, made: &Self) -> bool {
        self.tree == made.tree
            && self.parents == made.parents
            && (self.message.is_none() || made.message.is_none() || self.message == made.message)
    }
}

/// Names the file after the tree and the parents: the last approval of them counts.
fn name(commit: &ApprovedCommit) -> String {
    Sha256Digest::of(format!("{}\n{}", commit.tree, commit.parents.join("\n")).as_bytes())
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn approved(tree: &str, message: Option<&[u8]>) -> ApprovedCommit {
        let message = message.map(Sha256Digest::of);
        ApprovedCommit { tree: tree.to_owned(), parents: vec!["p".to_owned()], message }
    }

    #[test]
    fn covers_the_same_commit_only() {
        let whole = approved("t", Some(b"m"));
        assert!(whole.covers(&whole));
        assert!(approved("t", None).covers(&whole));
        assert!(!whole.covers(&approved("t", Some(b"other"))));
        assert!(!whole.covers(&approved("u", Some(b"m"))));
        let elsewhere = ApprovedCommit { parents: Vec::new(), ..whole.clone() };
        assert!(!whole.covers(&elsewhere));
    }
}
