//! A repository with something to push, and the bare one it is pushed to.

use super::error::DemoError;
use crate::display::Displayable;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The branch that is pushed.
pub(super) const BRANCH: &str = "main";
const FILE: &str = "notes.txt";

/// A work tree and its remote, both in the demo's directory.
#[derive(Debug)]
pub(super) struct Repository {
    git: PathBuf,
    work: PathBuf,
    server: PathBuf,
    environment: Vec<(OsString, OsString)>,
    commits: usize,
}

impl Repository {
    /// Makes both, with nothing committed yet.
    pub(super) fn make(
        git: PathBuf,
        directory: &Path,
        environment: Vec<(OsString, OsString)>,
    ) -> Result<Self, DemoError> {
        let (work, server) = (directory.join("project"), directory.join("server.git"));
        fs::create_dir(&work)?;
        let made = Self { git, work, server, environment, commits: 0 };
        let branch = format!("--initial-branch={BRANCH}");
        let server = made.server.as_os_str();
        // No template: what a template holds (hooks) is not ours.
        made.git(&made.work, ["init", "-q", "--template=", &branch, "."].map(OsString::from))?;
        let bare = ["init", "-q", "--bare", "--template=", &branch].map(OsString::from);
        made.git(&made.work, bare.into_iter().chain([server.to_owned()]))?;
        made.git(&made.work, ["remote", "add", "origin", "../server.git"].map(OsString::from))?;
        Ok(made)
    }

    /// Commits another line.
    pub(super) fn commit(&mut self) -> Result<(), DemoError> {
        self.commits += 1;
        let line = format!("line {}\n", self.commits);
        fs::write(self.work.join(FILE), line.repeat(self.commits))?;
        self.git(&self.work, ["add", FILE].map(OsString::from))?;
        let message = format!("change {}", self.commits);
        self.git(&self.work, ["commit", "-q", "-m", &message].map(OsString::from))?;
        Ok(())
    }

    /// Returns the directory the agent works in.
    pub(super) fn work(&self) -> &Path {
        &self.work
    }

    /// Returns the commit that is to be pushed.
    pub(super) fn head(&self) -> Result<String, DemoError> {
        self.git(&self.work, ["rev-parse", "HEAD"].map(OsString::from))
    }

    /// Returns the commit the server's branch is at, read from the bare repository.
    pub(super) fn on_server(&self) -> Result<Option<String>, DemoError> {
        let reference = format!("refs/heads/{BRANCH}");
        let arguments = ["for-each-ref", "--format=%(objectname)", &reference];
        let found = self.git(&self.server, arguments.map(OsString::from))?;
        Ok((!found.is_empty()).then_some(found))
    }

    #[expect(clippy::disallowed_methods, reason = "the demo's own git, not a user's command")]
    fn git(
        &self,
        directory: &Path,
        arguments: impl IntoIterator<Item = OsString>,
    ) -> Result<String, DemoError> {
        let arguments: Vec<OsString> = arguments.into_iter().collect();
        let output = Command::new(&self.git)
            .args(&arguments)
            .current_dir(directory)
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .output()?;
        if !output.status.success() {
            let what = arguments.first().map(|word| word.to_string_lossy().into_owned());
            let said = Displayable::from(output.stderr.trim_ascii()).to_string();
            return Err(DemoError::Git { what: what.unwrap_or_default(), said });
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}
