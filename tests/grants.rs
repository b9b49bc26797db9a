//! Permission for longer than once: what it covers, and what it does not.

#[path = "grants/asked.rs"]
mod asked;
#[path = "grants/files.rs"]
mod files;
#[path = "grants/kept.rs"]
mod kept;
mod support;

use serde_json::Value;
use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use support::{Pending, Running, Sandbox, eventually};

/// Starts asking for a grant, and waits until the person sees it.
fn requested<S: AsRef<OsStr>>(sandbox: &Sandbox, arguments: &[S]) -> (Running, Pending) {
    let arguments = arguments.iter().map(AsRef::as_ref);
    let words = ["grant", "request"].into_iter().map(OsStr::new).chain(arguments);
    let running = sandbox.start(words);
    (running, sandbox.pending_with("GRANT"))
}

/// Has something granted; returns the grant's id.
fn granted<S: AsRef<OsStr>>(sandbox: &Sandbox, arguments: &[S]) -> String {
    let (running, pending) = requested(sandbox, arguments);
    sandbox.approve(&pending);
    let output = running.finish();
    assert!(output.status.success(), "{output:?}");
    pending.id
}

/// Makes a program that leaves a line in `ran` for each of its runs.
fn marker(sandbox: &Sandbox) -> PathBuf {
    sandbox.script("mark", &format!("echo \"$@\" >> {}", sandbox.path("ran").display()))
}

fn runs(sandbox: &Sandbox) -> usize {
    fs::read_to_string(sandbox.path("ran")).unwrap_or_default().lines().count()
}

/// A command that waits for a person only for a moment.
fn briefly<S: AsRef<OsStr>>(sandbox: &Sandbox, command: &[S]) -> Command {
    let mut airlock = sandbox.airlock(["--wait", "1s", "--"]);
    airlock.args(command);
    airlock
}

/// Runs a command that a grant must cover.
#[track_caller]
fn covered(sandbox: &Sandbox, command: &[&str]) {
    let before = runs(sandbox);
    let output = Running::start(&mut briefly(sandbox, command)).finish();
    assert!(output.status.success(), "{command:?}: {output:?}");
    assert!(output.stderr.is_empty(), "nobody can tell: {output:?}");
    assert_eq!(runs(sandbox), before + 1);
}

/// Runs a command that a person must be asked about; returns what was said.
#[track_caller]
fn asks(sandbox: &Sandbox, command: &mut Command) -> String {
    let before = runs(sandbox);
    let output = Running::start(command).finish();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(122), "it asks, and nobody answers: {said}");
    assert_eq!(runs(sandbox), before, "it must not run");
    said
}

fn list(sandbox: &Sandbox) -> Vec<Value> {
    let output = sandbox.airlock(["grant", "list", "--json"]).output().expect("it starts");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn runs_as_often_as_it_says_and_is_recorded_each_time() {
    let sandbox = Sandbox::new();
    marker(&sandbox);
    let id = granted(&sandbox, &["--uses", "2", "--", "mark", "{}"]);
    covered(&sandbox, &["mark", "one"]);
    assert_eq!(list(&sandbox)[0]["used"], 1);
    covered(&sandbox, &["mark", "two"]);
    let said = asks(&sandbox, &mut briefly(&sandbox, &["mark", "three"]));
    assert!(said.contains("all of its 2 runs are used up"), "{said}");
    let shown = list(&sandbox);
    assert_eq!((shown[0]["id"].as_str(), shown[0]["usable"].as_bool()), (Some(&*id), Some(false)));
    let log = sandbox.airlock(["log"]).output().expect("it starts");
    assert!(stdout(&log).contains("mark two (run 2 of 2 by grant "), "{}", stdout(&log));
    assert!(stdout(&log).contains("exit 0"), "{}", stdout(&log));
    let verified = sandbox.airlock(["log", "verify"]).output().expect("it starts");
    assert!(verified.status.success(), "{verified:?}");
    let list = stdout(&sandbox.airlock(["grant", "list"]).output().expect("it starts"));
    assert!(list.contains("mark {}") && list.contains("used up"), "{list}");
    let show = stdout(&sandbox.airlock(["grant", "show", &id]).output().expect("it starts"));
    assert!(show.contains("executableSha256"), "{show}");
}

#[test]
fn twenty_processes_that_race_for_five_runs_get_five() {
    let sandbox = Sandbox::new();
    marker(&sandbox);
    granted(&sandbox, &["--uses", "5", "--", "mark", "..."]);
    let racers: Vec<Running> = (0..20)
        .map(|number| Running::start(&mut briefly(&sandbox, &["mark", &number.to_string()])))
        .collect();
    let statuses: Vec<_> =
        racers.into_iter().map(|racer| racer.finish().status.code().expect("a status")).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 0).count(), 5, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 122).count(), 15, "{statuses:?}");
    assert_eq!(runs(&sandbox), 5);
}

