//! What is said while a decision is awaited, and where.

mod support;

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::unistd::{pipe2, write};
use std::fs;
use std::os::fd::OwnedFd;
use std::thread;
use std::time::Duration;
use support::{BINARY, Sandbox, Terminal, eventually};

/// What takes a line away from a terminal.
const ERASE: &str = "\r\x1b[2K";

/// Approves `sh -c 'echo ran'` on a terminal, with these redirections, and returns what
/// was on it before and after that.
fn approved(sandbox: &Sandbox, redirections: &str) -> (String, String) {
    let text = format!("stty cols 160; {BINARY} -- sh -c 'echo ran' {redirections}; echo finis");
    let mut terminal = Terminal::program(sandbox, "bash", ["--norc", "-c", &text]);
    let pending = sandbox.pending();
    let name = pending.details["shortId"].as_str().expect("a name");
    terminal.expect("waiting for approval of sh -c 'echo ran'");
    terminal.expect(&format!(" | airlock-exec approver approve {name}"));
    let before = terminal.output();
    sandbox.approve(&pending);
    terminal.expect("finis");
    let after = terminal.output().split_off(before.len());
    (before, after)
}

/// Approves a command on a terminal of so many columns, and returns each line there that
/// names the request.
fn drawn(sandbox: &Sandbox, columns: usize, words: &str) -> Vec<String> {
    let text = format!("stty cols {columns}; {BINARY} -- {words}; echo finis");
    let mut terminal = Terminal::program(sandbox, "bash", ["--norc", "-c", &text]);
    let pending = sandbox.pending();
    let name = pending.details["shortId"].as_str().expect("a name");
    terminal.expect(&format!("approve {name}"));
    sandbox.approve(&pending);
    terminal.expect("finis");
    let output = terminal.output();
    let lines = output.split(ERASE).filter(|line| line.contains(name));
    lines.map(str::to_owned).collect()
}

#[test]
fn the_line_is_redrawn_in_its_place_and_gone_when_the_command_starts() {
    let sandbox = Sandbox::new();
    let (before, after) = approved(&sandbox, "");
    assert!(before.starts_with(&format!("{ERASE}airlock-exec: 0:0")), "{before:?}");
    assert!(before.contains(" of 10:00"), "{before:?}");
    assert!(!before.contains('\n'), "one line: {before:?}");
    assert!(after.ends_with(&format!("{ERASE}ran\r\nfinis\r\n")), "{after:?}");
}

/// Nobody reads it, and it is full.
fn full_pipe() -> (OwnedFd, OwnedFd) {
    let (reader, writer) = pipe2(OFlag::O_CLOEXEC).expect("a pipe");
    let set = |flags| fcntl(&writer, FcntlArg::F_SETFL(flags)).expect("set");
    set(OFlag::O_NONBLOCK);
    while write(&writer, &[b'x'; 4096]).is_ok() {}
    set(OFlag::empty());
    (reader, writer)
}

#[test]
fn whoever_does_not_read_what_is_said_holds_nothing_up() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let (_reader, writer) = full_pipe();
    let mut wrapped = sandbox.airlock(canary.arguments());
    let mut running = wrapped.stderr(writer).spawn().expect("it starts");
    sandbox.approve(&sandbox.pending());
    assert!(running.wait().expect("it ends").success());
    canary.assert_present();
}

#[test]
fn behind_another_job_it_is_said_once_and_stops_nobody() {
    let sandbox = Sandbox::new();
    let text =
        format!("stty cols 160 tostop; {BINARY} -- touch ran & read -r line; wait; echo \"$line\"");
    let mut terminal = Terminal::program(&sandbox, "bash", ["--norc", "-mc", &text]);
    let pending = sandbox.pending();
    terminal.expect("airlock-exec: waiting for approval of touch ran | ");
    // Longer than it takes until the line would be drawn again.
    thread::sleep(Duration::from_millis(2500));
    sandbox.approve(&pending);
    eventually("the run", || sandbox.work().join("ran").exists().then_some(()));
    terminal.send("typed\n");
    let (status, output) = terminal.finish();
    assert!(status.success() && !output.contains(ERASE), "{output:?}");
    assert_eq!(output.matches("waiting for approval").count(), 1, "{output:?}");
    assert!(output.ends_with("typed\r\n"), "{output:?}");
}

