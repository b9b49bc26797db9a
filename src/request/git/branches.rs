//! Branches that are about to move, and the commits they would get.

use super::change::Changes;
use super::{Commit, GitEvidence, Listed, Site, history, is_none, short};
use crate::display::counted;
use crate::process::GitError;
use crate::request::text;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// A branch that is about to be at another commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BranchUpdate {
    /// Its whole name, `refs/heads/main`.
    pub reference: OsString,
    /// Where it will be: an object id, or `ref:` and another reference.
    pub new: String,
}

/// The most commits that are compared with what was approved one by one.
const COMPARED: usize = 64;
/// What is on a branch already, here or on a remote, was decided when it came there.
const KNOWN: &[&str] = &["--not", "--branches", "--remotes"];

/// Reads the branches that move from what git hands to its `reference-transaction`.
///
/// Lines of other references are left out, and branches that are deleted. `None` when
/// a line makes no sense. Spec: githooks(5).
#[must_use]
pub fn branch_updates(input: &[u8]) -> Option<Vec<BranchUpdate>> {
    let mut updates = Vec::new();
    for line in input.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let mut fields = line.splitn(3, |byte| *byte == b' ');
        let (old, new, reference) = (fields.next()?, fields.next()?, fields.next()?);
        if !reference.starts_with(b"refs/heads/") || old == new {
            continue;
        }
        let new = std::str::from_utf8(new).ok()?.to_owned();
        if !is_none(&new) {
            updates.push(BranchUpdate { reference: OsStr::from_bytes(reference).to_owned(), new });
        }
    }
    Some(updates)
}

impl BranchUpdate {
    /// Returns where the branch is now, `None` when there is none yet.
    fn old(&self, site: &Site) -> Result<Option<String>, GitError> {
        let mut old = self.reference.clone();
        old.push("^{commit}");
        let arguments = ["rev-parse", "--verify", "-q"].map(OsString::from);
        site.git().text(&[&arguments[..], &[old]].concat())
    }

    /// Returns what to give to `git rev-list` for where it will be.
    fn target(&self) -> &str {
        self.new.strip_prefix("ref:").unwrap_or(&self.new)
    }

    /// Returns the ids of the commits that no branch has yet, and whether that is all.
    ///
    /// # Errors
    ///
    /// [`GitError`].
    pub fn new_commits(&self, site: &Site) -> Result<Vec<String>, GitError> {
        history::ids(site.git(), COMPARED + 1, &[&[self.target()], KNOWN].concat())
    }

    /// Tells whether so many commits are too many to be compared one by one.
    #[must_use]
    pub fn are_too_many(commits: &[String]) -> bool {
        commits.len() > COMPARED
    }

    /// Returns the commit, when the branch only gets that one: on top, or in the place
    /// of its last one.
    ///
    /// # Errors
    ///
    /// [`GitError`].
    pub fn single(&self, site: &Site, commits: &[String]) -> Result<Option<Commit>, GitError> {
        let [only] = commits else { return Ok(None) };
        if only != self.target() {
            return Ok(None);
        }
        let commit = Commit::read(site.git(), only)?;
        let old = self.old(site)?;
        if commit.parents().first() == old.as_ref() {
            return Ok(Some(commit));
        }
        let Some(old) = old else { return Ok(None) };
        let replaced = Commit::read(site.git(), &old)?;
        let is_amended = replaced.parents() == commit.parents();
        Ok(is_amended.then(|| commit.in_place_of(Some(old))))
    }

    /// Returns the words that say what happens: `git update-ref refs/heads/main NEW`.
    #[must_use]
    pub fn words(&self) -> Vec<OsString> {
        ["git".into(), "update-ref".into(), self.reference.clone(), self.new.clone().into()].into()
    }

    /// Says what moves and which commits come and go.
    ///
    /// # Errors
    ///
    /// [`GitError`].
    pub fn evidence(&self, site: &Site) -> Result<GitEvidence, GitError> {
        let (git, new) = (site.git(), self.target());
        let old = self.old(site)?;
        let commits = history::commits(git, &[&[new], KNOWN].concat())?;
        let lost = match &old {
            Some(old) => history::commits(git, &[old, "--not", new])?,
            None => Listed::default(),
        };
        let before = old.clone().map_or_else(|| site.empty_tree(), Ok)?;
        let changes = Changes::between(git, &before, new)?;
        let name = text::word(OsStr::from_bytes(
            self.reference.as_bytes().strip_prefix(b"refs/heads/").unwrap_or_default(),
        ));
        let mut notes = changes.notes();
        if !lost.is_empty() {
            notes.push(format!(
                "{} of {name} would no longer be on it",
                counted(lost.total, "commit")
            ));
        }
        let from = old.as_deref().map_or("nothing", short);
        Ok(GitEvidence {
            what: format!("{name} gets {} that no branch has", counted(commits.total, "commit")),
            repository: site.shown(),
            branch: site.branch().map(str::to_owned),
            head: site.head_in_words(),
            refs: Listed { total: 1, shown: vec![format!("{name}: {from} to {}", short(new))] },
            commits,
            lost,
            size: Some(changes.size()),
            changes: changes.listed(),
            notes,
            ..GitEvidence::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_branches_that_get_a_commit_count() {
        let input = b"0 a HEAD\n0 a refs/heads/x y\na a refs/heads/same\na 000 refs/heads/gone\n\
            0 b refs/remotes/origin/x\n0 c refs/tags/v1\n";
        let updates = branch_updates(input).expect("lines");
        assert_eq!(updates.len(), 1, "{updates:?}");
        assert_eq!(updates[0].reference, "refs/heads/x y");
        assert_eq!(branch_updates(b""), Some(Vec::new()));
        assert_eq!(branch_updates(b"one two\n"), None);
    }
}
