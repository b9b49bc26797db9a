//! Several people: when each is asked, and commands that need more than one of them.

#[path = "several/delays.rs"]
mod delays;
#[path = "several/forged.rs"]
mod forged;
#[path = "several/policy.rs"]
mod policy;
mod support;

use nix::sys::signal::Signal;
use serde_json::Value;
use std::fs;
use support::{BINARY, Person, Refused, Sandbox, assert_refused, eventually};

/// A policy by which every `touch` needs two approvals.
const TWO: &str = "read-only = \"ask\"\n[[rule]]\nargv = [\"touch\"]\ndecision = \"ask\"\n\
                   approvals = 2\nreason = \"two people look at that\"\n";

/// The same, where policy wants two approvals for every `touch`.
fn with_two(sandbox: &Sandbox) -> Person<'_> {
    let phone = sandbox.with_phone();
    sandbox.policy(TWO);
    phone
}

/// Returns the kinds and decisions in the audit log, behind the end of the warm-up.
fn log(sandbox: &Sandbox) -> Vec<String> {
    let output = sandbox.output(&["log", "--json", "--limit", "100"]);
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let records = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let word = |record: Value| match record["kind"].as_str().expect("a kind") {
        "decided" => record["decision"]["decision"].as_str().expect("a decision").to_owned(),
        kind => kind.to_owned(),
    };
    let words: Vec<String> = records.map(word).collect();
    let warmed_up = words.iter().position(|word| word == "ended").map_or(0, |at| at + 1);
    words[warmed_up..].to_vec()
}

#[track_caller]
fn assert_log_verifies(sandbox: &Sandbox) {
    let output = sandbox.output(&["log", "verify"]);
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn a_command_that_policy_marks_runs_with_two_approvals() {
    let sandbox = Sandbox::new();
    let phone = with_two(&sandbox);
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "60s");
    let (here, there) = (sandbox.pending(), phone.pending());
    running.wait_for_stderr("needs 2 approvals");
    assert_eq!(sandbox.plaintext(&here)["approvalsNeeded"], 2, "a signature binds it");
    for card in [phone.does(&["show", &there.id]), sandbox_shows(&sandbox, &here.id)] {
        assert!(card.contains("needs 2 approvals"), "{card}");
    }
    sandbox.approve(&here);
    running.wait_for_stderr("approver approved; 1 more must");
    canary.assert_absent();
    phone.does(&["approve", &there.id]);
    let output = running.finish();
    assert!(output.status.success(), "{output:?}");
    canary.assert_present();
    let told = log(&sandbox);
    assert_eq!(told[..4], ["paired", "policyChanged", "requested", "submitted"], "{told:?}");
    assert_eq!(told[4..], ["approve", "approve", "started", "ended"], "{told:?}");
    assert_log_verifies(&sandbox);
    let journal = fs::read_to_string(sandbox.path("state/airlock-exec/enforcer/journal"));
    let journal = journal.expect("a journal");
    for id in [&here.id, &there.id] {
        assert!(journal.contains(&**id), "each is used: {journal}");
    }
}

fn sandbox_shows(sandbox: &Sandbox, id: &str) -> String {
    String::from_utf8(sandbox.output(&["approver", "show", id]).stdout).expect("UTF-8")
}

#[test]
fn a_log_that_lost_an_approval_does_not_verify() {
    let sandbox = Sandbox::new();
    let phone = with_two(&sandbox);
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "60s");
    sandbox.approve(&sandbox.pending());
    phone.does(&["approve", &phone.pending().id]);
    assert!(running.finish().status.success());
    assert_log_verifies(&sandbox);
    // Whoever can write the file can chain it anew: the number is checked besides the seals.
    let records = sandbox.records();
    let last = records.iter().rposition(|record| record["kind"] == "decided");
    let mut prev = hex(b"");
    let mut chained = String::new();
    let kept = records.into_iter().enumerate().filter(|(at, _)| Some(*at) != last);
    for (seq, (_, mut record)) in (1_u64..).zip(kept) {
        record["seq"] = seq.into();
        record["prev"] = prev.into();
        if record["kind"] == "ended" {
            record["started"] = (seq - 1).into();
        }
        let line = record.to_string();
        prev = hex(line.as_bytes());
        chained.push_str(&line);
        chained.push('\n');
    }
    fs::write(sandbox.log_file(), chained).expect("written");
    let output = sandbox.output(&["log", "verify"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("needs 2 approvals began with 1"), "{output:?}");
    assert_eq!(output.status.code(), Some(123));
}

