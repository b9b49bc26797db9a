//! Making, listing and taking away.

use super::{path, run, search_path, shims, text, with_shims};
use crate::support::{Refused, Sandbox};
use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

#[test]
fn what_is_not_ours_is_never_overwritten_or_removed() {
    let sandbox = with_shims(&["git"]);
    let foreign = shims(&sandbox).join("cat");
    fs::write(&foreign, "mine").expect("written");
    for words in [&["shim", "install", "npm", "cat"][..], &["shim", "remove", "git", "cat"]] {
        let output = sandbox.output(words);
        assert_eq!(output.status.code(), Some(125), "{output:?}");
        Refused::of_subcommand(&output).assert_says(&["not a shim of ours", "move it away"]);
    }
    assert_eq!(fs::read_to_string(&foreign).expect("there"), "mine");
    assert!(shims(&sandbox).join("git").exists() && !shims(&sandbox).join("npm").exists());
    assert!(sandbox.output(&["shim", "remove", "--all"]).status.success());
    assert!(foreign.exists() && !shims(&sandbox).join("git").exists());
}

#[test]
fn a_rehearsal_changes_nothing() {
    let sandbox = Sandbox::new();
    let output = sandbox.output(&["shim", "install", "git", "--dry-run"]);
    assert!(text(&output).contains("git  would be made"), "{output:?}");
    assert!(!shims(&sandbox).exists());
    let sandbox = with_shims(&["git"]);
    let output = sandbox.output(&["shim", "remove", "git", "--dry-run"]);
    assert!(text(&output).contains("git  would be removed"), "{output:?}");
    assert!(shims(&sandbox).join("git").exists());
}

#[test]
fn the_list_says_how_it_is_with_each() {
    let sandbox = with_shims(&["git", "cat"]);
    fs::write(shims(&sandbox).join("mine"), "").expect("written");
    fs::remove_file(shims(&sandbox).join("cat")).expect("removed");
    symlink("/nowhere/airlock-exec", shims(&sandbox).join("cat")).expect("linked");
    let list = |path: OsString| {
        let output = run(sandbox.airlock(["shim", "list", "--json"]).env("PATH", path));
        serde_json::from_slice::<serde_json::Value>(&output.stdout).expect("JSON")
    };
    let listed = list(path(&sandbox));
    let states: Vec<_> = listed["shims"].as_array().expect("a list").iter().collect();
    let states: Vec<_> = states.iter().map(|shim| shim["state"].as_str().expect("text")).collect();
    assert_eq!((states, &listed["inFront"]), (vec!["broken", "ready", "foreign"], &true.into()));
    let git = which::which_in("git", Some(search_path(&sandbox)), "/").expect("git");
    assert_eq!(listed["shims"][1]["program"], git.to_str().expect("UTF-8"));
    let listed = list("/usr/bin:/bin".into());
    assert_eq!(
        (&listed["inFront"], &listed["shims"][1]["state"]),
        (&false.into(), &"shadowed".into())
    );
}

#[test]
fn the_default_set_makes_shims_of_what_is_there() {
    let sandbox = Sandbox::new();
    let output = sandbox.output(&["shim", "install", "--set", "default"]);
    assert!(output.status.success(), "{output:?}");
    assert!(shims(&sandbox).join("git").exists());
    let entries = fs::read_dir(shims(&sandbox)).expect("listed").count();
    for entry in fs::read_dir(shims(&sandbox)).expect("listed") {
        let name = entry.expect("an entry").file_name();
        let is_there = which::which_in(&name, Some(search_path(&sandbox)), "/").is_ok();
        assert!(is_there || name == ".broken", "{name:?}");
    }
    let again = sandbox.output(&["shim", "install", "--set", "default"]);
    assert!(text(&again).contains("git  is there"), "{again:?}");
    assert_eq!(fs::read_dir(shims(&sandbox)).expect("listed").count(), entries);
}

#[test]
fn the_line_of_each_shell_puts_the_shims_in_front_once() {
    let sandbox = with_shims(&["git"]);
    for (kind, each) in [("bash", "bash"), ("sh", "dash"), ("zsh", "zsh"), ("fish", "fish")] {
        let line = text(&sandbox.output(&["shim", "env", kind]));
        let script = format!("{line}\n{line}\nenv");
        let mut command = sandbox.program(each);
        let output = run(command.args(["-c", &script]));
        let shown = text(&output);
        let found = shown.lines().find_map(|line| line.strip_prefix("PATH=")).expect("a PATH");
        assert_eq!(found, path(&sandbox).to_str().expect("UTF-8"), "{each}: {output:?}");
    }
    let line = text(&sandbox.output(&["shim", "env", "powershell"]));
    assert!(line.starts_with("if (-not $env:PATH.StartsWith('"), "{line}");
}

#[test]
fn a_directory_that_cannot_be_used_is_refused() {
    let sandbox = Sandbox::new();
    let install = |data: &Path| {
        let mut command = sandbox.airlock(["shim", "install", "git"]);
        let output = run(command.env("XDG_DATA_HOME", data));
        assert_eq!(output.status.code(), Some(125), "{output:?}");
        Refused::of_subcommand(&output)
    };
    let colon = sandbox.path("a:b");
    install(&colon).assert_says(&["cannot stand in PATH"]);
    assert!(!colon.exists());
    let linked = sandbox.path("linked");
    fs::create_dir_all(linked.join("airlock-exec")).expect("a directory");
    symlink(sandbox.work(), linked.join("airlock-exec/shims")).expect("linked");
    install(&linked).assert_says(&["is not a plain directory"]);
    assert_eq!(fs::read_dir(sandbox.work()).expect("listed").count(), 0);
    // Nobody can make directories there, not even root.
    install(Path::new("/proc/self")).assert_says(&["cannot create"]);
    if !nix::unistd::Uid::effective().is_root() {
        let closed = sandbox.path("closed");
        fs::create_dir(&closed).expect("a directory");
        fs::set_permissions(&closed, Permissions::from_mode(0o500)).expect("closed");
        install(&closed).assert_says(&["writable for you"]);
    }
}
