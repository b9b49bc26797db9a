//! The approver's view on real screens: commands that wait, keys, and what becomes of them.

#[path = "approver_view/gateway.rs"]
mod gateway;
#[path = "approver_view/quiet.rs"]
mod quiet;
mod support;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use support::{BINARY, Canary, Running, Sandbox, Terminal, Tmux, eventually};

const SIZES: [(u16, u16); 3] = [(60, 20), (100, 30), (200, 50)];

/// Opens the view in a window of that size.
fn open(sandbox: &Sandbox, columns: u16, rows: u16) -> Tmux<'_> {
    let tmux = Tmux::start(sandbox);
    tmux.resize(columns, rows);
    tmux.line(&format!("clear; {BINARY} approver"));
    tmux.wait_for("airlock-exec approver");
    tmux
}

fn ask(sandbox: &Sandbox, canary: &Canary) -> Running {
    let command = sandbox.start(canary.arguments());
    sandbox.pending();
    command
}

/// Approves what waits once its card was read to the end: it runs then, and not before.
fn approve(tmux: &Tmux<'_>, command: Running, canary: &Canary) {
    tmux.wait_for("┌─ request ");
    read_to_end(tmux, "a approves");
    canary.assert_absent();
    tmux.key("a");
    assert!(command.finish().status.success());
    canary.assert_present();
}

/// Reads the card to its end and waits until an approval counts.
fn read_to_end(tmux: &Tmux<'_>, ready: &str) {
    eventually(&format!("{ready:?}"), || {
        let screen = tmux.screen();
        if screen.contains("read on first") {
            tmux.key("Space");
        }
        screen.contains(ready).then_some(())
    });
}

#[test]
fn a_person_reads_to_the_end_and_approves_at_every_size() {
    for (columns, rows) in SIZES {
        let sandbox = Sandbox::new();
        let tmux = open(&sandbox, columns, rows);
        tmux.wait_for("Nothing waits for a decision");
        let canary = sandbox.canary();
        let command = ask(&sandbox, &canary);
        tmux.wait_for("┌─ request ");
        read_to_end(&tmux, "a approves");
        let screen = tmux.screen();
        assert!(screen.contains("└─ end of request "), "{screen}");
        assert!(screen.lines().all(|line| line.chars().count() <= usize::from(columns)));
        canary.assert_absent();
        tmux.key("a");
        // What a quick command came to takes the place of the first.
        eventually("the approval", || {
            let screen = tmux.screen();
            (screen.contains("approved ") || screen.contains("ended well")).then_some(())
        });
        assert!(command.finish().status.success());
        canary.assert_present();
        tmux.key("h");
        tmux.wait_for("[decided]");
        tmux.wait_for(" ago; ");
        tmux.key("q");
        eventually("the usual screen", || {
            (tmux.ask("#{alternate_on} #{cursor_flag}") == "0 1").then_some(())
        });
    }
}

#[test]
fn type_ahead_never_approves() {
    let sandbox = Sandbox::new();
    let tmux = open(&sandbox, 100, 60);
    tmux.wait_for("Nothing waits for a decision");
    let canary = sandbox.canary();
    let command = sandbox.start(canary.arguments());
    // From before it is there until it is on the screen, and some more.
    eventually("the card", || {
        tmux.typed("aaaaaaaa");
        tmux.screen().contains("┌─ request ").then_some(())
    });
    tmux.typed("aaaaaaaa");
    read_to_end(&tmux, "a approves");
    canary.assert_absent();
    assert_eq!(sandbox.pending_now().len(), 1);
    // A stopped view that goes on reads nothing of what was typed meanwhile.
    kill(view_of(&sandbox), Signal::SIGSTOP).expect("stopped");
    tmux.wait_for("Stopped");
    // What it had drawn before must not pass for what it draws now.
    tmux.blank();
    tmux.line("fg");
    tmux.typed("aaaaaaaa");
    approve(&tmux, command, &canary);
}

#[test]
fn what_came_of_an_approved_command_is_said_where_it_was_approved() {
    let sandbox = Sandbox::new();
    sandbox.set("outcome.last_lines", "1");
    let tmux = open(&sandbox, 100, 30);
    tmux.wait_for("Nothing waits for a decision");
    let script = "echo first; echo la''st; exit 3";
    let command = Terminal::airlock(&sandbox, ["--", "sh", "-c", script]);
    tmux.wait_for("┌─ request ");
    read_to_end(&tmux, "a approves");
    tmux.key("a");
    assert_eq!(command.finish().0.exit_code(), 3);
    tmux.wait_for("ended with status 3 after ");
    tmux.key("h");
    tmux.wait_for("ago; ended with status 3 after ");
    tmux.key("Enter");
    let screen = tmux.wait_for("│ last");
    assert!(!screen.contains("│ first"), "one line was allowed: {screen}");
    tmux.key("x");
    tmux.wait_for("it has ended already");
    tmux.key("h");
    tmux.wait_for("Nothing waits for a decision");
}

