//! The replay journal between an approval and its command.

mod support;

use airlock_exec::crypto::encoding::to_hex;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs::{self, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use support::{Call, Fault, Proxy, Refused, Running, Sandbox, eventually};

fn journal(sandbox: &Sandbox) -> PathBuf {
    sandbox.path("state/airlock-exec/enforcer/journal")
}

/// Asks for a canary by this journal: it is refused before anybody is asked.
#[track_caller]
fn refused_unasked(sandbox: &Sandbox, words: &[&str]) {
    let canary = sandbox.canary();
    let output = sandbox.start(canary.arguments()).finish();
    let path = journal(sandbox);
    let refused = Refused::with_status(&output, 125);
    refused.assert_says(&[path.to_str().expect("UTF-8")]);
    refused.assert_says(words);
    assert!(sandbox.pending_now().is_empty(), "nobody is asked in vain");
    canary.assert_absent();
}

#[test]
fn refuses_by_a_journal_that_cannot_be_trusted_before_anybody_is_asked() {
    let sandbox = Sandbox::new();
    for _ in 0..2 {
        sandbox.warm_up();
    }
    let path = journal(&sandbox);
    let sound = fs::read(&path).expect("a journal");
    let mut changed = sound.clone();
    changed[40] ^= 1;
    fs::write(&path, &changed).expect("written");
    refused_unasked(&sandbox, &["was changed", "line 1", "move"]);
    fs::write(&path, &sound).expect("written");

    fs::set_permissions(&path, Permissions::from_mode(0o644)).expect("loosened");
    refused_unasked(&sandbox, &["is open to others (mode 0644)", "chmod 600"]);
    fs::remove_file(&path).expect("removed");

    fs::create_dir(&path).expect("a directory");
    refused_unasked(&sandbox, &["directory"]);
    fs::remove_dir(&path).expect("removed");

    symlink("/dev/full", &path).expect("a link");
    refused_unasked(&sandbox, &["is not a plain file"]);
    fs::remove_file(&path).expect("removed");

    // Nothing was lost by all this: the next command runs.
    sandbox.warm_up();
}

#[test]
fn a_journal_that_is_damaged_during_the_wait_refuses_what_was_approved() {
    let sandbox = Sandbox::new();
    for _ in 0..2 {
        sandbox.warm_up();
    }
    let path = journal(&sandbox);
    let sound = fs::read(&path).expect("a journal");
    let mut changed = sound.clone();
    changed[30] ^= 1;
    let spoil: [(&str, &dyn Fn()); 2] = [
        ("was changed", &|| fs::write(&path, &changed).expect("written")),
        ("chmod 600", &|| {
            fs::set_permissions(&path, Permissions::from_mode(0o644)).expect("loosened");
        }),
    ];
    for (words, spoil) in spoil {
        let canary = sandbox.canary();
        let running = sandbox.start(canary.arguments());
        let pending = sandbox.pending();
        spoil();
        sandbox.approve(&pending);
        let refused = Refused::with_status(&running.finish(), 125);
        refused.assert_says(&[path.to_str().expect("UTF-8"), words]);
        canary.assert_absent();
        fs::write(&path, &sound).expect("restored");
    }
}

/// Returns the line of a decision that somebody used.
fn used(entry: &Value) -> String {
    let entry = entry.to_string();
    let digest = to_hex(&Sha256::digest(&entry)[..8]);
    format!("{digest} {entry}\n")
}

#[test]
fn refuses_what_cannot_be_recorded_although_it_was_approved() {
    /// What `ulimit -f 64` lets a file grow to.
    const LIMIT: usize = 64 * 512;
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let path = journal(&sandbox);
    let mut before = fs::read(&path).expect("a journal");
    for number in 0.. {
        let line = used(&json!({
            "version": 1, "signerKeyId": "k", "nonce": number.to_string(),
            "requestId": number.to_string(), "artifactHash": "00", "expiresAt": "2100-01-01T00:00:00Z",
        }));
        if before.len() + line.len() > LIMIT {
            break;
        }
        before.extend_from_slice(line.as_bytes());
    }
    fs::write(&path, &before).expect("written");
    let canary = sandbox.canary();
    let mut command = sandbox.program("sh");
    // No file may grow beyond this journal: what a full disk is, without one.
    let script = "ulimit -f 64; exec \"$@\"";
    command.args(["-c", script, "sh", support::BINARY]).args(canary.arguments());
    let running = Running::start(&mut command);
    sandbox.approve(&sandbox.pending());
    let refused = Refused::with_status(&running.finish(), 125);
    refused.assert_says(&["replay journal", "cannot be written", "free some disk space"]);
    canary.assert_absent();
    let after = fs::read(&path).expect("a journal");
    assert_eq!(&after[..before.len()], before, "nothing was lost");
    // With room again it is asked about anew.
    let running = sandbox.start_canary(&canary, "60s");
    sandbox.reject(&sandbox.pending(), "asked anew");
    Refused::with_status(&running.finish(), 120).assert_says(&["asked anew"]);
    canary.assert_absent();
    sandbox.warm_up();
}

#[test]
fn an_approval_that_the_journal_knows_runs_nothing() {
    let sandbox = Sandbox::new();
    let path = journal(&sandbox);
    // The relay tells request and hash; somebody else used them already.
    let proxy = Proxy::before(&sandbox, |_: &Call| Fault::Pass);
    let canary = sandbox.canary();
    let running = sandbox.start(canary.arguments());
    proxy.wait_for("/wait?", 1);
    let calls = proxy.calls();
    let submitted = calls.iter().find(|call| call.is_submit()).expect("submitted").json();
    let line = used(&json!({
        "version": 1, "signerKeyId": "key-of-another", "nonce": "another",
        "requestId": submitted["requestId"], "artifactHash": submitted["body"]["artifactHash"],
        "expiresAt": submitted["body"]["expiresAt"],
    }));
    let mut file = OpenOptions::new().append(true).open(&path).expect("a journal");
    file.write_all(line.as_bytes()).expect("written");
    sandbox.approve(&sandbox.pending());
    let refused = Refused::with_status(&running.finish(), 123);
    refused.assert_says(&["used before (HARP_ERR_REPLAY)"]);
    canary.assert_absent();
}

#[test]
fn a_decision_delivered_twice_runs_its_command_once() {
    let sandbox = Sandbox::new();
    let proxy = Proxy::before(&sandbox, |call: &Call| match (call.is_wait(), call.earlier) {
        // The decision is lost on its way, and comes again.
        (true, 0) => Fault::LoseAnswer,
        _ => Fault::Pass,
    });
    let running = sandbox.start(["--", "sh", "-c", "echo ran >> ran"]);
    sandbox.approve(&sandbox.pending());
    assert!(running.finish().status.success());
    assert!(proxy.count("/wait?") >= 2);
    assert_eq!(fs::read_to_string(sandbox.work().join("ran")).expect("it ran"), "ran\n");
}

#[test]
fn twenty_commands_at_once_each_run_once() {
    const MANY: usize = 20;
    let sandbox = Sandbox::new();
    let most = ["config", "set", "limits.pending", "20"];
    assert!(sandbox.start(most).finish().status.success());
    let running: Vec<Running> = (0..MANY)
        .map(|number| sandbox.start(["--", "sh", "-c", &format!("echo x >> ran-{number}")]))
        .collect();
    let pending = eventually("all to wait", || {
        Some(sandbox.pending_now()).filter(|pending| pending.len() == MANY)
    });
    let mut approve = vec!["approver", "approve"];
    approve.extend(pending.iter().map(|each| each.id.as_str()));
    let output = sandbox.start(approve).finish();
    assert!(output.status.success(), "{output:?}");
    for running in running {
        let output = running.finish();
        assert!(output.status.success(), "{output:?}");
    }
    for number in 0..MANY {
        let path = sandbox.work().join(format!("ran-{number}"));
        assert_eq!(fs::read_to_string(path).expect("it ran"), "x\n", "{number}");
    }
    let lines = fs::read_to_string(journal(&sandbox)).expect("a journal").lines().count();
    assert_eq!(lines, MANY, "each is recorded once");
}
