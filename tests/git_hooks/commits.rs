//! Commits that wait for a person.

use crate::repository::{Repository, said, snapshot};
use crate::support::{BINARY, eventually};
use std::fs;

#[test]
fn a_commit_waits_and_shows_everything_about_it() {
    let repository = Repository::with_hooks(&[]);
    repository.stage(".github/workflows/ci.yml", "on: push\n");
    repository.stage("tool", "#!/bin/sh\n");
    repository.git(&["update-index", "--chmod=+x", "tool"]);
    let before = repository.head();
    let mut running = repository.start(&["commit", "-m", "add the CI", "-m", "and a tool"]);
    let pending = repository.pending();
    assert!(!running.has_ended());
    assert_eq!(repository.head(), before, "nothing is committed yet");
    running.wait_for_stderr("waiting up to");
    let asked = repository.sandbox.plaintext(&pending);
    repository.sandbox.approve(&pending);
    assert!(running.finish().status.success());
    repository.assert_nothing_waits();

    let git = &asked["git"];
    assert_eq!(asked["commandText"], "git commit");
    assert_eq!(asked["interception"], "git-hook");
    assert_eq!(git["message"], "add the CI\n\nand a tool");
    assert_eq!(git["branch"], "main");
    assert_eq!(git["author"], "A U Thor <author@example.com>");
    assert_eq!(git["size"], "2 files, 2 added, +2 -0 lines");
    assert_eq!(git["changes"]["shown"][1], "A +1 -0 mode 100755 tool");
    assert_eq!(git["parents"][0], before.as_str());
    assert_eq!(git["tree"], repository.git(&["rev-parse", "HEAD^{tree}"]).as_str());
    let typed = git["startedBy"].as_str().expect("text");
    assert!(typed.contains("commit -m 'add the CI'"), "{typed}");
    let notes = asked["notes"].to_string();
    for note in ["what the CI runs is changed: .github/workflows/ci.yml", "executable: tool"] {
        assert!(notes.contains(note), "{note}: {notes}");
    }
}

