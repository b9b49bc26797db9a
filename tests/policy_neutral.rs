//! What is allowed runs nothing of the repository it is in, with the real git.

#[path = "policy_neutral/acting.rs"]
mod acting;
mod support;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use support::{Running, Sandbox};

/// A sandbox with a repository, and a program in it that leaves a trace when it runs.
struct Scene {
    sandbox: Sandbox,
    trace: PathBuf,
}

impl Scene {
    fn new(policy: &str) -> Self {
        let sandbox = Sandbox::new();
        sandbox.policy(policy);
        let trace = sandbox.path("trace");
        let scene = Self { sandbox, trace };
        for arguments in [
            &["init", "-q"][..],
            &["config", "user.name", "me"],
            &["config", "user.email", "me@example.com"],
        ] {
            scene.git(arguments);
        }
        scene.write("file", "one\n");
        scene.git(&["add", "file"]);
        scene.git(&["commit", "-q", "-m", "first"]);
        scene.write("file", "two\n");
        let evil = scene.sandbox.work().join("evil");
        fs::write(&evil, format!("#!/bin/sh\necho \"$0\" >>'{}'\ncat\n", scene.trace.display()))
            .expect("a program");
        fs::set_permissions(&evil, Permissions::from_mode(0o755)).expect("executable");
        scene
    }

    fn git(&self, arguments: &[&str]) {
        let output = Running::start(self.sandbox.program("git").args(arguments)).finish();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
    }

    /// Returns what git says.
    fn told(&self, arguments: &[&str]) -> String {
        let output = Running::start(self.sandbox.program("git").args(arguments)).finish();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).expect("text").trim_end().to_owned()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.sandbox.work().join(name), text).expect("written");
    }

    /// Runs a command; `None` when a person was asked, who does not answer.
    fn run(&self, command: &[&str]) -> Option<String> {
        let arguments = ["--wait", "1s", "--"].iter().chain(command);
        let output = self.sandbox.start(arguments).finish();
        match output.status.code() {
            Some(0) => Some(String::from_utf8(output.stdout).expect("text")),
            Some(122) => None,
            _ => panic!("{command:?}: {output:?}"),
        }
    }

    #[track_caller]
    fn assert_nothing_ran(&self) {
        let ran = fs::read_to_string(&self.trace).unwrap_or_default();
        assert_eq!(ran, "", "ran without being asked about");
    }
}

#[test]
fn reading_switches_off_what_the_repository_configures() {
    let scene = Scene::new("");
    for setting in [
        ["core.fsmonitor", "./evil"],
        ["core.hooksPath", "."],
        ["core.pager", "./evil"],
        ["pager.status", "./evil"],
        ["alias.status", "!./evil"],
        ["gpg.program", "./evil"],
        ["log.showSignature", "true"],
        ["core.sshCommand", "./evil"],
        ["credential.helper", "!./evil"],
        ["core.editor", "./evil"],
        ["merge.x.driver", "./evil"],
    ] {
        scene.git(&["config", setting[0], setting[1]]);
    }
    fs::copy(scene.sandbox.work().join("evil"), scene.sandbox.work().join("post-index-change"))
        .expect("a hook");
    scene.git(&["config", "core.fsmonitor", "./evil"]);
    fs::remove_file(&scene.trace).unwrap_or_default();
    for command in [
        &["git", "status", "--short"][..],
        &["git", "diff"],
        &["git", "log", "-p"],
        &["git", "show"],
        &["git", "grep", "two"],
        &["git", "blame", "file"],
        &["sh", "-c", "git status --short && git diff | cat"],
        &["bash", "--norc", "-c", "git log -1 --oneline"],
    ] {
        assert!(scene.run(command).is_some(), "{command:?}");
        scene.assert_nothing_ran();
    }
    assert!(scene.run(&["git", "diff"]).expect("allowed").contains("+two"));
    let told = scene.run(&["git", "config", "--get", "core.hooksPath"]);
    assert_eq!(told.as_deref(), Some(".\n"), "what is configured is told as it is");
    // The trace works: without us each of them runs.
    Running::start(scene.sandbox.program("git").args(["status"])).finish();
    assert!(scene.trace.exists(), "the trap is armed");
}

