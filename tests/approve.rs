//! `airlock-exec approve`, by the contract of `airlock-cli`, and our plugins that use it.

mod support;

use nix::sys::signal::Signal;
use std::ffi::OsString;
use std::fs;
use std::io::Read as _;
use std::process::Output;
use support::{BINARY, Running, Sandbox, Tmux, eventually};

/// Asks about a line as the published plugins do.
fn asked(sandbox: &Sandbox, line: &str) -> std::process::Command {
    let work = sandbox.work();
    let mut words: Vec<OsString> = vec!["approve".into(), "--shell".into(), "bash".into()];
    words.extend(["--cwd".into(), work.into(), "--command".into(), line.into()]);
    for word in ["--session-id", "1-2-3", "--shell-pid", "42", "--host", "elsewhere"] {
        words.push(word.into());
    }
    sandbox.airlock(words)
}

#[track_caller]
fn assert_ended(output: &Output, status: i32) {
    assert_eq!(output.status.code(), Some(status), "{output:?}");
    assert!(output.stdout.is_empty(), "nothing is written to stdout: {output:?}");
}

#[test]
fn an_answer_is_told_by_the_numbers_of_the_contract_and_nothing_runs() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let line = format!("touch '{}' && echo \"done\"", canary.path().display());
    let running = Running::start(&mut asked(&sandbox, &line));
    let pending = sandbox.pending();
    let shown = sandbox.plaintext(&pending);
    assert_eq!(shown["argv"], serde_json::json!(["bash", "-c", line]));
    assert_eq!(shown["interception"], "approve");
    assert_ne!(shown["host"], "elsewhere", "what the caller says of itself is not shown");
    sandbox.approve(&pending);
    assert_ended(&running.finish(), 0);
    let running = Running::start(&mut asked(&sandbox, &line));
    sandbox.reject(&sandbox.pending(), "not on a Friday");
    let output = running.finish();
    assert_ended(&output, 1);
    assert!(String::from_utf8_lossy(&output.stderr).contains("not on a Friday"), "{output:?}");
    let mut command = asked(&sandbox, &line.replace("done", "late"));
    let output = Running::start(command.args(["--timeout", "1"])).finish();
    assert_ended(&output, 3);
    canary.assert_absent();
}

#[test]
fn what_was_approved_is_recorded_before_the_caller_may_run_it() {
    let sandbox = Sandbox::new();
    let running = Running::start(&mut asked(&sandbox, "make release"));
    sandbox.approve(&sandbox.pending());
    assert_ended(&running.finish(), 0);
    let log = sandbox.output(&["log", "--json"]);
    let log = String::from_utf8_lossy(&log.stdout).into_owned();
    assert!(log.contains("make release") && log.contains("approve"), "{log}");
    // Where nothing can be written down nothing may run.
    fs::remove_dir_all(sandbox.path("state/airlock-exec/audit")).expect("removed");
    fs::write(sandbox.path("state/airlock-exec/audit"), "").expect("a file");
    assert_ended(&Running::start(&mut asked(&sandbox, "make again")).finish(), 1);
}

#[test]
fn whatever_goes_wrong_is_a_number_that_plugins_take_for_no() {
    let sandbox = Sandbox::new();
    for words in [&["approve"][..], &["approve", "--nonsense"], &["approve", "--timeout", "x"]] {
        assert_ended(&sandbox.output(words), 1);
    }
    let words = ["approve", "--command", "true", "--cwd", "/nowhere/at/all"];
    assert_ended(&sandbox.output(&words), 1);
    assert_ended(&sandbox.output(&["approve", "--command", "true", "--shell", "no-such-sh"]), 1);
    fs::write(sandbox.path("config/airlock-exec/config.toml"), "mdoe = 1\n").expect("settings");
    assert_ended(&sandbox.output(&["approve", "--command", "true"]), 1);
    fs::remove_file(sandbox.path("config/airlock-exec/config.toml")).expect("removed");
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let running = Running::start(&mut asked(&sandbox, "true"));
        sandbox.pending();
        running.signal(signal);
        assert_ended(&running.finish(), 1);
        eventually("the request to go", || sandbox.pending_now().is_empty().then_some(()));
    }
}

