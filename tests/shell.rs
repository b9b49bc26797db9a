//! `airlock-sh`: the binary in the place of a shell, called as programs call one.

#[path = "shell/callers.rs"]
mod callers;
mod support;

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Output};
use support::{BINARY, Refused, Running, Sandbox, Terminal};

/// Links the binary to that name in the sandbox's own directory of programs.
fn link(sandbox: &Sandbox, name: &str) -> PathBuf {
    let path = sandbox.path("bin").join(name);
    symlink(BINARY, &path).expect("a link");
    path
}

/// Says which real shell is behind `airlock-sh`.
fn real_shell(sandbox: &Sandbox, path: &str) {
    let file = sandbox.path("config/airlock-exec/config.toml");
    fs::write(&file, format!("shell = {path:?}\n")).expect("settings");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("private");
}

/// Starts a shell of ours with these words, has it approved, and returns how it ended.
#[track_caller]
fn approved(sandbox: &Sandbox, command: &mut Command, input: &[u8]) -> Output {
    let running = Running::start_with_input(command, input);
    sandbox.approve(&sandbox.pending());
    running.finish()
}

fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn every_way_to_call_a_shell_runs_as_the_real_one_would() {
    const SHOW: &str = r#"printf '%s|' "$0" "$@"; exit 3"#;
    let sandbox = Sandbox::new();
    let wrapper = link(&sandbox, "airlock-bash");
    let script = sandbox.path("work").join("script.sh");
    fs::write(&script, SHOW).expect("a script");
    let script = script.to_str().expect("text");
    let forms: [(&[&str], &[u8]); 16] = [
        (&["-c", SHOW], b""),
        (&["-c", SHOW, "name", "", "a b"], b""),
        (&["-lc", SHOW], b""),
        (&["-l", "-c", SHOW, "name"], b""),
        (&["-ec", SHOW], b""),
        (&["-o", "pipefail", "-c", SHOW], b""),
        (&["+e", "-c", SHOW, "n"], b""),
        (&["-c", "--", SHOW, "n"], b""),
        (&["--norc", "--noprofile", "-c", SHOW], b""),
        (&["-O", "extglob", "-c", SHOW], b""),
        (&["-euxo", "pipefail", "-c", SHOW], b""),
        (&["--login", "-c", SHOW], b""),
        (&["-s", "one", "two"], SHOW.as_bytes()),
        (&["-s"], SHOW.as_bytes()),
        (&[], SHOW.as_bytes()),
        (&[script, "one", "-c"], b""),
    ];
    for (words, input) in forms {
        let mut ours = sandbox.program(&wrapper);
        let mut real = sandbox.program("/bin/bash");
        // A shell prints its own name: both have the same.
        let (ours, real) = (ours.arg0("sh-of-a-test"), real.arg0("sh-of-a-test"));
        let expected = Running::start_with_input(real.args(words), input).finish();
        let found = {
            // The name says which shell, so the link is called by it.
            let running = ours.arg0(&wrapper).args(words);
            approved(&sandbox, running, input)
        };
        assert_eq!(found.status.code(), Some(3), "{words:?}: {found:?}");
        let expected = printed(&expected).replace("sh-of-a-test", wrapper.to_str().expect("text"));
        assert_eq!(printed(&found), expected, "{words:?}");
    }
}

#[test]
fn help_comes_first_and_is_ours_behind_a_script_or_a_text_it_is_theirs() {
    const SHOW: &str = r#"printf '%s|' "$@"; exit 3"#;
    let sandbox = Sandbox::new();
    for words in [&["sh", "--help"][..], &["sh", "--help", "-c", "touch canary"]] {
        let output = sandbox.output(words);
        assert!(output.status.success(), "{output:?}");
        let shown = printed(&output);
        assert!(shown.contains("Usage: airlock-exec sh [ARGUMENT]..."), "{shown}");
    }
    assert!(!sandbox.log_file().exists(), "nobody was asked");
    assert!(!sandbox.work().join("canary").exists());
    let script = sandbox.script("show", SHOW);
    let script = script.to_str().expect("text");
    for words in [&["sh", script, "--help"][..], &["sh", "-c", SHOW, "name", "--help"]] {
        let output = approved(&sandbox, &mut sandbox.airlock(words), b"");
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        assert_eq!(printed(&output), "--help|");
    }
}

