//! Recordings: what a terminal showed, bounded, readable after a crash, and played so that
//! it looks the same.

mod support;

use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;
use support::{Running, Sandbox, Terminal, Tmux, eventually, eventually_or_show};

fn recording() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.set("record", "reviewed");
    sandbox
}

fn files(sandbox: &Sandbox) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(sandbox.path("state/airlock-exec/recordings")) else {
        return Vec::new();
    };
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

fn only(sandbox: &Sandbox) -> PathBuf {
    let found = files(sandbox);
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].clone()
}

fn replay(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    sandbox.airlock([&["replay"], arguments].concat()).output().expect("it starts")
}

fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).expect("a recording");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// Runs a command on a terminal, approved, to its end.
fn run(sandbox: &Sandbox, script: &str) {
    let terminal = Terminal::airlock(sandbox, ["--", "sh", "-c", script]);
    sandbox.approve(&sandbox.pending());
    terminal.finish();
}

#[test]
fn a_reviewed_command_on_a_terminal_is_recorded_and_the_log_has_its_digest() {
    let sandbox = recording();
    run(&sandbox, "printf 'gr\\303\\274n \\033[1mbold\\033[0m \"quoted\"\\n'; exit 3");
    let path = only(&sandbox);
    let mode = fs::metadata(&path).expect("there").permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
    let found = lines(&path);
    assert_eq!(found[0]["version"], 3);
    assert_eq!(found[0]["term"]["cols"], 80);
    assert!(found[0]["command"].as_str().expect("text").contains("printf"), "{}", found[0]);
    let shown: String = found[1..]
        .iter()
        .filter(|event| event[1] == "o")
        .map(|event| event[2].as_str().expect("text"))
        .collect();
    assert_eq!(shown, "gr\u{fc}n \u{1b}[1mbold\u{1b}[0m \"quoted\"\r\n");
    assert_eq!(found.last().expect("an end")[2], "3");
    let log = fs::read_to_string(sandbox.log_file());
    let log = log.expect("a log");
    let digest = airlock_exec::crypto::Sha256Digest::of(&fs::read(&path).expect("read"));
    assert!(log.contains(&format!("\"sha256\":\"{digest}\"")), "{log}");
    let listed = replay(&sandbox, &[]);
    assert!(String::from_utf8_lossy(&listed.stdout).contains("printf"), "{listed:?}");
    let text = replay(&sandbox, &[path.file_name().unwrap().to_str().unwrap(), "--text"]);
    assert_eq!(String::from_utf8_lossy(&text.stdout), "gr\u{fc}n bold \"quoted\"\n");
    assert!(text.stderr.is_empty(), "it is what was recorded: {text:?}");
}

/// The marks of a recording, which say what is known of handed streams.
fn marks(path: &Path) -> Vec<String> {
    let found = lines(path);
    let marks = found[1..].iter().filter(|event| event[1] == "m");
    marks.map(|event| event[2].as_str().expect("text").to_owned()).collect()
}

#[test]
fn of_streams_that_were_handed_over_what_can_be_known_is_recorded() {
    let sandbox = recording();
    let running = sandbox.start(["--", "echo", "hello"]);
    sandbox.approve(&sandbox.pending());
    assert_eq!(running.finish().stdout, b"hello\n");
    let path = only(&sandbox);
    let pipe = |name: &str| format!("standard {name}: a pipe, handed over and not counted");
    assert_eq!(marks(&path), ["input", "output", "error"].map(pipe));
    let found = lines(&path);
    assert_eq!(found.last().expect("an end")[2], "0");
    assert!(!found[1..].iter().any(|event| event[1] == "o"), "nobody copied it: {found:?}");
    let text = replay(&sandbox, &[path.file_name().unwrap().to_str().unwrap(), "--text"]);
    assert!(text.stderr.is_empty(), "its digest is in the log: {text:?}");
    assert!(String::from_utf8_lossy(&text.stdout).contains("[standard input: a pipe"), "{text:?}");
    let unrecorded = Sandbox::new();
    run(&unrecorded, "echo hello");
    assert!(files(&unrecorded).is_empty(), "nobody asked for it");
}

