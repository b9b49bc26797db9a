//! Commands inside an approved command: covered when, and only when, they descend from it.

mod support;

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};
use support::{BINARY, Running, Sandbox, Terminal, eventually};

/// A sandbox in which `airlock-exec` is on `PATH`, with shims of these programs in front.
fn scene(shims: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new();
    symlink(BINARY, sandbox.path("bin/airlock-exec")).expect("linked");
    if !shims.is_empty() {
        let output = sandbox.output(&[&["shim", "install"], shims].concat());
        assert!(output.status.success(), "{output:?}");
    }
    sandbox
}

/// Returns the search path with the shims in front, and these directories behind them.
fn path(sandbox: &Sandbox, directories: &[&Path]) -> OsString {
    let mut path = sandbox.path("data/airlock-exec/shims").into_os_string();
    for directory in directories {
        path.push(":");
        path.push(directory);
    }
    path.push(":");
    path.push(sandbox.path("bin"));
    path.push(":/usr/bin:/bin");
    path
}

/// Returns `airlock-exec -- sh -c TEXT` with the shims in front.
fn asked(sandbox: &Sandbox, text: &str) -> Command {
    let mut command = sandbox.airlock(["--", "sh", "-c", text]);
    command.env("PATH", path(sandbox, &[]));
    command
}

/// Starts it, has it approved, and returns how it ended: nothing else must be asked.
fn approved(sandbox: &Sandbox, command: &mut Command) -> Output {
    let running = Running::start(command);
    sandbox.approve(&sandbox.pending());
    let output = running.finish();
    let requests = sandbox.records_of("requested").len();
    assert_eq!(requests, 1, "asked once: {output:?}");
    output
}

fn nested(sandbox: &Sandbox) -> usize {
    sandbox.records_of("nested").len()
}

#[test]
fn what_an_approved_command_starts_is_covered_and_written_down() {
    let sandbox = scene(&["touch"]);
    fs::write(
        sandbox.work().join("Makefile"),
        "all:\n\ttouch by-shim\n\tairlock-exec -- touch by-prefix\n\tsh -c 'touch deep; true'\n",
    )
    .expect("written");
    let mut command = sandbox.airlock(["--", "make"]);
    let output = approved(&sandbox, command.env("PATH", path(&sandbox, &[])));
    assert!(output.status.success(), "{output:?}");
    for name in ["by-shim", "by-prefix", "deep"] {
        assert!(sandbox.work().join(name).exists(), "{name}");
    }
    assert_eq!(nested(&sandbox), 3);
    let requested = sandbox.records().into_iter().find(|event| event["kind"] == "requested");
    let request = requested.expect("a request")["requestId"].clone();
    for event in sandbox.records_of("nested") {
        assert_eq!(event["within"], request);
    }
    let log = sandbox.output(&["log"]);
    let log = String::from_utf8_lossy(&log.stdout).into_owned();
    assert!(log.contains("touch by-shim (within "), "{log}");
    assert!(sandbox.output(&["log", "verify"]).status.success());
    let sockets = fs::read_dir(sandbox.path("run/airlock-exec/running")).expect("listed").count();
    assert_eq!(sockets, 0);
}

#[test]
fn it_is_covered_on_a_terminal_as_well() {
    let sandbox = scene(&[]);
    let text = "airlock-exec -- touch one; sh -c 'airlock-exec -- touch two; echo done'";
    let mut terminal = Terminal::airlock(&sandbox, ["--", "sh", "-c", text]);
    sandbox.approve(&sandbox.pending());
    terminal.expect("done");
    let (status, output) = terminal.finish();
    assert!(status.success(), "{output}");
    assert!(sandbox.work().join("one").exists() && sandbox.work().join("two").exists());
}

