//! Frameworks that keep hooks of git, as they are published, with ours in them.

use crate::repository::{Repository, said};
use crate::support::{BINARY, Running, npm};
use std::ffi::OsString;
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A repository in which `airlock-exec` and these programs are on `PATH`.
struct Framed {
    repository: Repository,
    path: OsString,
    /// Where Python finds the framework.
    packages: Option<PathBuf>,
}

impl Framed {
    fn new(programs: &Path) -> Self {
        let repository = Repository::new();
        symlink(BINARY, repository.sandbox.path("bin/airlock-exec")).expect("linked");
        let own = repository.sandbox.path("bin");
        let directories = [&own, programs, Path::new("/usr/local/bin"), Path::new("/usr/bin")];
        let path = std::env::join_paths(directories).expect("no colons");
        Self { repository, path, packages: None }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = self.repository.sandbox.program(words[0]);
        command.args(&words[1..]).env("PATH", &self.path);
        command.envs(self.packages.iter().map(|packages| ("PYTHONPATH", packages)));
        command
    }

    #[track_caller]
    fn does(&self, words: &[&str]) -> String {
        let output = self.command(words).output().expect("it starts");
        assert!(output.status.success(), "{words:?}: {output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs git, which asks once, and approves it.
    #[track_caller]
    fn approved(&self, words: &[&str]) {
        let running = Running::start(&mut self.command(words));
        self.repository.approve_next();
        let output = running.finish();
        assert!(output.status.success(), "{words:?}: {output:?}");
        self.repository.assert_nothing_waits();
    }

    /// Runs git, which asks, and rejects it.
    #[track_caller]
    fn rejected(&self, words: &[&str]) {
        let running = Running::start(&mut self.command(words));
        self.repository.sandbox.reject(&self.repository.pending(), "not this one");
        let output = running.finish();
        assert!(!output.status.success(), "{words:?}: {output:?}");
        let whole = said(&output) + &String::from_utf8_lossy(&output.stdout);
        assert!(whole.contains("not this one"), "{output:?}");
    }

    /// A commit and a push are rejected, and then approved.
    fn asks_about_commits_and_pushes(&self) {
        let (repository, bare) = (&self.repository, self.repository.remote());
        repository.stage("x", "x\n");
        let before = repository.head();
        self.rejected(&["git", "commit", "-m", "rejected"]);
        assert_eq!(repository.head(), before);
        self.approved(&["git", "commit", "-m", "approved"]);
        assert_eq!(repository.git(&["log", "-1", "--format=%s"]), "approved");
        self.rejected(&["git", "push", "-q", "origin", "main"]);
        assert!(!bare.join("refs/heads/main").exists());
        // That no is remembered for a while: another push is another question.
        self.approved(&["git", "push", "-q", "origin", "main:other"]);
        assert!(bare.join("refs/heads/other").exists());
    }

    /// The framework's own switch leaves our hook out, too: docs/git.md.
    fn is_switched_off_by(&self, variable: &str, value: &str) {
        self.repository.stage("unseen", "x\n");
        let mut command = self.command(&["git", "commit", "-q", "-m", "unseen"]);
        let output = Running::start(command.env(variable, value)).finish();
        assert!(output.status.success(), "{output:?}");
        assert_eq!(self.repository.git(&["log", "-1", "--format=%s"]), "unseen");
    }
}

#[test]
fn husky_runs_the_line_that_we_add() {
    let framed = Framed::new(&npm("husky", "9.1.7"));
    framed.does(&["husky"]);
    framed.does(&["airlock-exec", "hook", "install", "--git"]);
    framed.asks_about_commits_and_pushes();
    framed.is_switched_off_by("HUSKY", "0");
    framed.does(&["airlock-exec", "hook", "uninstall", "--git"]);
    framed.repository.stage("free", "x\n");
    framed.does(&["git", "commit", "-q", "-m", "nobody is asked"]);
}

#[test]
fn lefthook_runs_the_jobs_that_we_print() {
    let framed = Framed::new(&npm("lefthook", "2.2.1"));
    let repository = &framed.repository;
    repository.write("lefthook.yml", "");
    let mut install = framed.command(&["airlock-exec", "hook", "install", "--git"]);
    let output = install.args(["commit-msg", "pre-push"]).output().expect("it starts");
    assert_eq!(output.status.code(), Some(125), "{output:?}");
    repository.write("lefthook.yml", &output.stdout);
    framed.does(&["lefthook", "install"]);
    framed.asks_about_commits_and_pushes();
    framed.is_switched_off_by("LEFTHOOK", "0");
}

/// Returns Python and where the pre-commit framework is, installed once for all tests.
#[expect(clippy::disallowed_methods, reason = "tests start programs")]
fn pre_commit() -> (PathBuf, PathBuf) {
    let python = which::which("python3").expect("python3; tests/run installs it");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pre-commit-4.7.0");
    fs::create_dir_all(&target).expect("a directory");
    let lock = File::create(target.join("install.lock")).expect("a lock");
    lock.lock().expect("whoever installs ends");
    if !target.join("installed").exists() {
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        pip.args(["--root-user-action", "ignore", "--target"])
            .arg(&target)
            .arg("pre-commit==4.7.0");
        let output = pip.output().expect("it starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        fs::write(target.join("installed"), "").expect("written");
    }
    (python, target)
}

/// A repository that uses the hooks of this one, as a user of the framework does.
fn with_pre_commit() -> Framed {
    let (python, packages) = pre_commit();
    let mut framed = Framed::new(Path::new("/usr/bin"));
    framed.packages = Some(packages);
    let sandbox = &framed.repository.sandbox;
    let python = python.to_str().expect("UTF-8");
    sandbox.script("pre-commit", &format!("exec {python} -m pre_commit \"$@\""));
    let source = sandbox.path("source");
    let source_text = source.to_str().expect("UTF-8").to_owned();
    framed.does(&["git", "init", "-q", &source_text]);
    let hooks = Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml");
    fs::copy(hooks, source.join(".pre-commit-hooks.yaml")).expect("copied");
    framed.does(&["git", "-C", &source_text, "add", "."]);
    framed.does(&["git", "-C", &source_text, "commit", "-q", "-m", "hooks"]);
    let revision = framed.does(&["git", "-C", &source_text, "rev-parse", "HEAD"]);
    let settings = format!(
        "repos:\n- repo: {source_text}\n  rev: {}\n  hooks:\n  - id: airlock-commit\n  - id: airlock-push\n",
        revision.trim()
    );
    framed.repository.stage(".pre-commit-config.yaml", &settings);
    framed.does(&["git", "commit", "-q", "-m", "use them"]);
    framed.does(&["pre-commit", "install", "-t", "commit-msg", "-t", "pre-push"]);
    framed
}

#[test]
fn the_pre_commit_framework_runs_the_hooks_of_this_repository() {
    let framed = with_pre_commit();
    framed.asks_about_commits_and_pushes();
    framed.is_switched_off_by("SKIP", "airlock-commit");
}

#[test]
fn the_pre_commit_framework_and_our_own_hooks_ask_once() {
    let framed = with_pre_commit();
    framed.does(&["airlock-exec", "hook", "install", "--git"]);
    framed.repository.stage("x", "x\n");
    framed.approved(&["git", "commit", "-m", "once"]);
    framed.does(&["airlock-exec", "hook", "uninstall", "--git"]);
    framed.repository.stage("y", "y\n");
    framed.approved(&["git", "commit", "-m", "by the framework alone"]);
}
