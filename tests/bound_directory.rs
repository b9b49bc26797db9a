//! The command starts in the directory it was asked for, whatever became of its path.

mod support;

use std::fs;
use std::os::unix::fs::symlink;
use support::{Running, Sandbox};

/// Starts a command in a directory of its own below the sandbox.
fn start_in(sandbox: &Sandbox, directory: &str, arguments: &[&str]) -> Running {
    let directory = sandbox.path(directory);
    fs::create_dir_all(&directory).expect("a directory");
    Running::start(sandbox.airlock(arguments).current_dir(directory))
}

#[test]
fn starts_in_the_reviewed_directory_when_its_path_leads_elsewhere() {
    let sandbox = Sandbox::new();
    let running = start_in(&sandbox, "place", &["--", "touch", "canary"]);
    let pending = sandbox.pending();
    fs::rename(sandbox.path("place"), sandbox.path("moved")).expect("renamed");
    fs::create_dir(sandbox.path("evil")).expect("a directory");
    symlink(sandbox.path("evil"), sandbox.path("place")).expect("a link");
    sandbox.approve(&pending);
    assert!(running.finish().status.success());
    assert!(sandbox.path("moved/canary").exists());
    assert!(!sandbox.path("evil/canary").exists());
}

#[test]
fn runs_in_a_directory_that_was_deleted_before() {
    let sandbox = Sandbox::new();
    // The shell stands in the directory, deletes it, and becomes us.
    let gone = sandbox.path("gone");
    fs::create_dir(&gone).expect("a directory");
    let script = format!("rmdir ../gone && exec {} -- readlink /proc/self/cwd", support::BINARY);
    let mut shell = sandbox.program("sh");
    let running = Running::start(shell.args(["-c", &script]).current_dir(&gone));
    let pending = sandbox.pending();
    assert!(pending.details.to_string().contains("deleted"), "{}", pending.details);
    sandbox.approve(&pending);
    let output = running.finish();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(said.trim_end(), format!("{} (deleted)", gone.display()));
}

#[test]
fn runs_in_a_directory_that_is_deleted_during_the_wait() {
    let sandbox = Sandbox::new();
    let running = start_in(&sandbox, "place", &["--", "readlink", "/proc/self/cwd"]);
    let pending = sandbox.pending();
    fs::remove_dir(sandbox.path("place")).expect("removed");
    sandbox.approve(&pending);
    let output = running.finish();
    assert!(output.status.success());
    assert!(output.stdout.ends_with(b"(deleted)\n"));
}