#[test]
fn standard_input_is_left_to_the_caller() {
    let sandbox = Sandbox::new();
    let (reader, writer) = std::io::pipe().expect("a pipe");
    std::io::Write::write_all(&mut &writer, b"for the caller").expect("written");
    drop(writer);
    let mut command = asked(&sandbox, "python3 -");
    command.stdin(reader.try_clone().expect("a copy"));
    command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let mut child = command.spawn().expect("it starts");
    sandbox.reject(&sandbox.pending(), "no");
    assert_eq!(child.wait().expect("ours").code(), Some(1));
    let mut left = String::new();
    { reader }.read_to_string(&mut left).expect("text");
    assert_eq!(left, "for the caller");
}

#[test]
fn policy_decides_about_the_text_of_the_shell() {
    let sandbox = Sandbox::new();
    sandbox.policy(
        "[[rule]]\nargv = [\"make\", \"all\"]\ndecision = \"deny\"\nreason = \"no builds\"\n",
    );
    // Reading is allowed unasked, as a prefix would be.
    assert_ended(&Running::start(&mut asked(&sandbox, "ls -l | wc -l")).finish(), 0);
    let denied = Running::start(&mut asked(&sandbox, "ls; make all")).finish();
    assert_ended(&denied, 1);
    assert!(String::from_utf8_lossy(&denied.stderr).contains("no builds"), "{denied:?}");
    assert!(sandbox.pending_now().is_empty());
    let running = Running::start(&mut asked(&sandbox, "ls > file"));
    sandbox.reject(&sandbox.pending(), "no");
    assert_ended(&running.finish(), 1);
}

#[test]
fn what_is_allowed_only_with_our_additions_is_asked_about() {
    let sandbox = Sandbox::new();
    sandbox.policy("");
    let git = |words: &[&str]| {
        let mut git = sandbox.program("git");
        assert!(git.args(words).output().expect("git").status.success());
    };
    git(&["init", "-q"]);
    assert_ended(&Running::start(&mut asked(&sandbox, "git status")).finish(), 0);
    // With a prefix we switch the monitor off; whoever runs it now would not.
    git(&["config", "core.fsmonitor", "./monitor"]);
    let running = Running::start(&mut asked(&sandbox, "git status"));
    sandbox.reject(&sandbox.pending(), "no");
    assert_ended(&running.finish(), 1);
}

/// An interactive shell that reads our plugin, in a window.
fn plugged<'a>(sandbox: &'a Sandbox, shell: &str) -> Tmux<'a> {
    let home = sandbox.path("home");
    let line = match shell {
        "fish" => format!(
            "{BINARY} shell-plugin fish | source\nfunction fish_prompt; echo '$ '; end\nabbr -a mk mkdir\n"
        ),
        shell => format!("PS1='$ '\neval \"$({BINARY} shell-plugin {shell})\"\n"),
    };
    let file = match shell {
        "bash" => ".bashrc",
        "zsh" => ".zshrc",
        _ => {
            fs::create_dir_all(sandbox.path("config/fish")).expect("a directory");
            "../config/fish/config.fish"
        }
    };
    fs::write(home.join(file), line).expect("a file");
    let start = match shell {
        "bash" => "exec bash -i".to_owned(),
        shell => format!("exec {shell} -i"),
    };
    Tmux::start_shell(sandbox, &start)
}

