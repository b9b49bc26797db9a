//! `airlock-exec session`: what an agent starts comes by us, and what cannot is said.

mod support;

use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Command, Output};
use support::{BINARY, Refused, Running, Sandbox, Terminal};

/// A program that starts another with these arguments, as agents do: no shell.
const AGENT: &str = "import subprocess, sys\n\
    sys.exit(subprocess.run(sys.argv[1:]).returncode & 0xff)";

/// Returns an agent in a session that starts that command.
fn agent(sandbox: &Sandbox, words: &[&str]) -> Command {
    let mut command = sandbox.airlock(["session", "--", "python3", "-c", AGENT]);
    command.args(words);
    command
}

fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Runs it in a session, where it must be asked about, and approves it.
#[track_caller]
fn approved(sandbox: &Sandbox, words: &[&str]) -> String {
    let running = Running::start(&mut agent(sandbox, words));
    let pending = sandbox.pending();
    assert!(running.stdout().is_empty(), "it ran before it was approved: {}", running.stdout());
    sandbox.approve(&pending);
    let output = running.finish();
    assert!(output.status.success(), "{words:?}: {output:?}");
    assert!(sandbox.pending_now().is_empty(), "one question is enough: {words:?}");
    printed(&output)
}

/// Runs it in a session, where nobody must be asked about it.
#[track_caller]
fn unasked(sandbox: &Sandbox, words: &[&str]) -> String {
    let output = Running::start(&mut agent(sandbox, words)).finish();
    assert!(output.status.success(), "{words:?}: {output:?}");
    assert!(sandbox.pending_now().is_empty());
    printed(&output)
}

#[test]
fn every_text_for_bash_zsh_and_fish_is_asked_about_and_runs_as_it_would() {
    let sandbox = Sandbox::new();
    sandbox.script("named", "true");
    let forms: &[&[&str]] = &[
        &["bash", "-c", "printf '%s|' \"$0\" \"$@\"", "name", "", "a b"],
        &["bash", "-c", "echo \"$0\"; echo $SHLVL"],
        &["bash", "-lc", "shopt -q login_shell && echo login"],
        &["bash", "-ec", "echo $-"],
        &["bash", "-o", "pipefail", "-c", "shopt -o pipefail; true"],
        &["bash", "+e", "-O", "extglob", "-c", "shopt extglob"],
        &["bash", "-c", "echo 'two\nlines'"],
        &["zsh", "-c", "printf '%s|' \"$0\" \"$@\"", "name", "", "a b"],
        &["zsh", "-lc", "[[ -o login ]] && echo login"],
        &["zsh", "-ic", "[[ -o interactive ]] && echo interactive; echo $SHLVL"],
        &["zsh", "-ec", "echo $-"],
        &["fish", "-c", "printf '%s|' $argv", "", "a b"],
        &["fish", "-lc", "status is-login; and echo login"],
        &["fish", "--command=echo long"],
        &["fish", "-C", "echo init", "-c", "echo text"],
    ];
    for words in forms {
        let bare = Running::start(sandbox.program(words[0]).args(&words[1..])).finish();
        assert_eq!(approved(&sandbox, words), printed(&bare), "{words:?}");
        assert!(!bare.stdout.is_empty(), "{words:?} shows nothing: {bare:?}");
    }
}

#[test]
fn what_was_rejected_does_not_run_in_any_shell() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let text = format!("touch {}", canary.path().display());
    for words in [
        ["bash", "-c", &text],
        ["bash", "-lc", &text],
        ["zsh", "-c", &text],
        ["zsh", "-ic", &text],
        ["fish", "-c", &text],
        ["fish", "-lc", &text],
    ] {
        let running = Running::start(&mut agent(&sandbox, &words));
        sandbox.reject(&sandbox.pending(), "not this");
        let refused = Refused::with_status(&running.finish(), 120);
        refused.assert_says(&["nothing was executed", "not this"]);
        canary.assert_absent();
    }
}

