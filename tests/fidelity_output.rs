//! What becomes of a command's output on its way to a terminal: all of it, or what is
//! harmless of it where somebody asked for that.

mod fidelity_support;

use fidelity_support::support::{BINARY, Refused, Running, Sandbox, Terminal, eventually};
use fidelity_support::{Way, approving, parent, run_script, script};
use nix::pty::openpty;
use nix::unistd::{Pid, ttyname};
use std::fs;

/// Output that reaches for the clipboard, the title, the terminal itself, the mouse and
/// what is pasted, with one letter between each.
const REACHING: &str = "a\\033]52;c;aGFja2Vk\\007b\\033]0;title\\007c\\033P+q544e\\033\\\\\
                        d\\033[?1000;1006he\\033[?2004hf\\033[31mg\\033[0mh\\n";

/// Starts a script in which `$P` has our output sanitized.
fn sanitized(sandbox: &Sandbox, text: &str) -> Terminal {
    script(sandbox, Way::Bare, &format!("P='{BINARY} --sanitize-output -- '\n{text}"))
}

#[test]
fn without_a_word_every_byte_is_passed_on() {
    let sandbox = Sandbox::new();
    approving(&sandbox, || {
        let text = format!("$P printf '{REACHING}'; echo finis");
        let mut terminal = script(&sandbox, Way::Wrapped, &text);
        terminal.expect("a\x1b]52;c;aGFja2Vk\x07b\x1b]0;title\x07c\x1bP+q544e\x1b\\d");
        terminal.expect("\x1b[?1000;1006he\x1b[?2004hf\x1b[31mg\x1b[0mh\r\n");
        terminal.expect("finis");
    });
}

#[test]
fn what_reaches_beyond_the_screen_is_taken_out_where_asked() {
    let sandbox = Sandbox::new();
    approving(&sandbox, || {
        let text = format!(
            "$P sh -c 'printf \"{REACHING}\"; printf \"{REACHING}\" > /dev/tty'; echo finis"
        );
        let mut terminal = sanitized(&sandbox, &text);
        terminal.expect("abcdef\x1b[31mg\x1b[0mh\r\n");
        terminal.expect("abcdef\x1b[31mg\x1b[0mh\r\n");
        terminal.expect("finis");
        let output = terminal.output();
        for word in ["title", "aGFja2Vk", "\x1bP", "?1000", "?2004"] {
            assert!(!output.contains(word), "{word:?} in {output:?}");
        }
    });
}

#[test]
fn a_child_left_behind_reaches_no_further() {
    let sandbox = Sandbox::new();
    approving(&sandbox, || {
        let text = "$P sh -c '(while [ ! -e go ]; do sleep 0.02; done; \
                    printf \"la\\033]0;title\\007ter\\n\"; touch gone) & echo now'; \
                    touch go; while [ ! -e gone ]; do sleep 0.02; done; read -r line";
        let mut terminal = sanitized(&sandbox, text);
        terminal.expect("now");
        terminal.expect("later\r\n");
        assert!(!terminal.output().contains("title"), "{:?}", terminal.output());
        terminal.send("\n");
    });
}

#[test]
fn what_a_sanitized_command_left_switched_on_is_switched_back() {
    let sandbox = Sandbox::new();
    approving(&sandbox, || {
        let text = "$P printf '\\033[?1049h\\033[?25l\\033[1mbold'; echo finis";
        let mut terminal = sanitized(&sandbox, text);
        terminal.expect("bold\x1b[?1049l\x1b[?25h\x1b[0m");
        terminal.expect("finis");
        // Without, a command leaves the terminal as it likes.
        let text = "$P printf '\\033[1mbold'; echo finis";
        let mut terminal = script(&sandbox, Way::Wrapped, text);
        terminal.expect("boldfinis");
    });
}

#[test]
fn what_goes_into_a_file_is_not_touched() {
    let sandbox = Sandbox::new();
    approving(&sandbox, || {
        let text = format!("$P printf '{REACHING}' > file; echo finis");
        sanitized(&sandbox, &text).expect("finis");
    });
    let file = fs::read_to_string(sandbox.work().join("file")).expect("written");
    assert!(file.starts_with("a\x1b]52;c;"), "{file:?}");
}

#[test]
fn there_must_be_a_terminal_between() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let mut command = sandbox.airlock(["--sanitize-output", "--pty=never"]);
    let output = Running::start(command.args(canary.arguments())).finish();
    let refused = Refused::with_status(&output, 125);
    refused.assert_says(&["--sanitize-output and --pty=never contradict each other"]);
    canary.assert_absent();
}

#[test]
fn another_terminal_is_handed_over_as_it_is() {
    let sandbox = Sandbox::new();
    let pair = openpty(None, None).expect("a pty");
    let other = ttyname(&pair.slave).expect("a name");
    approving(&sandbox, || {
        let text = format!(
            "$P sh -c 'readlink /proc/self/fd/0; test -t 0 && test -t 1 && \
             [ \"$(readlink /proc/self/fd/1)\" != \"{0}\" ] && echo different' < {0}; echo finis",
            other.display()
        );
        let mut terminal = script(&sandbox, Way::Wrapped, &text);
        terminal.expect(&format!("{}\r\ndifferent\r\n", other.display()));
        terminal.expect("finis");
    });
}

#[test]
fn a_slow_reader_holds_the_command_up_and_takes_no_memory() {
    let sandbox = Sandbox::new();
    let text = format!(
        "{BINARY} --pty=always -- sh -c 'echo $PPID $$ > pids; exec yes' | \
         {{ while [ ! -e go ]; do sleep 0.02; done; head -c 3000000 | wc -c; }}"
    );
    let output = approving(&sandbox, || {
        std::thread::scope(|scope| {
            let running = scope.spawn(|| run_script(&sandbox, Way::Bare, &text));
            let pids = eventually("the command to start", || {
                let text = fs::read_to_string(sandbox.work().join("pids")).ok()?;
                let (monitor, command) = text.trim().split_once(' ')?;
                Some((monitor.parse().ok()?, command.parse().ok()?))
            });
            let (monitor, command) = (Pid::from_raw(pids.0), Pid::from_raw(pids.1));
            let us = parent(monitor);
            eventually("the first output", || (written(command)? > 0).then_some(()));
            let before = resident_kib(us);
            let (mut last, mut same) = (0, 0);
            let held = eventually("the command to be held up", || {
                let now = written(command)?;
                same = if now == last { same + 1 } else { 0 };
                last = now;
                (same > 20).then_some(now)
            });
            // The buffer, the pty and the pipe.
            assert!(held < 512 << 10, "{held} bytes were taken");
            let grown = resident_kib(us).saturating_sub(before);
            assert!(grown < 512, "{grown} KiB more than {before}");
            fs::write(sandbox.work().join("go"), "").expect("a file");
            running.join().expect("no panic")
        })
    });
    assert_eq!(output.stdout, b"3000000\n", "{output:?}");
}

/// Returns how many bytes a process wrote.
fn written(pid: Pid) -> Option<u64> {
    let io = fs::read_to_string(format!("/proc/{pid}/io")).ok()?;
    io.lines().find_map(|line| line.strip_prefix("wchar: "))?.parse().ok()
}

/// Returns how much memory a process has, in KiB.
fn resident_kib(pid: Pid) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it lives");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a size");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}
