//! Hooks in odd places, about odd things, in repositories that are hostile.

use crate::repository::{Repository, said};
use crate::support::{Running, Sandbox};
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::process::Stdio;
use std::time::Instant;

#[test]
fn a_hook_outside_of_a_repository_and_in_a_bare_one_stops_and_says_why() {
    let sandbox = Sandbox::new();
    for arguments in [&["pre-commit"][..], &["commit-msg", "x"], &["commit-msg"]] {
        let output = sandbox.output(&[&["git-hook"], arguments].concat());
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(said(&output).contains("; nothing was committed"), "{output:?}");
    }
    let output = sandbox.output(&["git-hook", "no-such-hook"]);
    assert_eq!(output.status.code(), Some(125), "{output:?}");
    let output = sandbox.output(&["hook", "install", "--git"]);
    assert_eq!(output.status.code(), Some(125), "{output:?}");

    let bare = sandbox.path("bare.git");
    assert!(
        sandbox
            .program("git")
            .args(["init", "-q", "--bare"])
            .arg(&bare)
            .status()
            .expect("git")
            .success()
    );
    for arguments in [&["git-hook", "pre-commit"][..], &["hook", "install", "--git"]] {
        let output = sandbox.airlock(arguments).current_dir(&bare).output().expect("it starts");
        assert!(!output.status.success(), "{output:?}");
    }
    assert!(sandbox.pending_now().is_empty());
}

#[test]
fn lines_that_git_does_not_write_stop_it() {
    let repository = Repository::new();
    for (hook, words, input) in [
        ("pre-push", &["origin", "u"][..], "one two three\n"),
        ("reference-transaction", &["prepared"], "one two\n"),
        ("reference-transaction", &[], ""),
    ] {
        let mut command = repository.sandbox.airlock([&["git-hook", hook], words].concat());
        let output = Running::start_with_input(&mut command, input.as_bytes()).finish();
        assert_eq!(output.status.code(), Some(1), "{hook}: {output:?}");
    }
}

#[test]
fn git_dir_says_which_repository_it_is() {
    let repository = Repository::with_hooks(&[]);
    repository.stage("x", "x\n");
    let mut command = repository.command(&["commit", "-m", "from elsewhere"]);
    command.current_dir(repository.sandbox.path("tmp"));
    command.env("GIT_DIR", repository.path(".git")).env("GIT_WORK_TREE", repository.path("."));
    let running = Running::start(&mut command);
    let asked = repository.approve_next();
    let output = running.finish();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(asked["git"]["changes"]["shown"][0], "A +1 -0 x");
    assert_eq!(repository.git(&["log", "-1", "--format=%s"]), "from elsewhere");
}

#[test]
fn names_and_messages_of_any_bytes_are_told_without_them() {
    let repository = Repository::with_hooks(&["commit-msg"]);
    let name = OsStr::from_bytes(b"a\x1b[2Kb\nc\xff");
    fs::write(repository.path(name), "x\n").expect("written");
    repository.git(&["add", "."]);
    let message = repository.sandbox.path("message");
    fs::write(&message, b"subject \x1b[31m\xff\n").expect("written");
    let file = message.to_str().expect("UTF-8");
    let running = repository.start(&["-c", "i18n.commitEncoding=latin1", "commit", "-F", file]);
    let pending = repository.pending();
    let asked = repository.sandbox.plaintext(&pending);
    assert_eq!(asked["git"]["changes"]["shown"][0], "A +1 -0 $'a\\033[2Kb\\nc\\377'");
    assert!(asked["notes"].to_string().contains("the message is not UTF-8"), "{asked}");
    let card = repository.sandbox.output(&["approver", "show", &pending.id]).stdout;
    assert!(!card.contains(&0x1b), "nothing moves the cursor");
    let card = String::from_utf8(card).expect("UTF-8");
    for row in ["message", "changes", "tree", "author"] {
        assert!(card.contains(&format!("│ {row}")), "{row}: {card}");
    }
    repository.sandbox.approve(&pending);
    assert!(running.finish().status.success());
}

