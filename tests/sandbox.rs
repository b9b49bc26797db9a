//! Tries the sandbox itself, so that the other tests can lean on it.

mod support;

use std::os::unix::fs::PermissionsExt;
use support::{Running, Sandbox, Terminal, Tmux, eventually};

#[test]
fn a_command_sees_only_the_environment_of_its_sandbox() {
    let sandbox = Sandbox::new();
    let output = Running::start(&mut sandbox.program("env")).finish();
    let seen = String::from_utf8(output.stdout).expect("text");
    assert_eq!(seen.lines().count(), sandbox.environment().len(), "{seen}");
    let home = sandbox.path("home");
    assert!(seen.contains(&format!("HOME={}\n", home.display())), "{seen}");
    let mode = home.metadata().expect("a directory").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn a_canary_tells_whether_its_command_ran() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    canary.assert_absent();
    let [program, file] = canary.command();
    let output = Running::start(sandbox.program(program).arg(file)).finish();
    assert!(output.status.success());
    canary.assert_present();
}

#[test]
fn input_goes_in_and_both_outputs_come_out() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.program("sh");
    command.args(["-c", "cat; echo complaint >&2; exit 7"]);
    let output = Running::start_with_input(&mut command, b"bytes \xff").finish();
    assert_eq!(output.stdout, b"bytes \xff");
    assert_eq!(output.stderr, b"complaint\n");
    assert_eq!(output.status.code(), Some(7));
}

#[test]
fn what_a_sandbox_left_running_ends_with_it() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.program("sh");
    command.args(["-c", "sleep 600 >/dev/null 2>&1 & echo $!"]);
    let output = Running::start(&mut command).finish();
    let pid = String::from_utf8(output.stdout).expect("a number").trim().to_owned();
    let process = std::path::PathBuf::from(format!("/proc/{pid}/environ"));
    assert!(process.exists(), "still running");
    drop(sandbox);
    eventually("the process to end", || {
        std::fs::read(&process).map_or(Some(()), |environ| environ.is_empty().then_some(()))
    });
}

#[test]
fn a_terminal_is_one_and_has_a_size() {
    let sandbox = Sandbox::new();
    let script = "test -t 0 && test -t 1 && test -t 2 && stty size && read line && stty size && echo got:$line && exit 3";
    let mut terminal = Terminal::program(&sandbox, "/bin/sh", ["-c", script]);
    terminal.expect("24 80");
    terminal.resize(100, 30);
    terminal.send("hello\r");
    terminal.expect("30 100");
    terminal.expect("got:hello");
    let (status, _) = terminal.finish();
    assert_eq!(status.exit_code(), 3);
}

#[test]
fn tmux_has_job_control() {
    let sandbox = Sandbox::new();
    let tmux = Tmux::start(&sandbox);
    tmux.line("sleep 600");
    eventually("sleep to be stopped", || {
        tmux.key("C-z");
        tmux.screen().contains("Stopped").then_some(())
    });
    tmux.line("kill %1; wait; echo all-$((40+2))");
    tmux.wait_for("all-42");
}
