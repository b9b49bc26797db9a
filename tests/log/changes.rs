//! Keys and policies that change, answers that are not believed, files that are full.

use super::support::{Call, Fault, Proxy, Refused, Running, Sandbox};
use super::{approved, said, verified};
use serde_json::Value;
use std::fs;

#[test]
fn each_change_of_a_policy_is_written_down_with_its_digest() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    assert_eq!(sandbox.records_of("policyChanged").len(), 1);
    sandbox.warm_up();
    assert_eq!(sandbox.records_of("policyChanged").len(), 1, "it is the same");
    let inner = sandbox.path("config/airlock-exec/more.toml");
    fs::write(&inner, "read-only = \"ask\"\n").expect("written");
    sandbox.policy("include = [\"more.toml\"]\n");
    sandbox.warm_up();
    assert_eq!(sandbox.records_of("policyChanged").len(), 3, "the file and what it includes");
    fs::write(&inner, "read-only = \"ask\"\n# so\n").expect("written");
    sandbox.warm_up();
    let changed = sandbox.records_of("policyChanged");
    assert_eq!(changed.len(), 4);
    assert_eq!(changed[3]["path"].as_str(), inner.to_str());
    let shown = said(&sandbox, &[]);
    assert!(shown.contains("policy") && shown.contains("more.toml"), "{shown}");
    verified(&sandbox);
}

#[test]
fn a_key_is_written_down_when_it_is_paired_and_when_it_is_no_longer() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let paired = sandbox.records_of("paired");
    assert_eq!(paired.len(), 1);
    assert!(paired[0]["fingerprint"].as_str().expect("a fingerprint").len() > 8);
    let ended = sandbox.airlock(["unpair", "--all"]).output().expect("it starts");
    assert!(ended.status.success(), "{ended:?}");
    let unpaired = sandbox.records_of("unpaired");
    assert_eq!(unpaired.len(), 1, "at once, and not only when somebody is asked next");
    assert_eq!(unpaired[0]["signerKeyId"], paired[0]["signerKeyId"]);
    verified(&sandbox);
}

#[test]
fn keys_and_policies_that_are_new_at_once_are_all_written_down_once() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let counts = || ["paired", "policyChanged"].map(|kind| sandbox.records_of(kind).len());
    assert_eq!(counts(), [1, 1]);
    fs::remove_file(sandbox.path("state/airlock-exec/audit/seen.json")).expect("it was there");
    sandbox.warm_up();
    assert_eq!(counts(), [2, 2]);
    sandbox.warm_up();
    assert_eq!(counts(), [2, 2], "they are the same");
    verified(&sandbox);
}

#[test]
fn an_answer_that_is_not_believed_is_written_down_and_nothing_runs() {
    let sandbox = Sandbox::new();
    let flip = |mut answer: Value| {
        if let Some(signature) = answer["body"]["signature"].as_str() {
            let first = if signature.starts_with('A') { "B" } else { "A" };
            answer["body"]["signature"] = format!("{first}{}", &signature[1..]).into();
        }
        answer
    };
    let _proxy = Proxy::before(&sandbox, move |call: &Call| {
        if call.is_wait() { Fault::Change(Box::new(flip)) } else { Fault::Pass }
    });
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "3s");
    sandbox.approve(&sandbox.pending());
    Refused::with_status(&running.finish(), 123).assert_says(&["cannot be trusted"]);
    canary.assert_absent();
    let doubted = sandbox.records_of("doubted");
    assert_eq!(doubted[0]["cause"], "bad-signature");
    assert_eq!(sandbox.records_of("refused")[0]["cause"], "untrusted-answer");
    let requested = sandbox.records_of("requested");
    assert_eq!(doubted[0]["requestId"], requested[requested.len() - 1]["requestId"]);
    let id = doubted[0]["requestId"].as_str().expect("an id").to_owned();
    assert!(said(&sandbox, &["show", &id]).contains("bad-signature"));
    verified(&sandbox);
}

#[test]
fn the_chain_goes_on_across_files_and_old_ones_are_let_go() {
    let sandbox = Sandbox::new();
    let set = |name: &str, value: &str| {
        let set = sandbox.airlock(["config", "set", name, value]).output().expect("starts");
        assert!(set.status.success(), "{set:?}");
    };
    set("log.file_mib", "1");
    approved(&sandbox, "exit 0");
    let audit = sandbox.path("state/airlock-exec/audit");
    let full = || {
        let names = fs::read_dir(&audit).expect("listed");
        let names = names.map(|entry| entry.expect("an entry").file_name().into_string());
        let mut names: Vec<String> = names.filter_map(Result::ok).collect();
        names.retain(|name| name.starts_with("audit-"));
        names.sort();
        names
    };
    // Commands with long words fill a file fast.
    sandbox.policy("[[rule]]\nargv = [\"rm\"]\ndecision = \"deny\"\n");
    let long = "x".repeat(2000);
    let words: Vec<&str> = ["--", "rm"].into_iter().chain([&long[..]; 60]).collect();
    while full().len() < 3 {
        for _ in 0..9 {
            assert_eq!(sandbox.start(&words).finish().status.code(), Some(121));
        }
        said(&sandbox, &["--limit", "1"]);
    }
    verified(&sandbox);
    assert_eq!(sandbox.records()[0]["kind"], "continued");
    let before = full();
    for name in &before[..1] {
        let old =
            sandbox.program("touch").args(["-d", "2 years ago"]).arg(audit.join(name)).status();
        assert!(old.expect("it starts").success());
    }
    said(&sandbox, &["--limit", "1"]);
    // Its records say that it is younger than its file pretends: it stays.
    assert_eq!(full(), before);
    // What is missing is missed.
    let kept = fs::read(audit.join(&before[0])).expect("a file");
    fs::remove_file(audit.join(&before[0])).expect("removed");
    assert!(!super::log(&sandbox, &["verify"]).status.success());
    fs::write(audit.join(&before[0]), kept).expect("restored");
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(audit.join(&before[0]), private).expect("private");
    verified(&sandbox);
}

/// Runs a command of ours while the wall clock is so many days wrong.
fn at_another_time(sandbox: &Sandbox, days: i64, words: &[&str]) -> Option<i32> {
    sandbox.shift_clocks(days * 86_400, 0);
    Running::start(&mut sandbox.with_clocks(words)).finish().status.code()
}

#[test]
fn a_clock_that_jumps_breaks_no_chain_and_has_nothing_forgotten() {
    let sandbox = Sandbox::new();
    sandbox.policy("[[rule]]\nargv = [\"rm\"]\ndecision = \"deny\"\n");
    for days in [0, 400, -400, 0] {
        assert_eq!(at_another_time(&sandbox, days, &["--", "rm", "x"]), Some(121), "{days}");
    }
    assert_eq!(at_another_time(&sandbox, 4000, &["log"]), Some(0));
    let refused = sandbox.records_of("notAsked");
    let times: Vec<&str> = refused.iter().filter_map(|each| each["time"].as_str()).collect();
    assert_eq!(times.len(), 4);
    assert!(times[1] > times[0] && times[2] < times[0] && times[3] >= times[0], "{times:?}");
    verified(&sandbox);
    assert_eq!(said(&sandbox, &["--since", "100d"]).lines().count(), 3);
}
