//! What a rule allows to do more than reading.

use super::{COMMIT, Scene};
use crate::support::{BINARY, Running, Terminal};
use std::fs;

/// Tells whether a command of git was run, however it ended; no: a person was asked.
fn ran(scene: &Scene, variables: &[(&str, &str)], command: &[&str]) -> bool {
    let mut airlock = scene.sandbox.airlock(["--wait", "1s", "--", "git"]);
    airlock.args(command).envs(variables.iter().copied());
    let status = Running::start(&mut airlock).finish().status;
    scene.assert_nothing_ran();
    status.code() != Some(122)
}

const PUSH: &str = "[[rule]]\nargv = [\"git\", [\"push\", \"fetch\"]]\ndecision = \"allow\"\n";

#[test]
fn a_rule_for_pushes_reaches_no_directory_whose_hooks_would_run() {
    let scene = Scene::new(PUSH);
    scene.git(&["init", "-q", "--bare", "evil.git"]);
    let directory = scene.sandbox.work().join("evil.git");
    let hook = directory.join("hooks/pre-receive");
    fs::copy(scene.sandbox.work().join("evil"), hook).expect("a hook");
    let directory = directory.to_str().expect("UTF-8");
    scene.git(&["config", "push.default", "current"]);
    for operands in [&["push", directory, "HEAD"][..], &["push", "evil.git", "HEAD"]] {
        assert!(!ran(&scene, &[], operands), "{operands:?}");
    }
    let branch = scene.told(&["symbolic-ref", "--short", "HEAD"]);
    let elsewhere = "https://127.0.0.1:1/";
    for (key, value) in [
        (&*format!("branch.{branch}.remote"), directory),
        (&format!("branch.{branch}.pushRemote"), "evil.git"),
        ("remote.pushDefault", "evil.git"),
        (&format!("url.{directory}.pushInsteadOf"), elsewhere),
        ("remote.evil.git.fetch", "x"),
    ] {
        scene.git(&["config", "remote.origin.url", elsewhere]);
        assert!(ran(&scene, &[], &["push", "origin", "HEAD"]), "{key}");
        assert!(ran(&scene, &[], &["push"]) && ran(&scene, &[], &["fetch", "origin"]), "{key}");
        scene.git(&["config", key, value]);
        let operands = if key.ends_with("fetch") { &["push", "evil.git"][..] } else { &["push"] };
        assert!(!ran(&scene, &[], operands), "{key}");
        scene.git(&["config", "--unset", key]);
    }
    scene.git(&["config", "--unset", "remote.origin.url"]);
    for (place, text) in [("remotes", "URL: evil.git\n"), ("branches", "evil.git\n")] {
        let file = scene.sandbox.work().join(".git").join(place).join("other");
        fs::create_dir_all(file.parent().expect("a directory")).expect("a directory");
        fs::write(&file, text).expect("written");
        assert!(!ran(&scene, &[], &["push", "other", "HEAD"]), "{place}");
        assert!(!ran(&scene, &[], &["push"]), "{place}");
        fs::remove_file(&file).expect("removed");
    }
    fs::rename(directory, scene.sandbox.work().join("origin")).expect("renamed");
    assert!(!ran(&scene, &[], &["push"]), "what git takes where nothing is said");
}

#[test]
fn editors_and_askers_are_plain_where_git_may_start_them() {
    let scene = Scene::new(&format!("{COMMIT}{PUSH}"));
    for variable in ["GIT_EDITOR", "EDITOR", "VISUAL"] {
        assert!(!ran(&scene, &[(variable, "./evil")], &["commit", "-a"]), "{variable}");
    }
    assert!(ran(&scene, &[("EDITOR", "./evil")], &["commit", "-q", "-a", "-m", "second"]));
    assert!(ran(&scene, &[("GIT_EDITOR", "true")], &["commit", "-q", "--amend"]));
    // An editor does what comes through standard input.
    assert!(!ran(&scene, &[("GIT_EDITOR", "vim")], &["commit", "-q", "--amend"]));
    assert!(!ran(&scene, &[("GIT_ASKPASS", "./evil")], &["fetch", "origin"]));
}

