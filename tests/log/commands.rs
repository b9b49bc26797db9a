//! `log`, `log show`, `log export` and `log stats`, as a person and a program use them.

use super::support::Sandbox;
use super::{approved, log, said};
use serde_json::Value;
use std::fs;

fn rejected(sandbox: &Sandbox, text: &str, reason: &str) {
    let running = sandbox.start(["--", "sh", "-c", text]);
    sandbox.reject(&sandbox.pending(), reason);
    assert_eq!(running.finish().status.code(), Some(120));
}

#[test]
fn the_table_is_filtered_by_time_decision_program_place_and_agent() {
    let sandbox = Sandbox::new();
    approved(&sandbox, "exit 7");
    rejected(&sandbox, "exit 8", "not today");
    let count = |arguments: &[&str]| {
        said(&sandbox, arguments).lines().filter(|line| line.contains("exit ")).count()
    };
    assert_eq!(count(&[]), 2);
    assert_eq!(count(&["--decision", "rejected"]), 1);
    assert_eq!(count(&["--decision", "rejected", "--decision", "approved"]), 2);
    assert_eq!(count(&["--decision", "allowed"]), 0);
    assert_eq!((count(&["--program", "sh"]), count(&["--program", "git"])), (2, 0));
    assert_eq!((count(&["--since", "1h"]), count(&["--until", "1h"])), (2, 0));
    assert_eq!(count(&["--since", "2026-01-01", "--until", "2199-01-01"]), 2);
    let (work, tmp) = (sandbox.work(), sandbox.path("tmp"));
    assert_eq!(count(&["--repository", work.to_str().expect("text")]), 2);
    assert_eq!(count(&["--repository", tmp.to_str().expect("text")]), 0);
    assert_eq!(count(&["--agent", "claude-code"]), 0);
    assert_eq!(said(&sandbox, &["--limit", "1"]).lines().count(), 1);
    let only = said(&sandbox, &["--json", "--decision", "rejected"]);
    let kinds: Vec<Value> =
        only.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let kinds: Vec<&str> = kinds.iter().filter_map(|record| record["kind"].as_str()).collect();
    assert_eq!(kinds, ["requested", "submitted", "decided"]);
    for bad in [&["--since", "yesterday"][..], &["--decision", "maybe"]] {
        assert_eq!(log(&sandbox, bad).status.code(), Some(125), "{bad:?}");
    }
    assert_eq!(log(&sandbox, &["--repository", "/nowhere"]).status.code(), Some(125));
}

#[test]
fn everything_about_one_command_is_shown_and_its_signature_checked_anew() {
    let sandbox = Sandbox::new();
    let running = sandbox.start(["--", "sh", "-c", "exit 7", "x", "--token", "hunter2"]);
    let pending = sandbox.pending();
    sandbox.approve(&pending);
    running.finish();
    rejected(&sandbox, "exit 8", "not \u{1b}[31mtoday");
    let shown = said(&sandbox, &["show", &pending.id]);
    for words in [
        "sh -c 'exit 7'",
        "approve ",
        "checked again just now",
        "exit 7 after",
        "sha256",
        "\nasked ",
        "signed by",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert!(!shown.contains("hunter2"), "{shown}");
    let id = said(&sandbox, &["--decision", "rejected"]);
    let short = id.split_whitespace().nth(2).expect("an id").to_owned();
    let shown = said(&sandbox, &["show", &short]);
    assert!(shown.contains("rejected") && shown.contains("nobody signed them"), "{shown}");
    assert!(!shown.contains('\u{1b}'), "{shown:?}");
    let json: Value =
        serde_json::from_str(&said(&sandbox, &["show", &short, "--json"])).expect("JSON");
    assert_eq!(json["life"]["decisions"][0]["signature"], "holds");
    assert_eq!(json["records"].as_array().expect("a list").len(), 3);
    let number = json["records"][0]["seq"].to_string();
    assert!(said(&sandbox, &["show", &number]).contains("rejected"));
    let unknown = log(&sandbox, &["show", "ZZZZZZ"]);
    assert_eq!(unknown.status.code(), Some(125));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("knows no"), "{unknown:?}");

    // Another key under the same name is not the one that signed.
    let pairings = sandbox.path("state/airlock-exec/enforcer/pairings.json");
    let text = fs::read_to_string(&pairings).expect("pairings");
    let mut stored: Value = serde_json::from_str(&text).expect("JSON");
    stored["pairings"][0]["signerKeyId"] = "key-of-another".into();
    fs::write(&pairings, stored.to_string()).expect("written");
    assert!(said(&sandbox, &["show", &pending.id]).contains("NOT BELIEVED"));
}

#[test]
fn what_is_exported_says_its_version_and_one_life_on_each_line() {
    let sandbox = Sandbox::new();
    approved(&sandbox, "exit 7");
    rejected(&sandbox, "exit 8", "not today");
    let exported = said(&sandbox, &["export", "--json"]);
    let lines: Vec<Value> =
        exported.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(
        (&lines[0]["schema"], &lines[0]["version"]),
        (&"airlock-exec/log".into(), &1.into())
    );
    assert_eq!(lines[0]["lives"], lines.len() - 1);
    let commands: Vec<&Value> = lines.iter().filter(|line| line["kind"] == "command").collect();
    assert_eq!(commands.len(), 2);
    assert_eq!(commands[0]["verdict"], "approved");
    assert_eq!(commands[0]["ended"]["status"], 7);
    assert_eq!(commands[1]["decisions"][0]["unsignedReason"], "not today");
    assert!(commands[1]["decisions"][0]["tookMs"].as_i64().expect("a number") >= 0);
    assert!(lines.iter().any(|line| line["kind"] == "change" && line["verdict"] == "paired"));
}

#[test]
fn a_rule_that_would_have_saved_questions_is_suggested_and_the_policy_takes_it() {
    let sandbox = Sandbox::new();
    assert!(said(&sandbox, &["stats"]).contains("nothing was asked yet"));
    for _ in 0..3 {
        let running = sandbox.start(["--", "touch", "a 'b' \"c\""]);
        sandbox.approve(&sandbox.pending());
        assert!(running.finish().status.success());
    }
    rejected(&sandbox, "exit 8", "not today");
    let stats = said(&sandbox, &["stats"]);
    assert!(stats.contains("3 approved, 1 rejected"), "{stats}");
    assert!(stats.contains("decisions: 4, half within"), "{stats}");
    assert!(stats.contains("3×  touch"), "{stats}");
    let rule: String = stats[stats.find("# Rules").expect("rules")..].to_owned();
    assert_eq!(rule.matches("[[rule]]").count(), 1, "{rule}");
    // As it is pasted.
    sandbox.policy(&rule);
    let tested = sandbox.airlock(["policy", "test"]).output().expect("it starts");
    assert!(tested.status.success(), "{tested:?}");
    assert!(String::from_utf8_lossy(&tested.stdout).contains("1 example\n"), "{tested:?}");
    fs::remove_file(sandbox.work().join("a 'b' \"c\"")).expect("made");
    let allowed = sandbox.start(["--", "touch", "a 'b' \"c\""]).finish();
    assert!(allowed.status.success() && sandbox.pending_now().is_empty());
    let json: Value = serde_json::from_str(&said(&sandbox, &["stats", "--json"])).expect("JSON");
    assert_eq!(json["rules"][0]["questions"], 3);
    assert_eq!(json["decisions"]["count"], 4);
}
