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
use support::Sandbox;

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