#[test]
fn what_is_rejected_is_not_committed() {
    let repository = Repository::with_hooks(&[]);
    repository.stage("x", "x\n");
    let before = repository.head();
    let output = repository.rejected(&["commit", "-m", "x"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("; nothing was committed"), "{output:?}");
    assert_eq!(repository.head(), before);
}

#[test]
fn each_kind_of_commit_asks_once_and_says_what_it_is() {
    let repository = Repository::with_hooks(&[]);
    repository.write("README", "second\n");
    let asked = repository.approved(&["commit", "-am", "all"]);
    assert_eq!(asked["git"]["changes"]["shown"][0], "M +1 -1 README");

    repository.stage("a", "a\n");
    repository.stage("b", "b\n");
    let asked = repository.approved(&["commit", "-m", "only a", "--", "a"]);
    assert_eq!(asked["git"]["changes"]["total"], 1, "{asked}");

    let replaced = repository.head();
    let asked = repository.approved(&["commit", "--amend", "-m", "a and b"]);
    assert_eq!(asked["commandText"], "git commit --amend");
    assert!(asked["git"]["what"].as_str().expect("text").contains(&replaced[..12]), "{asked}");
    assert_eq!(asked["git"]["lost"]["total"], 1, "{asked}");

    let asked = repository.approved(&["commit", "--allow-empty", "-m", "nothing"]);
    assert!(asked["notes"].to_string().contains("no file differs"), "{asked}");
}

#[test]
fn the_first_commit_and_a_merge_ask_once() {
    let repository = Repository::with_hooks(&[]);
    let start = repository.head();
    repository.git(&["checkout", "-q", "-b", "side"]);
    repository.stage("side", "side\n");
    repository.approved(&["commit", "-m", "side"]);
    repository.git(&["checkout", "-q", "main"]);
    repository.stage("main", "main\n");
    repository.approved(&["commit", "-m", "main"]);
    let asked = repository.approved(&["merge", "-m", "merge side", "side"]);
    assert_eq!(asked["git"]["parents"].as_array().map(Vec::len), Some(2), "{asked}");
    repository.git(&["checkout", "-q", "-b", "ahead", &start]);
    // Nobody makes a commit where one branch goes to where another is.
    repository.git(&["merge", "-q", "--ff-only", "side"]);

    repository.git(&["checkout", "-q", "--orphan", "fresh"]);
    let asked = repository.approved(&["commit", "-m", "anew"]);
    assert!(asked["git"]["what"].as_str().expect("text").starts_with("the first commit"));
}

#[test]
fn what_is_staged_while_a_person_reads_is_not_committed() {
    let repository = Repository::with_hooks(&["pre-commit", "reference-transaction"]);
    repository.stage("x", "x\n");
    let before = repository.head();
    let running = repository.start(&["commit", "-m", "x"]);
    let pending = repository.pending();
    repository.stage("evil", "evil\n");
    repository.sandbox.approve(&pending);
    let output = running.finish();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(said(&output).contains("changed while it was reviewed"), "{output:?}");
    assert_eq!(repository.head(), before);
}

#[test]
fn what_another_hook_stages_later_is_asked_about_again() {
    let repository = Repository::with_hooks(&["reference-transaction"]);
    let ours = format!("{BINARY} git-hook pre-commit || exit; echo more >more; git add more");
    repository.hook("pre-commit", &ours);
    repository.stage("x", "x\n");
    let before = repository.head();
    let running = repository.start(&["commit", "-m", "x"]);
    let first = repository.approve_next();
    assert!(!first.to_string().contains("more"), "{first}");
    let again = repository.sandbox.pending_with("git commit");
    assert_ne!(again.id, first["requestId"].as_str().expect("an id"));
    let second = repository.sandbox.plaintext(&again);
    assert_ne!(first["git"]["tree"], second["git"]["tree"]);
    assert_eq!(second["git"]["changes"]["total"], 2, "{second}");
    repository.sandbox.reject(&again, "what is more?");
    let output = running.finish();
    assert!(!output.status.success() && said(&output).contains("what is more?"), "{output:?}");
    assert_eq!(repository.head(), before);
}

#[test]
fn an_approval_is_used_up_by_its_commit_and_is_private() {
    let repository = Repository::with_hooks(&["commit-msg"]);
    repository.stage("x", "x\n");
    repository.approved(&["commit", "-m", "x"]);
    let kept = repository.sandbox.path("state/airlock-exec/git");
    let files = || snapshot(&kept).iter().filter(|(path, ..)| path.is_file()).count();
    // Nothing looked when the branch moved: the approval stays until it expires.
    assert_eq!(files(), 1);
    for (_, mode, _) in snapshot(&kept) {
        assert_eq!(mode & 0o077, 0, "{mode:o}");
    }
    repository.install(&["reference-transaction"]);
    repository.stage("y", "y\n");
    repository.approved(&["commit", "-m", "y"]);
    assert_eq!(files(), 1, "that of the second commit is used up");
}

#[test]
fn a_commit_in_a_work_tree_and_in_a_submodule_waits_too() {
    let repository = Repository::with_hooks(&[]);
    let tree = repository.sandbox.path("tree");
    repository.git(&["worktree", "add", "-q", "-b", "other", tree.to_str().expect("UTF-8")]);
    fs::write(tree.join("x"), "x\n").expect("written");
    let within = |arguments: &[&str]| {
        let mut command = repository.command(arguments);
        command.current_dir(&tree);
        command
    };
    assert!(within(&["add", "x"]).status().expect("git").success());
    let running = crate::support::Running::start(&mut within(&["commit", "-m", "in a tree"]));
    let asked = repository.approve_next();
    assert!(running.finish().status.success());
    assert_eq!(asked["git"]["branch"], "other");
    assert_eq!(asked["git"]["changes"]["total"], 1, "{asked}");

    let inner = repository.path("inner");
    let source = repository.path(".").to_str().expect("UTF-8").to_owned();
    repository.git(&["submodule", "--quiet", "add", &source, "inner"]);
    let mut install = repository.sandbox.airlock(["hook", "install", "--git"]);
    assert!(install.current_dir(&inner).output().expect("it starts").status.success());
    assert!(repository.path(".git/modules/inner/hooks/commit-msg").exists());
    fs::write(inner.join("x"), "x\n").expect("written");
    let git = |arguments: &[&str]| {
        let mut command = repository.command(arguments);
        command.current_dir(&inner);
        command
    };
    assert!(git(&["add", "x"]).status().expect("git").success());
    let running = crate::support::Running::start(&mut git(&["commit", "-m", "inside"]));
    let asked = repository.approve_next();
    assert!(running.finish().status.success());
    let place = asked["git"]["repository"].as_str().expect("text");
    assert!(place.ends_with("/inner"), "{place}");
    // The submodule itself is a line of the commit around it.
    let asked = repository.approved(&["commit", "-m", "a submodule"]);
    assert!(asked["notes"].to_string().contains("submodules point elsewhere: inner"), "{asked}");
}

#[test]
fn the_index_lock_of_a_partial_commit_is_not_in_our_way() {
    let repository = Repository::with_hooks(&["pre-commit"]);
    repository.write("README", "changed\n");
    let running = repository.start(&["commit", "-m", "partly", "--", "README"]);
    let pending = repository.pending();
    assert!(repository.path(".git/index.lock").exists(), "git holds it meanwhile");
    repository.sandbox.approve(&pending);
    let output = running.finish();
    assert!(output.status.success(), "{output:?}");
    eventually("the lock to go", || (!repository.path(".git/index.lock").exists()).then_some(()));
}

#[test]
fn a_rule_allows_commits_without_a_question() {
    let repository = Repository::with_hooks(&["pre-commit", "commit-msg", "reference-transaction"]);
    let rule =
        "read-only = \"ask\"\n[[rule]]\nargv = [\"git\", \"commit\"]\ndecision = \"allow\"\n";
    repository.sandbox.policy(rule);
    repository.stage("x", "x\n");
    repository.git(&["commit", "-q", "-m", "x"]);
    repository.stage("y", "y\n");
    repository.git(&["commit", "-q", "--no-verify", "-m", "y"]);
    repository.sandbox.policy(&rule.replace("allow", "deny"));
    repository.stage("z", "z\n");
    let before = repository.head();
    let output = repository.start(&["commit", "-m", "z"]).finish();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(said(&output).contains("forbidden by policy"), "{output:?}");
    assert_eq!(repository.head(), before);
}
