//! Bad input gets one clear error that names the thing and the mend; nothing runs.

mod support;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};
use support::Sandbox;

/// Fails unless the command ended so, with these words on standard error only.
#[track_caller]
fn assert_error(output: &Output, status: i32, words: &[&str]) {
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{error}");
    for word in words {
        assert!(error.contains(word), "{word:?} is not in: {error}");
    }
    assert!(!error.contains("panicked"), "{error}");
    assert!(output.stdout.is_empty(), "standard output is the command's");
}

fn run(command: &mut Command) -> Output {
    command.output().expect("it starts")
}

/// Approves one command, so that all our files are there.
fn settle(sandbox: &Sandbox) {
    let running = sandbox.start(["--", "true"]);
    sandbox.approve(&sandbox.pending());
    assert!(running.finish().status.success());
}

fn loosen(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("chmod");
}

#[test]
fn usage_errors_teach_and_end_with_125() {
    let sandbox = Sandbox::new();
    let none: [&str; 0] = [];
    assert_error(&run(&mut sandbox.airlock(none)), 125, &["no command given", "airlock-exec -- "]);
    let canary = sandbox.canary();
    let [program, file] = canary.command();
    let output = run(&mut sandbox.airlock([program, file]));
    assert_error(&output, 125, &["after two dashes"]);
    let output = run(&mut sandbox.airlock(["--frob", "--", "true"]));
    assert_error(&output, 125, &["--frob"]);
    for wait in ["0s", "2d", "soon"] {
        let output = run(&mut sandbox.airlock(["--wait", wait, "--", "true"]));
        assert_error(&output, 125, &["--wait", wait]);
    }
    canary.assert_absent();
}

#[test]
fn programs_that_cannot_run_end_as_in_a_shell_and_ask_nobody() {
    let sandbox = Sandbox::new();
    fs::write(sandbox.work().join("plain"), "x").expect("a file");
    let cases = [
        ("no-such-program", 127, "command not found"),
        ("./absent", 127, "command not found"),
        ("", 127, "command not found"),
        ("./plain", 126, "permission denied"),
        ("./", 126, "is a directory"),
    ];
    for (program, status, words) in cases {
        let output = run(&mut sandbox.airlock(["--", program]));
        assert_error(&output, status, &[words, "nothing was executed", "next: "]);
    }
    assert!(sandbox.pending_now().is_empty());
}

#[test]
fn a_home_that_cannot_be_used_is_named() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let without = |names: &[&str]| {
        let mut command = sandbox.airlock(canary.arguments());
        for name in names {
            command.env_remove(name);
        }
        command
    };
    let all = ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"];
    assert_error(&run(&mut without(&all)), 125, &["HOME is not set", "nothing was executed"]);
    let file = sandbox.path("a-file");
    fs::write(&file, "").expect("a file");
    let output = run(without(&all).env("HOME", &file));
    assert_error(&output, 125, &["a-file", "nothing was executed", "next: "]);
    canary.assert_absent();
}

#[test]
fn loose_files_and_directories_are_refused_with_the_chmod_that_mends_them() {
    let sandbox = Sandbox::new();
    settle(&sandbox);
    let state = sandbox.path("state/airlock-exec");
    let cases = [
        ("enforcer", 0o755, "chmod 700"),
        ("enforcer/pairings.json", 0o644, "chmod 600"),
        ("enforcer/local-access.json", 0o640, "chmod 600"),
    ];
    for (name, mode, mend) in cases {
        let (path, canary) = (state.join(name), sandbox.canary());
        let before = fs::metadata(&path).expect("it is there").permissions();
        loosen(&path, mode);
        let output = run(&mut sandbox.airlock(canary.arguments()));
        assert_error(&output, 125, &[name, mend, "nothing was executed"]);
        canary.assert_absent();
        fs::set_permissions(&path, before).expect("chmod");
    }
}

#[test]
fn a_journal_that_cannot_vouch_refuses_what_was_approved() {
    let sandbox = Sandbox::new();
    settle(&sandbox);
    let journal = sandbox.path("state/airlock-exec/enforcer/journal");
    let sound = fs::read(&journal).expect("a journal");
    let mut damaged = sound.clone();
    damaged[30] ^= 1;
    damaged.extend_from_slice(&sound);
    let cases: [(&str, &dyn Fn()); 2] = [
        ("was changed", &|| fs::write(&journal, &damaged).expect("written")),
        ("chmod 600", &|| loosen(&journal, 0o644)),
    ];
    for (words, spoil) in cases {
        fs::write(&journal, &sound).expect("written");
        loosen(&journal, 0o600);
        let canary = sandbox.canary();
        let running = sandbox.start(canary.arguments());
        let pending = sandbox.pending();
        spoil();
        sandbox.approve(&pending);
        let output = running.finish();
        assert_eq!(output.status.code(), Some(125), "{output:?}");
        let error = String::from_utf8_lossy(&output.stderr);
        for word in [words, "journal", "nothing was executed", "next: "] {
            assert!(error.contains(word), "{word:?} is not in: {error}");
        }
        canary.assert_absent();
    }
}

#[test]
fn a_full_disk_refuses_what_was_approved_and_leaves_the_journal_whole() {
    let sandbox = Sandbox::new();
    settle(&sandbox);
    let journal = sandbox.path("state/airlock-exec/enforcer/journal");
    let before = fs::read(&journal).expect("a journal");
    let canary = sandbox.canary();
    // No file may grow beyond this size: what a full disk does, without one.
    let [dashes, program, file] = canary.arguments();
    let limit = format!("ulimit -f 0; trap '' XFSZ; exec {} \"$@\"", support::BINARY);
    let mut command = sandbox.program("bash");
    command.args(["-c", &limit, "bash"]).args([dashes, program, file]);
    let running = support::Running::start(&mut command);
    sandbox.approve(&sandbox.pending());
    let output = running.finish();
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(125), "{error}");
    assert!(error.contains("journal") && error.contains("nothing was executed"), "{error}");
    canary.assert_absent();
    assert_eq!(fs::read(&journal).expect("a journal"), before, "nothing is half written");
}