#[test]
fn interactive_text_runs_as_text() {
    let sandbox = Sandbox::new();
    let wrapper = link(&sandbox, "airlock-bash");
    for words in [&["-ic", "case $- in *i*) echo yes;; esac"][..], &["-i", "-c", "echo yes"]] {
        let output = approved(&sandbox, sandbox.program(&wrapper).args(words), b"");
        assert_eq!(printed(&output), "yes\n", "{words:?}: {output:?}");
    }
}

#[test]
fn what_was_rejected_does_not_run_in_any_form() {
    let sandbox = Sandbox::new();
    let wrapper = link(&sandbox, "airlock-bash");
    let canary = sandbox.canary();
    let text = format!("touch {}", canary.path().display());
    let script = sandbox.path("work").join("script.sh");
    fs::write(&script, &text).expect("a script");
    let forms: [(Vec<&str>, &[u8]); 4] = [
        (vec!["-c", &text], b""),
        (vec!["-lc", &text], b""),
        (vec!["-s"], text.as_bytes()),
        (vec![script.to_str().expect("text")], b""),
    ];
    for (words, input) in forms {
        let mut command = sandbox.program(&wrapper);
        let running = Running::start_with_input(command.args(&words), input);
        sandbox.reject(&sandbox.pending(), "not this");
        let refused = Refused::with_status(&running.finish(), 120);
        refused.assert_says(&["nothing was executed", "not this"]);
        canary.assert_absent();
    }
}

#[test]
fn a_text_that_only_reads_runs_unasked_and_one_that_is_forbidden_never() {
    let sandbox = Sandbox::new();
    sandbox.policy("[[rule]]\nargv = [\"touch\"]\ndecision = \"deny\"\n");
    let wrapper = link(&sandbox, "airlock-bash");
    for words in [&["-c", "pwd && echo done"][..], &["-euo", "pipefail", "-c", "echo done"]] {
        let output = Running::start(sandbox.program(&wrapper).args(words)).finish();
        assert!(printed(&output).ends_with("done\n"), "{words:?}: {output:?}");
    }
    let canary = sandbox.canary();
    let text = format!("pwd; touch {}", canary.path().display());
    let fish = link(&sandbox, "airlock-fish");
    let joined = format!("--command={text}");
    let forms: [(&PathBuf, &[&str]); 12] = [
        (&wrapper, &["-c", &text]),
        (&wrapper, &["-lc", &text]),
        (&wrapper, &["-ic", &text]),
        (&wrapper, &["-l", "-c", &text, "name", "argument"]),
        (&wrapper, &["-o", "pipefail", "-c", &text]),
        (&wrapper, &["-c", "-o", "pipefail", &text]),
        (&wrapper, &["-euxo", "pipefail", "-c", &text]),
        (&wrapper, &["+e", "-c", "+x", &text]),
        (&wrapper, &["-c", "--", &text]),
        (&wrapper, &["--norc", "-c", "-", &text]),
        (&fish, &["-c", &text]),
        (&fish, &[&joined]),
    ];
    for (shell, words) in forms {
        let output = Running::start(sandbox.program(shell).args(words)).finish();
        Refused::with_status(&output, 121).assert_says(&["nothing was executed"]);
        canary.assert_absent();
    }
}

