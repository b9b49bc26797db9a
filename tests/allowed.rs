//! Commands that a rule allows: they run in our place, and nobody can tell.

mod fidelity_support;

use fidelity_support::support::{BINARY, Refused, Running, Sandbox, Terminal, eventually};
use fidelity_support::{Way, assert_same_report, run_script};
use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;

/// Writes a policy in which a rule allows exactly this script for `sh -c`.
fn allow(sandbox: &Sandbox, scripts: &[&str]) {
    let rule = |script: &&str| {
        format!("[[rule]]\nargv = [\"sh\", \"-c\", {script:?}]\ndecision = \"allow\"\n")
    };
    let rules: String = scripts.iter().map(rule).collect();
    policy(sandbox, &format!("read-only = \"ask\"\n{rules}"));
}

/// Writes a policy that trusts the sandbox's own runtime directory.
fn policy(sandbox: &Sandbox, text: &str) {
    let trusted = sandbox.path("run");
    sandbox.policy(&format!(
        "{text}[trust]\nenvironment = [\"XDG_RUNTIME_DIR={}\"]\n",
        trusted.display()
    ));
}

/// Returns the compiled policies of a sandbox, and whatever else lies there.
fn compiled(sandbox: &Sandbox) -> Vec<PathBuf> {
    let entries = fs::read_dir(sandbox.path("state/airlock-exec/policy"));
    entries.into_iter().flatten().map(|entry| entry.expect("an entry").path()).collect()
}

/// Runs a command until the policy is compiled.
fn compile(sandbox: &Sandbox, command: [&str; 3]) -> PathBuf {
    eventually("the policy to be compiled", || {
        let output = sandbox.start(["--"].into_iter().chain(command)).finish();
        assert!(output.status.success(), "{output:?}");
        compiled(sandbox).pop()
    })
}

#[test]
fn every_sort_of_end_is_its_own() {
    let sandbox = Sandbox::new();
    let ends = ["exit 0", "exit 9", "exit 121", "exit 255", "kill -TERM $$", "kill -KILL $$"];
    allow(&sandbox, &ends);
    for end in ends {
        let bare = Running::start(sandbox.program("sh").args(["-c", end])).finish().status;
        let ours = sandbox.start(["--", "sh", "-c", end]).finish().status;
        assert_eq!((bare.code(), bare.signal()), (ours.code(), ours.signal()), "{end}");
    }
}

#[test]
fn the_command_sees_the_same_as_without_us_in_every_situation() {
    let sandbox = Sandbox::new();
    let report = sandbox.work().join("report");
    let script = format!(
        "{{ env; umask; ulimit -n; ulimit -c; pwd; echo $0 $PPID; ls /proc/$$/fd; \
         grep -E '^(Sig[BCIP]|Shd|Threads|Groups|Cap|NoNewPrivs)' /proc/self/status; \
         cut -d ' ' -f 5-8,18,19 /proc/$$/stat; }} > {} 2>&1",
        report.display()
    );
    allow(&sandbox, &[&script]);
    for situation in [
        "",
        "exec 3>three 4<>four 9</dev/null;",
        "exec 0<&-;",
        "exec 1>&-;",
        "exec 2>&-;",
        "exec 0<&- 1>&- 2>&-;",
        "umask 027;",
        "ulimit -n 200; ulimit -c 0;",
        "renice -n 3 $$ > /dev/null;",
        "trap '' HUP INT PIPE USR1 CHLD;",
        "mkdir -p deep && cd deep;",
        "export EMPTY= ODD=$'a\\nb\\377' LONG=$(head -c 100000 /dev/zero | tr '\\0' x);",
    ] {
        let [bare, wrapped] = [Way::Bare, Way::Wrapped].map(|way| {
            let shell = format!("{situation} p=$P s=$S; unset P S; exec $p sh -c \"$s\"");
            let shell = format!("S='{}'; {shell}", script.replace('\'', "'\\''"));
            run_script(&sandbox, way, &shell);
            let found = fs::read(&report).expect("the script ran and reported");
            fs::remove_file(&report).expect("removed");
            without_numbers(&String::from_utf8_lossy(&found))
        });
        assert!(bare.contains("SigIgn:") && bare.contains("PATH="), "{bare}");
        assert_same_report(situation, &bare, &wrapped);
    }
}

