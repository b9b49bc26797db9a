//! What is kept of a grant counts only as far as it was signed.

use super::*;
use airlock_exec::protocol::Plaintext;
use serde_json::json;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;

fn file(sandbox: &Sandbox, id: &str) -> PathBuf {
    sandbox.path(format!("state/airlock-exec/grants/{id}.json"))
}

fn read(path: &PathBuf) -> Value {
    serde_json::from_slice(&fs::read(path).expect("a file")).expect("JSON")
}

/// Keeps something else in the place of the grant: it is not used, and says why.
#[track_caller]
fn not_used(sandbox: &Sandbox, path: &PathBuf, kept: &Value, why: &str) {
    let sound = fs::read(path).expect("a grant");
    fs::write(path, kept.to_string()).expect("written");
    let said = asks(sandbox, &mut briefly(sandbox, &["mark"]));
    assert!(said.contains("is not used") && said.contains(why), "{why}: {said}");
    assert_eq!(list(sandbox)[0]["usable"], Value::Bool(false), "{why}");
    fs::write(path, sound).expect("restored");
}

#[test]
fn nothing_counts_but_what_was_signed() {
    let sandbox = Sandbox::new();
    marker(&sandbox);
    let id = granted(&sandbox, &["--uses", "3", "--", "mark"]);
    let path = file(&sandbox, &id);
    let kept = read(&path);
    let plaintext = kept["plaintext"].as_str().expect("text").to_owned();
    let changed = |from: &str, to: &str| {
        let mut kept = kept.clone();
        let text = plaintext.replace(from, to);
        assert_ne!(text, plaintext);
        kept["plaintext"] = json!(text);
        kept
    };
    not_used(&sandbox, &path, &changed("\"uses\":3", "\"uses\":99"), "its hash is");
    // A hash that fits what was changed is not the one that was signed.
    let mut forged = changed("\"uses\":3", "\"uses\":99");
    let terms: Value =
        serde_json::from_str(forged["plaintext"].as_str().expect("text")).expect("JSON");
    let hash = Plaintext::of(&terms).expect("canonical").hash().to_string();
    forged["decision"]["artifactHash"] = json!(hash);
    not_used(&sandbox, &path, &forged, "is not what was signed");
    forged["decision"]["body"]["artifactHash"] = json!(hash);
    not_used(&sandbox, &path, &forged, "is not what was signed");
    for (field, value) in [
        ("nonce", json!("another")),
        ("signature", json!("A".repeat(86))),
        ("decision", json!("reject")),
    ] {
        let mut kept = kept.clone();
        kept["decision"]["body"][field] = value;
        not_used(&sandbox, &path, &kept, "is not what was signed");
    }
    let mut other = kept.clone();
    other["decision"]["body"]["signerKeyId"] = json!("key-of-another");
    not_used(&sandbox, &path, &other, "a key that is not paired");
    let mut later = kept.clone();
    later["version"] = json!(2);
    not_used(&sandbox, &path, &later, "version 2");
    not_used(&sandbox, &path, &json!({}), "damaged");
    covered(&sandbox, &["mark"]);
    // Under another name it would have a count of its own.
    let copy = file(&sandbox, "req-01J2V8V3K6B2Z9X6G1V7Y2QK8H");
    fs::rename(&path, &copy).expect("renamed");
    let said = asks(&sandbox, &mut briefly(&sandbox, &["mark"]));
    assert!(said.contains("another grant under this name"), "{said}");
}

#[test]
fn what_was_approved_once_is_no_grant() {
    let sandbox = Sandbox::new();
    marker(&sandbox);
    let running = sandbox.start(["--", "mark"]);
    let pending = sandbox.pending();
    let plaintext = Plaintext::of(&sandbox.plaintext(&pending)).expect("canonical");
    sandbox.approve(&pending);
    assert!(running.finish().status.success());
    let decided = sandbox.records_of("decided").swap_remove(0);
    let id = granted(&sandbox, &["--", "mark", "x"]);
    let path = file(&sandbox, &id);
    let text = String::from_utf8(plaintext.as_bytes().to_vec()).expect("UTF-8");
    let kept = json!({"version": 1, "plaintext": text, "decision": decided["decision"]});
    not_used(&sandbox, &path, &kept, "is not used");
}

