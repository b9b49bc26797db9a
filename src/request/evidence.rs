//! What git knows about the directory a command starts in.

use crate::crypto::digest::Sha256Digest;
use crate::process::{Environment, Git};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The repository around the working directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// Top of its work tree.
    pub root: PathBuf,
    /// Branch, `None` when the head is detached.
    pub branch: Option<String>,
    /// Object id of the head commit, `None` before the first.
    pub head: Option<String>,
}

impl Repository {
    /// Asks git about a directory, whatever repository the environment names.
    ///
    /// `None` when there is no repository, or no git that answers.
    #[must_use]
    pub fn around(directory: &Path, environment: &Environment) -> Option<Self> {
        // Outside of any there is nobody to ask, and a review need not wait for the answer.
        directory.ancestors().find(|each| each.join(".git").symlink_metadata().is_ok())?;
        let names = environment.iter().filter_map(|(name, _)| name.to_str());
        let names: Vec<&str> = names.filter(|name| name.starts_with("GIT_")).collect();
        let mut plain = environment.clone();
        plain.remove(&names);
        let git = Git::at(directory, &plain).ok()?;
        let told = |arguments: &[&str]| git.text(arguments).ok().flatten();
        Some(Self {
            root: git.line(&["rev-parse", "--show-toplevel"]).ok()??.into(),
            branch: told(&["symbolic-ref", "--short", "-q", "HEAD"]),
            head: told(&["rev-parse", "--verify", "-q", "HEAD"]),
        })
    }

    /// Returns the name of its directory.
    #[must_use]
    pub fn name(&self) -> String {
        self.root.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Returns an opaque reference: the same for the same path on this machine.
    #[must_use]
    pub fn reference(&self) -> String {
        repository_reference(&self.root)
    }
}

/// Returns the opaque reference of the repository at that path.
#[must_use]
pub fn repository_reference(root: &Path) -> String {
    let digest = Sha256Digest::of(root.as_os_str().as_bytes()).to_string();
    format!("repo:{}", &digest[..16])
}