#[test]
fn scripts_of_npm_and_many_commands_at_once_are_covered() {
    let sandbox = scene(&["npm", "touch"]);
    fs::write(
        sandbox.work().join("package.json"),
        r#"{"name": "x", "version": "1.0.0", "scripts": {"go":
            "for i in 1 2 3 4 5 6 7 8; do touch at-once-$i & done; wait"}}"#,
    )
    .expect("written");
    let mut command = sandbox.program("sh");
    command.args(["-c", "npm run go"]).env("PATH", path(&sandbox, &[]));
    let output = approved(&sandbox, &mut command);
    assert!(output.status.success(), "{output:?}");
    for number in 1..=8 {
        assert!(sandbox.work().join(format!("at-once-{number}")).exists(), "{number}");
    }
}

#[test]
fn a_push_with_shim_and_hook_asks_once() {
    let sandbox = scene(&["git"]);
    let setup = "git init -q --bare ../remote.git && git init -q . && \
        git -c user.name=a -c user.email=a@example.com commit -q --allow-empty -m first && \
        printf '#!/bin/sh\\nairlock-exec -- touch hook-ran\\n' >.git/hooks/pre-push && \
        chmod +x .git/hooks/pre-push";
    let output = Running::start(sandbox.program("sh").args(["-c", setup])).finish();
    assert!(output.status.success(), "{output:?}");
    let mut push = sandbox.program("sh");
    push.args(["-c", "git push -q ../remote.git HEAD:refs/heads/main"]);
    let output = approved(&sandbox, push.env("PATH", path(&sandbox, &[])));
    assert!(output.status.success(), "{output:?}");
    assert!(sandbox.work().join("hook-ran").exists());
    assert!(sandbox.path("remote.git/refs/heads/main").exists());
}

#[test]
fn what_policy_denies_is_denied_inside_too() {
    let sandbox = scene(&[]);
    sandbox.policy("read-only = \"ask\"\n[[rule]]\nargv = [\"touch\"]\ndecision = \"deny\"\n");
    // Policy sees into a text of a shell, and denies it whole; not into a program.
    sandbox.script("inner", "airlock-exec -- touch canary");
    let output = approved(&sandbox, &mut sandbox.airlock(["--", "inner"]));
    assert_eq!(output.status.code(), Some(121), "{output:?}");
    assert!(!sandbox.work().join("canary").exists());
    assert_eq!(nested(&sandbox), 0);
}

#[test]
fn a_setting_has_each_command_reviewed() {
    let sandbox = scene(&[]);
    let set = sandbox.output(&["config", "set", "nested", "review"]);
    assert!(set.status.success(), "{set:?}");
    let text = "airlock-exec --wait 1s -- touch canary";
    let running = Running::start(&mut asked(&sandbox, text));
    sandbox.approve(&sandbox.pending());
    assert_eq!(running.finish().status.code(), Some(122));
    assert!(!sandbox.work().join("canary").exists());
}

/// Starts a text in the background that asks once `go` is there, and says how it ended.
const DAEMON: &str = "while [ ! -e go ]; do sleep 0.02; done; \
    airlock-exec --wait 1s -- touch canary; echo $? >ended; mv ended status";

#[test]
fn a_daemon_is_not_covered_neither_while_the_command_runs_nor_after_it() {
    for end in ["", "; while [ ! -e status ]; do sleep 0.02; done"] {
        let sandbox = scene(&[]);
        // Its parent ends at once, so it descends from nobody any more.
        let text = format!("setsid sh -c 'setsid sh -c \"$0\" &' '{DAEMON}' >/dev/null 2>&1{end}");
        let text = text.replace("$?", "\\$?").replace("\\$?", "$?");
        let running = Running::start(&mut asked(&sandbox, &text));
        sandbox.approve(&sandbox.pending());
        if end.is_empty() {
            assert!(running.finish().status.success());
            fs::write(sandbox.work().join("go"), "").expect("written");
            let status = wait_for_status(&sandbox);
            assert_eq!(status, "122");
        } else {
            fs::write(sandbox.work().join("go"), "").expect("written");
            assert_eq!(wait_for_status(&sandbox), "122");
            assert!(running.finish().status.success());
        }
        assert!(!sandbox.work().join("canary").exists());
    }
}

