//! What git knows about the directory a command starts in.

use crate::crypto::digest::Sha256Digest;
use crate::process::Environment;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

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
    /// Asks git with plumbing that runs nothing the repository configures.
    ///
    /// `None` when there is no repository, or no git.
    #[must_use]
    pub fn around(directory: &Path, environment: &Environment) -> Option<Self> {
        // Outside of any there is nobody to ask, and a review need not wait for the answer.
        directory.ancestors().find(|each| each.join(".git").symlink_metadata().is_ok())?;
        let git = |arguments: &[&str]| ask(directory, environment, arguments);
        let root = PathBuf::from(git(&["rev-parse", "--show-toplevel"])?);
        Some(Self {
            root,
            branch: git(&["symbolic-ref", "--short", "-q", "HEAD"]),
            head: git(&["rev-parse", "--verify", "-q", "HEAD"]),
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

#[expect(clippy::disallowed_methods, reason = "asks git for evidence; nothing of the user's runs")]
fn ask(directory: &Path, environment: &Environment, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new(super::program_on_path("git", environment)?);
    command
        .args(["-c", "core.fsmonitor=false", "--no-optional-locks", "--no-replace-objects"])
        .args(arguments)
        .current_dir(directory)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .env("LC_ALL", "C")
        .env("GIT_TERMINAL_PROMPT", "0");
    for (name, _) in environment.iter().filter(|(name, _)| name.as_bytes().starts_with(b"GIT_")) {
        command.env_remove(name);
    }
    let output = command.output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    let line = text.trim_end_matches('\n');
    (!line.is_empty()).then(|| line.to_owned())
}
