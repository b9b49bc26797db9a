//! The demo shows both outcomes, and leaves nothing behind.

mod support;

use std::fs;
use std::process::Output;
use support::{Sandbox, Terminal, eventually};

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Fails when the demo left a file, or a process that still knows its directory.
#[track_caller]
fn assert_nothing_left(sandbox: &Sandbox) {
    for place in ["tmp", "home", "config", "data", "state", "run"] {
        let left: Vec<_> = fs::read_dir(sandbox.path(place))
            .expect("a directory of the sandbox")
            .map(|entry| entry.expect("an entry").path())
            // The sandbox's own policy was there before.
            .filter(|path| *path != sandbox.path("config/airlock-exec"))
            .collect();
        assert!(left.is_empty(), "left in {place}: {left:?}");
    }
    let temporary = sandbox.path("tmp").into_os_string().into_encoded_bytes();
    eventually("every process of the demo to end", || {
        let processes = fs::read_dir("/proc").expect("the process list");
        let environments = processes
            .filter_map(|entry| fs::read(entry.ok()?.path().join("environ")).ok())
            .filter(|environment| !environment.is_empty());
        let knows = |environment: Vec<u8>| {
            let home = [b"HOME=", temporary.as_slice()].concat();
            environment.split(|byte| *byte == 0).any(|variable| variable.starts_with(&home))
        };
        (!environments.into_iter().any(knows)).then_some(())
    });
}

#[test]
fn without_a_terminal_it_shows_both_outcomes() {
    let sandbox = Sandbox::new();
    let output = sandbox.start(["demo"]).finish();
    let shown = text(&output);
    assert!(output.status.success(), "{shown}{}", String::from_utf8_lossy(&output.stderr));
    for expected in [
        "the demo plays the person",
        "exactly that ran (status 0)",
        "main -> main",
        "main is now at",
        "nothing ran (status 120)",
        "rejected by the approver; nothing was executed",
        "why: not to main: open a pull request",
        "main is still at",
    ] {
        assert!(shown.contains(expected), "{expected:?} in {shown}");
    }
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
    assert_nothing_left(&sandbox);
}

#[test]
fn one_decision_can_be_asked_for() {
    let sandbox = Sandbox::new();
    let reason = "use a branch\u{1b}[2J";
    let output = sandbox.start(["demo", "--decide", "reject", "--reason", reason]).finish();
    let shown = text(&output);
    assert!(output.status.success(), "{shown}");
    assert!(shown.contains("why: use a branch") && !shown.contains('\u{1b}'), "{shown}");
    assert!(shown.contains("still has no branch main"), "{shown}");

    let output = sandbox.start(["demo", "--decide", "approve"]).finish();
    let shown = text(&output);
    assert!(output.status.success(), "{shown}");
    assert!(shown.contains("main is now at") && !shown.contains("status 120"), "{shown}");
    assert_nothing_left(&sandbox);
}

#[test]
fn ignores_the_users_git_configuration_and_hooks() {
    let sandbox = Sandbox::new();
    let mark = sandbox.work().join("hook-ran");
    let hooks = sandbox.path("work").join("hooks");
    fs::create_dir(&hooks).expect("a directory");
    for hook in ["pre-push", "pre-commit", "post-commit"] {
        let script = sandbox.script(hook, &format!("touch {}; exit 1", mark.display()));
        fs::rename(script, hooks.join(hook)).expect("moved");
    }
    let config = format!(
        "[core]\n\thooksPath = {}\n[commit]\n\tgpgSign = true\n[user]\n\tsigningKey = none\n",
        hooks.display()
    );
    fs::write(sandbox.path("home").join(".gitconfig"), config).expect("written");
    let output = sandbox.start(["demo", "--decide", "approve"]).finish();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!mark.exists(), "a hook of the user ran");
}

#[test]
fn says_that_git_is_missing() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.airlock(["demo"]);
    let output = command.env("PATH", sandbox.path("bin")).output().expect("it starts");
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(125), "{error}");
    assert!(error.contains("no git on PATH") && error.contains("next: install git"), "{error}");
    assert_nothing_left(&sandbox);
}

#[test]
fn on_a_terminal_a_person_decides_both_times() {
    let sandbox = Sandbox::new();
    let mut terminal = Terminal::airlock(&sandbox, ["demo"]);
    terminal.expect("or type why not:");
    // A bare Enter decides nothing.
    terminal.send("\r");
    terminal.expect("please type y, n or a whole sentence");
    terminal.expect("or type why not:");
    terminal.send("y\r");
    terminal.expect("exactly that ran (status 0)");
    terminal.expect("This time reject it");
    terminal.expect("or type why not:");
    terminal.send("open a pull request instead\r");
    terminal.expect("why: open a pull request instead");
    let (status, shown) = terminal.finish();
    assert_eq!(status.exit_code(), 0, "{shown}");
    assert_nothing_left(&sandbox);
}

#[test]
fn an_interrupted_demo_leaves_nothing_behind() {
    let sandbox = Sandbox::new();
    let mut terminal = Terminal::airlock(&sandbox, ["demo"]);
    terminal.expect("or type why not:");
    terminal.send("\u{3}");
    let (status, shown) = terminal.finish();
    assert!(!status.success(), "{shown}");
    assert_nothing_left(&sandbox);
}
