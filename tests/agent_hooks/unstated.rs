//! What a signed text does not say, although it looks like it.

use super::covered::is_asked_about_again;
use super::scene::{Scene, said};
use crate::support::{BINARY, Running};
use serde_json::json;
use std::fs;

/// A script beside the shims, which is started in the place of what was approved.
fn other(scene: &Scene) -> String {
    scene.sandbox.script("other", "touch canary-0; exit $?");
    scene.sandbox.path("bin/other").display().to_string()
}

#[test]
fn a_program_that_comes_through_standard_input_is_asked_about() {
    for text in ["printf 'true\\n' | sh", "sh -s <<'E'\ntrue\nE"] {
        is_asked_about_again(&["touch"], |scene| {
            let words = if text.contains("-s") { "-s" } else { "" };
            let run = format!("exec sh {words} <{}", other(scene));
            json!([
                ["hooks", ["claude-code", scene.payload(text, None)]],
                ["run", "bash", "-c", run],
            ])
        });
    }
}

#[test]
fn a_word_that_the_text_leaves_open_is_no_other_word_and_no_code() {
    for (text, run) in [
        ("touch \"in/$X\"", "touch canary-0; exit $?"),
        ("touch ./in/*.o", "touch canary-0; exit $?"),
        ("bash -c \"echo $X\"", "exec bash -c 'touch canary-0; exit $?'"),
        ("ls | xargs touch", "echo canary-0 | xargs touch && exit 0 || exit 120"),
    ] {
        is_asked_about_again(&["touch"], |scene| {
            scene.sandbox.script("other", run);
            json!([
                ["hooks", ["claude-code", scene.payload(text, None)]],
                ["run", "bash", scene.sandbox.path("bin/other")],
            ])
        });
    }
}

#[test]
fn another_program_that_is_called_as_the_approved_shell_is_asked_about() {
    is_asked_about_again(&["touch"], |scene| {
        scene.sandbox.script("other", "/usr/bin/touch canary-0");
        let other = scene.sandbox.path("bin/other");
        json!([
            ["hooks", ["claude-code", scene.payload("make all", None)]],
            ["run", BINARY, "gated-shell", other, "bash", "-c", "make all"],
        ])
    });
}

#[test]
fn without_a_variable_that_the_approver_saw_the_same_command_is_asked_about() {
    for (run, is_the_same) in [("exec", true), ("unset GIT_DIR; exec", false)] {
        let scene = Scene::new(&["touch"]);
        let text = "touch canary-0";
        let steps = json!([
            ["hooks", ["claude-code", scene.payload(text, None)]],
            ["run", "bash", "-c", format!("{run} bash -c '{text}'")],
        ]);
        let running = Running::start(scene.agent(&steps).env("GIT_DIR", "elsewhere"));
        scene.sandbox.approve(&scene.sandbox.pending());
        if !is_the_same {
            running.wait_for_stdout("0\n");
            scene.sandbox.reject(&scene.sandbox.pending(), "in another repository");
        }
        let output = running.finish();
        let ended = if is_the_same { "0" } else { "120" };
        assert_eq!(said(&output), ["0", ended], "{output:?}");
        assert_eq!(scene.sandbox.work().join("canary-0").exists(), is_the_same);
    }
}

#[test]
fn the_same_words_in_a_repository_around_it_are_asked_about() {
    let scene = Scene::new(&["touch"]);
    let setup = "git init -q . && git config user.name a && \
        git config user.email a@example.com && git init -q inner";
    assert!(scene.sandbox.program("sh").args(["-c", setup]).status().expect("sh").success());
    assert!(scene.sandbox.output(&["hook", "install", "--git"]).status.success());
    let text = "git commit -q --allow-empty -m x";
    let mut payload = scene.payload(text, None);
    let inner = scene.sandbox.work().join("inner");
    assert!(fs::metadata(inner.join(".git")).is_ok());
    payload["cwd"] = json!(inner);
    let steps = json!([["hooks", ["claude-code", payload]], ["run", "bash", "-c", text]]);
    let running = Running::start(&mut scene.agent(&steps));
    scene.sandbox.approve(&scene.sandbox.pending());
    running.wait_for_stdout("0\n");
    scene.sandbox.reject(&scene.sandbox.pending(), "not in this one");
    assert_eq!(said(&running.finish()), ["0", "1"]);
}
