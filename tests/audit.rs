//! What was asked, decided and run is written down, and what cannot be does not run.

mod support;

use serde_json::Value;
use std::fs::{self, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::Output;
use support::{Refused, Running, Sandbox, eventually};

/// What is written down with a first question: which keys and policies hold, the question,
/// and that the gateway took it.
const ASKED: [&str; 4] = ["paired", "policyChanged", "requested", "submitted"];

fn kinds(sandbox: &Sandbox) -> Vec<String> {
    sandbox.records().iter().map(|each| each["kind"].as_str().expect("a kind").to_owned()).collect()
}

/// Returns the request that was asked about first, and what is written down behind it.
#[track_caller]
fn asked_and_behind(sandbox: &Sandbox, kinds_behind: &[&str]) -> (Value, Vec<Value>) {
    let kinds = kinds(sandbox);
    assert_eq!(kinds, [&ASKED[..], kinds_behind].concat());
    let mut found = sandbox.records();
    let behind = found.split_off(ASKED.len());
    (found.swap_remove(2), behind)
}

fn log(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    sandbox.airlock([&["log"], arguments].concat()).output().expect("it starts")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn an_approved_command_leaves_a_request_a_signed_decision_a_start_and_an_end() {
    let sandbox = Sandbox::new();
    let running = sandbox.start(["--", "sh", "-c", "exit 7", "x", "--token", "hunter2"]);
    sandbox.approve(&sandbox.pending());
    assert_eq!(running.finish().status.code(), Some(7));
    let (asked, found) = asked_and_behind(&sandbox, &["decided", "started", "ended"]);
    assert_eq!(found[0]["decision"]["decision"], "approve");
    assert_eq!(found[0]["decision"]["artifactHash"], asked["artifactHash"]);
    assert_eq!(found[1]["by"]["approval"], asked["requestId"]);
    assert_eq!(found[1]["command"]["cwd"].as_str(), sandbox.work().to_str());
    assert!(found[1]["command"]["programSha256"].is_string(), "{}", found[1]);
    assert_eq!((&found[2]["started"], found[2]["status"].as_u64()), (&found[1]["seq"], Some(7)));
    let text = fs::read_to_string(sandbox.log_file()).expect("a log");
    assert!(!text.contains("hunter2") && text.contains("--token"), "{text}");
    let verified = log(&sandbox, &["verify"]);
    assert!(verified.status.success(), "{verified:?}");
    assert!(
        stdout(&verified).contains("7 records")
            && stdout(&verified).contains("1 decision is signed")
    );
    let shown = stdout(&log(&sandbox, &[]));
    assert!(shown.contains("exit 7") && shown.contains("sh -c 'exit 7'"), "{shown}");
    assert_eq!(stdout(&log(&sandbox, &["--json"])).lines().count(), 7);
}

#[test]
fn what_did_not_run_is_written_down_with_its_cause() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    // Another command than the second: a rejection is remembered for a while.
    let running = sandbox.start(["--", "sh", "-c", "exit 3"]);
    sandbox.reject(&sandbox.pending(), "not today");
    assert_eq!(running.finish().status.code(), Some(120));
    assert_eq!(sandbox.start_canary(&canary, "1s").finish().status.code(), Some(122));
    let behind = ["decided", "requested", "submitted", "refused"];
    let (_, found) = asked_and_behind(&sandbox, &behind);
    assert_eq!(found[0]["decision"]["decision"], "reject");
    assert_eq!(found[0]["unsignedReason"], "not today");
    assert_eq!(found[3]["cause"], "timed-out");
    let shown = stdout(&log(&sandbox, &[]));
    assert!(shown.contains("rejected") && shown.contains("timed-out"), "{shown}");
    assert!(log(&sandbox, &["verify"]).status.success());
    canary.assert_absent();
}

#[test]
fn what_nobody_was_asked_about_is_written_down_with_its_cause_and_no_secret() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let words = || ["--", "touch", "--token=hunter2"].map(Into::into).into_iter();
    let command = || words().chain([canary.path().as_os_str().to_owned()]);
    let running = sandbox.start(command());
    sandbox.reject(&sandbox.pending(), "not today");
    assert_eq!(running.finish().status.code(), Some(120));
    assert_eq!(sandbox.start(command()).finish().status.code(), Some(120));
    sandbox.policy("[[rule]]\nargv = [\"touch\"]\ndecision = \"deny\"\nreason = \"no files\"\n");
    assert_eq!(sandbox.start(command()).finish().status.code(), Some(121));
    sandbox.policy("read-only = \"ask\"\n");
    sandbox.kill_gateway();
    for name in ["gateway.db-wal", "gateway.db-shm"] {
        let _ = fs::remove_file(sandbox.path("state/airlock-exec/gateway").join(name));
    }
    fs::write(sandbox.path("state/airlock-exec/gateway/gateway.db"), "no database")
        .expect("written");
    assert_eq!(sandbox.start(command()).finish().status.code(), Some(125));
    let behind = ["decided", "notAsked", "notAsked", "notAsked"];
    let (asked, found) = asked_and_behind(&sandbox, &behind);
    let causes: Vec<&str> = found[1..].iter().filter_map(|each| each["cause"].as_str()).collect();
    assert_eq!(causes, ["rejected-before", "forbidden", "no-way-to-ask"]);
    let detail = found[2]["detail"].as_str().expect("text");
    assert!(detail.ends_with("policy.toml:1: no files"), "{detail}");
    assert!(
        found[2]["command"]["argv"][1].as_str().expect("text").starts_with("--token=‹redacted")
    );
    let text = fs::read_to_string(sandbox.log_file()).expect("a log");
    assert!(!text.contains("hunter2"), "{text}");
    assert_eq!(asked["why"], "‹not kept: it names a secret›");
    assert_eq!(asked["command"]["argv"][2].as_str(), canary.path().to_str(), "paths stay");
    assert!(stdout(&log(&sandbox, &[])).contains("forbidden"));
    assert!(log(&sandbox, &["verify"]).status.success());
    canary.assert_absent();
}

