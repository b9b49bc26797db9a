//! Installing hooks, and putting back what was there.

use crate::repository::{Repository, said, snapshot};
use crate::support::Refused;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};

const HOOKS: [&str; 2] = ["hook", "install"];

fn install(repository: &Repository, more: &[&str]) -> std::process::Output {
    repository.sandbox.output(&[&HOOKS[..], &["--git"], more].concat())
}

#[test]
fn hooks_that_were_there_run_first_and_come_back_byte_for_byte() {
    let repository = Repository::new();
    repository.hook("commit-msg", "echo \"$# $(basename \"$0\")\" >>../said");
    repository.hook("pre-push", "cat >>../said");
    repository.write("hooks-of-ours/reference-transaction", "#!/bin/sh\ncat >/dev/null\n");
    fs::set_permissions(
        repository.path("hooks-of-ours/reference-transaction"),
        Permissions::from_mode(0o755),
    )
    .expect("chmod");
    symlink(
        "../../hooks-of-ours/reference-transaction",
        repository.path(".git/hooks/reference-transaction"),
    )
    .expect("a link");
    let before = snapshot(&repository.path(".git"));

    let would = install(&repository, &["--dry-run"]);
    assert!(would.status.success() && snapshot(&repository.path(".git")) == before, "{would:?}");
    for _ in 0..2 {
        let output = install(&repository, &[]);
        assert!(output.status.success(), "{output:?}");
    }
    let again = String::from_utf8_lossy(&install(&repository, &[]).stdout).into_owned();
    assert_eq!(again.matches("nothing to do").count(), 3, "{again}");
    let listed = repository.sandbox.output(&["hook", "list"]);
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert_eq!(listed.matches("asks (").count(), 3, "{listed}");
    assert_eq!(listed.matches(", after ").count(), 3, "{listed}");

    repository.remote();
    repository.stage("x", "x\n");
    repository.approved(&["commit", "-m", "x"]);
    repository.approved(&["push", "origin", "main"]);
    let said = fs::read_to_string(repository.sandbox.path("said")).expect("the hooks ran");
    let pushed =
        format!("refs/heads/main {} refs/heads/main {}\n", repository.head(), "0".repeat(40));
    assert_eq!(said, format!("1 commit-msg.airlock-chained\n{pushed}"));

    let hooks = |files: &[(std::path::PathBuf, u32, Vec<u8>)]| -> Vec<_> {
        files
            .iter()
            .filter(|(path, ..)| path.starts_with(repository.path(".git/hooks")))
            .cloned()
            .collect()
    };
    let output = repository.sandbox.output(&["hook", "uninstall", "--git"]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(hooks(&snapshot(&repository.path(".git"))), hooks(&before));
}

#[test]
fn a_hook_that_was_there_and_says_no_is_heard_before_anybody_is_asked() {
    let repository = Repository::new();
    repository.hook("commit-msg", "echo 'lint fails' >&2; exit 3");
    repository.hook("pre-push", "cat >/dev/null; exit 3");
    repository.install(&[]);
    repository.remote();
    repository.stage("x", "x\n");
    for arguments in [&["commit", "-m", "x"][..], &["push", "origin", "main"]] {
        let output = repository.start(arguments).finish();
        assert!(!output.status.success(), "{output:?}");
    }
    repository.assert_nothing_waits();
}

#[test]
fn what_is_not_this_repositorys_is_not_touched() {
    let repository = Repository::new();
    let elsewhere = repository.sandbox.path("elsewhere");
    fs::create_dir(&elsewhere).expect("a directory");
    let other = elsewhere.join("commit-msg");
    fs::write(&other, "#!/bin/sh\n").expect("written");
    symlink(&other, repository.path(".git/hooks/commit-msg")).expect("a link");
    let output = install(&repository, &[]);
    assert_eq!(output.status.code(), Some(125));
    Refused::of_subcommand(&output).assert_says(&["is a link to", "not part of this repository"]);
    assert!(!repository.path(".git/hooks/pre-push").exists(), "none is installed");

    fs::remove_file(repository.path(".git/hooks/commit-msg")).expect("removed");
    repository.git(&["config", "--global", "core.hooksPath", elsewhere.to_str().expect("UTF-8")]);
    let output = install(&repository, &[]);
    Refused::of_subcommand(&output).assert_says(&["belongs to more than this", ".gitconfig sets"]);
    assert_eq!(fs::read(&other).expect("there"), b"#!/bin/sh\n");
    repository.git(&["config", "--global", "--unset", "core.hooksPath"]);

    repository.hook("commit-msg", "true");
    repository.hook("commit-msg.airlock-chained", "false");
    let output = install(&repository, &[]);
    Refused::of_subcommand(&output).assert_says(&["and so is another hook"]);
}

#[test]
fn a_hook_of_ours_that_was_changed_is_not_removed() {
    let repository = Repository::with_hooks(&[]);
    let path = repository.path(".git/hooks/commit-msg");
    let changed = fs::read_to_string(&path).expect("there") + "true\n";
    fs::write(&path, &changed).expect("written");
    let listed = repository.sandbox.output(&["hook", "status"]);
    assert_eq!(listed.status.code(), Some(125), "{listed:?}");
    let output = repository.sandbox.output(&["hook", "uninstall", "--git"]);
    Refused::of_subcommand(&output).assert_says(&["was changed since it was installed"]);
    assert_eq!(fs::read_to_string(&path).expect("there"), changed);
}

#[test]
fn a_directory_of_hooks_in_the_repository_is_respected() {
    let repository = Repository::new();
    repository.git(&["config", "core.hooksPath", ".githooks"]);
    repository.install(&["commit-msg"]);
    assert!(repository.path(".githooks/commit-msg").exists());
    assert!(!repository.path(".git/hooks/commit-msg").exists());
    repository.stage("x", "x\n");
    repository.approved(&["commit", "-m", "x"]);
}

#[test]
fn husky_and_lefthook_keep_their_hooks() {
    let repository = Repository::new();
    repository.write(".husky/_/commit-msg", "#!/usr/bin/env sh\n. \"$(dirname \"$0\")/h\"\n");
    repository.write(".husky/commit-msg", "npm test");
    repository.git(&["config", "core.hooksPath", ".husky/_"]);
    let before = snapshot(&repository.path(".husky"));
    repository.install(&[]);
    let script = fs::read_to_string(repository.path(".husky/commit-msg")).expect("there");
    assert!(script.starts_with("npm test\nairlock-exec git-hook commit-msg \"$@\""), "{script}");
    let output = install(&repository, &["reference-transaction"]);
    Refused::of_subcommand(&output).assert_says(&["does not know reference-transaction"]);
    let output = repository.sandbox.output(&["hook", "uninstall", "--git"]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(snapshot(&repository.path(".husky")), before);

    let repository = Repository::new();
    repository.write("lefthook.yml", "pre-push:\n  commands: {}\n");
    let before = snapshot(&repository.path(".git/hooks"));
    let output = install(&repository, &["pre-push"]);
    assert_eq!(output.status.code(), Some(125));
    let jobs = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        jobs.contains("airlock-exec git-hook pre-push {1} {2}") && jobs.contains("use_stdin: true"),
        "{jobs}"
    );
    assert_eq!(snapshot(&repository.path(".git/hooks")), before);
}

/// git 2.54 is not everywhere yet: one that only calls itself so takes the decision.
#[test]
fn a_git_that_runs_hooks_of_its_configuration_gets_them_there() {
    let repository = Repository::new();
    let script = "for word; do [ \"$word\" = version ] && { echo git version 2.54.0; exit; }; done\n\
        PATH=/usr/local/bin:/usr/bin:/bin exec git \"$@\"";
    repository.sandbox.script("git", script);
    let before = fs::read(repository.path(".git/config")).expect("there");
    let airlock = |arguments: &[&str]| {
        let mut command = repository.sandbox.airlock(arguments);
        command.env("PATH", repository.sandbox.path("bin")).output().expect("it starts")
    };
    for _ in 0..2 {
        let output = airlock(&["hook", "install", "--git", "pre-push"]);
        assert!(output.status.success(), "{output:?}");
    }
    let config = fs::read_to_string(repository.path(".git/config")).expect("there");
    assert_eq!(config.matches("[hook \"airlock-pre-push\"]").count(), 1, "{config}");
    assert!(
        config.contains("event = pre-push") && config.contains("git-hook pre-push"),
        "{config}"
    );
    assert!(!repository.path(".git/hooks/pre-push").exists());
    // One that names a program which is gone names ours after the next installation.
    let gone = config.replace(crate::support::BINARY, "/nowhere/airlock-exec");
    assert_ne!(gone, config);
    fs::write(repository.path(".git/config"), gone).expect("written");
    let output = airlock(&["hook", "install", "--git", "pre-push"]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(fs::read_to_string(repository.path(".git/config")).expect("there"), config);
    let listed = airlock(&["hook", "list"]);
    assert!(String::from_utf8_lossy(&listed.stdout).contains("asks (git config"), "{listed:?}");
    // The git of this machine does not read it, and that is said.
    let listed = repository
        .sandbox
        .program(crate::support::BINARY)
        .args(["hook", "list"])
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .output()
        .expect("it starts");
    assert!(String::from_utf8_lossy(&listed.stdout).contains("DOES NOT WORK"), "{listed:?}");
    let output = airlock(&["hook", "uninstall", "--git"]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(fs::read(repository.path(".git/config")).expect("there"), before);
}

#[test]
fn a_hook_whose_program_is_gone_stops_git_and_says_so() {
    let repository = Repository::with_hooks(&[]);
    let path = repository.path(".git/hooks/commit-msg");
    let script = fs::read_to_string(&path).expect("there");
    fs::write(&path, script.replace(crate::support::BINARY, "/nowhere/airlock-exec"))
        .expect("written");
    repository.stage("x", "x\n");
    let output = repository.start(&["commit", "-m", "x"]).finish();
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("/nowhere/airlock-exec is gone"), "{output:?}");
    // Installed again it works again.
    repository.install(&[]);
    repository.approved(&["commit", "-m", "x"]);
}
