//! The repository a hook runs in.

use crate::process::{Environment, Git, GitError};
use crate::request::text;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// A repository as its hook sees it, and git to ask about it.
#[derive(Debug)]
pub struct Site {
    git: Git,
    /// `None` in a bare repository.
    root: Option<PathBuf>,
    common: PathBuf,
    branch: Option<String>,
    head: Option<String>,
}

impl Site {
    /// Looks at the repository around a directory, or the one git told its hook about.
    ///
    /// # Errors
    ///
    /// [`GitError`], also when there is none.
    pub fn around(directory: &Path, environment: &Environment) -> Result<Self, GitError> {
        let git = Git::at(directory, environment)?;
        let absolute = |what: &str| git.line(&["rev-parse", "--path-format=absolute", what]);
        let unreadable = || GitError::Unreadable { what: "rev-parse" };
        let common = absolute("--git-common-dir")?.map(PathBuf::from).ok_or_else(unreadable)?;
        let root = absolute("--show-toplevel").ok().flatten().map(PathBuf::from);
        let branch = git.text(&["symbolic-ref", "--short", "-q", "HEAD"])?;
        let head = git.text(&["rev-parse", "--verify", "-q", "HEAD^{commit}"])?;
        Ok(Self { git, root, common, branch, head })
    }

    /// Returns git, to ask it more.
    #[must_use]
    pub fn git(&self) -> &Git {
        &self.git
    }

    /// Returns the directory that all its work trees share.
    #[must_use]
    pub fn common(&self) -> &Path {
        &self.common
    }

    /// Tells whether there is a work tree to commit from.
    #[must_use]
    pub fn has_work_tree(&self) -> bool {
        self.root.is_some()
    }

    /// Returns the branch that is checked out, `None` when the head is detached.
    #[must_use]
    pub fn branch(&self) -> Option<&str> {
        self.branch.as_deref()
    }

    /// Returns the commit that is checked out, `None` before the first.
    #[must_use]
    pub fn head(&self) -> Option<&str> {
        self.head.as_deref()
    }

    /// Returns its place as text.
    pub(super) fn shown(&self) -> String {
        text::word(self.root.as_ref().unwrap_or(&self.common).as_os_str())
    }

    /// Returns the branch in words.
    pub(super) fn branch_in_words(&self) -> String {
        self.branch.as_ref().map_or("no branch (the head is detached)".to_owned(), |branch| {
            text::word(branch.as_ref())
        })
    }

    /// Returns the commit that is checked out, with its subject.
    pub(super) fn head_in_words(&self) -> Option<String> {
        self.head.as_ref().map(|id| super::history::commit_in_words(&self.git, id))
    }

    /// Returns the id of the tree without files.
    pub(super) fn empty_tree(&self) -> Result<String, GitError> {
        let id = self.git.text(&["hash-object", "-t", "tree", "/dev/null"])?;
        id.ok_or(GitError::Unreadable { what: "hash-object" })
    }

    /// Returns the path of a file of the repository, such as `MERGE_HEAD`.
    pub(super) fn file(&self, name: &str) -> Result<PathBuf, GitError> {
        let path: Option<OsString> =
            self.git.line(&["rev-parse", "--path-format=absolute", "--git-path", name])?;
        path.map(PathBuf::from).ok_or(GitError::Unreadable { what: "rev-parse" })
    }
}
