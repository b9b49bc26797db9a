//! Taking every hook out at once, wherever it was installed.

use super::installed::{CLAUDE_SETTINGS, files_below, hook, hooked, put, read};
use crate::support::{Running, Sandbox};
use serde_json::json;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;

const NONE_LEFT: &str = "no hook of airlock-exec is left that it knows of\n";

fn text(path: &Path) -> &str {
    path.to_str().expect("text")
}

/// Runs `hook` with these words in that directory.
fn hook_in(sandbox: &Sandbox, directory: &Path, words: &[&str]) -> Output {
    Running::start(sandbox.airlock(["hook"]).args(words).current_dir(directory)).finish()
}

/// Makes a repository with a hook of somebody else, and returns its directory.
fn repository(sandbox: &Sandbox) -> PathBuf {
    let directory = sandbox.work().join("repository");
    let made = sandbox.program("git").args(["init", "-q", text(&directory)]).status();
    assert!(made.expect("git").success());
    fs::create_dir(directory.join("below")).expect("made");
    let pre_push = directory.join(".git/hooks/pre-push");
    fs::write(&pre_push, "#!/bin/sh\ncat >/dev/null\n").expect("written");
    fs::set_permissions(&pre_push, Permissions::from_mode(0o755)).expect("a mode");
    directory
}

/// Returns every file there, and what is in it.
fn files(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    files_below(directory, &mut found);
    found.sort();
    found.into_iter().map(|path| (path.clone(), fs::read(path).expect("readable"))).collect()
}

#[test]
fn all_hooks_go_from_settings_projects_and_repositories() {
    let sandbox = Sandbox::new();
    put(&sandbox, ".claude/settings.json", CLAUDE_SETTINGS);
    // Neither is ours, and neither is in the way.
    put(&sandbox, "Documents/Cline/Hooks/PreToolUse", "#!/bin/sh\nexit 0\n");
    put(&sandbox, ".gemini/settings.json", "not json");
    let repository = repository(&sandbox);
    let project = sandbox.work().join("a project");
    fs::create_dir(&project).expect("made");
    let state = || [sandbox.path("home"), sandbox.work()].map(|each| files(&each));
    let before = state();

    for agent in ["claude-code", "codex", "pi"] {
        hooked(&sandbox, &["install", "--agent", agent]);
    }
    for place in [text(&project), text(&repository)] {
        hooked(&sandbox, &["install", "--agent", "claude-code", "--project", place]);
    }
    // A variable that nobody has set any more named where it is.
    let elsewhere = sandbox.work().join("elsewhere");
    let mut install = sandbox.airlock(["hook", "install", "--agent", "claude-code"]);
    let install = Running::start(install.env("CLAUDE_CONFIG_DIR", &elsewhere)).finish();
    assert!(install.status.success() && elsewhere.join("settings.json").exists(), "{install:?}");
    let gone = sandbox.work().join("gone");
    fs::create_dir(&gone).expect("made");
    hooked(&sandbox, &["install", "--agent", "codex", "--project", text(&gone)]);
    fs::remove_dir_all(&gone).expect("removed");
    let installed = hook_in(&sandbox, &repository.join("below"), &["install", "--git"]);
    assert!(installed.status.success(), "{installed:?}");
    let with_hooks = state();
    assert_ne!(with_hooks, before);

    let would = hooked(&sandbox, &["uninstall", "--all", "--dry-run"]);
    assert!(would.contains("- ") && would.contains("nothing was changed"), "{would}");
    assert!(state() == with_hooks, "{would}");

    let said = hooked(&sandbox, &["uninstall", "--all"]);
    assert!(state() == before, "{said}");
    for place in [".claude/settings.json", ".codex/hooks.json", text(&project), text(&repository)] {
        assert!(said.contains(place), "{place}: {said}");
    }
    let again = hooked(&sandbox, &["uninstall", "--all"]);
    assert!(again.starts_with(NONE_LEFT), "{again}");
    assert_eq!(again.lines().count(), 3, "{again}");
}

