//! Who waits for input of a terminal: what a pty does not tell.

use nix::libc;
use nix::sys::stat::{fstat, major, minor, stat};
use std::fs;
use std::os::fd::BorrowedFd;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// Tells whether somebody waits for input of this terminal, among those whom it controls,
/// but for the leader of their session: in a read of it, in an `epoll` that has it, or in a
/// `poll` or `select`, whose files nobody can know.
///
/// Whom we may not look at counts as waiting.
#[must_use]
pub fn somebody_waits_for(terminal: BorrowedFd<'_>) -> bool {
    let Ok(device) = fstat(terminal).map(|found| found.st_rdev) else { return false };
    entries(Path::new("/proc")).any(|process| {
        is_controlled(&process, device)
            && (was_stopped(&process, device)
                || entries(&process.join("task")).any(|thread| waits(&process, &thread, device)))
    })
}

/// Tells whether somebody was stopped because it would have read this terminal, or set it, in
/// the background.
#[must_use]
pub fn somebody_was_stopped_for(terminal: BorrowedFd<'_>) -> bool {
    let Ok(device) = fstat(terminal).map(|found| found.st_rdev) else { return false };
    entries(Path::new("/proc")).any(|process| was_stopped(&process, device))
}

/// Returns the numbered entries of a directory.
fn entries(of: &Path) -> impl Iterator<Item = std::path::PathBuf> {
    let numbered = |name: &std::ffi::OsStr| name.as_encoded_bytes().iter().all(u8::is_ascii_digit);
    let entries = fs::read_dir(of).into_iter().flatten().flatten();
    entries.filter(move |entry| numbered(&entry.file_name())).map(|entry| entry.path())
}

/// Tells whether that terminal controls a process other than the one which leads its
/// session (proc(5), the sixth and seventh field of `stat`).
fn is_controlled(process: &Path, device: libc::dev_t) -> bool {
    let stat = fields(process);
    let field = |number: usize| stat.get(number - FIRST);
    // As the kernel writes it: minor, major, and what is more of minor.
    let (major, minor) = (major(device), minor(device));
    let number = (minor & 0xff) | (major << 8) | ((minor & !0xff) << 12);
    field(7).and_then(|terminal| terminal.parse().ok()) == Some(number)
        && process.file_name().is_some_and(|name| field(6).is_some_and(|leader| name != &**leader))
}

/// Tells whether a process at that terminal is stopped for want of it (proc(5), the state and
/// the signal that stopped it, which are the third and 52nd field of `stat`). Whoever waits for
/// it may have taken the signal already: then what it was about to do tells.
fn was_stopped(process: &Path, device: libc::dev_t) -> bool {
    let stat = fields(process);
    let field = |number: usize| stat.get(number - FIRST).map(String::as_str);
    let by = field(52).and_then(|signal| signal.parse().ok());
    field(3) == Some("T")
        && is_controlled(process, device)
        && (by.is_some_and(|signal| [libc::SIGTTIN, libc::SIGTTOU].contains(&signal))
            || Call::of(process).is_some_and(|call| call.reads(process, device)))
}

/// The first field behind the name of a program, which may hold anything.
const FIRST: usize = 3;

/// Returns the fields of `stat` from that on.
fn fields(process: &Path) -> Vec<String> {
    let stat = fs::read_to_string(process.join("stat")).unwrap_or_default();
    let behind = stat.rsplit_once(") ").map_or("", |(_, rest)| rest.trim_end());
    behind.split(' ').map(str::to_owned).collect()
}

/// The call that a thread is in.
struct Call {
    number: libc::c_long,
    /// Its first argument, where that can be a descriptor.
    file: Option<u32>,
}

impl Call {
    /// Returns the call of a thread, or a process (proc(5), `syscall`); `None` when it is in
    /// none.
    fn of(thread: &Path) -> Option<Self> {
        Self::parse(&fs::read_to_string(thread.join("syscall")).ok()?)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_ascii_whitespace();
        let number = words.next()?.parse().ok()?;
        let file = words.next().and_then(|word| word.strip_prefix("0x"));
        Some(Self { number, file: file.and_then(|file| u32::from_str_radix(file, 16).ok()) })
    }

    /// Tells whether it reads that terminal.
    fn reads(&self, process: &Path, device: libc::dev_t) -> bool {
        READS.contains(&self.number)
            && self.file.is_some_and(|file| is_it(process, &file.to_string(), device))
    }
}

/// Tells whether a descriptor of a process is that terminal.
fn is_it(process: &Path, file: &str, device: libc::dev_t) -> bool {
    // `/dev/tty` is whatever controls the process.
    let devices = [Some(device), stat(c"/dev/tty").ok().map(|found| found.st_rdev)];
    fs::metadata(process.join("fd").join(file))
        .is_ok_and(|found| devices.contains(&Some(found.rdev())))
}

/// Tells whether a thread waits for input that may be that terminal's.
fn waits(process: &Path, thread: &Path, device: libc::dev_t) -> bool {
    let Ok(text) = fs::read_to_string(thread.join("syscall")) else { return true };
    let Some(call) = Call::parse(&text) else { return false };
    if EPOLLS.contains(&call.number) {
        let told = |file: u32| {
            fs::read_to_string(process.join("fdinfo").join(file.to_string())).unwrap_or_default()
        };
        return call.file.map(told).is_some_and(|told| {
            let mut files = told.lines().filter_map(|line| line.strip_prefix("tfd:"));
            files.any(|line| {
                line.split_ascii_whitespace()
                    .next()
                    .is_some_and(|file| is_it(process, file, device))
            })
        });
    }
    call.reads(process, device) || POLLS.contains(&call.number)
}

const READS: [libc::c_long; 2] = [libc::SYS_read, libc::SYS_readv];
const EPOLLS: [libc::c_long; 2] = [libc::SYS_epoll_pwait, OLD[0]];
const POLLS: [libc::c_long; 5] =
    [libc::SYS_ppoll, libc::SYS_pselect6, libc::SYS_io_uring_enter, OLD[1], OLD[2]];

/// What only older processors have calls for: `epoll_wait`, `poll`, `select`.
#[cfg(target_arch = "x86_64")]
const OLD: [libc::c_long; 3] = [libc::SYS_epoll_wait, libc::SYS_poll, libc::SYS_select];
#[cfg(not(target_arch = "x86_64"))]
const OLD: [libc::c_long; 3] = [-1, -1, -1];

#[cfg(test)]
mod tests {
    use super::*;
    use nix::pty::openpty;
    use std::os::fd::AsFd as _;

    #[test]
    fn nobody_waits_for_a_terminal_that_controls_nobody() {
        let pty = openpty(None, None).unwrap();
        assert!(!somebody_waits_for(pty.slave.as_fd()));
    }
}
