//! A commit: one that is about to be made, or one that was made already.

use super::change::Changes;
use super::message::{self, as_committed};
use super::{ApprovedCommit, GitEvidence, Site, history, short};
use crate::crypto::Sha256Digest;
use crate::process::{Git, GitError};
use std::fs;
use std::io;

/// Whether a commit takes the place of the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amend {
    /// It does.
    Last,
    /// It comes on top.
    Nothing,
}

/// A commit, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    tree: String,
    parents: Vec<String>,
    author: Option<String>,
    committer: Option<String>,
    /// As git keeps it; `None` before it is written.
    message: Option<Vec<u8>>,
    /// The commit it takes the place of.
    replaces: Option<String>,
}

impl Commit {
    /// Puts together the commit that git is about to make of a tree.
    ///
    /// The message is the one git keeps, or `None` while there is none.
    ///
    /// # Errors
    ///
    /// [`GitError`].
    pub fn of_tree(
        site: &Site,
        tree: String,
        amend: Amend,
        message: Option<Vec<u8>>,
    ) -> Result<Self, GitError> {
        let git = site.git();
        let ident = |name: &str| {
            Ok(git.text(&["var", name]).ok().flatten().map(|ident| without_time(&ident)))
        };
        let (parents, replaces) = match (amend, site.head()) {
            (Amend::Last, Some(head)) => (parents_of(git, head)?, Some(head.to_owned())),
            (_, head) => {
                let merged = merge_heads(site)?;
                (head.map(str::to_owned).into_iter().chain(merged).collect(), None)
            }
        };
        let (author, committer) = (ident("GIT_AUTHOR_IDENT")?, ident("GIT_COMMITTER_IDENT")?);
        Ok(Self { tree, parents, author, committer, message, replaces })
    }

    /// Reads a commit that is there.
    ///
    /// # Errors
    ///
    /// [`GitError`] when it is not, or is no commit.
    pub fn read(git: &Git, id: &str) -> Result<Self, GitError> {
        let bytes = git.bytes(&["cat-file", "commit", id])?;
        Self::parse(&bytes).ok_or(GitError::Unreadable { what: "cat-file" })
    }

    /// Says of which commit it takes the place.
    #[must_use]
    pub fn in_place_of(self, replaced: Option<String>) -> Self {
        Self { replaces: replaced, ..self }
    }

    /// Reads headers, an empty line, the message. Spec: gitformat-commit.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(2).position(|pair| pair == b"\n\n")?;
        let head = String::from_utf8_lossy(&bytes[..end]);
        let all = |name: &'static str| {
            head.lines().filter_map(move |line| line.strip_prefix(name)?.strip_prefix(' '))
        };
        Some(Self {
            tree: all("tree").next()?.to_owned(),
            parents: all("parent").map(str::to_owned).collect(),
            author: all("author").next().map(without_time),
            committer: all("committer").next().map(without_time),
            message: Some(as_committed(&bytes[end + 2..])),
            replaces: None,
        })
    }

    /// Returns the parents.
    #[must_use]
    pub fn parents(&self) -> &[String] {
        &self.parents
    }

    /// Returns the commit it takes the place of.
    #[must_use]
    pub fn replaces(&self) -> Option<&str> {
        self.replaces.as_deref()
    }

    /// Returns what an approval of it is bound to.
    #[must_use]
    pub fn approval(&self) -> ApprovedCommit {
        ApprovedCommit {
            tree: self.tree.clone(),
            parents: self.parents.clone(),
            message: self.message.as_ref().map(|text| Sha256Digest::of(text)),
        }
    }

    /// Says what it is and does.
    ///
    /// # Errors
    ///
    /// [`GitError`].
    pub fn evidence(&self, site: &Site) -> Result<GitEvidence, GitError> {
        let git = site.git();
        let before = match self.parents.first() {
            Some(parent) => parent.clone(),
            None => site.empty_tree()?,
        };
        let changes = Changes::between(git, &before, &self.tree)?;
        let message = self.message.as_deref();
        let lost = match &self.replaces {
            Some(replaced) => history::commits(git, &["--no-walk", replaced])?,
            None => super::Listed::default(),
        };
        let mut notes = changes.notes();
        notes.extend(message.map(message::notes).unwrap_or_default());
        if message.is_none() {
            notes.push("the message is not written yet: it is not part of this".to_owned());
        }
        if changes.listed().is_empty() {
            notes.push("no file differs from the parent".to_owned());
        }
        Ok(GitEvidence {
            what: format!("{} on {}", self.kind(), site.branch_in_words()),
            repository: site.shown(),
            branch: site.branch().map(str::to_owned),
            head: site.head_in_words(),
            author: self.author.clone(),
            committer: self.committer.clone().filter(|who| Some(who) != self.author.as_ref()),
            message: message.map(message::beginning),
            message_size: message.map(<[u8]>::len),
            lost,
            size: Some(changes.size()),
            changes: changes.listed(),
            tree: Some(self.tree.clone()),
            parents: self.parents.clone(),
            notes,
            ..GitEvidence::default()
        })
    }

    fn kind(&self) -> String {
        match (&self.replaces, self.parents.len()) {
            (Some(replaced), _) => format!("a commit in the place of {}", short(replaced)),
            (None, 0) => "the first commit".to_owned(),
            (None, 1) => "a commit".to_owned(),
            (None, number) => format!("a merge of {number} parents"),
        }
    }
}

fn parents_of(git: &Git, id: &str) -> Result<Vec<String>, GitError> {
    Commit::read(git, id).map(|commit| commit.parents)
}

/// Returns what is being merged into the head.
fn merge_heads(site: &Site) -> Result<Vec<String>, GitError> {
    match fs::read_to_string(site.file("MERGE_HEAD")?) {
        Ok(text) => Ok(text.lines().map(str::to_owned).collect()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => {
            Err(GitError::Failed { what: "MERGE_HEAD".to_owned(), complaint: error.to_string() })
        }
    }
}

/// Takes the time from `NAME <MAIL> SECONDS ZONE`: asked again, it would be another.
fn without_time(ident: &str) -> String {
    ident.rfind('>').map_or(ident, |end| &ident[..=end]).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_commit_as_git_stores_it() {
        let bytes = b"tree aa\nparent bb\nparent cc\nauthor A <a@b> 1 +0000\ncommitter C <c@d> 2 +0000\ngpgsig -----BEGIN\n x\n\nSubject\n\nBody\n";
        let commit = Commit::parse(bytes).expect("a commit");
        assert_eq!(commit.parents, ["bb", "cc"]);
        assert_eq!(commit.author.as_deref(), Some("A <a@b>"));
        assert_eq!(commit.message.as_deref(), Some(&b"Subject\n\nBody\n"[..]));
        assert_eq!(commit.kind(), "a merge of 2 parents");
        assert!(Commit::parse(b"tree aa\n").is_none());
    }
}