#[test]
fn what_cannot_be_switched_off_is_asked_about() {
    for (key, value) in [
        ("filter.x.clean", "./evil"),
        ("filter.x.process", "./evil"),
        ("diff.external", "./evil"),
        ("diff.x.textconv", "./evil"),
        ("diff.x.command", "./evil"),
        ("include.path", "../more"),
        ("submodule.x.ignore", "none"),
    ] {
        let scene = Scene::new("");
        scene.write(".gitattributes", "* filter=x diff=x\n");
        scene.git(&["config", key, value]);
        assert_eq!(scene.run(&["git", "diff"]), None, "{key}");
        scene.assert_nothing_ran();
    }
}

#[test]
fn a_repository_that_git_passes_over_hides_none_above_it() {
    let scene = Scene::new("");
    scene.git(&["config", "diff.external", "./evil"]);
    let inner = scene.sandbox.work().join("inner/.git");
    fs::create_dir_all(&inner).expect("a directory");
    fs::write(inner.join("config"), "[core]\n\tbare = false\n").expect("written");
    let mut command = scene.sandbox.airlock(["--wait", "1s", "--", "git", "diff"]);
    command.current_dir(scene.sandbox.work().join("inner"));
    assert_eq!(Running::start(&mut command).finish().status.code(), Some(122));
    scene.assert_nothing_ran();
}

const COMMIT: &str = "[[rule]]\nargv = [\"git\", \"commit\"]\ndecision = \"allow\"\n";

#[test]
fn a_commit_that_a_rule_allows_is_the_commit_it_would_be() {
    let scene = Scene::new(COMMIT);
    assert!(scene.run(&["git", "commit", "-q", "-a", "-m", "second"]).is_some());
    assert_eq!(scene.run(&["git", "log", "--format=%s"]).as_deref(), Some("second\nfirst\n"));
    // With a hook it would be another, so somebody is asked.
    let hook = scene.sandbox.work().join(".git/hooks/pre-commit");
    fs::copy(scene.sandbox.work().join("evil"), &hook).expect("a hook");
    scene.write("file", "three\n");
    assert_eq!(scene.run(&["git", "commit", "-q", "-a", "-m", "third"]), None);
    assert_eq!(scene.run(&["sh", "-c", "git commit -q -a -m third"]), None);
    scene.assert_nothing_ran();
    // The user says that the hooks there are theirs.
    let work = scene.sandbox.work();
    scene.sandbox.policy(&format!("{COMMIT}[trust]\nrepositories = [\"{}\"]\n", work.display()));
    assert!(scene.run(&["git", "commit", "-q", "-a", "-m", "third"]).is_some());
    assert!(scene.trace.exists(), "the hook ran, as it would have without us");
}

#[test]
fn a_shell_finds_nothing_that_was_put_in_its_way() {
    let scene = Scene::new("");
    let text = ["sh", "-c", "git status --short"];
    assert!(scene.run(&text).is_some());
    scene.sandbox.script("git", "echo planted");
    assert_eq!(scene.run(&text), None, "the first git in PATH is the user's own");
    fs::remove_file(scene.sandbox.path("bin/git")).expect("removed");
    for text in ["git status; id -x", "ls $(git status)", "git status > f", "./evil", "cd /; ls"] {
        assert_eq!(scene.run(&["sh", "-c", text]), None, "{text}");
    }
    assert_eq!(scene.run(&["sh", "-c", "printf %n PATH; git status"]), None);
    assert_eq!(scene.run(&["bash", "-lc", "git status"]), None, "a profile runs first");
    scene.assert_nothing_ran();
}