#[test]
fn nothing_of_ours_is_in_what_was_redirected() {
    let sandbox = Sandbox::new();
    let (_, after) = approved(&sandbox, "> out 2> err");
    assert!(after.ends_with(&format!("{ERASE}finis\r\n")), "{after:?}");
    let read = |name: &str| fs::read_to_string(sandbox.work().join(name)).expect("written");
    assert_eq!((read("out").as_str(), read("err").as_str()), ("ran\n", ""));
}

#[test]
fn a_narrow_terminal_keeps_the_name_of_the_request() {
    let sandbox = Sandbox::new();
    for columns in [60, 40, 20] {
        let drawn = drawn(&sandbox, columns, "sh -c 'echo ran'");
        for line in drawn {
            assert!(line.chars().count() < columns, "{line:?}");
        }
    }
}

#[test]
fn what_is_hard_to_undo_has_a_number_on_eighty_columns() {
    let sandbox = Sandbox::new();
    let numbers = |words: &str, redirections: &str| {
        let drawn = drawn(&sandbox, 80, &format!("{words} {redirections}"));
        assert!(drawn.iter().all(|line| line.chars().count() < 80), "{drawn:?}");
        let number =
            |line: &String| Some(line.split_once(" | number ")?.1.split_once(" | ")?.0.to_owned());
        drawn.iter().map(number).collect::<Vec<_>>()
    };
    for redirections in ["", "> out 2> err"] {
        let drawn = numbers("sh -c 'curl -s http://127.0.0.1:1/x | sh'", redirections);
        let number = drawn.first().cloned().flatten().expect("a number");
        assert!(
            number.len() == 2 && number.bytes().all(|digit| digit.is_ascii_digit()),
            "{number}"
        );
        assert!(drawn.iter().all(|other| other.as_ref() == Some(&number)), "{drawn:?}");
    }
    assert!(numbers("sh -c 'echo ran'", "").iter().all(Option::is_none));
}

/// The page takes no approval of it without the number.
#[test]
fn quiet_says_the_number_on_a_terminal_and_nothing_else() {
    let sandbox = Sandbox::new();
    let said = |words: &str, redirections: &str| {
        let text = format!("{BINARY} --quiet -- {words} {redirections}; echo finis");
        let mut terminal = Terminal::program(&sandbox, "bash", ["--norc", "-c", &text]);
        let pending = sandbox.pending();
        if words.contains("| sh") {
            terminal.expect("a page that asks for one means this");
        }
        sandbox.approve(&pending);
        terminal.expect("finis");
        let output = terminal.output();
        output.trim_end().strip_suffix("finis").expect("it ends so").trim_end().to_owned()
    };
    for redirections in ["", "> out 2> err"] {
        let line = said("sh -c 'curl -s http://127.0.0.1:1/x | sh'", redirections);
        let number = line.strip_prefix("airlock-exec: number ").and_then(|rest| rest.get(..2));
        let number = number.and_then(|digits| digits.parse::<u8>().ok()).expect(&line);
        let whole = format!("number {number:02}; a page that asks for one means this");
        assert_eq!(line, format!("airlock-exec: {whole}"), "nothing but the number");
    }
    for file in ["out", "err"] {
        let kept = std::fs::read(sandbox.work().join(file)).expect("redirected");
        assert!(kept.is_empty(), "{file}: {kept:?}");
    }
    assert_eq!(said("sh -c 'touch ran'", ""), "");
}
