//! What no hook of git sees, and that the shim of git sees it: docs/git.md has the list.

use crate::repository::{Repository, said};
use crate::support::{Refused, Running};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

/// Returns git as it is found behind a shim of ours.
fn by_shim(repository: &Repository, arguments: &[&str]) -> Command {
    let sandbox = &repository.sandbox;
    assert!(sandbox.output(&["shim", "install", "git"]).status.success());
    let mut path = sandbox.path("data/airlock-exec/shims").into_os_string();
    path.push(":/usr/local/bin:/usr/bin:/bin");
    let mut command = sandbox.program("/usr/bin/env");
    command.arg("git").args(arguments).env("PATH", path);
    command
}

/// Without a shim it happens unasked; with one a person is asked, and it does not happen.
fn only_the_shim_sees(
    repository: &Repository,
    arguments: &[&str],
    variables: &[(&str, &str)],
    state: impl Fn() -> String,
) {
    let before = state();
    let mut command = by_shim(repository, arguments);
    let running = Running::start(command.envs(variables.iter().copied()));
    repository.sandbox.reject(&repository.pending(), "seen by the shim");
    Refused::with_status(&running.finish(), 120).assert_says(&["seen by the shim"]);
    assert_eq!(state(), before, "{arguments:?}");
    let mut command = repository.command(arguments);
    let output = Running::start(command.envs(variables.iter().copied())).finish();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    assert_ne!(state(), before, "{arguments:?}");
    repository.assert_nothing_waits();
}

#[test]
fn a_commit_with_the_hooks_led_elsewhere_is_seen_by_the_shim_alone() {
    let repository = Repository::with_hooks(&[]);
    let commit = ["commit", "-q", "--allow-empty", "-m", "unseen"];
    let elsewhere = [&["-c", "core.hooksPath=/dev/null"], &commit[..]].concat();
    only_the_shim_sees(&repository, &elsewhere, &[], || repository.head());
    let variables = [
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_CONFIG_KEY_0", "core.hooksPath"),
        ("GIT_CONFIG_VALUE_0", "/dev/null"),
    ];
    // A rule that allows commits does not allow this one.
    repository.sandbox.policy(
        "read-only = \"ask\"\n[[rule]]\nargv = [\"git\", \"commit\"]\ndecision = \"allow\"\n",
    );
    only_the_shim_sees(&repository, &commit, &variables, || repository.head());
}

#[test]
fn a_push_without_hooks_is_seen_by_the_shim_alone() {
    let repository = Repository::with_hooks(&[]);
    let bare = repository.remote();
    let state = || format!("{}", bare.join("refs/heads/main").exists());
    only_the_shim_sees(&repository, &["push", "-q", "--no-verify", "origin", "main"], &[], state);
}

#[test]
fn a_hook_that_was_deleted_or_is_not_executable_is_skipped_and_the_list_says_so() {
    let repository = Repository::with_hooks(&["commit-msg"]);
    let list = || {
        let output = repository.sandbox.output(&["hook", "list"]);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let path = repository.path(".git/hooks/commit-msg");
    fs::set_permissions(&path, Permissions::from_mode(0o644)).expect("changed");
    repository.git(&["commit", "-q", "--allow-empty", "-m", "unseen"]);
    assert!(list().contains("DOES NOT WORK"), "{}", list());
    fs::remove_file(&path).expect("removed");
    repository.git(&["commit", "-q", "--allow-empty", "-m", "unseen, too"]);
    assert!(list().contains("commit-msg            not installed"), "{}", list());
}

#[test]
fn git_finds_itself_before_a_shim_in_hooks_and_aliases() {
    let repository = Repository::new();
    repository.hook("post-commit", "command -v git >found");
    let mut alias = by_shim(&repository, &["-c", "alias.x=!command -v git >found #", "x"]);
    let path = alias.get_envs().find(|(name, _)| *name == "PATH").and_then(|(_, path)| path);
    let path = path.expect("a PATH").to_owned();
    let commit = ["-c", "user.name=a", "commit", "-q", "--allow-empty", "-m", "by its path"];
    let mut outer = repository.sandbox.program("/usr/bin/git");
    for command in [outer.args(commit).env("PATH", path), &mut alias] {
        let running = Running::start(command);
        if command.get_program() == "/usr/bin/env" {
            // The outer one is seen, and says what it will do.
            let pending = repository.pending();
            let asked = repository.sandbox.plaintext(&pending).to_string();
            assert!(asked.contains("!command -v git"), "{asked}");
            repository.sandbox.approve(&pending);
        }
        let output = running.finish();
        assert!(output.status.success(), "{}", said(&output));
        let found = fs::read_to_string(repository.path("found")).expect("it ran");
        assert!(!found.contains("shims"), "{found}");
        fs::remove_file(repository.path("found")).expect("removed");
    }
}