#[test]
fn a_command_is_watched_and_ended_where_it_was_approved() {
    let sandbox = Sandbox::new();
    let tmux = open(&sandbox, 100, 30);
    tmux.wait_for("Nothing waits for a decision");
    tmux.key("o");
    tmux.wait_for("nothing was approved here yet");
    let script = "trap 'echo not-me' TERM; n=0; while :; do echo tick-$((n+=1)); sleep 0.2; done";
    let command = Terminal::airlock(&sandbox, ["--", "sh", "-c", script]);
    tmux.wait_for("┌─ request ");
    read_to_end(&tmux, "a approves");
    tmux.key("a");
    tmux.wait_for("nothing waits");
    tmux.key("o");
    tmux.wait_for("│ tick-");
    tmux.wait_for("running for ");
    // One key ends nothing.
    tmux.key("x");
    tmux.wait_for("any other key does not");
    tmux.key("Escape");
    tmux.wait_for("end it");
    tmux.typed("xx");
    tmux.wait_for("is told to end");
    tmux.wait_for("│ not-me");
    tmux.typed("xx");
    tmux.wait_for("was killed by signal 9 after ");
    tmux.wait_for("stopped from here");
    assert!(!command.finish().0.success());
}

#[test]
fn what_was_approved_before_the_view_began_is_watched_too() {
    let sandbox = Sandbox::new();
    let script = "while [ ! -e go ]; do echo tick; sleep 0.2; done";
    let command = Terminal::airlock(&sandbox, ["--", "sh", "-c", script]);
    sandbox.approve(&sandbox.pending());
    let tmux = open(&sandbox, 60, 20);
    tmux.wait_for("Nothing waits for a decision");
    tmux.key("h");
    tmux.wait_for("; running for ");
    tmux.key("o");
    tmux.wait_for("│ tick");
    std::fs::write(sandbox.work().join("go"), "").expect("written");
    tmux.wait_for("ended well (status 0) after ");
    assert!(command.finish().0.success());
}

/// Finds the process of the view.
fn view_of(sandbox: &Sandbox) -> Pid {
    let home = format!("HOME={}", sandbox.path("home").display());
    eventually("the view's process", || {
        std::fs::read_dir("/proc").expect("processes").filter_map(Result::ok).find_map(|entry| {
            let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
            let words = std::fs::read(entry.path().join("cmdline")).ok()?;
            let environment = std::fs::read(entry.path().join("environ")).ok()?;
            let is_ours = environment.split(|byte| *byte == 0).any(|each| each == home.as_bytes());
            let is_view = words == [BINARY.as_bytes(), b"\0approver\0"].concat();
            // The guardian is its child, in a session of its own.
            let status = std::fs::read_to_string(entry.path().join("stat")).ok()?;
            let fields: Vec<&str> = status.rsplit_once(") ")?.1.split(' ').collect();
            let leads_session = fields.get(3)? == &pid.to_string();
            (is_ours && is_view && !leads_session).then(|| Pid::from_raw(pid))
        })
    })
}

#[test]
fn words_reach_the_agent_and_the_command_does_not_run() {
    for (keys, words) in [
        ("r1", "not now; go on with something else"),
        ("rwnot on a friday", "not on a friday"),
        ("cpush to a branch", "change it: push to a branch"),
    ] {
        let sandbox = Sandbox::new();
        let tmux = open(&sandbox, 60, 20);
        let canary = sandbox.canary();
        let command = ask(&sandbox, &canary);
        tmux.wait_for("┌─ request ");
        tmux.typed(keys);
        if keys != "r1" {
            tmux.wait_for("Enter rejects");
            tmux.key("Enter");
        }
        tmux.wait_for("rejected ");
        let ended = command.finish();
        assert_eq!(ended.status.code(), Some(120));
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(said.contains(words), "{words}: {said}");
        canary.assert_absent();
    }
}

#[test]
fn what_is_hard_to_undo_takes_a_number_and_never_enter() {
    let sandbox = Sandbox::new();
    let doomed = sandbox.work().join("build");
    std::fs::create_dir(&doomed).expect("a directory");
    let command = sandbox.start(["--", "rm", "-rf", "build"]);
    let tmux = open(&sandbox, 100, 60);
    tmux.wait_for("HARD TO UNDO");
    read_to_end(&tmux, "a asks once more");
    tmux.key("a");
    tmux.wait_for("to approve it");
    tmux.key("Enter");
    tmux.wait_for("not approved; it still waits");
    assert!(doomed.exists());
    read_to_end(&tmux, "a asks once more");
    tmux.key("a");
    let screen = tmux.wait_for("to approve it");
    let number = screen.split("type ").nth(1).and_then(|rest| rest.split(' ').next());
    let number: u8 = number.expect("a number").parse().expect("a number");
    assert!(doomed.exists());
    tmux.typed(&number.to_string());
    assert!(command.finish().status.success());
    assert!(!doomed.exists());
}