#[test]
fn hooks_from_before_there_was_a_list_are_found_where_something_names_them() {
    let sandbox = Sandbox::new();
    let settings = put(&sandbox, ".claude/settings.json", CLAUDE_SETTINGS);
    let repository = repository(&sandbox);
    let project = |name: &str| {
        let directory = sandbox.work().join(name);
        fs::create_dir_all(directory.join(".codex")).expect("made");
        directory
    };
    let (known, copied, nowhere) = (project("known"), project("copied"), project("nowhere"));
    fs::write(copied.join(".codex/hooks.json"), "{}\n").expect("written");
    put(&sandbox, ".claude.json", &json!({"projects": {text(&known): {}}}).to_string());
    for place in [&known, &copied, &nowhere] {
        hooked(&sandbox, &["install", "--agent", "codex", "--project", text(place)]);
    }
    hooked(&sandbox, &["install", "--agent", "claude-code"]);
    assert!(hook_in(&sandbox, &repository, &["install", "--git"]).status.success());
    // The log names the repository, whose hooks lie where git does not look any more.
    let below = repository.join("below");
    let asked = Running::start(sandbox.airlock(["--", "true"]).current_dir(&below));
    sandbox.approve(&sandbox.pending());
    assert!(asked.finish().status.success());
    let mut elsewhere = sandbox.program("git");
    let set = ["-C", text(&repository), "config", "core.hooksPath", "below"];
    assert!(elsewhere.args(set).status().expect("git").success());
    fs::remove_file(sandbox.path("state/airlock-exec/hooks/placed")).expect("a list");

    let uninstall = |words: &[&str]| {
        let mut uninstall = sandbox.airlock(["hook", "uninstall", "--all"]);
        let other = sandbox.work().join("other");
        let output = Running::start(uninstall.args(words).env("CLAUDE_CONFIG_DIR", other)).finish();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    uninstall(&["--dry-run"]);
    assert!(known.join(".codex/hooks.json").exists());
    let said = uninstall(&[]);
    assert!(!known.join(".codex/hooks.json").exists(), "{said}");
    assert_eq!(read(&copied.join(".codex/hooks.json")), "{}\n", "{said}");
    assert_eq!(read(&settings), CLAUDE_SETTINGS, "{said}");
    assert_eq!(read(&repository.join(".git/hooks/pre-push")), "#!/bin/sh\ncat >/dev/null\n");
    assert!(!repository.join(".git/hooks/commit-msg").exists(), "{said}");
    // What nothing names is not found, and that is said with what helps.
    assert!(said.contains("are not\nfound; there: airlock-exec hook uninstall --git"), "{said}");
    assert!(nowhere.join(".codex/hooks.json").exists());
    let mut there = sandbox.airlock(["hook", "uninstall", "--all"]);
    assert!(Running::start(there.current_dir(&nowhere)).finish().status.success());
    assert!(!nowhere.join(".codex/hooks.json").exists());
}

#[test]
fn what_cannot_be_taken_out_is_said_and_the_others_go() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    hooked(&sandbox, &["install", "--agent", "claude-code", "--project", text(&repository)]);
    hooked(&sandbox, &["install", "--agent", "codex"]);
    assert!(hook_in(&sandbox, &repository, &["install", "--git"]).status.success());
    let settings = repository.join(".claude/settings.json");
    fs::set_permissions(&settings, Permissions::from_mode(0o444)).expect("a mode");
    let output = hook(&sandbox, &["uninstall", "--all"]);
    assert_eq!(output.status.code(), Some(125), "{output:?}");
    let refused = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(refused.contains("cannot be taken out: 1, named above"), "{refused}");
    assert!(refused.contains("airlock-exec hook uninstall --all"), "{refused}");
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(said.contains(&format!("it stays: {} is read-only", settings.display())), "{said}");
    assert!(said.contains("chmod u+w"), "{said}");
    assert!(!sandbox.path("home/.codex/hooks.json").exists(), "{said}");
    assert_eq!(read(&repository.join(".git/hooks/pre-push")), "#!/bin/sh\ncat >/dev/null\n");
    fs::set_permissions(&settings, Permissions::from_mode(0o644)).expect("a mode");
    hooked(&sandbox, &["uninstall", "--all"]);
    assert!(!settings.exists());
}

#[test]
fn a_place_where_it_was_taken_out_by_hand_is_forgotten() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let project = ["--agent", "claude-code", "--project", text(&repository)];
    hooked(&sandbox, &[&["install"], &project[..]].concat());
    assert!(hook_in(&sandbox, &repository, &["install", "--git"]).status.success());
    hooked(&sandbox, &[&["uninstall"], &project[..]].concat());
    assert!(hook_in(&sandbox, &repository, &["uninstall", "--git"]).status.success());
    let said = hooked(&sandbox, &["uninstall", "--all"]);
    assert!(said.starts_with(NONE_LEFT), "{said}");
}
