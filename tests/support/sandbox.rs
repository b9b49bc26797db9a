//! A home of its own for one test, and the commands that live in it.

use super::pending::Pending;
use super::running::Running;
use serde_json::Value;
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// The binary under test: what cargo has just built, or another that it was told of when it
/// built the tests.
pub(crate) const BINARY: &str = match option_env!("AIRLOCK_EXEC_UNDER_TEST") {
    Some(path) => path,
    None => env!("CARGO_BIN_EXE_airlock-exec"),
};

/// A temporary HOME with XDG directories, a PATH and a working directory.
pub(crate) struct Sandbox {
    root: TempDir,
}

impl Sandbox {
    /// Makes an empty sandbox; every directory has mode 0700.
    pub(crate) fn new() -> Self {
        let root = tempfile::Builder::new()
            .prefix("airlock-")
            .permissions(Permissions::from_mode(0o700))
            .tempdir()
            .expect("a temporary directory");
        let sandbox = Self { root };
        for name in ["home", "work", "bin", "tmp", "config", "data", "state", "cache", "run"] {
            DirBuilder::new().mode(0o700).create(sandbox.path(name)).expect("a directory");
        }
        sandbox.policy("read-only = \"ask\"\n");
        sandbox
    }

    /// Writes the user's policy; a new sandbox has one that asks about every command.
    pub(crate) fn policy(&self, text: &str) {
        let directory = self.path("config/airlock-exec");
        DirBuilder::new().mode(0o700).recursive(true).create(&directory).expect("a directory");
        fs::write(directory.join("policy.toml"), text).expect("a policy");
    }

    /// Returns a path in the sandbox.
    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.root.path().join(name)
    }

    /// Returns the file that the log is written to.
    pub(crate) fn log_file(&self) -> PathBuf {
        self.path("state/airlock-exec/audit/audit.jsonl")
    }

    /// Returns every record of the log.
    pub(crate) fn records(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.log_file()).expect("a log");
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    /// Returns the records of the log of one kind.
    pub(crate) fn records_of(&self, kind: &str) -> Vec<Value> {
        self.records().into_iter().filter(|record| record["kind"] == kind).collect()
    }

    /// Makes sure that the log holds the approval of that request and why nothing ran by it,
    /// and that nobody has to account for it any more.
    #[track_caller]
    pub(crate) fn assert_decided_in_vain(&self, pending: &Pending, cause: &str) {
        assert!(self.output(&["log"]).status.success());
        let of_kind = |kind: &str| {
            let mut records = self.records_of(kind);
            records.retain(|record| record["requestId"] == pending.id);
            records
        };
        let decided = of_kind("decided");
        assert_eq!(decided.len(), 1, "{:?}", self.records());
        assert_eq!(decided[0]["decision"]["decision"], "approve", "{decided:?}");
        let refused = of_kind("refused");
        assert_eq!(refused.len(), 1, "{:?}", self.records());
        assert_eq!(refused[0]["cause"], cause);
        assert!(of_kind("started").is_empty());
    }

    /// Returns the directory that commands start in.
    pub(crate) fn work(&self) -> PathBuf {
        self.path("work")
    }

    /// Returns the whole environment of a command in the sandbox.
    pub(crate) fn environment(&self) -> Vec<(&'static str, OsString)> {
        let mut path = self.path("bin").into_os_string();
        path.push(":/usr/local/bin:/usr/bin:/bin");
        vec![
            ("HOME", self.path("home").into()),
            ("XDG_CONFIG_HOME", self.path("config").into()),
            ("XDG_DATA_HOME", self.path("data").into()),
            ("XDG_STATE_HOME", self.path("state").into()),
            ("XDG_CACHE_HOME", self.path("cache").into()),
            ("XDG_RUNTIME_DIR", self.path("run").into()),
            ("TMPDIR", self.path("tmp").into()),
            ("PATH", path),
            ("LANG", "C.UTF-8".into()),
            ("TERM", "xterm-256color".into()),
        ]
    }

    /// Returns `airlock-exec` with these arguments, ready to be started in here.
    pub(crate) fn airlock<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Command {
        let mut command = self.program(BINARY);
        command.args(arguments);
        command
    }

    /// Returns any other program, ready to be started in here.
    #[expect(clippy::disallowed_methods, reason = "tests start programs")]
    pub(crate) fn program(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(self.environment()).current_dir(self.work());
        command
    }

    /// Starts `airlock-exec` with these arguments in the background, on pipes.
    pub(crate) fn start<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Running {
        Running::start(&mut self.airlock(arguments))
    }

    /// Writes an executable shell script into the sandbox's own PATH.
    pub(crate) fn script(&self, name: &str, body: &str) -> PathBuf {
        let path = self.path("bin").join(name);
        fs::write(&path, format!("#!/bin/sh\n{body}\n")).expect("a script");
        fs::set_permissions(&path, Permissions::from_mode(0o755)).expect("an executable script");
        path
    }

    /// Returns a file that exists once its command ran, and not before.
    pub(crate) fn canary(&self) -> Canary {
        static NEXT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Canary { path: self.work().join(format!("canary-{number}")) }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        super::running::end_all_below(self.root.path());
    }
}

/// Proof that a command ran, or that it did not.
pub(crate) struct Canary {
    path: PathBuf,
}

impl Canary {
    /// Returns the command that leaves the proof: `touch FILE`.
    pub(crate) fn command(&self) -> [OsString; 2] {
        ["touch".into(), self.path.clone().into()]
    }

    /// Returns the arguments that ask for the command: `-- touch FILE`.
    pub(crate) fn arguments(&self) -> [OsString; 3] {
        let [program, file] = self.command();
        ["--".into(), program, file]
    }

    /// Returns the file that the command makes.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Fails when the command ran.
    #[track_caller]
    pub(crate) fn assert_absent(&self) {
        assert!(!self.path.exists(), "{} ran, and must not have", self.path.display());
    }

    /// Fails when the command did not run.
    #[track_caller]
    pub(crate) fn assert_present(&self) {
        assert!(self.path.exists(), "{} did not run", self.path.display());
    }
}