#[test]
fn of_files_the_part_that_was_read_or_written_has_a_size_and_a_digest() {
    let sandbox = recording();
    let work = sandbox.work();
    fs::write(work.join("in"), "first\nsecond\n").expect("written");
    fs::write(work.join("out"), "before\n").expect("written");
    let airlock = support::BINARY;
    let text =
        format!("{{ read first; {airlock} -- sh -c 'cat; echo more'; }} <in >>out 2>/dev/null");
    let running = Running::start(sandbox.program("bash").args(["-c", &text]));
    sandbox.approve(&sandbox.pending());
    assert!(running.finish().status.success());
    let whole = fs::read_to_string(work.join("out")).expect("read");
    assert_eq!(whole, "before\nsecond\nmore\n");
    let file = |name: &str, part: &str| {
        let digest = airlock_exec::crypto::Sha256Digest::of(part.as_bytes());
        format!("standard {name}: a file, {} bytes, sha256 {digest}", part.len())
    };
    let expected = [
        file("input", "second\n"),
        file("output", "second\nmore\n"),
        "standard error: /dev/null".to_owned(),
    ];
    assert_eq!(marks(&only(&sandbox)), expected);
}

#[test]
fn of_mixed_streams_the_terminal_is_recorded_and_the_pipe_is_named() {
    let sandbox = recording();
    let airlock = support::BINARY;
    let text = format!("{airlock} -- sh -c 'echo out; echo seen >&2' | cat >/dev/null");
    let terminal = Terminal::program(&sandbox, "sh", ["-c", &text]);
    sandbox.approve(&sandbox.pending());
    terminal.finish();
    let path = only(&sandbox);
    assert_eq!(marks(&path), ["standard output: a pipe, handed over and not counted"]);
    let found = lines(&path);
    assert!(found.iter().any(|event| event[2] == "seen\n"), "{found:?}");
    assert!(!found[1..].iter().any(|event| event[2].to_string().contains("out\\n")), "{found:?}");
}

#[test]
fn the_setting_reaches_what_a_rule_allows() {
    for (which, recorded) in [("reviewed", 0), ("always", 1)] {
        let sandbox = Sandbox::new();
        sandbox.policy("[[rule]]\nargv = [\"echo\"]\ndecision = \"allow\"\n");
        sandbox.set("record", which);
        let (status, output) = Terminal::airlock(&sandbox, ["--", "echo", "hello"]).finish();
        assert!(status.success() && output.contains("hello"), "{output}");
        assert_eq!(files(&sandbox).len(), recorded, "{which}");
        if recorded == 1 {
            assert_eq!(lines(&only(&sandbox))[1][2], "hello\r\n");
        }
    }
    // A file that speaks of it and cannot be used is no reason to leave it out.
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    sandbox.policy("[[rule]]\nargv = [\"touch\"]\ndecision = \"allow\"\n");
    let file = sandbox.path("config/airlock-exec/config.toml");
    fs::create_dir_all(file.parent().expect("a directory")).expect("made");
    fs::write(&file, "record = \"perhaps\"\n").expect("written");
    let output = sandbox.airlock(canary.arguments()).output().expect("it starts");
    assert_eq!(output.status.code(), Some(125), "{output:?}");
    canary.assert_absent();
}

#[test]
fn how_many_last_lines_are_told_can_be_none_again() {
    let sandbox = Sandbox::new();
    for lines in ["3", "0"] {
        sandbox.set("outcome.last_lines", lines);
        let shown = sandbox.airlock(["config", "show"]).output().expect("it starts");
        let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
        let line = shown.lines().find(|line| line.contains("outcome.last_lines"));
        assert!(line.expect("it is shown").contains(lines), "{shown}");
    }
}