/// A process of ours that stays answers at a socket of its own.
#[test]
fn what_stays_inside_does_not_go_on_covering_once_it_left_what_covers_it() {
    let stays = "airlock-exec --pty=always --";
    let started = format!("touch started; {DAEMON}");
    // Which of the two the daemon asks, and whether what covers them still runs.
    for (stay, runs_on) in [
        (stays.to_owned(), false),
        (format!("{stays} {stays}"), false),
        (stays.to_owned(), true),
        (format!("{stays} {stays}"), true),
    ] {
        let sandbox = scene(&[]);
        let end = if runs_on { "while [ ! -e status ]; do sleep 0.02; done" } else { "true" };
        // Whoever started it ends once it is there.
        let text = format!(
            "({stay} sh -c '{started}' </dev/null >/dev/null 2>&1 &
             while [ ! -e started ]; do sleep 0.02; done)
             touch left; {end}"
        );
        let running = Running::start(&mut asked(&sandbox, &text));
        sandbox.approve(&sandbox.pending());
        if runs_on {
            eventually("it to leave", || sandbox.work().join("left").exists().then_some(()));
            fs::write(sandbox.work().join("go"), "").expect("written");
            assert_eq!(wait_for_status(&sandbox), "122", "{stay}");
            assert!(running.finish().status.success());
        } else {
            assert!(running.finish().status.success());
            fs::write(sandbox.work().join("go"), "").expect("written");
            assert_eq!(wait_for_status(&sandbox), "122", "{stay}");
        }
        assert!(!sandbox.work().join("canary").exists(), "{stay}");
        assert!(nested(&sandbox) > 0, "{stay}: it was covered while it belonged there");
    }
}

fn wait_for_status(sandbox: &Sandbox) -> String {
    let status = || fs::read_to_string(sandbox.work().join("status")).ok();
    eventually("the daemon to be answered", status).trim().to_owned()
}

#[test]
fn what_a_rule_allows_covers_itself_alone() {
    let sandbox = scene(&[]);
    sandbox.policy("read-only = \"ask\"\n[[rule]]\nargv = [\"make\"]\ndecision = \"allow\"\n");
    fs::write(sandbox.work().join("Makefile"), "all:\n\t-airlock-exec --wait 1s -- touch canary\n")
        .expect("written");
    let output = sandbox.output(&["--", "make"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("Error 122"), "{output:?}");
    assert!(!sandbox.work().join("canary").exists());
}

#[test]
fn a_process_that_stays_to_record_answers_what_it_starts() {
    let inner = "airlock-exec -- env airlock-exec --wait 1s -- touch canary";
    let rule = "[[rule]]\nargv = [\"env\"]\ndecision = \"ask\"\nrecord = \"always\"\n";
    let sandbox = scene(&[]);
    sandbox.policy(&format!("read-only = \"ask\"\n{rule}"));
    let output = approved(&sandbox, &mut asked(&sandbox, inner));
    assert!(output.status.success(), "{output:?}");
    assert!(sandbox.work().join("canary").exists());
    assert_eq!(nested(&sandbox), 2);
    // And where it stays for another reason.
    let sandbox = scene(&[]);
    let inner = "airlock-exec --pty=always -- env airlock-exec --wait 1s -- touch canary";
    let output = approved(&sandbox, &mut asked(&sandbox, inner));
    assert!(output.status.success(), "{output:?}");
    assert!(sandbox.work().join("canary").exists());
}

#[test]
fn what_a_rule_allows_inside_hands_on_what_covers_what_is_around_it() {
    let sandbox = scene(&[]);
    let rule = "[[rule]]\nargv = [\"make\"]\ndecision = \"allow\"\nrecord = \"always\"\n";
    sandbox.policy(&format!("read-only = \"ask\"\n{rule}"));
    fs::write(sandbox.work().join("Makefile"), "all:\n\tairlock-exec --wait 1s -- touch canary\n")
        .expect("written");
    let output = approved(&sandbox, &mut asked(&sandbox, "airlock-exec -- make"));
    assert!(output.status.success(), "{output:?}");
    assert!(sandbox.work().join("canary").exists());
    let started = sandbox.records().into_iter().filter(|event| event["kind"] == "started");
    assert_eq!(started.filter(|event| event["by"] == "rule").count(), 1, "make, to be recorded");
}

#[test]
fn a_socket_that_somebody_else_made_covers_nothing() {
    let sandbox = scene(&[]);
    sandbox.warm_up();
    // It answers as the supervisor would, descriptor and all, and is a true ancestor.
    let script = r#"
import os, socket, subprocess, threading
path = os.path.join(os.environ["XDG_RUNTIME_DIR"], "airlock-exec/running", str(os.getpid()))
door = socket.socket(socket.AF_UNIX); door.bind(path); door.listen()
answered = []
def answer():
    caller, _ = door.accept()
    word = b"airlock-exec covers 01JZZZZZZZZZZZZZZZZZZZZZZZ"
    socket.send_fds(caller, [word], [0]); answered.append(1)
threading.Thread(target=answer, daemon=True).start()
done = subprocess.run(["airlock-exec", "--wait", "1s", "--", "touch", "canary"])
print(done.returncode)
"#;
    let mut command = sandbox.program("python3");
    let output = Running::start(command.args(["-c", script])).finish();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "122", "{output:?}");
    assert!(!sandbox.work().join("canary").exists());
}