#[test]
fn reading_starts_nothing_for_signatures_and_merges() {
    let scene = Scene::new("");
    let commit = scene.told(&["rev-parse", "HEAD"]);
    let tree = scene.told(&["rev-parse", "HEAD^{tree}"]);
    scene.write(
        "signed",
        &format!(
            "tree {tree}\nparent {commit}\nauthor a <a@b> 1700000000 +0000\ncommitter a <a@b> \
             1700000000 +0000\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ\n -----END PGP \
             SIGNATURE-----\n\nsigned\n"
        ),
    );
    let signed = scene.told(&["hash-object", "-t", "commit", "-w", "signed"]);
    scene.git(&["reset", "-q", "--hard", &signed]);
    scene.git(&["checkout", "-q", "-b", "side"]);
    scene.write("file", "side\n");
    scene.git(&["commit", "-q", "-a", "-m", "side"]);
    scene.git(&["checkout", "-q", "-b", "merged", &signed]);
    scene.write("file", "other\n");
    scene.git(&["commit", "-q", "-a", "-m", "other"]);
    scene.git(&["merge", "-q", "-s", "ours", "-m", "merged", "side"]);
    scene.git(&["tag", "one", &signed]);
    scene.git(&["update-ref", "refs/heads/--", &signed]);
    scene.write(".gitattributes", "* merge=x\n");
    for (key, value) in [
        ("gpg.program", "./evil"),
        ("branch.sort", "signature"),
        ("tag.sort", "signature"),
        ("log.diffMerges", "remerge"),
        ("merge.x.driver", "./evil %O %A %B"),
    ] {
        scene.git(&["config", key, value]);
    }
    fs::remove_file(&scene.trace).unwrap_or_default();
    for command in [
        &["git", "branch"][..],
        &["git", "tag"],
        &["git", "log", "-m", "-p", "-1"],
        &["git", "show", "-m"],
    ] {
        assert!(scene.run(command).is_some(), "{command:?}");
        scene.assert_nothing_ran();
    }
    for command in [
        &["git", "log", "-1", "--format=%+G?", "one"][..],
        &["git", "show", "-s", "--format=%-GK", "one"],
        &["git", "for-each-ref", "--contains", "--", "--format=%(signature)"],
    ] {
        assert_eq!(scene.run(command), None, "{command:?}");
        scene.assert_nothing_ran();
    }
    scene.git(&["branch"]);
    assert!(scene.trace.exists(), "the trap is armed");
}

#[test]
fn a_revision_that_is_looked_up_starts_nothing() {
    let scene = Scene::new("");
    let evil = scene.sandbox.work().join("evil");
    scene.git(&["config", "core.fsmonitor", evil.to_str().expect("UTF-8")]);
    let inner = scene.sandbox.work().join("inner");
    scene.git(&["init", "-q", "inner"]);
    let mut superproject = scene.sandbox.airlock(["--wait", "1s", "--", "git", "rev-parse"]);
    superproject.arg("--show-superproject-working-tree").current_dir(&inner);
    fs::remove_file(&scene.trace).unwrap_or_default();
    assert!(scene.run(&["git", "rev-parse", ":file"]).is_some());
    assert!(Running::start(&mut superproject).finish().status.success());
    scene.assert_nothing_ran();
    // What is missing would be fetched.
    scene.git(&["config", "remote.o.promisor", "true"]);
    assert_eq!(scene.run(&["git", "rev-parse", "HEAD:file"]), None);
    for command in [&["--show-toplevel"][..], &["--abbrev-ref", "HEAD"], &["HEAD"]] {
        assert!(scene.run(&[&["git", "rev-parse"], command].concat()).is_some(), "{command:?}");
    }
    scene.assert_nothing_ran();
}

#[test]
fn what_another_shell_reads_as_two_commands_is_asked_about() {
    let scene = Scene::new("");
    for text in ["echo x &>/dev/null ./evil", "echo x &>>/dev/null ./evil a"] {
        for shell in ["sh", "bash", "dash"] {
            assert_eq!(scene.run(&[shell, "-c", text]), None, "{shell} {text}");
        }
    }
    assert!(scene.run(&["sh", "-c", "echo x &>/dev/null && echo y 2>/dev/null"]).is_some());
    scene.assert_nothing_ran();
}