fn hex(bytes: &[u8]) -> String {
    airlock_exec::crypto::Sha256Digest::of(bytes).to_string()
}

#[test]
fn a_rejection_by_the_second_is_final() {
    let sandbox = Sandbox::new();
    let phone = with_two(&sandbox);
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "60s");
    let there = phone.pending();
    sandbox.approve(&sandbox.pending());
    running.wait_for_stderr("1 more must");
    phone.does(&["reject", &there.id, "--reason", "not on a friday"]);
    assert_refused(&running.finish(), &canary, 120, &["rejected", "not on a friday"]);
    // Asked again it is answered by that, and the approval of the first is no use.
    let output = sandbox.start_canary(&canary, "5s").finish();
    assert_refused(&output, &canary, 120, &["a moment ago"]);
    let told = log(&sandbox);
    assert_eq!(told[..4], ["paired", "policyChanged", "requested", "submitted"], "{told:?}");
    assert_eq!(told[4..], ["approve", "reject", "notAsked"], "{told:?}");
    assert_log_verifies(&sandbox);
}

#[test]
fn a_rejection_by_the_first_takes_the_others_back() {
    let sandbox = Sandbox::new();
    let phone = with_two(&sandbox);
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "60s");
    phone.pending();
    sandbox.reject(&sandbox.pending(), "no");
    assert_refused(&running.finish(), &canary, 120, &["rejected"]);
    assert!(phone.pending_now().is_empty(), "nobody approves what will not run");
}

#[test]
fn two_of_three_are_enough_and_the_third_is_taken_back() {
    let sandbox = Sandbox::new();
    let phone = with_two(&sandbox);
    let desk = Person::new(&sandbox, "desk");
    sandbox.pair_with(&desk, "desk");
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "60s");
    let (there, third) = (phone.pending(), desk.pending());
    phone.does(&["approve", &there.id]);
    running.wait_for_stderr("phone approved; 1 more must");
    // Again by the same person is still one.
    let again = phone.command(&["approve", &there.id]).output().expect("it starts");
    assert!(!again.status.success(), "{again:?}");
    canary.assert_absent();
    desk.does(&["approve", &third.id]);
    assert!(running.finish().status.success());
    canary.assert_present();
    assert!(sandbox.pending_now().is_empty(), "nobody approves what ran already");
    assert_log_verifies(&sandbox);
}

#[test]
fn nobody_is_asked_where_too_few_are_paired() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    sandbox.policy(TWO);
    let canary = sandbox.canary();
    let output = sandbox.start_canary(&canary, "30s").finish();
    let words = ["needs 2 approvals", "paired with 1", "airlock-exec pair"];
    assert_refused(&output, &canary, 124, &words);
    assert_eq!(log(&sandbox), ["notAsked"]);
    let doctor = String::from_utf8(sandbox.output(&["doctor"]).stdout).expect("UTF-8");
    assert!(doctor.contains("policy wants 2 approvals for some commands, and 1"), "{doctor}");
    // Two pairings of one key are one person.
    let phone = with_two(&sandbox);
    let path = sandbox.path("state/airlock-exec/enforcer/pairings.json");
    let mut stored: Value =
        serde_json::from_slice(&fs::read(&path).expect("pairings")).expect("JSON");
    for field in ["signingKey", "signerKeyId"] {
        stored["pairings"][1][field] = stored["pairings"][0][field].clone();
    }
    fs::write(&path, stored.to_string()).expect("written");
    let output = sandbox.start_canary(&canary, "30s").finish();
    assert_refused(&output, &canary, 124, &words);
    assert!(phone.pending_now().is_empty());
}