#[test]
fn nobody_is_asked_by_a_log_that_cannot_be_written() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let path = sandbox.log_file();
    let sound = fs::read(&path).expect("a log");
    let refused = |words: &[&str]| {
        let canary = sandbox.canary();
        let output = sandbox.start(canary.arguments()).finish();
        Refused::with_status(&output, 125).assert_says(words);
        assert!(sandbox.pending_now().is_empty(), "nobody is asked in vain");
        canary.assert_absent();
    };
    fs::write(&path, [&sound[..], b"nonsense\n"].concat()).expect("written");
    refused(&["was changed", "log verify", path.to_str().expect("text")]);
    fs::write(&path, &sound).expect("written");
    fs::set_permissions(&path, Permissions::from_mode(0o640)).expect("loosened");
    refused(&["is open to others", "chmod 600"]);
    fs::remove_file(&path).expect("removed");
    fs::create_dir(&path).expect("a directory");
    refused(&["directory"]);
    fs::remove_dir(&path).expect("removed");
    fs::write(&path, &sound).expect("written");
    fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("tightened");
    sandbox.warm_up();
}

#[test]
fn what_was_approved_does_not_run_when_its_start_cannot_be_recorded() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let path = sandbox.log_file();
    let canary = sandbox.canary();
    let running = sandbox.start(canary.arguments());
    let pending = sandbox.pending();
    let sound = fs::read(&path).expect("a log");
    fs::write(&path, [&sound[..], b"nonsense\n"].concat()).expect("written");
    sandbox.approve(&pending);
    Refused::with_status(&running.finish(), 125).assert_says(&["was changed"]);
    canary.assert_absent();

    // No file may grow: what a full disk is, without one.
    fs::write(&path, &sound).expect("restored");
    for script in ["trap '' XFSZ; ulimit -f 0; exec \"$@\"", "ulimit -f 0; exec \"$@\""] {
        let mut command = sandbox.program("sh");
        command.args(["-c", script, "sh", support::BINARY]).args(canary.arguments());
        let refused = Refused::with_status(&Running::start(&mut command).finish(), 125);
        refused.assert_says(&["cannot be written", "free some disk space"]);
        canary.assert_absent();
        assert_eq!(fs::read(&path).expect("a log"), sound, "nothing was lost");
    }
    sandbox.warm_up();
}

#[test]
fn a_start_without_an_end_is_told_from_one_that_runs() {
    let sandbox = Sandbox::new();
    let running = sandbox.start(["--", "sleep", "60"]);
    sandbox.approve(&sandbox.pending());
    eventually("the start", || kinds(&sandbox).contains(&"started".to_owned()).then_some(()));
    assert!(stdout(&log(&sandbox, &[])).contains("running"));
    running.signal(nix::sys::signal::Signal::SIGKILL);
    running.finish();
    assert!(stdout(&log(&sandbox, &[])).contains("end unknown"));
    assert!(log(&sandbox, &["verify"]).status.success());
}

#[test]
fn a_torn_end_is_put_aside_and_a_changed_middle_is_found() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let path = sandbox.log_file();
    let mut file = OpenOptions::new().append(true).open(&path).expect("a log");
    file.write_all(b"{\"version\":1,").expect("written");
    let torn = log(&sandbox, &["verify"]);
    assert_eq!(torn.status.code(), Some(123));
    assert!(stdout(&torn).contains("never finished"), "{torn:?}");
    sandbox.warm_up();
    assert!(kinds(&sandbox).contains(&"repaired".to_owned()));
    assert!(log(&sandbox, &["verify"]).status.success());

    let sound = fs::read_to_string(&path).expect("text");
    for (from, to) in
        [("\"approve\"", "\"reject\""), ("\"true\"", "\"false\""), ("\"ended\"", "\"started\"")]
    {
        let changed = sound.replacen(from, to, 1);
        assert_ne!(changed, sound, "{from} is in it");
        fs::write(&path, changed).expect("written");
        let found = log(&sandbox, &["verify"]);
        assert_eq!(found.status.code(), Some(123), "{from}: {found:?}");
        assert!(stdout(&found).contains("line "), "{found:?}");
    }
    let lines: Vec<&str> = sound.lines().collect();
    let missing = [&lines[..1], &lines[2..]].concat().join("\n") + "\n";
    fs::write(&path, missing).expect("written");
    assert_eq!(log(&sandbox, &["verify"]).status.code(), Some(123));
}

#[test]
fn a_decision_by_a_key_that_was_never_paired_is_named() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let pairings = sandbox.path("state/airlock-exec/enforcer/pairings.json");
    let text = fs::read_to_string(&pairings).expect("pairings");
    let mut stored: Value = serde_json::from_str(&text).expect("JSON");
    stored["pairings"][0]["signerKeyId"] = "key-of-another".into();
    fs::write(&pairings, stored.to_string()).expect("written");
    let found = log(&sandbox, &["verify"]);
    assert_eq!(found.status.code(), Some(123), "{found:?}");
    assert!(stdout(&found).contains("not paired with this machine"), "{found:?}");
}