#[test]
fn what_is_typed_is_recorded_only_where_asked_for_and_never_a_password() {
    // What is waited for must not stand in the line that asks for approval.
    let script = "echo re''ady; read name; stty -echo; echo qui''et; read secret; stty echo; \
                  echo do''ne-$name";
    for (input, expected) in [("false", ""), ("true", "anna\n")] {
        let sandbox = recording();
        sandbox.set("recording.input", input);
        let mut terminal = Terminal::airlock(&sandbox, ["--", "sh", "-c", script]);
        sandbox.approve(&sandbox.pending());
        let shown = || files(&sandbox).first().map(drop);
        eventually_or_show("a recording", shown, || format!("{:?}", files(&sandbox)));
        terminal.expect("ready");
        terminal.send("anna\n");
        terminal.expect("quiet");
        terminal.send("hunter2\n");
        terminal.expect("done-anna");
        terminal.finish();
        let found = lines(&only(&sandbox));
        let typed = found[1..].iter().filter(|event| event[1] == "i");
        let typed: String = typed.map(|event| event[2].as_str().expect("text")).collect();
        assert_eq!(typed.replace('\r', "\n"), expected, "{found:?}");
    }
}

#[test]
fn a_recording_has_a_largest_size_and_says_what_is_left_out() {
    let sandbox = recording();
    sandbox.set("recording.max_mib", "1");
    // A gigabyte, without a single line end; the terminal takes it as fast as it goes.
    let airlock = support::BINARY;
    let text = format!(
        "{airlock} --pty=always -- sh -c 'head -c 1000000000 /dev/zero | tr \"\\0\" x' >/dev/null"
    );
    let mut child = sandbox.program("sh").args(["-c", &text]).spawn().expect("a shell");
    sandbox.approve(&sandbox.pending());
    assert!(child.wait().expect("an end").success());
    let path = only(&sandbox);
    let length = fs::metadata(&path).expect("there").len();
    assert!(length <= 1 << 20, "{length}");
    assert!(length > 1 << 19, "it is used: {length}");
    let found = lines(&path);
    let mark = &found[found.len() - 2];
    assert_eq!(mark[1], "m", "{mark}");
    let kept: usize = found[1..]
        .iter()
        .filter(|event| event[1] == "o")
        .map(|event| event[2].as_str().expect("text").len())
        .sum();
    let left_out = 1_000_000_000 - kept;
    assert!(mark[2].as_str().expect("text").contains(&left_out.to_string()), "{mark} {left_out}");
}

#[test]
fn a_recording_is_readable_up_to_where_we_were_killed() {
    let sandbox = recording();
    let script = "echo one; sleep 600; echo two";
    let mut running = sandbox.start(["--pty=always", "--", "sh", "-c", script]);
    sandbox.approve(&sandbox.pending());
    let path = eventually_or_show(
        "what was shown, in the file",
        || {
            files(&sandbox)
                .into_iter()
                .find(|path| fs::read_to_string(path).expect("read").contains("\"one"))
        },
        || format!("{:?}", files(&sandbox)),
    );
    running.signal(nix::sys::signal::Signal::SIGKILL);
    eventually("the end", || running.has_ended().then_some(()));
    let text = replay(&sandbox, &[path.file_name().unwrap().to_str().unwrap(), "--text"]);
    assert!(text.status.success(), "{text:?}");
    assert_eq!(String::from_utf8_lossy(&text.stdout), "one\n");
    let warned = String::from_utf8_lossy(&text.stderr).into_owned();
    assert!(warned.contains("has no digest in the log"), "{warned}");
}

#[test]
fn what_cannot_be_recorded_does_not_run() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    sandbox.set("record", "reviewed");
    let canary = sandbox.canary();
    let directory = sandbox.path("state/airlock-exec/recordings");
    fs::write(&directory, "no directory").expect("written");
    let running = sandbox.start(canary.arguments());
    let pending = sandbox.pending();
    sandbox.approve(&pending);
    let output = running.finish();
    assert_eq!(output.status.code(), Some(125), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("recordings"), "{output:?}");
    canary.assert_absent();
    sandbox.assert_decided_in_vain(&pending, "not-recorded");
}

#[test]
fn a_changed_recording_is_not_played() {
    let sandbox = recording();
    run(&sandbox, "echo hello");
    let path = only(&sandbox);
    let changed = fs::read_to_string(&path).expect("read").replace("hello", "hullo");
    fs::write(&path, changed).expect("written");
    let name = path.file_name().unwrap().to_str().unwrap().to_owned();
    let terminal = Terminal::airlock(&sandbox, ["replay", &name]);
    let (status, output) = terminal.finish();
    assert!(!status.success());
    assert!(output.contains("is not what was recorded"), "{output}");
    assert!(!output.contains("hullo"), "{output}");
    let text = replay(&sandbox, &[&name, "--text"]);
    assert!(String::from_utf8_lossy(&text.stderr).contains("is not what was recorded"));
    let piped = replay(&sandbox, &[&name]);
    assert!(!piped.status.success() && piped.stdout.is_empty(), "{piped:?}");
}