/// A shim as pyenv and asdf write theirs for a version of the system's: it looks for the
/// program along `PATH`, without its own directory, and becomes it.
const MANAGER: &str = r#"own=${0%/*}
PATH=$(printf %s "$PATH" | tr : '\n' | grep -vxF "$own" | paste -sd : -)
echo "${0##*/}" >>"$HOME/manager-ran"
exec "$(command -v "${0##*/}")" "$@""#;

/// The same without its own end of the matter: it stays, and keeps its directory.
const FORKING: &str = r#"found=$(printf %s "$PATH" | tr : '\n' | grep -vxF "${0%/*}" | while read -r each; do
    [ ! -x "$each/${0##*/}" ] || { echo "$each/${0##*/}"; break; }
done)
"$found" "$@""#;

fn manager(sandbox: &Sandbox, text: &str) -> std::path::PathBuf {
    let directory = sandbox.path("home/manager");
    fs::create_dir(&directory).expect("a directory");
    fs::rename(sandbox.script("manager-script", text), directory.join(".run")).expect("moved");
    // As mise and volta do it: a link of the program's name.
    symlink(".run", directory.join("touch")).expect("linked");
    directory
}

#[test]
fn two_shim_managers_in_either_order_end_at_the_program() {
    for order in ["ours first", "theirs first"] {
        let sandbox = scene(&["touch"]);
        let theirs = manager(&sandbox, MANAGER);
        let mut all = path(&sandbox, &[&theirs]);
        if order == "theirs first" {
            let mut front = theirs.clone().into_os_string();
            front.push(":");
            front.push(all);
            all = front;
        }
        let canary = sandbox.canary();
        let text = format!("touch {}", canary.path().display());
        let mut command = sandbox.program("dash");
        let output = approved(&sandbox, command.args(["-c", &text]).env("PATH", all));
        assert!(output.status.success(), "{order}: {output:?}");
        canary.assert_present();
        assert!(sandbox.path("home/manager-ran").exists(), "{order}: it was not passed over");
    }
}

#[test]
fn a_shim_manager_that_leads_back_for_ever_is_stopped() {
    let sandbox = scene(&["touch"]);
    let theirs = manager(&sandbox, FORKING);
    let canary = sandbox.canary();
    let mut command = sandbox.program("dash");
    let text = format!("touch {}", canary.path().display());
    command.args(["-c", &text]).env("PATH", path(&sandbox, &[&theirs]));
    let output = approved(&sandbox, &mut command);
    assert_eq!(output.status.code(), Some(127), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("leads back to its own shim"), "{said}");
    canary.assert_absent();
}