/// What must hold in every shell.
fn lines_are_asked_about(shell: &str) {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let tmux = plugged(&sandbox, shell);
    // In the shell itself: the directory changes.
    tmux.line("mkdir -p below && cd below");
    sandbox.approve(&sandbox.pending_with("below"));
    eventually("the directory", || sandbox.work().join("below").exists().then_some(()));
    tmux.line("touch here-$(basename \"$PWD\")");
    sandbox.approve(&sandbox.pending_with("touch here"));
    let made = sandbox.work().join("below/here-below");
    eventually("the file in it", || made.exists().then_some(()));
    // No is no, and says why.
    tmux.line("touch rejected");
    sandbox.reject(&sandbox.pending_with("touch rejected"), "not on a Friday");
    tmux.wait_for("not on a Friday");
    // Ctrl-C while it waits takes the question back.
    tmux.line("touch interrupted");
    sandbox.pending_with("touch interrupted");
    tmux.key("C-c");
    eventually("the request to go", || sandbox.pending_now().is_empty().then_some(()));
    // The shell lives, and nothing of that ran.
    tmux.line("touch alive");
    sandbox.approve(&sandbox.pending_with("touch alive"));
    let below = sandbox.work().join("below");
    eventually("the shell", || below.join("alive").exists().then_some(()));
    for absent in ["rejected", "interrupted"] {
        assert!(!below.join(absent).exists(), "{absent} ran: {}", tmux.screen());
    }
    // What was typed can be typed again by the history.
    tmux.key("Up");
    tmux.key("Enter");
    sandbox.approve(&sandbox.pending_with("touch alive"));
    several_lines(&sandbox, &tmux, shell);
}

/// A text of several lines is one question.
fn several_lines(sandbox: &Sandbox, tmux: &Tmux<'_>, shell: &str) {
    let (lines, end) = match shell {
        "fish" => (["for each in one two", "touch $each"], "end"),
        _ => (["for each in one two; do", "touch $each"], "done"),
    };
    for line in lines {
        tmux.line(line);
        tmux.wait_for(line);
        assert!(sandbox.pending_now().is_empty(), "{line} is not complete: {}", tmux.screen());
    }
    tmux.line(end);
    let pending = sandbox.pending_with("touch $each");
    let text = sandbox.plaintext(&pending)["argv"][2].as_str().expect("text").to_owned();
    assert!(text.contains(lines[0]) && text.trim_end().ends_with(end), "{text}");
    sandbox.approve(&pending);
    let below = sandbox.work().join("below");
    eventually("both files", || {
        (below.join("one").exists() && below.join("two").exists()).then_some(())
    });
}

#[test]
fn bash_asks_about_each_line_before_it_runs_it() {
    lines_are_asked_about("bash");
}

#[test]
fn zsh_asks_about_each_line_before_it_runs_it() {
    lines_are_asked_about("zsh");
}

#[test]
fn fish_asks_about_each_line_before_it_runs_it() {
    lines_are_asked_about("fish");
}

#[test]
fn what_fish_abbreviates_is_written_out_before_it_is_asked_about() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let tmux = plugged(&sandbox, "fish");
    tmux.line("mk");
    tmux.wait_for("mkdir");
    assert!(sandbox.pending_now().is_empty(), "{}", tmux.screen());
    tmux.line(" made");
    sandbox.approve(&sandbox.pending_with("mkdir made"));
    eventually("the directory", || sandbox.work().join("made").exists().then_some(()));
}

#[test]
fn what_the_history_stands_for_is_written_out_before_it_is_asked_about() {
    for shell in ["bash", "zsh"] {
        let sandbox = Sandbox::new();
        sandbox.warm_up();
        let tmux = plugged(&sandbox, shell);
        tmux.line("touch first");
        sandbox.approve(&sandbox.pending_with("touch first"));
        eventually("the file", || sandbox.work().join("first").exists().then_some(()));
        tmux.line("!!.again");
        tmux.wait_for("touch first.again");
        assert!(sandbox.pending_now().is_empty(), "{}", tmux.screen());
        tmux.key("Enter");
        sandbox.approve(&sandbox.pending_with("touch first.again"));
        eventually("it", || sandbox.work().join("first.again").exists().then_some(()));
    }
}

#[test]
fn a_line_that_nobody_can_be_asked_about_does_not_run() {
    for shell in ["bash", "zsh", "fish"] {
        let sandbox = Sandbox::new();
        let tmux = plugged(&sandbox, shell);
        fs::write(sandbox.path("config/airlock-exec/config.toml"), "mdoe = 1\n").expect("settings");
        tmux.line("touch canary");
        tmux.wait_for("did you mean");
        assert!(!sandbox.work().join("canary").exists(), "{shell}: {}", tmux.screen());
    }
}
