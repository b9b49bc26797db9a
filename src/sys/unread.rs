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
            && entries(&process.join("task")).any(|thread| waits(&process, &thread, device))
    })
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
    let Ok(stat) = fs::read_to_string(process.join("stat")) else { return false };
    let mut fields = stat.rsplit_once(") ").map_or("", |(_, rest)| rest).split(' ').skip(3);
    let (session, terminal) = (fields.next().unwrap_or_default(), fields.next());
    // As the kernel writes it: minor, major, and what is more of minor.
    let (major, minor) = (major(device), minor(device));
    let number = (minor & 0xff) | (major << 8) | ((minor & !0xff) << 12);
    terminal.and_then(|terminal| terminal.parse().ok()) == Some(number)
        && process.file_name().is_some_and(|name| name != session)
}

/// Tells whether a thread waits for input that may be that terminal's (proc(5), `syscall`).
fn waits(process: &Path, thread: &Path, device: libc::dev_t) -> bool {
    let Ok(call) = fs::read_to_string(thread.join("syscall")) else { return true };
    let mut words = call.split_ascii_whitespace();
    let Some(number) = words.next().and_then(|number| number.parse::<libc::c_long>().ok()) else {
        return false;
    };
    let file = words.next().and_then(|word| u32::from_str_radix(word.strip_prefix("0x")?, 16).ok());
    // `/dev/tty` is whatever controls the process.
    let devices = [Some(device), stat(c"/dev/tty").ok().map(|found| found.st_rdev)];
    let is_it = |file: &str| {
        fs::metadata(process.join("fd").join(file))
            .is_ok_and(|found| devices.contains(&Some(found.rdev())))
    };
    if READS.contains(&number) {
        return file.is_some_and(|file| is_it(&file.to_string()));
    }
    if EPOLLS.contains(&number) {
        let told = |file: u32| {
            fs::read_to_string(process.join("fdinfo").join(file.to_string())).unwrap_or_default()
        };
        return file.map(told).is_some_and(|told| {
            let mut files = told.lines().filter_map(|line| line.strip_prefix("tfd:"));
            files.any(|line| line.split_ascii_whitespace().next().is_some_and(is_it))
        });
    }
    POLLS.contains(&number)
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