#[test]
fn a_gate_that_cannot_find_us_lets_nothing_run() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    unasked(&sandbox, &["true"]);
    let gates = sandbox.path("data/airlock-exec/session");
    for file in ["gate.bash", "zsh/.zshenv", "share/fish/vendor_conf.d/airlock-exec.fish"] {
        let path = gates.join(file);
        let text = fs::read_to_string(&path).expect("a gate").replace(BINARY, "/nowhere/us");
        fs::write(&path, text).expect("written");
    }
    let text = format!("touch {}", canary.path().display());
    let share = gates.join("share");
    for (shell, variable, value) in [
        ("bash", "BASH_ENV", gates.join("gate.bash")),
        ("zsh", "ZDOTDIR", gates.join("zsh")),
        ("fish", "XDG_DATA_DIRS", share),
    ] {
        let mut command = sandbox.program(shell);
        let output = Running::start(command.args(["-c", &text]).env(variable, value)).finish();
        assert!(!output.status.success(), "{shell}: {output:?}");
        canary.assert_absent();
    }
}

#[test]
fn without_a_list_of_arguments_the_shell_is_asked_for_them() {
    // As on macOS, where there is no /proc.
    let sandbox = Sandbox::new();
    unasked(&sandbox, &["true"]);
    let gates = sandbox.path("data/airlock-exec/session");
    for file in ["gate.bash", "zsh/.zshenv"] {
        let path = gates.join(file);
        let text = fs::read_to_string(&path).expect("a gate").replace("/proc/", "/nowhere/");
        fs::write(&path, text).expect("written");
    }
    for (shell, variable, value) in
        [("bash", "BASH_ENV", gates.join("gate.bash")), ("zsh", "ZDOTDIR", gates.join("zsh"))]
    {
        let mut command = sandbox.program(shell);
        command.args(["-ec", "printf '%s|' \"$0\" \"$@\"; false; echo on", "name", "", "a b"]);
        let running =
            Running::start(command.env(variable, value).env("AIRLOCK_EXEC_GATES", &gates));
        sandbox.approve(&sandbox.pending());
        let output = running.finish();
        assert_eq!(printed(&output), "name||a b|", "{shell}: {output:?}");
        assert_eq!(output.status.code(), Some(1), "{shell}");
    }
}

#[test]
fn a_text_that_only_reads_runs_unasked() {
    let sandbox = Sandbox::new();
    sandbox.policy("");
    assert_eq!(unasked(&sandbox, &["bash", "-c", "echo one && echo two"]), "one\ntwo\n");
    assert_eq!(unasked(&sandbox, &["bash", "-euo", "pipefail", "-c", "echo one"]), "one\n");
}

#[test]
fn a_permitted_command_sees_what_it_would_see_without_us() {
    let sandbox = Sandbox::new();
    let own = sandbox.path("home/own.bash");
    fs::write(&own, "own=seen\n").expect("written");
    fs::create_dir(sandbox.path("home/zsh")).expect("a directory");
    let before = [
        ("BASH_ENV", own.clone()),
        ("ZDOTDIR", sandbox.path("home/zsh")),
        ("SHELL", PathBuf::from("/usr/bin/zsh")),
        ("XDG_DATA_DIRS", PathBuf::from("/usr/share")),
    ];
    let words = ["bash", "-c", "env | grep -v ^_= | sort; echo own=$own"];
    let bare = {
        let mut command = sandbox.program("python3");
        let command = command.args(["-c", AGENT]).args(words).envs(before.clone());
        printed(&Running::start(command).finish())
    };
    let mut command = agent(&sandbox, &words);
    let running = Running::start(command.envs(before));
    sandbox.approve(&sandbox.pending());
    let seen = printed(&running.finish());
    let is_session = |line: &&str| line.starts_with("AIRLOCK_EXEC_SESSION=ses-");
    assert_eq!(seen.lines().filter(is_session).count(), 1, "{seen}");
    let seen: Vec<_> = seen.lines().filter(|line| !is_session(line)).collect();
    assert_eq!(seen, bare.lines().collect::<Vec<_>>());
    assert!(bare.ends_with("own=seen\n"), "{bare}");
}

