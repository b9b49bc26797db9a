//! What a destructive git command takes away is kept first, said before and found after.

mod support;

use serde_json::Value;
use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;
use support::Sandbox;

/// A repository with a commit on `main`.
struct Scene {
    sandbox: Sandbox,
}

impl Scene {
    fn new() -> Self {
        let scene = Self { sandbox: Sandbox::new() };
        let home = scene.sandbox.path("home/.gitconfig");
        fs::write(home, "[user]\nname = A\nemail = a@example.org\n[init]\ndefaultBranch = main\n")
            .expect("written");
        scene.git(&["init", "-q"]);
        scene.write("kept.txt", "committed\n");
        scene.git(&["add", "."]);
        scene.git(&["commit", "-qm", "one"]);
        scene
    }

    fn path(&self, name: &str) -> PathBuf {
        self.sandbox.work().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a directory")).expect("made");
        fs::write(path, text).expect("written");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    fn git(&self, words: &[&str]) -> String {
        let output = self.sandbox.program("git").args(words).output().expect("git");
        assert!(output.status.success(), "git {words:?}: {output:?}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Runs a line as a shell would.
    fn shell(&self, line: &str) {
        let output = self.sandbox.program("sh").args(["-c", line]).output().expect("sh");
        assert!(output.status.success(), "{line}: {output:?}");
    }

    /// Has a command approved, and returns the notes that the approver read.
    fn approved<S: AsRef<OsStr>>(&self, words: &[S]) -> String {
        let command = [OsStr::new("--")].into_iter().chain(words.iter().map(AsRef::as_ref));
        let running = self.sandbox.start(command);
        let pending = self.sandbox.pending();
        let notes = self.sandbox.plaintext(&pending)["notes"].to_string();
        self.sandbox.approve(&pending);
        let output = running.finish();
        assert!(output.status.success(), "{output:?}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!said.contains("refs/airlock"), "printed nowhere but in the log: {said}");
        notes
    }

    /// Returns what the log says was kept, by the last command.
    fn kept(&self) -> Vec<Value> {
        let last = self.sandbox.records_of("kept").pop();
        last.map(|event| event["kept"].as_array().expect("a list").clone()).unwrap_or_default()
    }

    fn restore_all(&self) {
        for kept in self.kept() {
            self.shell(kept["restore"].as_str().expect("a command"));
        }
    }
}

#[test]
fn a_hard_reset_can_be_undone() {
    let scene = Scene::new();
    let first = scene.git(&["rev-parse", "HEAD"]);
    scene.write("kept.txt", "second\n");
    scene.git(&["commit", "-qam", "two"]);
    let second = scene.git(&["rev-parse", "HEAD"]);
    scene.write("kept.txt", "nobody committed this\n");
    let notes = scene.approved(&["git", "reset", "--hard", "HEAD~1"]);
    assert!(notes.contains("is kept first, under refs/airlock/: main at"), "{notes}");
    assert_eq!(
        (scene.git(&["rev-parse", "HEAD"]), scene.read("kept.txt")),
        (first, "committed\n".to_owned())
    );
    let kept = scene.kept();
    assert_eq!(kept[0]["id"], second.as_str());
    scene.restore_all();
    assert_eq!(scene.git(&["rev-parse", "HEAD"]), second);
    assert_eq!(scene.read("kept.txt"), "nobody committed this\n");
}

#[test]
fn a_deleted_branch_can_be_made_again() {
    let scene = Scene::new();
    scene.git(&["checkout", "-qb", "side"]);
    scene.write("side.txt", "x\n");
    scene.git(&["add", "."]);
    scene.git(&["commit", "-qm", "side"]);
    let tip = scene.git(&["rev-parse", "side"]);
    scene.git(&["checkout", "-q", "main"]);
    // As an agent calls it: by a shell.
    let notes = scene.approved(&["sh", "-c", "git branch -D side"]);
    assert!(notes.contains("branch side at"), "{notes}");
    assert_eq!(scene.git(&["branch", "--list", "side"]), "");
    scene.restore_all();
    assert_eq!(scene.git(&["rev-parse", "side"]), tip);
}

#[test]
fn cleaned_files_come_back_by_no_filter() {
    let scene = Scene::new();
    // Whatever collects or keeps must not run what the repository configures.
    scene.git(&["config", "filter.evil.clean", "touch ran-filter; cat"]);
    scene.git(&["config", "core.fsmonitor", "touch ran-monitor"]);
    scene.write(".gitattributes", "* filter=evil\n");
    scene.write("new/deep file.txt", "text\n");
    scene.write("tool.sh", "#!/bin/sh\n");
    scene.shell("chmod +x tool.sh; ln -s 'deep file.txt' new/link");
    scene.write(".gitignore", "ignored\n");
    scene.write("ignored", "build\n");
    let running = scene.sandbox.start(["--", "git", "clean", "-fdxq", "-e", ".git*"]);
    let pending = scene.sandbox.pending();
    let notes = scene.sandbox.plaintext(&pending)["notes"].to_string();
    assert!(notes.contains("files that git does not know"), "{notes}");
    assert!(!scene.path("ran-filter").exists() && !scene.path("ran-monitor").exists());
    scene.sandbox.approve(&pending);
    assert!(running.finish().status.success());
    assert!(!scene.path("tool.sh").exists() && !scene.path("ignored").exists());
    scene.restore_all();
    assert_eq!(scene.read("new/deep file.txt"), "text\n");
    assert_eq!(
        fs::read_link(scene.path("new/link")).expect("a link"),
        PathBuf::from("deep file.txt")
    );
    assert_eq!(scene.read("ignored"), "build\n");
    scene.shell("test -x tool.sh");
    assert!(!scene.path("ran-filter").exists(), "a filter ran");
}

#[test]
fn discarded_changes_and_stashes_come_back() {
    let scene = Scene::new();
    scene.write("kept.txt", "changed\n");
    scene.approved(&["git", "checkout", "--", "."]);
    assert_eq!(scene.read("kept.txt"), "committed\n");
    scene.restore_all();
    assert_eq!(scene.read("kept.txt"), "changed\n");
    scene.git(&["stash", "-q"]);
    let stash = scene.git(&["rev-parse", "stash@{0}"]);
    scene.approved(&["git", "stash", "clear"]);
    assert_eq!(scene.git(&["stash", "list"]), "");
    scene.restore_all();
    assert_eq!(scene.git(&["rev-parse", "stash@{0}"]), stash);
}

#[test]
fn a_file_that_is_checked_out_by_its_name_alone_comes_back() {
    let scene = Scene::new();
    scene.git(&["branch", "side"]);
    scene.write("kept.txt", "changed\n");
    // A branch is switched to and takes nothing away.
    let notes = scene.approved(&["git", "checkout", "-q", "side"]);
    assert!(!notes.contains("undo") && !notes.contains("airlock/"), "{notes}");
    assert_eq!(scene.read("kept.txt"), "changed\n");
    let notes = scene.approved(&["git", "checkout", "-q", "kept.txt"]);
    assert!(notes.contains("changed files that nobody committed"), "{notes}");
    assert_eq!(scene.read("kept.txt"), "committed\n");
    scene.restore_all();
    assert_eq!(scene.read("kept.txt"), "changed\n");
    // A pattern means files as well.
    let notes = scene.approved(&["git", "checkout", "-q", "*.txt"]);
    assert!(notes.contains("changed files that nobody committed"), "{notes}");
    scene.restore_all();
    assert_eq!(scene.read("kept.txt"), "changed\n");
}

#[test]
fn a_branch_that_a_longer_text_checks_out_takes_nothing_away() {
    let scene = Scene::new();
    scene.git(&["branch", "side"]);
    scene.write("kept.txt", "changed\n");
    let notes = scene.approved(&["sh", "-c", "git checkout -q side 2>&1 && true"]);
    assert!(!notes.contains("undo"), "{notes}");
    assert_eq!(scene.read("kept.txt"), "changed\n");
    let notes = scene.approved(&["sh", "-c", "git checkout -q kept.txt && true"]);
    assert!(notes.contains("no undo note: "), "{notes}");
}

#[test]
fn an_alias_that_is_words_is_read_and_of_another_the_approver_is_told() {
    let scene = Scene::new();
    scene.git(&["config", "alias.undo-all", "wipe --quiet"]);
    scene.git(&["config", "alias.wipe", "reset --hard"]);
    scene.git(&["config", "alias.by-shell", "!git reset -q --hard"]);
    scene.write("kept.txt", "changed\n");
    let notes = scene.approved(&["git", "undo-all"]);
    assert!(notes.contains("is kept first, under refs/airlock/: main at"), "{notes}");
    scene.restore_all();
    assert_eq!(scene.read("kept.txt"), "changed\n");
    for words in [
        &["git", "by-shell"][..],
        &["git", "-c", "alias.x=reset --hard", "x"],
        &["sh", "-c", "true && git reset -q --hard"],
        &["env", "git", "reset", "-q", "--hard"],
    ] {
        let notes = scene.approved(words);
        assert!(notes.contains("no undo note: "), "{words:?}: {notes}");
    }
    let notes = scene.approved(&["sh", "-c", "true && git status"]);
    assert!(!notes.contains("undo"), "{notes}");
}

#[test]
fn a_forced_push_can_be_undone_as_far_as_it_was_fetched() {
    let scene = Scene::new();
    scene.shell("git init -q --bare ../remote.git && git remote add origin ../remote.git");
    scene.git(&["push", "-q", "-u", "origin", "main"]);
    let before = scene.git(&["rev-parse", "origin/main"]);
    scene.git(&["commit", "-q", "--amend", "-m", "rewritten"]);
    let notes = scene.approved(&["git", "push", "-q", "--force", "origin", "main"]);
    assert!(notes.contains("main of origin, as last fetched"), "{notes}");
    assert_ne!(scene.git(&["ls-remote", "origin", "main"]).split('\t').next(), Some(&before[..]));
    scene.restore_all();
    assert_eq!(scene.git(&["ls-remote", "origin", "main"]).split('\t').next(), Some(&before[..]));
}

#[test]
fn the_approver_reads_before_the_decision_what_cannot_be_kept() {
    let scene = Scene::new();
    scene.git(&["init", "-q", "nested"]);
    scene.write("nested/file", "x\n");
    let running = scene.sandbox.start(["--", "git", "clean", "-ffdxq"]);
    let pending = scene.sandbox.pending();
    let notes = scene.sandbox.plaintext(&pending)["notes"].to_string();
    assert!(notes.contains("CANNOT be kept") && notes.contains("nested"), "{notes}");
    scene.sandbox.reject(&pending, "not so");
    assert_eq!(running.finish().status.code(), Some(120));
    assert!(scene.path("nested/file").exists());
}

#[test]
fn what_was_promised_and_cannot_be_kept_does_not_run() {
    let scene = Scene::new();
    scene.write("new.txt", "text\n");
    let running = scene.sandbox.start(["--", "git", "clean", "-fdq"]);
    let pending = scene.sandbox.pending();
    // Between the question and the answer the repository stops to take objects.
    scene.shell("rm -rf .git/objects && touch .git/objects");
    scene.sandbox.approve(&pending);
    let output = running.finish();
    assert_eq!(output.status.code(), Some(125), "{output:?}");
    assert_eq!(scene.read("new.txt"), "text\n");
    scene.sandbox.assert_decided_in_vain(&pending, "not-kept");
}

#[test]
fn what_takes_nothing_away_has_no_note() {
    let scene = Scene::new();
    let notes = scene.approved(&["git", "commit", "--allow-empty", "-qm", "x"]);
    assert!(!notes.contains("airlock/") && !notes.contains("CANNOT be kept"), "{notes}");
    assert!(scene.kept().is_empty());
}
