//! The command gets the environment we got: every byte, in order, nothing else.

mod support;

use nix::fcntl::OFlag;
use nix::spawn::{PosixSpawnAttr, PosixSpawnFileActions, posix_spawn};
use nix::sys::stat::Mode;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;
use std::ffi::CString;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::thread;
use support::{Running, Sandbox};

/// Entries that no library of ours could make, and that a caller can.
const ODD: [&[u8]; 8] = [
    b"no equals sign",
    b"TWICE=first",
    b"=no name",
    b"TWICE=second",
    b"LATIN=\xe9\xff",
    b"\xff\xfe=broken name",
    b"EMPTY=",
    b"LINES=a\nb",
];

/// Starts the binary with exactly these entries, its output in a file.
fn start(arguments: &[&str], entries: &[CString], output: &Path) -> Pid {
    let binary = support::BINARY;
    let text = |text: &str| CString::new(text).expect("no NUL");
    let arguments: Vec<CString> = [binary].iter().chain(arguments).map(|word| text(word)).collect();
    let mut files = PosixSpawnFileActions::init().expect("memory");
    let flags = OFlag::O_WRONLY | OFlag::O_CREAT;
    files.add_open(0, "/dev/null", OFlag::O_RDONLY, Mode::empty()).expect("memory");
    files.add_open(1, output, flags, Mode::S_IRUSR | Mode::S_IWUSR).expect("memory");
    files.add_open(2, "/dev/null", OFlag::O_WRONLY, Mode::empty()).expect("memory");
    let attributes = PosixSpawnAttr::init().expect("memory");
    posix_spawn(binary, &files, &attributes, &arguments, entries).expect("it starts")
}

fn environment(sandbox: &Sandbox, added: impl IntoIterator<Item = Vec<u8>>) -> Vec<CString> {
    let usual = sandbox
        .environment()
        .into_iter()
        .map(|(name, value)| [name.as_bytes(), b"=", value.as_bytes()].concat());
    usual.chain(added).map(|entry| CString::new(entry).expect("no NUL")).collect()
}

/// Returns what the command saw as its environment, after a person allowed it.
fn seen(sandbox: &Sandbox, entries: &[CString]) -> Vec<u8> {
    let output = sandbox.path("seen");
    let process = start(&["--", "cat", "/proc/self/environ"], entries, &output);
    let ended = thread::scope(|scope| {
        let ended = scope.spawn(|| waitpid(process, None).expect("our child"));
        sandbox.approve(&sandbox.pending());
        ended.join().expect("it does not panic")
    });
    assert_eq!(ended, WaitStatus::Exited(process, 0));
    fs::read(output).expect("its output")
}

fn laid_out(entries: &[CString]) -> Vec<u8> {
    entries.iter().flat_map(|entry| entry.as_bytes_with_nul().to_vec()).collect()
}

#[test]
fn hands_over_odd_entries_byte_for_byte_and_in_order() {
    let sandbox = Sandbox::new();
    let entries = environment(&sandbox, ODD.map(<[u8]>::to_vec));
    assert_eq!(seen(&sandbox, &entries), laid_out(&entries));
}

#[test]
fn hands_over_thousands_of_variables() {
    let sandbox = Sandbox::new();
    let many = (0..3_000).map(|number| format!("MANY_{number}={number}").into_bytes());
    let entries = environment(&sandbox, many);
    assert_eq!(seen(&sandbox, &entries), laid_out(&entries));
}

#[test]
fn the_same_secret_has_the_same_mark_wherever_it_stands_and_is_written_nowhere() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.airlock(["--", "true", "--token", "hunter2"]);
    let running = Running::start(command.env("AWS_SECRET_ACCESS_KEY", "hunter2"));
    let pending = sandbox.pending();
    let plaintext = sandbox.plaintext(&pending);
    let variables = plaintext["environment"].as_array().expect("a list");
    let secret = variables.iter().find(|each| each["name"] == "AWS_SECRET_ACCESS_KEY");
    let mark = secret.expect("it changes what runs")["value"].as_str().expect("text");
    assert!(mark.starts_with("‹redacted value len=7 #") && mark.ends_with('›'), "{mark}");
    sandbox.approve(&pending);
    assert!(running.finish().status.success());
    let log = fs::read_to_string(sandbox.log_file());
    let log = log.expect("the log");
    assert!(log.contains(mark) && !log.contains("hunter2"), "{log}");
}

#[test]
fn no_core_is_left_of_us_and_the_command_has_the_limit_of_the_caller() {
    let sandbox = Sandbox::new();
    let script = "ulimit -S -c 8 && exec \"$@\"";
    let mut command = sandbox.program("sh");
    command.args(["-c", script, "sh", support::BINARY, "--", "sh", "-c", "ulimit -S -c"]);
    let running = Running::start(&mut command);
    let pending = sandbox.pending();
    let limits = fs::read_to_string(format!("/proc/{}/limits", running.pid())).expect("limits");
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).expect("a line");
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
    sandbox.approve(&pending);
    let output = running.finish();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "8\n", "{output:?}");
}