/// Each run is another process: which numbers it has cannot be the same.
fn without_numbers(report: &str) -> String {
    let is_of_one_run =
        |line: &str| line.starts_with("sh ") || line.split(' ').count() == 6 && !line.contains('=');
    report.lines().filter(|line| !is_of_one_run(line)).collect::<Vec<_>>().join("\n")
}

#[test]
fn no_process_of_ours_stays() {
    let sandbox = Sandbox::new();
    allow(&sandbox, &["echo $PPID"]);
    let output = run_script(&sandbox, Way::Wrapped, "echo $$; $P sh -c 'echo $PPID'; true");
    let text = String::from_utf8(output.stdout).expect("numbers");
    let [shell, parent] = text.lines().collect::<Vec<_>>()[..] else { panic!("{text}") };
    assert_eq!(shell, parent);
}

#[test]
fn on_a_terminal_it_has_the_callers_own() {
    let sandbox = Sandbox::new();
    let script = "test -t 0 && test -t 1 && test -t 2 && stty size < /dev/tty && exit 4";
    allow(&sandbox, &[script]);
    let mut terminal = Terminal::airlock(&sandbox, ["--", "sh", "-c", script]);
    terminal.expect("24 80");
    assert_eq!(terminal.finish().0.exit_code(), 4);
}

#[test]
fn a_policy_that_changed_holds_at_once() {
    let sandbox = Sandbox::new();
    let command = ["sh", "-c", "exit 0"];
    allow(&sandbox, &["exit 0"]);
    compile(&sandbox, command);
    let canary = sandbox.canary();
    policy(&sandbox, "[[rule]]\nargv = [\"sh\"]\ndecision = \"deny\"\n");
    let script = format!("touch {}", canary.path().display());
    let output = sandbox.start(["--", "sh", "-c", &script]).finish();
    Refused::with_status(&output, 121);
    canary.assert_absent();
}

#[test]
fn a_damaged_or_foreign_compiled_policy_decides_nothing() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let touch = canary.path().to_str().expect("UTF-8").to_owned();
    let rules = "[[rule]]\nargv = [\"touch\"]\ndecision = \"deny\"\n\
                 [[rule]]\nargv = [\"sh\", \"-c\", \"exit 0\"]\ndecision = \"allow\"\n";
    policy(&sandbox, rules);
    let path = compile(&sandbox, ["sh", "-c", "exit 0"]);
    let whole = fs::read(&path).expect("readable");
    let decide = |situation: &str| {
        let allowed = sandbox.start(["--", "sh", "-c", "exit 0"]).finish();
        assert!(allowed.status.success(), "{situation}: {allowed:?}");
        let denied = sandbox.start(["--", "touch", &touch]).finish();
        assert_eq!(denied.status.code(), Some(121), "{situation}: {denied:?}");
        canary.assert_absent();
    };
    // One byte in each sixteenth of the file; unit tests damage each of them.
    for part in 0..16 {
        let mut damaged = whole.clone();
        damaged[whole.len() * part / 16] ^= 0x40;
        fs::write(&path, damaged).expect("damaged");
        decide(&format!("damaged in part {part}"));
    }
    for length in [0, 10, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..length]).expect("cut");
        decide(&format!("cut to {length}"));
    }
    let elsewhere = sandbox.path("tmp/elsewhere");
    fs::write(&elsewhere, &whole).expect("a copy");
    fs::remove_file(&path).expect("removed");
    symlink(&elsewhere, &path).expect("a link");
    decide("a link");
    eventually("a file of ours in its place", || {
        decide("a link");
        fs::symlink_metadata(&path).ok()?.is_file().then_some(())
    });
    assert_eq!(fs::read(&elsewhere).expect("readable"), whole, "nothing is written through it");
}