#[test]
fn two_views_agree() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let command = ask(&sandbox, &canary);
    let other = open(&sandbox, 100, 60);
    other.wait_for("┌─ request ");
    let pending = sandbox.pending();
    sandbox.reject(&pending, "no");
    other.wait_for("was rejected elsewhere");
    other.wait_for("Nothing waits");
    command.finish();
    canary.assert_absent();
}

#[test]
fn nothing_hostile_reaches_the_screen() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let script = format!("touch {}\n│ program    /bin/true", canary.path().display());
    let hostile = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{202e}evil\u{200b}";
    let long = format!("START{}END", "a".repeat(100_000));
    let command = sandbox.start(["--", "sh", "-c", &script, hostile, &long]);
    sandbox.pending();
    let tmux = open(&sandbox, 100, 30);
    let mut screens = tmux.wait_for("look out");
    while !screens.contains("end of request") {
        tmux.key("Space");
        screens += &tmux.screen();
    }
    assert!(screens.contains("\\u{202E}evil\\u{200B}"), "{screens}");
    assert!(screens.contains("100008 bytes"), "{screens}");
    assert!(!screens.contains(['\u{202e}', '\u{200b}', '\u{1b}']), "{screens}");
    assert_ne!(tmux.ask("#{pane_title}"), "owned");
    let spoofed = screens.lines().filter(|line| line.starts_with("│ program    /bin/true"));
    assert_eq!(spoofed.count(), 0, "{screens}");
    tmux.typed("r1");
    command.finish();
    canary.assert_absent();
}

#[test]
fn it_stops_and_goes_on_as_a_job() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let _command = ask(&sandbox, &canary);
    let tmux = open(&sandbox, 100, 30);
    tmux.wait_for("┌─ request ");
    tmux.key("C-z");
    tmux.wait_for("Stopped");
    assert_eq!(tmux.ask("#{alternate_on} #{cursor_flag}"), "0 1");
    tmux.line("echo at''home");
    tmux.wait_for("athome");
    tmux.line("fg");
    tmux.wait_for("┌─ request ");
    tmux.resize(60, 20);
    tmux.wait_for("┌─ request ");
    tmux.key("C-c");
    tmux.wait_for("athome");
    assert_eq!(tmux.ask("#{alternate_on} #{cursor_flag}"), "0 1");
    canary.assert_absent();
}

#[test]
fn a_view_that_is_killed_leaves_the_terminal_as_it_was() {
    for signal in [Signal::SIGKILL, Signal::SIGTERM] {
        let sandbox = Sandbox::new();
        let tmux = open(&sandbox, 100, 30);
        tmux.wait_for("Nothing waits for a decision");
        assert_eq!(tmux.ask("#{alternate_on} #{cursor_flag}"), "1 0");
        kill(view_of(&sandbox), signal).expect("ended");
        eventually("the usual screen", || {
            (tmux.ask("#{alternate_on} #{cursor_flag}") == "0 1").then_some(())
        });
        // What is typed is seen again, and return ends a line.
        tmux.line("stty -a | grep -wo echo; echo af''ter");
        tmux.wait_for("\nafter");
        assert!(tmux.screen().contains("\necho\n"), "{}", tmux.screen());
    }
}

#[test]
fn it_works_without_colour() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let hostile = [&canary.arguments()[..], &["\u{202e}".into()]].concat();
    let _command = sandbox.start(hostile);
    sandbox.pending();
    let tmux = Tmux::start(&sandbox);
    tmux.line(&format!("clear; NO_COLOR=1 {BINARY} approver"));
    tmux.wait_for("look out");
    let styled = tmux.styled_screen();
    // 39 and 49 go back to the terminal's own.
    let codes = styled.split('\u{1b}').skip(1).filter_map(|rest| {
        let codes = rest.strip_prefix('[')?.split_once('m')?.0;
        codes.bytes().all(|byte| byte.is_ascii_digit() || byte == b';').then_some(codes)
    });
    let coloured = codes
        .flat_map(|codes| codes.split(';'))
        .any(|code| code != "39" && code != "49" && code.len() > 1);
    assert!(!coloured, "{styled:?}");
    canary.assert_absent();
}

#[test]
fn without_a_terminal_it_says_what_to_use() {
    let sandbox = Sandbox::new();
    let output = sandbox.airlock(["approver", "view"]).output().expect("it starts");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(125), "{error}");
    assert!(error.contains("approver list") && error.contains("watch --json"), "{error}");
}