#[test]
fn an_editor_takes_its_keys_from_a_terminal_and_from_no_pipe() {
    let scene = Scene::new(COMMIT);
    let was_asked = |words: &[&str]| {
        let before = ["GIT_EDITOR=ed", BINARY, "--wait", "1s", "--"];
        let words = before.iter().chain(words);
        let mut terminal = Terminal::program(&scene.sandbox, "/usr/bin/env", words);
        // It quits, or is not there.
        terminal.send("q\n");
        terminal.finish().0.exit_code() == 122
    };
    assert!(!was_asked(&["git", "commit", "-a"]));
    assert!(was_asked(&["sh", "-c", "echo '!./evil' | git commit -a"]));
    scene.assert_nothing_ran();
}

#[test]
fn what_git_starts_for_more_than_reading_is_the_systems() {
    let scene = Scene::new(&format!("{COMMIT}{PUSH}"));
    scene.git(&["config", "remote.origin.url", "https://127.0.0.1:1/"]);
    let commit = ["commit", "-q", "-a", "-m", "x"];
    assert!(ran(&scene, &[], &commit) && ran(&scene, &[], &["fetch", "origin"]));
    for (name, command) in [("gpg", &commit[..]), ("ssh", &["fetch", "origin"])] {
        let planted = scene.sandbox.script(name, "exit 1");
        assert!(!ran(&scene, &[], command), "{name}");
        fs::remove_file(planted).expect("removed");
    }
    assert!(!ran(&scene, &[("PATH", ".:/usr/local/bin:/usr/bin:/bin")], &commit));
}

const ADD: &str = "[[rule]]\nargv = [\"git\", [\"add\", \"commit\"]]\ndecision = \"allow\"\n";

#[test]
fn a_directory_that_is_a_repository_by_itself_is_not_hidden_by_a_sham_one_in_it() {
    let scene = Scene::new(ADD);
    let work = scene.sandbox.work();
    fs::remove_dir_all(work.join(".git")).expect("removed");
    scene.git(&["init", "-q", "--bare", "."]);
    for (key, value) in [("bare", "false"), ("worktree", "."), ("fsmonitor", "./evil")] {
        scene.git(&["config", &format!("core.{key}"), value]);
    }
    fs::create_dir(work.join(".git")).expect("a directory");
    fs::write(work.join(".git/config"), "[core]\n").expect("written");
    assert!(!ran(&scene, &[], &["add", "file"]));
    scene.git(&["add", "file"]);
    assert!(scene.trace.exists(), "the trap is armed");
    fs::remove_file(&scene.trace).expect("removed");
    // Its objects may be another directory's, and its head a link that leads nowhere.
    fs::create_dir(work.join("common")).expect("a directory");
    for name in ["config", "objects", "refs"] {
        fs::rename(work.join(name), work.join("common").join(name)).expect("renamed");
    }
    fs::write(work.join("commondir"), "common\n").expect("written");
    fs::remove_file(work.join("HEAD")).expect("removed");
    std::os::unix::fs::symlink("refs/heads/main", work.join("HEAD")).expect("a link");
    assert!(!ran(&scene, &[], &["add", "file"]));
}

#[test]
fn a_repository_in_a_repository_is_not_looked_into() {
    let scene = Scene::new(ADD);
    assert!(ran(&scene, &[], &["add", "-u"]));
    scene.git(&["init", "-q", "inner"]);
    let inner = scene.sandbox.work().join("inner");
    fs::write(inner.join("x"), "x\n").expect("written");
    for arguments in [
        &["-C", "inner", "add", "x"][..],
        &["-C", "inner", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "x"],
        &["add", "inner"],
        &["-C", "inner", "config", "core.fsmonitor", "../evil"],
    ] {
        scene.git(arguments);
    }
    fs::remove_file(&scene.trace).unwrap_or_default();
    for arguments in [&["add", "-u"][..], &["commit", "-q", "-a", "-m", "x"]] {
        assert!(!ran(&scene, &[], arguments), "{arguments:?}");
    }
    scene.git(&["add", "-u"]);
    assert!(scene.trace.exists(), "the trap is armed");
}