#[test]
fn many_at_once_compile_one_policy() {
    let sandbox = Sandbox::new();
    allow(&sandbox, &["exit 0"]);
    compile(&sandbox, ["sh", "-c", "exit 0"]);
    for _ in 0..3 {
        fs::remove_dir_all(sandbox.path("state/airlock-exec/policy")).expect("removed");
        let all: Vec<Running> =
            (0..20).map(|_| sandbox.start(["--", "sh", "-c", "exit 0"])).collect();
        for running in all {
            let output = running.finish();
            assert!(output.status.success(), "{output:?}");
        }
        assert_eq!(compiled(&sandbox).len(), 1, "one file, and none that is temporary");
    }
}

#[test]
fn where_nothing_can_be_kept_it_decides_all_the_same() {
    let sandbox = Sandbox::new();
    allow(&sandbox, &["exit 9"]);
    for _ in 0..2 {
        let mut command = sandbox.airlock(["--", "sh", "-c", "exit 9"]);
        command.env("XDG_STATE_HOME", "/proc/nowhere");
        assert_eq!(Running::start(&mut command).finish().status.code(), Some(9));
    }
}

#[test]
fn each_project_has_its_own_policy_and_shares_the_users() {
    let sandbox = Sandbox::new();
    allow(&sandbox, &["exit 0"]);
    for (project, decision) in [("one", "deny"), ("two", "ask")] {
        let directory = sandbox.work().join(project).join(".airlock");
        fs::create_dir_all(&directory).expect("a directory");
        let rule = format!("[[rule]]\nargv = [\"touch\"]\ndecision = \"{decision}\"\n");
        fs::write(directory.join("policy.toml"), rule).expect("a policy");
    }
    fs::create_dir_all(sandbox.work().join("one/deep")).expect("a directory");
    let start = |place: &str, arguments: &[&str]| {
        let mut command = sandbox.airlock(arguments);
        Running::start(command.current_dir(sandbox.work().join(place))).finish()
    };
    eventually("three policies to be compiled", || {
        for place in ["one/deep", "two"] {
            assert!(start(place, &["--", "sh", "-c", "exit 0"]).status.success());
        }
        (compiled(&sandbox).len() == 3).then_some(())
    });
    for _ in 0..2 {
        let denied = start("one/deep", &["--", "touch", "ran"]);
        assert_eq!(denied.status.code(), Some(121), "{denied:?}");
        let asked = start("two", &["--wait", "1s", "--", "touch", "ran"]);
        assert_eq!(asked.status.code(), Some(122), "{asked:?}");
        for place in ["one/deep", "two"] {
            assert!(!sandbox.work().join(place).join("ran").exists());
        }
    }
}

#[test]
fn a_policy_that_cannot_be_compiled_for_want_of_space_holds_all_the_same() {
    let sandbox = Sandbox::new();
    // Blocked and ignored signals: what we ignore is not what the command ignores. A
    // shell blocks signals while it starts something, so that it must not be there any more.
    let script = "exec grep ^Sig[BI] /proc/self/status";
    allow(&sandbox, &[script]);
    for limited in ["ulimit -f 0;", "trap '' XFSZ; ulimit -f 0;"] {
        let around = format!("{limited} exec \"$@\"");
        let seen = |words: &[&str]| {
            let mut command = sandbox.program("sh");
            command.args(["-c", &around, "sh"]).args(words).args(["sh", "-c", script]);
            let output = Running::start(&mut command).finish();
            assert!(output.status.success(), "{limited} {words:?}: {output:?}");
            output.stdout
        };
        assert_eq!(seen(&[BINARY, "--"]), seen(&["env", "--"]), "{limited}");
        assert!(compiled(&sandbox).is_empty(), "the disk is full");
    }
}