#[test]
fn the_approver_sees_the_real_shell_and_the_whole_text() {
    let sandbox = Sandbox::new();
    let wrapper = link(&sandbox, "airlock-bash");
    let running = Running::start(sandbox.program(&wrapper).args(["-c", "echo hidden; id"]));
    let pending = sandbox.pending_with("/bash -c 'echo hidden; id'");
    let shown = sandbox.output(&["approver", "show", &pending.id]);
    let shown = printed(&shown);
    for said in ["echo hidden; id", "shell", "airlock-bash"] {
        assert!(shown.contains(said), "{said:?} is not in: {shown}");
    }
    assert!(!shown.contains("calls itself"), "{shown}");
    sandbox.reject(&pending, "no");
    Refused::with_status(&running.finish(), 120);
}

#[test]
fn a_script_that_changes_while_it_is_reviewed_does_not_run() {
    let sandbox = Sandbox::new();
    let wrapper = link(&sandbox, "airlock-bash");
    let canary = sandbox.canary();
    let script = sandbox.path("work").join("script.sh");
    fs::write(&script, "true").expect("a script");
    let running = Running::start(sandbox.program(&wrapper).arg(&script));
    let pending = sandbox.pending();
    fs::write(&script, format!("touch {}", canary.path().display())).expect("changed");
    sandbox.approve(&pending);
    Refused::with_status(&running.finish(), 123);
    canary.assert_absent();
}

#[test]
fn every_shell_of_a_name_is_the_one_that_runs() {
    let sandbox = Sandbox::new();
    for (name, text) in [
        ("airlock-bash", "echo ${BASH_VERSION:+right}"),
        ("airlock-zsh", "echo ${ZSH_VERSION:+right}"),
        ("airlock-fish", "test -n \"$FISH_VERSION\"; and echo right"),
        ("airlock-dash", "echo ${BASH_VERSION:-right}"),
    ] {
        let wrapper = link(&sandbox, name);
        let output = approved(&sandbox, sandbox.program(wrapper).args(["-c", text]), b"");
        assert_eq!(printed(&output), "right\n", "{name}: {output:?}");
    }
}

#[test]
fn the_settings_say_what_the_real_shell_is() {
    let sandbox = Sandbox::new();
    let wrapper = link(&sandbox, "airlock-sh");
    real_shell(&sandbox, "/usr/bin/zsh");
    let words = ["-c", "echo ${ZSH_VERSION:+right} $0", "name"];
    let output = approved(&sandbox, sandbox.program(&wrapper).args(words), b"");
    assert_eq!(printed(&output), "right name\n", "{output:?}");
    // A program of many names is told that it is a shell.
    real_shell(&sandbox, "/usr/bin/busybox");
    let output = approved(&sandbox, sandbox.program(&wrapper).args(["-c", "echo $0"]), b"");
    assert_eq!(printed(&output), "sh\n", "{output:?}");
    let mut login = sandbox.program(&wrapper);
    let output = approved(&sandbox, login.arg0("-airlock-sh").args(["-c", "echo $0"]), b"");
    assert_eq!(printed(&output), "-sh\n", "{output:?}");
}

#[test]
fn the_environment_cannot_say_what_the_real_shell_is() {
    let sandbox = Sandbox::new();
    let wrapper = link(&sandbox, "airlock-sh");
    let canary = sandbox.canary();
    let shell = sandbox.script("evil", &format!("touch {}", canary.path().display()));
    let mut command = sandbox.program(&wrapper);
    command.args(["-c", "true"]).env("AIRLOCK_EXEC_SHELL", &shell).env("SHELL", &shell);
    Refused::with_status(&Running::start(&mut command).finish(), 125)
        .assert_says(&["AIRLOCK_EXEC_SHELL"]);
    canary.assert_absent();
}

#[test]
fn a_login_shell_is_one_by_its_name() {
    let sandbox = Sandbox::new();
    let wrapper = link(&sandbox, "airlock-bash");
    let mut command = sandbox.program(&wrapper);
    command.arg0("-airlock-bash").args(["-c", "shopt -q login_shell && echo \"$0\""]);
    let output = approved(&sandbox, &mut command, b"");
    assert_eq!(printed(&output), "-airlock-bash\n", "{output:?}");
}