#[test]
fn a_recording_played_in_tmux_looks_as_the_original_did() {
    let sandbox = recording();
    let script = sandbox.script(
        "show",
        "printf '\\033[2J\\033[H'\nfor i in 1 2 3 4 5; do printf 'line %s \\033[7minverse\\033[0m\\n' $i; done\n\
         printf '\\033[10;20Hhere\\033[3;5H\\033[Kgone'\nprintf '\\033[12;1Hend\\n'",
    );
    let tmux = Tmux::start(&sandbox);
    let airlock = support::BINARY;
    tmux.line(&format!("clear; {airlock} -- {}", script.display()));
    sandbox.approve(&sandbox.pending());
    let original = tmux.wait_for("end\n$");
    let name = only(&sandbox).file_name().unwrap().to_str().unwrap().to_owned();
    // The screen is the same before it began, and what is typed while it plays is dropped.
    let played = sandbox.path("tmp/played");
    tmux.line(&format!("clear; {airlock} replay --speed 10 {name}; touch {}", played.display()));
    eventually("the end of it", || played.exists().then_some(()));
    let ask = || Some(tmux.screen()).filter(|screen| *screen == original);
    eventually_or_show("the same screen", ask, || format!("{original}\n---\n{}", tmux.screen()));
    // The terminal is as it was: it echoes, and nothing is left switched on.
    tmux.line("clear; stty -a | grep -o ' echo '; echo well");
    tmux.wait_for("echo\nwell");
}

#[test]
fn asciinema_reads_what_is_exported() {
    let sandbox = recording();
    run(&sandbox, "echo one; sleep 0.3; echo two");
    let name = only(&sandbox).file_name().unwrap().to_str().unwrap().to_owned();
    let exported = replay(&sandbox, &[&name, "--export", "v2"]);
    assert!(exported.status.success(), "{exported:?}");
    let file = sandbox.path("tmp/exported.cast");
    fs::write(&file, &exported.stdout).expect("written");
    let first: Value =
        serde_json::from_slice(exported.stdout.split(|byte| *byte == b'\n').next().unwrap())
            .expect("a header");
    assert_eq!(first["version"], 2);
    assert_eq!(first["width"], 80);
    // It wants a terminal: see tests/run.
    let file = file.to_str().expect("text");
    let (status, played) = Terminal::program(&sandbox, "asciinema", ["cat", file]).finish();
    assert!(status.success(), "{played}");
    let shown: Vec<&str> = played.split_whitespace().collect();
    assert_eq!(shown, ["one", "two"], "{played:?}");
    let again = replay(&sandbox, &[&name, "--export", "v3", "--idle-limit", "0.1"]);
    let total: f64 = String::from_utf8_lossy(&again.stdout)
        .lines()
        .skip(1)
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON")[0].as_f64().expect("one"))
        .sum();
    assert!(total < 0.5, "{total}");
}

#[test]
fn a_rule_says_for_its_own_commands_what_is_recorded() {
    let sandbox = recording();
    let rule = |record: &str, decision: &str| {
        format!("[[rule]]\nargv = [\"echo\"]\ndecision = \"{decision}\"\nrecord = \"{record}\"\n")
    };
    sandbox.policy(&rule("never", "ask"));
    let terminal = Terminal::airlock(&sandbox, ["--", "echo", "secret"]);
    sandbox.approve(&sandbox.pending());
    terminal.finish();
    assert!(files(&sandbox).is_empty(), "its rule says so");
    sandbox.set("record", "never");
    sandbox.policy(&rule("always", "allow"));
    let (status, output) = Terminal::airlock(&sandbox, ["--", "echo", "hello"]).finish();
    assert!(status.success(), "{output}");
    let found = lines(&only(&sandbox));
    assert_eq!(found[1][2], "hello\r\n", "{found:?}");
}