#[test]
fn covers_its_words_and_no_others() {
    let sandbox = Sandbox::new();
    let script = marker(&sandbox);
    granted(&sandbox, &["--", "mark", "to", "{}"]);
    covered(&sandbox, &["mark", "to", "a b"]);
    for command in [
        &["mark", "to"][..],
        &["mark", "to", "a", "b"],
        &["mark", "from", "a"],
        &["mark", "to", "--force"],
        &["mark", "to", "A=1"],
        &[script.to_str().expect("text"), "to", "a"],
    ] {
        asks(&sandbox, &mut briefly(&sandbox, command));
    }
}

#[test]
fn any_changed_digest_asks_again() {
    let sandbox = Sandbox::new();
    let script = marker(&sandbox);
    fs::copy("/usr/bin/touch", sandbox.path("bin/tool")).expect("a program");
    let extra = sandbox.work().join("settings");
    fs::write(&extra, "one").expect("a file");
    let file = sandbox.work().join("made");
    let tool = ["tool", file.to_str().expect("text")];
    granted(&sandbox, &["--uses", "9", "--script", "settings", "--", "mark"]);
    granted(&sandbox, &["--uses", "9", "--", tool[0], tool[1]]);
    covered(&sandbox, &["mark"]);
    assert!(briefly(&sandbox, &tool).status().expect("it starts").success());

    let sound = fs::read(&script).expect("a script");
    fs::write(&script, [&sound[..], b"# more\n"].concat()).expect("changed");
    let said = asks(&sandbox, &mut briefly(&sandbox, &["mark"]));
    assert!(said.contains("mark changed since it was granted"), "{said}");
    fs::write(&script, &sound).expect("restored");
    covered(&sandbox, &["mark"]);

    fs::write(&extra, "two").expect("changed");
    let said = asks(&sandbox, &mut briefly(&sandbox, &["mark"]));
    assert!(said.contains("settings changed"), "{said}");
    fs::write(&extra, "one").expect("restored");
    covered(&sandbox, &["mark"]);

    fs::remove_file(&file).expect("it ran");
    fs::copy("/usr/bin/true", sandbox.path("bin/tool")).expect("replaced");
    let said = asks(&sandbox, &mut briefly(&sandbox, &tool));
    assert!(said.contains("tool changed since it was granted"), "{said}");
    assert!(!file.exists());
}

#[test]
fn what_changes_the_surroundings_asks_again() {
    let sandbox = Sandbox::new();
    marker(&sandbox);
    granted(&sandbox, &["--uses", "9", "--", "mark"]);
    covered(&sandbox, &["mark"]);
    let said = asks(&sandbox, briefly(&sandbox, &["mark"]).env("LD_LIBRARY_PATH", "/tmp"));
    assert!(said.contains("LD_LIBRARY_PATH changed"), "{said}");
    let elsewhere = sandbox.path("elsewhere");
    fs::create_dir(&elsewhere).expect("a directory");
    asks(&sandbox, briefly(&sandbox, &["mark"]).current_dir(&elsewhere));
    // Another directory under the same name is another place.
    fs::rename(sandbox.work(), sandbox.path("before")).expect("renamed");
    fs::create_dir(sandbox.work()).expect("a directory");
    asks(&sandbox, &mut briefly(&sandbox, &["mark"]));
}