#[test]
fn one_approval_in_time_is_too_few() {
    let sandbox = Sandbox::new();
    let phone = with_two(&sandbox);
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "8s");
    sandbox.approve(&sandbox.pending());
    running.wait_for_stderr("1 more must");
    let words = ["1 of the 2 approvals that it needs", "8 seconds", "each of them is asked anew"];
    assert_refused(&running.finish(), &canary, 122, &words);
    assert!(phone.pending_now().is_empty(), "the other request is taken back");
    // What was given then is no half of a later permission.
    let running = sandbox.start_canary(&canary, "60s");
    let there = phone.pending();
    phone.does(&["approve", &there.id]);
    running.wait_for_stderr("phone approved; 1 more must");
    canary.assert_absent();
    sandbox.approve(&sandbox.pending());
    assert!(running.finish().status.success());
    canary.assert_present();
    assert_log_verifies(&sandbox);
}

/// One approved, and it does not come to anything.
#[test]
fn whoever_gave_one_approval_of_two_learns_that_nothing_started() {
    for (end, why) in [
        ("reject", "rejected by the approver"),
        ("time", "1 of the 2 approvals that it needs"),
        ("signal", "interrupted while waiting"),
    ] {
        let sandbox = Sandbox::new();
        let phone = with_two(&sandbox);
        let canary = sandbox.canary();
        let running = sandbox.start_canary(&canary, if end == "time" { "5s" } else { "60s" });
        let (here, there) = (sandbox.pending(), phone.pending());
        sandbox.approve(&here);
        running.wait_for_stderr("1 more must");
        match end {
            "reject" => drop(phone.does(&["reject", &there.id])),
            "signal" => running.signal(Signal::SIGTERM),
            _ => {}
        }
        assert!(!running.finish().status.success());
        canary.assert_absent();
        let told = sandbox.output(&["approver", "output", "--json", &here.id]);
        let told = String::from_utf8(told.stdout).expect("UTF-8");
        let last: Value = serde_json::from_str(told.lines().last().expect(end)).expect("JSON");
        assert_eq!(last["end"]["how"], "notStarted", "{end}: {told}");
        assert!(last["end"]["why"].as_str().expect("words").contains(why), "{end}: {told}");
        let words = log(&sandbox);
        assert_eq!(words.iter().filter(|word| *word == "approve").count(), 1, "{end}: {words:?}");
        assert_log_verifies(&sandbox);
    }
}

#[test]
fn an_approver_who_leaves_makes_too_few_of_those_who_stay() {
    let sandbox = Sandbox::new();
    let phone = with_two(&sandbox);
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "60s");
    let id = phone.pending().details["enforcerId"].as_str().expect("an id").to_owned();
    sandbox.approve(&sandbox.pending());
    running.wait_for_stderr("1 more must");
    phone.does(&["unpair", &id]);
    assert_refused(&running.finish(), &canary, 124, &["phone was revoked"]);
}

#[test]
fn an_approval_by_a_key_that_was_revoked_meanwhile_does_not_count() {
    let sandbox = Sandbox::new();
    let phone = with_two(&sandbox);
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "60s");
    let here = sandbox.pending();
    phone.does(&["approve", &phone.pending().id]);
    running.wait_for_stderr("phone approved; 1 more must");
    let output = sandbox.output(&["unpair", "phone"]);
    assert!(output.status.success(), "{output:?}");
    sandbox.approve(&here);
    assert_refused(&running.finish(), &canary, 124, &["phone was revoked"]);
}

#[test]
fn approvals_that_came_after_the_caller_was_killed_are_used_once() {
    let sandbox = Sandbox::new();
    let phone = with_two(&sandbox);
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "60s");
    let (here, there) = (sandbox.pending(), phone.pending());
    sandbox.approve(&here);
    running.wait_for_stderr("1 more must");
    running.signal(Signal::SIGKILL);
    running.finish();
    canary.assert_absent();
    let running = sandbox.start_canary(&canary, "60s");
    running.wait_for_stderr("approver approved; 1 more must");
    canary.assert_absent();
    phone.does(&["approve", &there.id]);
    assert!(running.finish().status.success());
    canary.assert_present();
    fs::remove_file(canary.path()).expect("a canary");
    // Both are used up.
    let output = sandbox.start_canary(&canary, "1s").finish();
    assert_refused(&output, &canary, 122, &["no decision"]);
    assert_log_verifies(&sandbox);
}

