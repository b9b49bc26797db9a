//! What somebody, a crash or a backup may do to the log: each is found, and named.

use super::support::{Refused, Sandbox};
use super::{approved, log, verified};
use serde_json::Value;
use std::fs::{self, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

/// The words for what `log verify` finds.
fn faults(sandbox: &Sandbox) -> Vec<String> {
    let output = log(sandbox, &["verify", "--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let listed = report["faults"].as_array().expect("a list");
    let words = listed.iter().map(|fault| fault["fault"].as_str().expect("a word").to_owned());
    let words: Vec<String> = words.collect();
    assert_eq!(output.status.code(), Some(if words.is_empty() { 0 } else { 123 }), "{report}");
    assert_eq!(report["sound"], words.is_empty());
    words
}

/// Nothing is asked and nothing runs by a log in this state.
fn refuses(sandbox: &Sandbox, words: &[&str]) {
    let canary = sandbox.canary();
    let output = sandbox.start(canary.arguments()).finish();
    Refused::with_status(&output, 125).assert_says(words);
    assert!(sandbox.pending_now().is_empty(), "nobody is asked in vain");
    canary.assert_absent();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    fs::set_permissions(to, Permissions::from_mode(0o700)).expect("private");
    for entry in fs::read_dir(from).expect("listed") {
        let entry = entry.expect("an entry");
        if entry.path().is_file() {
            fs::copy(entry.path(), to.join(entry.file_name())).expect("copied");
        }
    }
}

#[test]
fn every_flipped_bit_is_found() {
    let sandbox = Sandbox::new();
    approved(&sandbox, "exit 0");
    assert!(faults(&sandbox).is_empty());
    let path = sandbox.log_file();
    let sound = fs::read(&path).expect("a log");
    // A prime keeps the places from falling on the same field of each record.
    for at in (0..sound.len()).step_by(461) {
        let mut changed = sound.clone();
        changed[at] ^= 1 << (at % 7);
        fs::write(&path, &changed).expect("written");
        assert!(!faults(&sandbox).is_empty(), "byte {at} of {}", sound.len());
    }
    fs::write(&path, &sound).expect("restored");
    assert!(faults(&sandbox).is_empty());
}

#[test]
fn a_record_that_is_changed_and_chained_anew_is_found_by_its_seal() {
    let sandbox = Sandbox::new();
    approved(&sandbox, "exit 0");
    let path = sandbox.log_file();
    let text = fs::read_to_string(&path).expect("a log");
    // As somebody does who knows the format and not the key: change the last record,
    // whose digest nobody needs, and leave its seal.
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let last = lines.last_mut().expect("a record");
    *last = last.replace("\"status\":0", "\"status\":1");
    fs::write(&path, lines.join("\n") + "\n").expect("written");
    assert!(faults(&sandbox).contains(&"bad-seal".to_owned()));
    refuses(&sandbox, &["was changed", "seal", "doctor --repair"]);
    // Or take the seal off.
    let last = lines.last_mut().expect("a record");
    let seal = last.find(",\"seal\"").expect("a seal");
    last.replace_range(seal.., "}");
    fs::write(&path, lines.join("\n") + "\n").expect("written");
    let found = faults(&sandbox);
    assert!(found.contains(&"unsealed".to_owned()), "{found:?}");
}

#[test]
fn an_end_that_was_cut_off_is_found_and_nothing_runs_until_it_is_put_aside() {
    let sandbox = Sandbox::new();
    approved(&sandbox, "exit 0");
    let path = sandbox.log_file();
    let text = fs::read_to_string(&path).expect("a log");
    let lines: Vec<&str> = text.lines().collect();
    fs::write(&path, lines[..lines.len() - 1].join("\n") + "\n").expect("written");
    assert_eq!(faults(&sandbox), ["cut-off"]);
    refuses(&sandbox, &["was changed", "cut off", "log verify", "doctor --repair"]);
    fs::remove_file(&path).expect("removed");
    assert_eq!(faults(&sandbox), ["cut-off"]);
    refuses(&sandbox, &["cut off"]);
    fs::write(&path, lines[..lines.len() - 1].join("\n") + "\n").expect("written");
    fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("private");

    let repaired = sandbox.airlock(["doctor", "--repair"]).output().expect("it starts");
    assert!(repaired.status.success(), "{repaired:?}");
    let said = String::from_utf8_lossy(&repaired.stdout).into_owned();
    assert!(said.contains("cut off") && said.contains("damaged-"), "{said}");
    assert!(faults(&sandbox).is_empty());
    assert_eq!(sandbox.records()[0]["kind"], "begunAnew");
    let kept = sandbox.records()[0]["kept"].as_str().expect("a name").to_owned();
    let kept = path.with_file_name(kept).join("audit.jsonl");
    assert_eq!(fs::read_to_string(kept).expect("kept").lines().count(), lines.len() - 1);
    sandbox.warm_up();
    verified(&sandbox);
    let again = sandbox.airlock(["doctor", "--repair"]).output().expect("it starts");
    assert!(String::from_utf8_lossy(&again.stdout).contains("nothing needs mending"));
}

#[test]
fn an_older_copy_that_is_put_back_is_found() {
    let sandbox = Sandbox::new();
    approved(&sandbox, "exit 0");
    let audit = sandbox.path("state/airlock-exec/audit");
    let (old, new) = (sandbox.path("old"), sandbox.path("new"));
    copy(&audit, &old);
    approved(&sandbox, "exit 1");
    copy(&audit, &new);
    copy(&old, &audit);
    assert_eq!(faults(&sandbox), ["cut-off"]);
    refuses(&sandbox, &["older copy"]);
    copy(&new, &audit);
    assert!(faults(&sandbox).is_empty(), "the same bytes are the same log");
    sandbox.warm_up();
    verified(&sandbox);
}

#[test]
fn a_whole_older_state_is_found_by_a_checkpoint_that_was_kept_elsewhere() {
    let sandbox = Sandbox::new();
    approved(&sandbox, "exit 0");
    let (audit, keys) =
        (sandbox.path("state/airlock-exec/audit"), sandbox.path("state/airlock-exec/enforcer"));
    copy(&audit, &sandbox.path("old-audit"));
    copy(&keys, &sandbox.path("old-keys"));
    approved(&sandbox, "exit 1");
    let output = log(&sandbox, &["verify", "--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let checkpoint = report["checkpoint"].as_str().expect("a checkpoint").to_owned();
    assert!(log(&sandbox, &["verify", "--checkpoint", &checkpoint]).status.success());
    copy(&sandbox.path("old-audit"), &audit);
    copy(&sandbox.path("old-keys"), &keys);
    let missed = log(&sandbox, &["verify", "--checkpoint", &checkpoint]);
    assert_eq!(missed.status.code(), Some(123), "{missed:?}");
    assert!(String::from_utf8_lossy(&missed.stdout).contains("checkpoint is not in this log"));
    assert_eq!(log(&sandbox, &["verify", "--checkpoint", "nonsense"]).status.code(), Some(125));
}

#[test]
fn what_says_how_far_it_was_written_is_missed_and_cannot_be_made_up() {
    let sandbox = Sandbox::new();
    approved(&sandbox, "exit 0");
    let keys = sandbox.path("state/airlock-exec/enforcer");
    let head = keys.join("seal.head");
    let sound = fs::read(&head).expect("a head");
    fs::remove_file(&head).expect("removed");
    assert_eq!(faults(&sandbox), ["head-gone"]);
    refuses(&sandbox, &["was changed", "seal.head"]);
    let text = String::from_utf8(sound.clone()).expect("text");
    fs::write(&head, text.replacen("\"seq\":", "\"seq\": ", 1)).expect("written");
    fs::set_permissions(&head, Permissions::from_mode(0o600)).expect("private");
    assert_eq!(faults(&sandbox), ["head-forged"]);
    refuses(&sandbox, &["was changed", "seal.head"]);
    fs::write(&head, &sound).expect("restored");
    let key = keys.join("seal.key");
    fs::rename(&key, keys.join("elsewhere")).expect("moved");
    assert_eq!(faults(&sandbox), ["key-gone"]);
    refuses(&sandbox, &["was changed", "seal.key"]);
    fs::rename(keys.join("elsewhere"), &key).expect("moved");
    sandbox.warm_up();
    verified(&sandbox);
}

#[test]
fn records_in_another_order_or_of_another_log_are_found() {
    let sandbox = Sandbox::new();
    approved(&sandbox, "exit 0");
    approved(&sandbox, "exit 1");
    let path = sandbox.log_file();
    let sound = fs::read_to_string(&path).expect("a log");
    let lines: Vec<&str> = sound.lines().collect();
    let mut moved = lines.clone();
    moved.swap(3, 4);
    let missing = [&lines[..3], &lines[4..]].concat();
    for changed in [moved, missing, lines[1..].to_vec()] {
        fs::write(&path, changed.join("\n") + "\n").expect("written");
        assert!(faults(&sandbox).contains(&"broken-chain".to_owned()));
        refuses(&sandbox, &["was changed"]);
    }
    let other = Sandbox::new();
    for number in 0..3 {
        approved(&other, &format!("exit {number}"));
    }
    fs::copy(other.log_file(), &path).expect("copied");
    let found = faults(&sandbox);
    assert!(found.contains(&"bad-seal".to_owned()) && found.contains(&"replaced".to_owned()));
}

#[test]
fn a_log_of_a_later_release_or_in_a_strange_place_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let path = sandbox.log_file();
    let sound = fs::read_to_string(&path).expect("a log");
    let newer = sound.replacen("{\"version\":1", "{\"version\":2", 1);
    fs::write(&path, newer).expect("written");
    assert_eq!(faults(&sandbox)[0], "newer");
    refuses(&sandbox, &["newer airlock-exec"]);
    for text in ["[]\n", "{}\n", "\"text\"\n", "\n"] {
        fs::write(&path, [text, &sound].concat()).expect("written");
        assert_eq!(faults(&sandbox)[0], "unreadable", "{text:?}");
        refuses(&sandbox, &["no record of ours"]);
    }
    fs::write(&path, &sound).expect("restored");
    let directory = path.parent().expect("a directory").to_owned();
    fs::set_permissions(&directory, Permissions::from_mode(0o770)).expect("opened");
    refuses(&sandbox, &["open to others", "chmod 700"]);
    fs::set_permissions(&directory, Permissions::from_mode(0o700)).expect("closed");
    let elsewhere = sandbox.path("elsewhere");
    fs::rename(&directory, &elsewhere).expect("moved");
    symlink(&elsewhere, &directory).expect("a link");
    refuses(&sandbox, &["not a plain directory"]);
    fs::remove_file(&directory).expect("removed");
    fs::rename(&elsewhere, &directory).expect("moved back");
    sandbox.warm_up();
    verified(&sandbox);
}

#[test]
fn where_the_power_failed_there_may_be_zeros() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let path = sandbox.log_file();
    let mut file = OpenOptions::new().append(true).open(&path).expect("a log");
    file.write_all(&[0; 4096]).expect("written");
    assert_eq!(faults(&sandbox), ["torn"]);
    sandbox.warm_up();
    assert!(faults(&sandbox).is_empty());
    assert_eq!(sandbox.records_of("repaired").len(), 1);
}