#[test]
fn a_repository_is_that_repository_and_none_inside_it() {
    let sandbox = Sandbox::new();
    marker(&sandbox);
    let below = sandbox.work().join("below");
    let nested = sandbox.work().join("nested");
    for directory in [sandbox.work().join(".git"), below.clone(), nested.join(".git")] {
        fs::create_dir_all(directory).expect("a directory");
    }
    granted(&sandbox, &["--uses", "9", "--", "mark"]);
    covered(&sandbox, &["mark"]);
    assert!(briefly(&sandbox, &["mark"]).current_dir(&below).status().expect("starts").success());
    asks(&sandbox, briefly(&sandbox, &["mark"]).current_dir(&nested));
    asks(&sandbox, briefly(&sandbox, &["mark"]).current_dir(sandbox.path("home")));
}

#[test]
fn ends_with_its_time() {
    let sandbox = Sandbox::new();
    marker(&sandbox);
    granted(&sandbox, &["--uses", "100", "--for", "6s", "--", "mark"]);
    covered(&sandbox, &["mark"]);
    eventually("its time to be over", || {
        (list(&sandbox)[0]["usable"] == Value::Bool(false)).then_some(())
    });
    let said = asks(&sandbox, &mut briefly(&sandbox, &["mark"]));
    assert!(!said.contains("is not used"), "what is over needs no word: {said}");
    assert_eq!(list(&sandbox)[0]["problem"], "its time is over", "it is listed for a while");
}

#[test]
fn a_session_is_what_its_process_started_and_nothing_else() {
    let sandbox = Sandbox::new();
    marker(&sandbox);
    // The shells between are passed over: `timeout` is what lives on.
    let script = "\"$0\" grant request --uses 9 --session -- mark && exec 3>&- && \
                  \"$0\" --wait 1s -- mark; read line";
    let mut agent = sandbox.program("timeout");
    agent.args(["60", "sh", "-c", script, support::BINARY]);
    let agent = Running::start(&mut agent);
    sandbox.approve(&sandbox.pending_with("GRANT"));
    eventually("the session to run it", || (runs(&sandbox) == 1).then_some(()));
    asks(&sandbox, &mut briefly(&sandbox, &["mark"]));
    assert!(list(&sandbox)[0]["session"]["name"] == "timeout", "{:?}", list(&sandbox));
    drop(agent);
}

#[test]
fn a_rule_that_denies_is_stronger() {
    let sandbox = Sandbox::new();
    marker(&sandbox);
    granted(&sandbox, &["--uses", "9", "--", "mark"]);
    covered(&sandbox, &["mark"]);
    sandbox.policy("[[rule]]\nargv = [\"mark\"]\ndecision = \"deny\"\nreason = \"not here\"\n");
    let output = Running::start(&mut briefly(&sandbox, &["mark"])).finish();
    assert_eq!(output.status.code(), Some(121), "{output:?}");
    assert_eq!(runs(&sandbox), 1);
}

#[test]
fn what_cannot_be_recorded_does_not_run_by_a_grant() {
    let sandbox = Sandbox::new();
    marker(&sandbox);
    granted(&sandbox, &["--uses", "2", "--", "mark"]);
    let log = sandbox.log_file();
    let sound = fs::read(&log).expect("a log");
    fs::write(&log, [&sound[..], b"nonsense\n"].concat()).expect("written");
    let output = Running::start(&mut briefly(&sandbox, &["mark"])).finish();
    assert_eq!(output.status.code(), Some(125), "{output:?}");
    assert_eq!(runs(&sandbox), 0);
    fs::write(&log, &sound).expect("restored");
    // The use is spent: a failure never gives one.
    covered(&sandbox, &["mark"]);
    asks(&sandbox, &mut briefly(&sandbox, &["mark"]));
}
