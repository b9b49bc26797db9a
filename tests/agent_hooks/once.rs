//! One question for one command, however many hooks ask about it.

use super::scene::{Scene, said};
use crate::support::Running;
use serde_json::json;

#[test]
fn two_hosts_hooks_for_one_call_are_one_question() {
    let scene = Scene::new(&["touch"]);
    let cursor = json!({
        "hook_event_name": "beforeShellExecution", "command": "touch x", "cursor_version": "3.9",
        "cwd": scene.sandbox.work(),
    });
    let claude = scene.payload("touch x", None);
    // At once, as Cursor does that reads the file of Claude Code as well.
    let both = json!([["hooks", ["cursor", cursor], ["claude-code", claude]]]);
    assert_eq!(said(&scene.approved_once(&both)), ["0 0"]);
    // One after the other.
    let scene = Scene::new(&["touch"]);
    let (cursor, claude) = (scene.payload("touch x", None), scene.payload("touch x", None));
    let both = json!([["hooks", ["cursor", cursor]], ["hooks", ["claude-code", claude]]]);
    assert_eq!(said(&scene.approved_once(&both)), ["0", "0"]);
}

#[test]
fn a_no_to_one_hook_is_a_no_to_the_other() {
    let scene = Scene::new(&["touch"]);
    let payload = || scene.payload("touch x", None);
    let both = json!([["hooks", ["cursor", payload()], ["claude-code", payload()]]]);
    let running = Running::start(&mut scene.agent(&both));
    scene.sandbox.reject(&scene.sandbox.pending(), "no");
    assert_eq!(said(&running.finish()), ["2 2"]);
    assert_eq!(scene.asked(), 1);
}

#[test]
fn the_same_command_again_is_another_question() {
    for (first, second) in [(None, None), (Some("1"), Some("2"))] {
        let scene = Scene::new(&["touch"]);
        let hook = |call| json!(["hooks", ["claude-code", scene.payload("touch x", call)]]);
        let running = Running::start(&mut scene.agent(&json!([hook(first), hook(second)])));
        scene.sandbox.approve(&scene.sandbox.pending());
        running.wait_for_stdout("0\n");
        scene.sandbox.reject(&scene.sandbox.pending(), "once was enough");
        assert_eq!(said(&running.finish()), ["0", "2"], "{first:?} {second:?}");
        assert_eq!(scene.asked(), 2);
    }
}

#[test]
fn a_hook_that_is_installed_twice_asks_once_for_a_call_with_a_name() {
    let scene = Scene::new(&["touch"]);
    let payload = || scene.payload("touch x", Some("toolu_1"));
    let both = json!([["hooks", ["claude-code", payload()], ["claude-code", payload()]]]);
    assert_eq!(said(&scene.approved_once(&both)), ["0 0"]);
}
