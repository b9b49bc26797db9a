//! A program that comes through standard input is shown, and exactly it runs.

mod support;

use std::fs::{self, File};
use std::process::Stdio;
use support::{Pending, Running, Sandbox};

/// What the binary takes as a program through standard input, in bytes.
const LARGEST: usize = 1024 * 1024;

/// Makes a program that its "interpreter" repeats byte for byte.
fn repeating_shell(sandbox: &Sandbox) {
    fs::copy("/bin/cat", sandbox.path("bin/bash")).expect("a copy of cat");
}

fn start(sandbox: &Sandbox, command: &[&str], input: &[u8]) -> Running {
    Running::start_with_input(&mut sandbox.airlock([&["--"], command].concat()), input)
}

/// Returns the digest of standard input that the approver is shown.
fn digest(sandbox: &Sandbox, pending: &Pending) -> Option<String> {
    sandbox.plaintext(pending)["stdinSha256"].as_str().map(str::to_owned)
}

#[test]
fn runs_the_program_that_came_through_the_pipe_after_showing_it() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let script = format!("touch '{}'\necho done\n", canary.path().display());
    let running = start(&sandbox, &["sh"], script.as_bytes());
    let pending = sandbox.pending();
    canary.assert_absent();
    let shown = sandbox.airlock(["approver", "show", &pending.id]).output().expect("it starts");
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains("echo done"), "{shown}");
    sandbox.approve(&pending);
    let output = running.finish();
    assert_eq!(output.stdout, b"done\n", "{output:?}");
    canary.assert_present();
}

#[test]
fn does_not_run_a_program_that_was_rejected() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let script = format!("touch '{}'\n", canary.path().display());
    let running = start(&sandbox, &["bash", "-s", "argument"], script.as_bytes());
    sandbox.reject(&sandbox.pending(), "no");
    assert_eq!(running.finish().status.code(), Some(120));
    canary.assert_absent();
}

#[test]
fn replays_every_byte_up_to_the_limit() {
    let sandbox = Sandbox::new();
    repeating_shell(&sandbox);
    let bytes: Vec<u8> = (0..=255).cycle().take(LARGEST).collect();
    let running = start(&sandbox, &["bash"], &bytes);
    let pending = sandbox.pending();
    assert!(digest(&sandbox, &pending).is_some());
    sandbox.approve(&pending);
    let output = running.finish();
    assert!(output.status.success());
    assert!(output.stdout == bytes, "{} bytes came back", output.stdout.len());
}

#[test]
fn refuses_a_program_over_the_limit() {
    let sandbox = Sandbox::new();
    repeating_shell(&sandbox);
    let output = start(&sandbox, &["bash"], &vec![b'#'; LARGEST + 1]).finish();
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(125), "{error}");
    assert!(output.stdout.is_empty());
    for said in ["nothing was executed", "larger than 1048576 bytes", "put the program into a file"]
    {
        assert!(error.contains(said), "{said:?} is not in: {error}");
    }
}

#[test]
fn takes_a_program_from_a_file_as_a_shell_would() {
    let sandbox = Sandbox::new();
    let script = sandbox.work().join("script");
    fs::write(&script, "echo one\necho two\n").expect("a file");
    let line = format!("{{ {} -- sh; echo rest; cat; }} < script", support::BINARY);
    let mut shell = sandbox.program("sh");
    let running = Running::start(shell.args(["-c", &line]));
    let pending = sandbox.pending();
    // What is reviewed is what was there, not what is written there meanwhile.
    fs::write(&script, "echo evil\n").expect("a file");
    sandbox.approve(&pending);
    assert_eq!(running.finish().stdout, b"one\ntwo\nrest\n");
}

#[test]
fn leaves_standard_input_to_commands_for_which_it_is_data() {
    let sandbox = Sandbox::new();
    fs::write(sandbox.work().join("lines"), "1\n2\n3\n").expect("a file");
    let line =
        format!("while read x; do {} -- sh -c 'true' && echo $x; done < lines", support::BINARY);
    let mut shell = sandbox.program("sh");
    let running = Running::start(shell.args(["-c", &line]));
    for _ in 0..3 {
        let pending = sandbox.pending();
        assert_eq!(digest(&sandbox, &pending), None);
        sandbox.approve(&pending);
        support::eventually("the decision to be taken", || {
            sandbox.pending_now().iter().all(|other| other.id != pending.id).then_some(())
        });
    }
    assert_eq!(running.finish().stdout, b"1\n2\n3\n");
}

#[test]
fn reads_nothing_from_the_null_device() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.airlock(["--", "sh"]);
    command.stdin(Stdio::from(File::open("/dev/null").expect("the null device")));
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let child = command.spawn().expect("it starts");
    let pending = sandbox.pending();
    assert_eq!(digest(&sandbox, &pending), None);
    sandbox.approve(&pending);
    assert!(child.wait_with_output().expect("our child").status.success());
}