#[test]
fn a_message_of_a_megabyte_is_told_by_its_beginning_and_its_size() {
    let repository = Repository::with_hooks(&[]);
    repository.stage("x", "x\n");
    let message = repository.sandbox.path("message");
    fs::write(&message, "subject\n\n".to_owned() + &"line\n".repeat(200_000)).expect("written");
    let asked = repository.approved(&["commit", "-F", message.to_str().expect("UTF-8")]);
    assert_eq!(asked["git"]["messageSize"], 1_000_009);
    assert!(asked["notes"].to_string().contains("of 1000009 bytes of the message"), "{asked}");
}

#[test]
fn a_hundred_thousand_files_are_counted_and_the_first_are_listed() {
    let repository = Repository::with_hooks(&["commit-msg"]);
    let blob = repository.git(&["rev-parse", "HEAD:README"]);
    let mut command = repository.command(&["update-index", "--index-info"]);
    let mut child = command.stdin(Stdio::piped()).spawn().expect("git starts");
    let mut lines = Vec::new();
    for number in 0..100_000 {
        writeln!(lines, "100644 {blob}\tmany/{number:06}").expect("memory takes it");
    }
    child.stdin.take().expect("a pipe").write_all(&lines).expect("written");
    assert!(child.wait().expect("it ends").success());
    let began = Instant::now();
    let asked = repository.approved(&["commit", "-q", "-m", "many"]);
    println!("asked and committed in {:?}", began.elapsed());
    assert_eq!(asked["git"]["changes"]["total"], 100_000);
    assert_eq!(asked["git"]["changes"]["shown"].as_array().map(Vec::len), Some(200));
    let notes = asked["notes"].to_string();
    assert!(notes.contains("only the first 200 of 100000 files were looked at"), "{notes}");
}

#[test]
fn nothing_that_a_repository_configures_is_run_by_us() {
    let repository = Repository::new();
    let canary = repository.sandbox.path("ran");
    let run =
        repository.sandbox.script("evil", &format!("echo \"$*\" >>{}; cat", canary.display()));
    let run = run.to_str().expect("UTF-8");
    repository.write(".gitattributes", "* diff=evil filter=evil\n");
    repository.stage("x", "x\n");
    repository.git(&["add", ".gitattributes"]);
    for (key, value) in [
        ("core.fsmonitor", run),
        ("diff.external", run),
        ("diff.evil.command", run),
        ("diff.evil.textconv", run),
        ("filter.evil.clean", run),
        ("filter.evil.smudge", run),
        ("core.pager", run),
        ("core.sshCommand", run),
        ("core.editor", run),
        ("core.alternateRefsCommand", run),
        ("gpg.program", run),
        ("log.showSignature", "true"),
        ("credential.helper", run),
        ("core.hooksPath", "evil-hooks"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", "ext::evil"),
        ("protocol.ext.allow", "always"),
    ] {
        repository.git(&["config", key, value]);
    }
    repository.write("evil-hooks/post-index-change", format!("#!/bin/sh\n{run}\n"));
    let hook = repository.path("evil-hooks/post-index-change");
    assert!(
        repository.sandbox.program("chmod").arg("+x").arg(hook).status().expect("chmod").success()
    );
    // What git itself ran while this was written does not count.
    let _ = fs::remove_file(&canary);

    // We are called as git calls us, and it is not there to run anything itself.
    fs::write(repository.path(".git/COMMIT_EDITMSG"), "message\n").expect("written");
    let running = repository.sandbox.start(["git-hook", "commit-msg", ".git/COMMIT_EDITMSG"]);
    let asked = repository.approve_next();
    assert!(running.finish().status.success());
    assert_eq!(asked["git"]["changes"]["total"], 2, "{asked}");
    let line = format!("refs/heads/main {} refs/heads/main {}\n", "0".repeat(40), "1".repeat(40));
    let mut push = repository.sandbox.airlock(["git-hook", "pre-push", "origin", "ext::evil"]);
    let running = Running::start_with_input(&mut push, line.as_bytes());
    repository.approve_next();
    assert!(running.finish().status.success());
    let listed = repository.sandbox.output(&["hook", "list"]);
    assert!(listed.status.success(), "{listed:?}");
    assert!(!canary.exists(), "{}", fs::read_to_string(&canary).unwrap_or_default());
    // The same settings do run something when git is asked as usual.
    repository.command(&["status"]).output().expect("git starts");
    assert!(canary.exists(), "the trap works");
}
