//! What the tests of faithful execution share: a probe, and a person who says yes.
#![allow(dead_code, reason = "each test file uses its own part")]

#[path = "../support/mod.rs"]
pub(crate) mod support;

use nix::unistd::Pid;
use std::fs;
use std::path::PathBuf;
use std::process::Output;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use support::{BINARY, Sandbox, Terminal};

/// A sandbox in which `w COMMAND` is the command through us.
pub(crate) fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.script("w", &format!("exec {BINARY} -- \"$@\""));
    sandbox
}

/// Approves everything that is asked while `work` runs.
pub(crate) fn approving<T>(sandbox: &Sandbox, work: impl FnOnce() -> T) -> T {
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::SeqCst) {
                for pending in sandbox.pending_now() {
                    let mut command = sandbox.airlock(["approver", "approve", &pending.id]);
                    let _ = command.output();
                }
                thread::sleep(Duration::from_millis(10));
            }
        });
        // Also when the work panics: the scope waits for the thread.
        let _end = SetOnDrop(&done);
        work()
    })
}

struct SetOnDrop<'a>(&'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// The two ways to run a command that must not differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Without us.
    Bare,
    /// Through us.
    Wrapped,
}

impl Way {
    /// Returns the words that go before the command.
    pub(crate) fn prefix(self) -> String {
        match self {
            Self::Bare => String::new(),
            Self::Wrapped => format!("{BINARY} -- "),
        }
    }
}

/// Runs a script both ways on a terminal, and does the same to it.
pub(crate) fn both_ways(text: &str, at: impl Fn(&Sandbox, &mut Terminal)) {
    for way in [Way::Bare, Way::Wrapped] {
        let sandbox = Sandbox::new();
        approving(&sandbox, || {
            let mut terminal = script(&sandbox, way, text);
            at(&sandbox, &mut terminal);
        });
    }
}

/// Makes the file that a script waits for.
pub(crate) fn go(sandbox: &Sandbox, name: &str) {
    fs::write(sandbox.work().join(name), "").expect("a file");
}

/// Waits for a file, in a script.
pub(crate) const UPTO: &str =
    "upto() { while [ ! -e \"$1\" ]; do sleep 0.02; done; }; export -f upto; ";

/// Tells whether the system keeps us from putting keys back into a terminal.
pub(crate) fn keys_cannot_be_put_back() -> bool {
    let never = fs::read_to_string("/proc/sys/dev/tty/legacy_tiocsti");
    never.is_ok_and(|on| on.trim() == "0")
}

/// Compiles the probe into the sandbox's PATH, as `probe`.
pub(crate) fn install_probe(sandbox: &Sandbox) -> PathBuf {
    let probe = sandbox.path("bin").join("probe");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/probe/probe.c");
    let mut compiler = sandbox.program("cc");
    compiler.args(["-O1", "-Wall", "-Werror", "-o"]).arg(&probe).arg(source);
    let output = compiler.output().expect("cc is installed: rustc links with it");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    probe
}

/// Returns the probe's report and removes it.
pub(crate) fn take_report(sandbox: &Sandbox) -> String {
    let path = sandbox.work().join("report");
    let report = fs::read_to_string(&path).expect("the probe ran and reported");
    fs::remove_file(&path).expect("the report can be removed");
    report
}

/// Fails with the lines that differ.
#[track_caller]
pub(crate) fn assert_same_report(situation: &str, bare: &str, wrapped: &str) {
    let only = |these: &str, those: &str| {
        let lines = these.lines().filter(|line| !those.lines().any(|other| other == *line));
        lines.collect::<Vec<_>>().join("\n  ")
    };
    assert!(
        bare == wrapped,
        "\n{situation}\nonly without us:\n  {}\nonly with us:\n  {}\n",
        only(bare, wrapped),
        only(wrapped, bare)
    );
}

/// Runs a shell script in which `$P` stands before the command, on pipes.
pub(crate) fn run_script(sandbox: &Sandbox, way: Way, script: &str) -> Output {
    let mut shell = sandbox.program("bash");
    shell.args(["--norc", "-c", script]).env("P", way.prefix());
    support::Running::start(&mut shell).finish()
}

/// Starts a bash script on a terminal; `$P` stands before the command.
pub(crate) fn script(sandbox: &Sandbox, way: Way, text: &str) -> Terminal {
    let text = format!("P='{}'\n{text}", way.prefix());
    Terminal::program(sandbox, "bash", ["--norc", "--noprofile", "-c", text.as_str()])
}

/// Returns the letter of a process' state, none when it is gone.
pub(crate) fn state(pid: Pid) -> Option<char> {
    fields(pid)?.chars().next()
}

/// Tells whether a process runs no more.
pub(crate) fn gone(pid: Pid) -> bool {
    matches!(state(pid), None | Some('Z'))
}

/// Returns the process that waits for this one.
pub(crate) fn parent(pid: Pid) -> Pid {
    let fields = fields(pid).expect("it lives");
    Pid::from_raw(fields.split(' ').nth(1).expect("a parent").parse().expect("a number"))
}

/// Returns the processes that this one waits for.
pub(crate) fn children(of: Pid) -> Vec<Pid> {
    let entries = fs::read_dir("/proc").expect("processes are files").flatten();
    let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let all = numbers.map(Pid::from_raw);
    all.filter(|pid| fields(*pid).is_some() && parent(*pid) == of).collect()
}

/// Returns what the system says of a process, behind its name.
fn fields(pid: Pid) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    Some(stat.rsplit_once(") ")?.1.to_owned())
}