#[test]
fn a_count_that_is_put_back_gives_no_run_back() {
    let sandbox = Sandbox::new();
    marker(&sandbox);
    let id = granted(&sandbox, &["--uses", "2", "--", "mark"]);
    let uses = file(&sandbox, &id).with_extension("uses");
    let journal = sandbox.path("state/airlock-exec/enforcer/journal");
    let before = fs::read(&journal).expect("a journal");
    covered(&sandbox, &["mark"]);
    covered(&sandbox, &["mark"]);
    let aside = sandbox.path("aside");
    fs::rename(&uses, &aside).expect("removed");
    let said = asks(&sandbox, &mut briefly(&sandbox, &["mark"]));
    assert!(said.contains("used up"), "{said}");
    fs::rename(&aside, &uses).expect("restored");
    fs::write(&journal, before).expect("put back");
    let said = asks(&sandbox, &mut briefly(&sandbox, &["mark"]));
    assert!(said.contains("used up"), "{said}");
}

#[test]
fn a_grant_that_was_revoked_stays_revoked() {
    let sandbox = Sandbox::new();
    marker(&sandbox);
    let id = granted(&sandbox, &["--uses", "9", "--", "mark"]);
    covered(&sandbox, &["mark"]);
    let path = file(&sandbox, &id);
    let kept = fs::read(&path).expect("a grant");
    let end = &id[id.len() - 6..].to_lowercase();
    let revoked = sandbox.airlock(["grant", "revoke", end]).output().expect("it starts");
    assert!(stdout(&revoked).contains(&format!("revoked {id}")), "{revoked:?}");
    asks(&sandbox, &mut briefly(&sandbox, &["mark"]));
    fs::write(&path, kept).expect("put back");
    fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("private");
    let said = asks(&sandbox, &mut briefly(&sandbox, &["mark"]));
    assert!(said.contains("it was revoked"), "{said}");
    // It is written down also when nobody can be told.
    let another = granted(&sandbox, &["--", "mark"]);
    let script = format!("\"$0\" grant revoke {another} > /dev/full");
    let mut shell = sandbox.program("sh");
    let output = shell.args(["-c", &script, crate::support::BINARY]).output().expect("it starts");
    assert!(!output.status.success(), "{output:?}");
    let written: Vec<Value> = sandbox.records_of("revoked");
    assert_eq!(written.last().map(|record| &record["grant"]), Some(&json!(another)));
    let all = sandbox.airlock(["grant", "revoke", "--all"]).output().expect("it starts");
    assert!(all.status.success(), "{all:?}");
    assert!(list(&sandbox).is_empty());
}

#[test]
fn a_key_that_was_revoked_grants_nothing_any_more() {
    let sandbox = Sandbox::new();
    marker(&sandbox);
    granted(&sandbox, &["--uses", "9", "--", "mark"]);
    covered(&sandbox, &["mark"]);
    let path = sandbox.path("state/airlock-exec/enforcer/pairings.json");
    let mut stored = read(&path);
    stored["pairings"][0]["revokedAt"] = json!("2026-01-01T00:00:00Z");
    fs::write(&path, stored.to_string()).expect("written");
    let output = Running::start(&mut briefly(&sandbox, &["mark"])).finish();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("a key that was revoked"), "{output:?}");
    assert_eq!(runs(&sandbox), 1);
}

#[test]
fn a_grant_of_another_installation_is_not_used() {
    let sandbox = Sandbox::new();
    marker(&sandbox);
    granted(&sandbox, &["--uses", "9", "--", "mark"]);
    let path = sandbox.path("state/airlock-exec/enforcer/pairings.json");
    let mut stored = read(&path);
    stored["identity"]["enforcerId"] = json!("enf-01J2V8V3K6B2Z9X6G1V7Y2QK8H");
    fs::write(&path, stored.to_string()).expect("written");
    let output = Running::start(&mut briefly(&sandbox, &["mark"])).finish();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("for another installation"), "{output:?}");
    assert_eq!(runs(&sandbox), 0);
}