#[test]
fn the_persons_own_startup_files_are_read() {
    let sandbox = Sandbox::new();
    let home = sandbox.path("home");
    for file in [".zshenv", ".zprofile", ".zshrc", ".zlogin"] {
        fs::write(home.join(file), format!("order+={file}\n")).expect("written");
    }
    fs::write(home.join(".zshrc"), "order+=.zshrc; PS1='zsh> '\n").expect("written");
    fs::write(home.join("own.bash"), "own=seen\n").expect("written");
    let script = sandbox.path("bin/script.bash");
    fs::write(&script, "#!/bin/bash\necho own=$own\n").expect("written");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("executable");
    let mut command = agent(&sandbox, &["script.bash"]);
    // Bash expands the value.
    let output = Running::start(command.env("BASH_ENV", "$HOME/own.bash")).finish();
    assert_eq!(printed(&output), "own=seen\n", "{output:?}");
    let mut terminal = Terminal::airlock(&sandbox, ["session", "--", "zsh", "-il"]);
    terminal.expect("zsh> ");
    terminal.send("echo \"<$order>\"\r");
    terminal.expect("<.zshenv.zprofile.zshrc.zlogin>");
    // What is started from there comes by the gate as well.
    terminal.send("zsh -c 'echo in$((1+1))ner'\r");
    sandbox.approve(&sandbox.pending());
    terminal.expect("in2ner");
    terminal.send("exit 3\r");
    assert_eq!(terminal.finish().0.exit_code(), 3);
}

#[test]
fn what_a_gate_cannot_see_runs_unasked() {
    // Documented in docs/shell.md: a gate is no boundary.
    let sandbox = Sandbox::new();
    let script = sandbox.script("script", "echo seen");
    let bash_script = sandbox.path("work/script.bash");
    fs::write(&bash_script, "echo seen").expect("written");
    for words in [
        &["bash", "-p", "-c", "echo seen"][..],
        &["bash", "--posix", "-c", "echo seen"],
        &["bash", "-ic", "echo seen"],
        &["bash", bash_script.to_str().expect("text")],
        &["sh", "-c", "echo seen"],
        &["dash", "-c", "echo seen"],
        &["busybox", "sh", "-c", "echo seen"],
        &["zsh", "-fc", "echo seen"],
        &["fish", "--no-config", "-c", "echo seen"],
        &["env", "-i", "/bin/bash", "-c", "echo seen"],
        &["env", "BASH_ENV=", "bash", "-c", "echo seen"],
        &["python3", "-c", "print('seen')"],
        &["python3", "-c", "import subprocess; subprocess.run(['bash'], input=b'echo seen')"],
        &["python3", "-c", "import subprocess; subprocess.run(['zsh', '-s'], input=b'echo seen')"],
        &[script.to_str().expect("text")],
    ] {
        assert_eq!(unasked(&sandbox, words), "seen\n", "{words:?}");
    }
}

#[test]
fn the_shell_of_the_session_is_ours_and_has_the_persons_name() {
    let sandbox = Sandbox::new();
    for (own, name) in [("/usr/bin/zsh", "airlock-zsh"), ("/bin/odd", "airlock-sh")] {
        let mut command = agent(&sandbox, &["printenv", "SHELL"]);
        let output = Running::start(command.env("SHELL", own)).finish();
        assert!(printed(&output).trim_end().ends_with(name), "{own}: {output:?}");
    }
    let python = "import os, subprocess\n\
        subprocess.run([os.environ['SHELL'], '-l', '-c', 'echo $0 | sed s,.*/,,'])";
    let mut command = agent(&sandbox, &["python3", "-c", python]);
    let running = Running::start(command.env("SHELL", "/bin/bash"));
    sandbox.approve(&sandbox.pending());
    assert_eq!(printed(&running.finish()), "airlock-bash\n");
}

#[test]
fn shims_come_first_when_there_are_any() {
    let sandbox = Sandbox::new();
    let path = || unasked(&sandbox, &["printenv", "PATH"]);
    let shims = sandbox.path("data/airlock-exec/shims");
    let bare = path();
    assert!(!bare.contains("shims"), "{bare}");
    fs::create_dir(&shims).expect("a directory");
    assert_eq!(path(), format!("{}:{bare}", shims.display()));
    let mut command = sandbox.airlock(["session", "--no-shims", "--", "printenv", "PATH"]);
    assert_eq!(printed(&command.output().expect("it starts")), bare);
}

