//! A repository in a sandbox, and git in it.

use crate::support::{Pending, Running, Sandbox};
use serde_json::Value;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The repository in the sandbox's working directory.
pub(crate) struct Repository {
    pub(crate) sandbox: Sandbox,
}

impl Repository {
    /// Makes a repository with one commit, without hooks.
    pub(crate) fn new() -> Self {
        let sandbox = Sandbox::new();
        let settings = "[user]\n name = A U Thor\n email = author@example.com\n\
            [init]\n defaultBranch = main\n[protocol \"file\"]\n allow = always\n\
            [advice]\n detachedHead = false\n[commit]\n gpgSign = false\n";
        fs::write(sandbox.path("home/.gitconfig"), settings).expect("settings");
        let repository = Self { sandbox };
        repository.git(&["init", "-q"]);
        repository.write("README", "first\n");
        repository.git(&["add", "."]);
        repository.git(&["commit", "-q", "-m", "first"]);
        repository
    }

    /// Makes a repository with hooks, the usual ones when none is named.
    pub(crate) fn with_hooks(hooks: &[&str]) -> Self {
        let repository = Self::new();
        repository.install(hooks);
        repository
    }

    pub(crate) fn install(&self, hooks: &[&str]) {
        let arguments = [&["hook", "install", "--git"], hooks].concat();
        let output = self.sandbox.output(&arguments);
        assert!(output.status.success(), "{output:?}");
    }

    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.sandbox.work().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
        fs::write(path, text).expect("written");
    }

    /// Writes an executable hook where git looks for it.
    pub(crate) fn hook(&self, name: &str, body: &str) {
        self.write(&format!(".git/hooks/{name}"), format!("#!/bin/sh\n{body}\n"));
        let path = self.path(".git/hooks").join(name);
        fs::set_permissions(path, Permissions::from_mode(0o755)).expect("executable");
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.sandbox.program("git");
        command.args(arguments);
        command
    }

    /// Runs git to its end, which must be a good one, and returns what it says.
    #[track_caller]
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().expect("git starts");
        assert!(output.status.success(), "git {arguments:?}: {output:?}");
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Starts git in the background.
    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        Running::start(&mut self.command(arguments))
    }

    pub(crate) fn head(&self) -> String {
        self.git(&["rev-parse", "HEAD"])
    }

    /// Stages a new file.
    pub(crate) fn stage(&self, name: &str, text: &str) {
        self.write(name, text);
        self.git(&["add", "--", name]);
    }

    /// Runs git, approves what it asks once, and returns what was asked.
    #[track_caller]
    pub(crate) fn approved(&self, arguments: &[&str]) -> Value {
        let running = self.start(arguments);
        let asked = self.approve_next();
        let output = running.finish();
        assert!(output.status.success(), "git {arguments:?}: {output:?}");
        self.assert_nothing_waits();
        asked
    }

    /// Runs git, rejects what it asks, and returns how it ended.
    #[track_caller]
    pub(crate) fn rejected(&self, arguments: &[&str]) -> Output {
        let running = self.start(arguments);
        self.sandbox.reject(&self.pending(), "not this one");
        let output = running.finish();
        assert!(!output.status.success(), "git {arguments:?}: {output:?}");
        assert!(said(&output).contains("not this one"), "{output:?}");
        output
    }

    pub(crate) fn pending(&self) -> Pending {
        self.sandbox.pending()
    }

    /// Approves what waits, and returns what it said to the person.
    pub(crate) fn approve_next(&self) -> Value {
        let pending = self.pending();
        let asked = self.sandbox.plaintext(&pending);
        self.sandbox.approve(&pending);
        asked
    }

    #[track_caller]
    pub(crate) fn assert_nothing_waits(&self) {
        assert!(self.sandbox.pending_now().is_empty());
    }

    /// Adds a bare repository as `origin`.
    pub(crate) fn remote(&self) -> PathBuf {
        let bare = self.sandbox.path("remote.git");
        let bare_text = bare.to_str().expect("UTF-8");
        self.git(&["init", "-q", "--bare", bare_text]);
        self.git(&["remote", "add", "origin", bare_text]);
        bare
    }
}

pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Returns everything below a directory: modes, contents, what links lead to.
pub(crate) fn snapshot(directory: &Path) -> Vec<(PathBuf, u32, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).expect("listed").map(|entry| entry.expect("an entry")) {
        let path = entry.path();
        let metadata = path.symlink_metadata().expect("there");
        let content = if metadata.is_symlink() {
            fs::read_link(&path).expect("a link").into_os_string().into_encoded_bytes()
        } else if metadata.is_dir() {
            found.extend(snapshot(&path));
            Vec::new()
        } else {
            fs::read(&path).expect("a file")
        };
        found.push((path, metadata.permissions().mode(), content));
    }
    found.sort();
    found
}