#[test]
fn two_who_wait_for_the_same_approvals_run_it_once() {
    let sandbox = Sandbox::new();
    let phone = with_two(&sandbox);
    let script = sandbox.script("once", &format!("echo ran >> {}", sandbox.path("ran").display()));
    sandbox.policy(&TWO.replace("\"touch\"", "\"once\""));
    let start =
        || sandbox.start(["--wait".as_ref(), "8s".as_ref(), "--".as_ref(), script.as_os_str()]);
    let first = start();
    let (here, there) = (sandbox.pending(), phone.pending());
    let second = start();
    second.wait_for_stderr("waiting up to");
    sandbox.approve(&here);
    phone.does(&["approve", &there.id]);
    let mut ends = [first.finish(), second.finish()].map(|output| output.status.code());
    ends.sort_unstable();
    assert_eq!(ends, [Some(0), Some(122)], "the other one is asked about anew");
    let ran = fs::read_to_string(sandbox.path("ran")).expect("it ran");
    assert_eq!(ran.lines().count(), 1);
    assert_log_verifies(&sandbox);
}

#[test]
fn what_an_approved_command_starts_needs_its_own_two_approvals() {
    let sandbox = Sandbox::new();
    let phone = with_two(&sandbox);
    let canary = sandbox.canary();
    let inner = format!("{BINARY} --wait 60s -- touch {}", canary.path().display());
    sandbox.script("outer", &inner);
    let running = sandbox.start(["--wait", "60s", "--", "outer"]);
    let outer = sandbox.pending();
    assert_eq!(sandbox.plaintext(&outer).get("approvalsNeeded"), None);
    sandbox.approve(&outer);
    let here = sandbox.pending_with("touch");
    sandbox.approve(&here);
    running.wait_for_stderr("1 more must");
    canary.assert_absent();
    let there = eventually("the inner request", || {
        phone.pending_now().into_iter().find(|each| each.details.to_string().contains("touch"))
    });
    phone.does(&["approve", &there.id]);
    assert!(running.finish().status.success());
    canary.assert_present();
}

#[test]
fn what_two_approved_covers_what_it_starts() {
    let sandbox = Sandbox::new();
    let phone = with_two(&sandbox);
    let canary = sandbox.canary();
    sandbox.script("outer", &format!("{BINARY} -- touch {}", canary.path().display()));
    sandbox.policy(&TWO.replace("\"touch\"", "[\"touch\", \"outer\"]"));
    let running = sandbox.start(["--wait", "60s", "--", "outer"]);
    let there = phone.pending();
    sandbox.approve(&sandbox.pending());
    phone.does(&["approve", &there.id]);
    let output = running.finish();
    assert!(output.status.success(), "{output:?}");
    canary.assert_present();
}

#[test]
fn no_grant_and_no_standing_answer_stands_for_a_second_person() {
    let sandbox = Sandbox::new();
    let phone = sandbox.with_phone();
    let canary = sandbox.canary();
    let file = canary.path().to_str().expect("UTF-8");
    // Granted while one was enough.
    let words = ["grant", "request", "--exact", "--", "touch", file];
    let running = sandbox.start(words);
    sandbox.approve(&sandbox.pending_with("GRANT"));
    let output = running.finish();
    assert!(output.status.success(), "{output:?}");
    sandbox.policy(TWO);
    let config = sandbox.path("config/airlock-exec/config.toml");
    fs::write(config, "trust_gateway_dnd = true\n").expect("written");
    let dnd = ["approver", "dnd", "approve", "--for", "10m", "--workspace", "work"];
    let output = sandbox.output(&dnd);
    assert!(output.status.success(), "{output:?}");
    let output = sandbox.start_canary(&canary, "1s").finish();
    assert_refused(&output, &canary, 122, &["no decision"]);
    let output = sandbox.output(&words);
    assert_eq!(output.status.code(), Some(125), "{output:?}");
    Refused::of_subcommand(&output).assert_says(&["policy wants 2 approvals", "signed by one"]);
    assert!(phone.pending_now().is_empty());
}