#[test]
fn the_session_is_named_to_the_approver_and_in_the_log() {
    let sandbox = Sandbox::new();
    let running =
        Running::start(&mut agent(&sandbox, &["bash", "-c", "echo $AIRLOCK_EXEC_SESSION"]));
    let pending = sandbox.pending();
    let session = sandbox.plaintext(&pending)["sessionId"].as_str().expect("an id").to_owned();
    assert!(session.starts_with("ses-"), "{session}");
    sandbox.approve(&pending);
    assert_eq!(printed(&running.finish()), format!("{session}\n"));
    let log = printed(&sandbox.output(&["log", "--json"]));
    assert!(log.contains(&format!("\"session\":\"{session}\"")), "{log}");
}

#[test]
fn the_agent_is_started_as_it_would_be_without_us() {
    let sandbox = Sandbox::new();
    let status = |command: &mut Command| Running::start(command).finish().status;
    let script = "import os, signal, sys\nos.kill(os.getpid(), signal.SIGKILL)";
    let killed = status(&mut sandbox.airlock(["session", "--", "python3", "-c", script]));
    assert_eq!(killed.signal(), Some(9));
    let script = "import os, sys\nsys.exit(int(os.getppid() != int(sys.argv[1])))";
    let ours = std::process::id().to_string();
    let mut child = sandbox.airlock(["session", "--", "python3", "-c", script, &ours]);
    assert!(status(&mut child).success(), "nothing stands between the caller and the agent");
    let mut terminal =
        Terminal::airlock(&sandbox, ["session", "--", "sh", "-c", "stty size; tty; exit 4"]);
    terminal.expect("24 80");
    terminal.expect("/dev/pts/");
    assert_eq!(terminal.finish().0.exit_code(), 4);
    let absent = Running::start(&mut sandbox.airlock(["session", "--", "no-such-agent"])).finish();
    Refused::with_status(&absent, 127).assert_says(&["no-such-agent"]);
}

#[test]
fn a_session_in_a_session_is_refused() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let file = canary.path().to_str().expect("text");
    let output =
        Running::start(&mut agent(&sandbox, &[BINARY, "session", "--", "touch", file])).finish();
    assert_eq!(output.status.code(), Some(125), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("this is session ses-"), "{said}");
    canary.assert_absent();
}

#[test]
fn status_says_what_holds() {
    let sandbox = Sandbox::new();
    let none = sandbox.output(&["session", "status"]);
    assert_eq!(none.status.code(), Some(125), "{none:?}");
    Refused::of_subcommand(&none).assert_says(&["session -- AGENT"]);
    let all = unasked(&sandbox, &[BINARY, "session", "status", "--json"]);
    let all: Value = serde_json::from_str(&all).expect("JSON");
    assert_eq!(all["caught"]["BASH_ENV (bash)"], true, "{all}");
    assert_eq!(all["caught"]["PATH (shims)"], false, "{all}");
    let words = unasked(&sandbox, &["env", "BASH_ENV=", BINARY, "session", "status"]);
    assert!(words.contains("BASH_ENV (bash)"), "{words}");
    assert!(words.contains("does not come by us"), "{words}");
}

#[test]
fn sessions_share_their_files_and_leave_the_persons_alone() {
    let sandbox = Sandbox::new();
    let home = sandbox.path("home");
    fs::write(home.join(".bashrc"), "# mine\n").expect("written");
    unasked(&sandbox, &["true"]);
    let gate = sandbox.path("data/airlock-exec/session/gate.bash");
    let written = fs::metadata(&gate).expect("a gate").modified().expect("a time");
    unasked(&sandbox, &["true"]);
    assert_eq!(fs::metadata(&gate).expect("a gate").modified().expect("a time"), written);
    let files: Vec<_> = fs::read_dir(&home).expect("a home").collect();
    assert_eq!(files.len(), 1, "{files:?}");
    // A directory that others can write is refused by name.
    let directory = sandbox.path("data/airlock-exec/session");
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o777)).expect("loosened");
    let output = Running::start(&mut agent(&sandbox, &["true"])).finish();
    assert_eq!(output.status.code(), Some(125), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("open to others") && said.contains("chmod"), "{said}");
}
