//! What an agent's hook had approved covers what the signed text states, and nothing else.

use super::scene::{Scene, said};
use crate::support::Running;
use serde_json::{Value, json};
use std::fs;

#[test]
fn what_the_hook_had_approved_covers_shims_prefixes_and_hooks_of_git_below_it() {
    let scene = Scene::new(&["git", "touch"]);
    let setup = "/usr/bin/git init -q --bare ../remote.git && /usr/bin/git init -q . && \
        /usr/bin/git config user.name a && /usr/bin/git config user.email a@example.com && \
        echo x >x && /usr/bin/git add x";
    assert!(scene.sandbox.program("sh").args(["-c", setup]).status().expect("sh").success());
    assert!(scene.sandbox.output(&["hook", "install", "--git"]).status.success());
    let text = "git commit -q -m first && git push -q ../remote.git HEAD:refs/heads/main && \
        airlock-exec -- touch 'by prefix' && echo \"it's done\"";
    // Every form in which agents were seen to start a shell for a text.
    let snapshot = format!("true && eval '{}' < /dev/null && pwd", text.replace('\'', r#"'"'"'"#));
    let steps = json!([
        ["hooks", ["claude-code", scene.payload(text, None)]],
        ["run", "bash", "-c", snapshot],
    ]);
    let output = scene.approved_once(&steps);
    assert_eq!(said(&output), ["0", "0"], "{output:?}");
    assert!(scene.sandbox.path("remote.git/refs/heads/main").exists());
    assert!(scene.sandbox.work().join("by prefix").exists());
    let log = scene.sandbox.output(&["log"]);
    assert!(String::from_utf8_lossy(&log.stdout).contains("(within "), "{log:?}");
}

#[test]
fn in_a_session_the_shell_that_asks_is_part_of_it_too() {
    let scene = Scene::new(&["touch"]);
    let text = "touch in-session; echo $((1+1))";
    let steps =
        json!(
            [["hooks", ["claude-code", scene.payload(text, None)]], ["run", "bash", "-c", text],]
        );
    let agent = scene.agent(&steps);
    let mut session = scene.sandbox.airlock(["session", "--"]);
    session.arg(agent.get_program()).args(agent.get_args());
    let running = Running::start(&mut session);
    scene.sandbox.approve(&scene.sandbox.pending());
    let output = running.finish();
    assert_eq!(said(&output), ["0", "0"], "{output:?}");
    assert_eq!(scene.asked(), 1, "{output:?}");
    assert!(scene.sandbox.work().join("in-session").exists());
}

/// What was approved, and what is started then; neither is the other.
pub(super) fn is_asked_about_again(shims: &[&str], steps: impl Fn(&Scene) -> Value) {
    let scene = Scene::new(shims);
    let canary = scene.sandbox.canary();
    let running = Running::start(&mut scene.agent(&steps(&scene)));
    scene.sandbox.approve(&scene.sandbox.pending());
    running.wait_for_stdout("0\n");
    let again = scene.sandbox.pending();
    canary.assert_absent();
    scene.sandbox.reject(&again, "not this");
    let output = running.finish();
    assert_eq!(said(&output).last().map(String::as_str), Some("120"), "{output:?}");
    canary.assert_absent();
}

#[test]
fn another_text_than_the_approved_is_asked_about() {
    is_asked_about_again(&["touch"], |scene| {
        let touch = format!("touch {}", scene.sandbox.work().join("canary-0").display());
        json!([
            ["hooks", ["claude-code", scene.payload("make all", None)]],
            ["run", "bash", "-c", format!("make all; {touch}")],
        ])
    });
}

#[test]
fn a_process_that_only_says_it_is_the_shell_covers_nothing() {
    is_asked_about_again(&["touch"], |scene| {
        scene.sandbox.script("other", "touch canary-0; exit $?");
        json!([
            ["hooks", ["claude-code", scene.payload("make all", None)]],
            ["run", "bash", scene.sandbox.path("bin/other"), "-c", "make all"],
        ])
    });
}

#[test]
fn what_the_text_does_not_state_is_asked_about() {
    for text in ["true && touch other", "touch \"$X\" canary-0", "touch $X", "./inner"] {
        is_asked_about_again(&["touch"], |scene| {
            scene.sandbox.script("inner", "touch canary-0");
            fs::copy(scene.sandbox.path("bin/inner"), scene.sandbox.work().join("inner"))
                .expect("copied");
            let run = "touch canary-0; exit $?";
            scene.sandbox.script("other", run);
            json!([
                ["hooks", ["claude-code", scene.payload(text, None)]],
                ["run", "bash", scene.sandbox.path("bin/other"), "-c", text],
            ])
        });
    }
}

#[test]
fn in_another_place_or_environment_the_same_command_is_asked_about() {
    for around in [
        "mkdir -p sub && cd sub && exec bash -c 'touch ../canary-0'",
        "GIT_SSH_COMMAND=other exec bash -c 'touch ../canary-0'",
        "PATH=${PATH%%:*}:$PWD/elsewhere:$PATH exec bash -c 'touch ../canary-0'",
        "exec bash -c 'touch ../canary-0'",
    ] {
        let is_the_same = around.starts_with("exec");
        let steps = |scene: &Scene| {
            let elsewhere = scene.sandbox.work().join("in/elsewhere");
            fs::create_dir_all(&elsewhere).expect("made");
            fs::copy("/usr/bin/touch", elsewhere.join("touch")).expect("copied");
            let mut payload = scene.payload("touch ../canary-0", None);
            payload["cwd"] = json!(scene.sandbox.work().join("in"));
            let run = format!("cd in && {around}");
            json!([["hooks", ["claude-code", payload]], ["run", "bash", "-c", run]])
        };
        if is_the_same {
            let scene = Scene::new(&["touch"]);
            let steps = steps(&scene);
            assert_eq!(said(&scene.approved_once(&steps)), ["0", "0"]);
        } else {
            is_asked_about_again(&["touch"], steps);
        }
    }
}

#[test]
fn what_an_approved_program_starts_is_covered_and_another_of_its_name_is_not() {
    let steps = |scene: &Scene, path: &str| {
        let makefile = format!("all:\n\t{path}touch canary-0\n");
        fs::write(scene.sandbox.work().join("Makefile"), makefile).expect("written");
        let elsewhere = scene.sandbox.work().join("elsewhere");
        fs::create_dir_all(&elsewhere).expect("made");
        fs::copy("/usr/bin/touch", elsewhere.join("touch")).expect("copied");
        json!([
            ["hooks", ["claude-code", scene.payload("make -s all", None)]],
            ["run", "bash", "-c", "make -s all"],
        ])
    };
    let scene = Scene::new(&["touch"]);
    assert_eq!(said(&scene.approved_once(&steps(&scene, ""))), ["0", "0"]);
    assert!(scene.sandbox.work().join("canary-0").exists());

    let scene = Scene::new(&["touch"]);
    let elsewhere = "PATH=$${PATH%%:*}:$$PWD/elsewhere:$$PATH ";
    let running = Running::start(&mut scene.agent(&steps(&scene, elsewhere)));
    scene.sandbox.approve(&scene.sandbox.pending());
    running.wait_for_stdout("0\n");
    scene.sandbox.reject(&scene.sandbox.pending(), "another touch");
    assert_eq!(said(&running.finish()), ["0", "2"]);
    assert!(!scene.sandbox.work().join("canary-0").exists());
}

#[test]
fn a_note_that_no_signature_backs_covers_nothing() {
    for (from, to) in [
        // Another text, in the note and in what was signed.
        ("touch seen-0", "touch canary-0"),
        // A time of its own.
        ("\\\"expiresAt\\\":\\\"2", "\\\"expiresAt\\\":\\\"3"),
    ] {
        let scene = Scene::new(&["touch"]);
        let canary = scene.sandbox.canary();
        let (text, other) = ("touch seen-0", "touch canary-0");
        let forge = format!(
            "import glob, os\nfor name in glob.glob({notes:?} + '/*.json'):\n    \
             held = open(name).read(); assert {from:?} in held, held\n    \
             open(name, 'w').write(held.replace({from:?}, {to:?}))\n",
            notes = scene.sandbox.path("run/airlock-exec/handed"),
        );
        let run = if to == other { other } else { text };
        let steps = json!([
            ["hooks", ["claude-code", scene.payload(text, None)]],
            ["run", "python3", "-c", forge],
            ["run", "bash", "-c", run],
        ]);
        let running = Running::start(&mut scene.agent(&steps));
        scene.sandbox.approve(&scene.sandbox.pending());
        running.wait_for_stdout("0\n0\n");
        scene.sandbox.reject(&scene.sandbox.pending(), "not signed");
        let output = running.finish();
        assert_eq!(said(&output), ["0", "0", "120"], "{output:?}");
        canary.assert_absent();
        assert!(!scene.sandbox.work().join("seen-0").exists());
    }
}

#[test]
fn without_a_shim_a_hook_of_git_knows_the_git_that_the_text_states() {
    let scene = Scene::new(&["touch"]);
    let setup = "git init -q . && git config user.name a && \
        git config user.email a@example.com && mkdir sub && echo x >sub/x && git add .";
    assert!(scene.sandbox.program("sh").args(["-c", setup]).status().expect("sh").success());
    assert!(scene.sandbox.output(&["hook", "install", "--git"]).status.success());
    let text = "cd sub && git commit -q -m \"$(printf 'it is %s' done)\"";
    let commit = |words: &str| json!(["run", "bash", "-c", format!("cd sub && git {words}")]);
    let steps = json!([
        ["hooks", ["claude-code", scene.payload(text, None)]],
        ["run", "bash", "-c", text],
        commit("commit -q --allow-empty -m again"),
    ]);
    let running = Running::start(&mut scene.agent(&steps));
    scene.sandbox.approve(&scene.sandbox.pending());
    running.wait_for_stdout("0\n0\n");
    scene.sandbox.reject(&scene.sandbox.pending(), "once was enough");
    assert_eq!(said(&running.finish()), ["0", "0", "1"]);
    let log = scene.sandbox.program("git").args(["log", "--format=%s"]).output().expect("git");
    assert_eq!(String::from_utf8_lossy(&log.stdout), "it is done\n");
}

#[test]
fn the_approved_text_started_again_is_asked_about() {
    let scene = Scene::new(&["touch"]);
    let text = "touch once";
    let steps = json!([
        ["hooks", ["claude-code", scene.payload(text, None)]],
        ["run", "bash", "-c", text],
        ["run", "bash", "-c", text],
    ]);
    let running = Running::start(&mut scene.agent(&steps));
    scene.sandbox.approve(&scene.sandbox.pending());
    running.wait_for_stdout("0\n0\n");
    fs::remove_file(scene.sandbox.work().join("once")).expect("it ran once");
    scene.sandbox.reject(&scene.sandbox.pending(), "once was enough");
    assert_eq!(said(&running.finish()), ["0", "0", "120"]);
    assert!(!scene.sandbox.work().join("once").exists());
}

#[test]
fn what_does_not_descend_from_the_agent_is_asked_about() {
    let scene = Scene::new(&["touch"]);
    let text = "touch canary";
    let steps = json!([["hooks", ["claude-code", scene.payload(text, None)]]]);
    let running = Running::start(&mut scene.agent(&steps));
    scene.sandbox.approve(&scene.sandbox.pending());
    assert_eq!(said(&running.finish()), ["0"]);
    let steps = json!([["run", "bash", "-c", text]]);
    let running = Running::start(&mut scene.agent(&steps));
    scene.sandbox.reject(&scene.sandbox.pending(), "another agent");
    assert_eq!(said(&running.finish()), ["120"]);
    assert!(!scene.sandbox.work().join("canary").exists());
}

#[test]
fn what_policy_denies_is_denied_below_an_approval_too() {
    let scene = Scene::new(&["touch"]);
    scene
        .sandbox
        .policy("read-only = \"ask\"\n[[rule]]\nargv = [\"touch\"]\ndecision = \"deny\"\n");
    scene.sandbox.script("inner", "touch canary");
    let steps = json!([
        ["hooks", ["claude-code", scene.payload("inner", None)]],
        ["run", "bash", "-c", "inner"],
    ]);
    assert_eq!(said(&scene.approved_once(&steps)), ["0", "121"]);
    assert!(!scene.sandbox.work().join("canary").exists());
}

#[test]
fn a_setting_has_each_of_them_reviewed() {
    let scene = Scene::new(&["touch"]);
    assert!(scene.sandbox.output(&["config", "set", "nested", "review"]).status.success());
    let steps = json!([
        ["hooks", ["claude-code", scene.payload("touch canary", None)]],
        ["run", "bash", "-c", "touch canary"],
    ]);
    let running = Running::start(&mut scene.agent(&steps));
    scene.sandbox.approve(&scene.sandbox.pending());
    running.wait_for_stdout("0\n");
    scene.sandbox.reject(&scene.sandbox.pending(), "each by itself");
    assert_eq!(said(&running.finish()), ["0", "120"]);
    assert!(!scene.sandbox.work().join("canary").exists());
}