#[test]
fn the_subcommand_is_the_same_shell() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.airlock(["sh", "-c", "echo \"$0\" \"$1\"", "name", "--help"]);
    let output = approved(&sandbox, &mut command, b"");
    assert_eq!(printed(&output), "name --help\n", "{output:?}");
}

#[test]
fn an_interactive_shell_is_asked_about_and_then_is_one() {
    let sandbox = Sandbox::new();
    let wrapper = link(&sandbox, "airlock-bash");
    let wrapper = wrapper.to_str().expect("text").to_owned();
    let mut terminal = Terminal::program(&sandbox, &wrapper, ["--norc"]);
    sandbox.approve(&sandbox.pending());
    terminal.expect("airlock-bash-");
    terminal.send("tty >/dev/null && echo job $((20 + 3))\r");
    terminal.expect("job 23");
    terminal.send("exit 5\r");
    assert_eq!(terminal.finish().0.exit_code(), 5);
}

#[test]
fn it_never_hands_over_to_itself() {
    let sandbox = Sandbox::new();
    let wrapper = link(&sandbox, "airlock-sh");
    let copy = sandbox.path("bin").join("innocent");
    fs::copy(BINARY, &copy).expect("a copy");
    for path in [wrapper.to_str(), copy.to_str(), Some(BINARY)] {
        real_shell(&sandbox, path.expect("text"));
        let output = Running::start(sandbox.program(&wrapper).args(["-c", "true"])).finish();
        let refused = Refused::with_status(&output, 125);
        refused.assert_says(&["is airlock-exec itself", "config set shell"]);
    }
}

#[test]
fn a_real_shell_that_is_not_there_is_named() {
    let sandbox = Sandbox::new();
    let wrapper = link(&sandbox, "airlock-sh");
    real_shell(&sandbox, "/nowhere/bash");
    let output = Running::start(sandbox.program(&wrapper).args(["-c", "true"])).finish();
    Refused::with_status(&output, 127).assert_says(&["/nowhere/bash", "config set shell"]);
}

#[test]
fn odd_bytes_and_long_texts_arrive_unchanged() {
    let sandbox = Sandbox::new();
    let wrapper = link(&sandbox, "airlock-bash");
    let mut text = b"printf '%s' '\xff\xfe' # ".to_vec();
    // Near the longest argument the system takes (128 KiB).
    text.resize(120 * 1024, b'x');
    let words = [OsString::from("-c"), OsString::from_vec(text)];
    let output = approved(&sandbox, sandbox.program(&wrapper).args(words), b"");
    assert_eq!(output.stdout, b"\xff\xfe", "{:?}", output.status);
    let mut program = b"echo begin\n# ".to_vec();
    program.resize(1024 * 1024 - 10, b'x');
    program.extend_from_slice(b"\necho end\n");
    let output = approved(&sandbox, &mut sandbox.program(&wrapper), &program);
    assert_eq!(printed(&output), "begin\nend\n");
    program.push(b'\n');
    let output = Running::start_with_input(&mut sandbox.program(&wrapper), &program).finish();
    Refused::with_status(&output, 125).assert_says(&["too large to be reviewed"]);
}

#[test]
fn what_makes_no_sense_is_left_to_the_real_shell() {
    let sandbox = Sandbox::new();
    let wrapper = link(&sandbox, "airlock-bash");
    for words in [&["-c"][..], &["--frobnicate"], &["-Z", "-c", "true"]] {
        let output = approved(&sandbox, sandbox.program(&wrapper).args(words), b"");
        let expected = Running::start(sandbox.program("/bin/bash").args(words)).finish();
        assert_eq!(output.status.code(), expected.status.code(), "{words:?}: {output:?}");
        assert_eq!(output.status.code(), Some(2), "{words:?}: {output:?}");
    }
}
