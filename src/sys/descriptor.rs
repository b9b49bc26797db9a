//! Descriptors of the caller's, closed where they must not be held.

use super::inherited::Streams;
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag};
use nix::libc;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

/// Closes the chosen streams; async-signal-safe.
pub(super) fn close_streams(streams: Streams) {
    for stream in 0..3_u8 {
        if streams.contains(stream) {
            close(stream.into());
        }
    }
}

/// Puts `/dev/null` on the chosen streams, as Rust's runtime did at the start.
pub(super) fn reopen(streams: Streams) {
    for stream in 0..3_u8 {
        if streams.contains(stream) {
            put_null(stream.into());
        }
    }
}

/// Puts `/dev/null` on the chosen streams, so that whoever is at the other end
/// of a pipe sees it closed as soon as the command closes it.
pub fn silence(streams: Streams) {
    reopen(streams);
}

/// Makes a second descriptor of the same open file, closed on exec.
///
/// # Errors
///
/// `EBADF` when there is none of that number, `EMFILE`.
pub fn duplicate(descriptor: RawFd) -> Result<OwnedFd, Errno> {
    // SAFETY: numbers only; a closed descriptor is an error.
    let copy = unsafe { libc::fcntl(descriptor, libc::F_DUPFD_CLOEXEC, 3) };
    let copy = Errno::result(copy)?;
    // SAFETY: the kernel just made it for us.
    Ok(unsafe { OwnedFd::from_raw_fd(copy) })
}

/// Takes a descriptor that the caller handed down for us: what we start does not have it.
///
/// # Errors
///
/// `EBADF` when there is none of that number.
pub fn take(descriptor: RawFd) -> Result<OwnedFd, Errno> {
    // SAFETY: numbers only; a closed descriptor is an error.
    let marked = unsafe { libc::fcntl(descriptor, libc::F_SETFD, libc::FD_CLOEXEC) };
    Errno::result(marked)?;
    // SAFETY: it is open, and the caller's word is that it is ours.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

/// Closes what the caller handed down above the standard streams.
///
/// The command has its own copies; holding on to ours would keep pipes open.
pub fn close_handed_down() {
    for descriptor in handed_down().into_iter().filter(|each| !is_locked_by_us(*each)) {
        close(descriptor);
    }
}

/// Tells whether this process holds a lock on the file, which goes when it closes it.
///
/// Only a record lock (POSIX) does: it belongs to the process, which was the caller.
fn is_locked_by_us(descriptor: RawFd) -> bool {
    // SAFETY: only used for this question; a closed one gives an error.
    let borrowed = unsafe { BorrowedFd::borrow_raw(descriptor) };
    let is_file = nix::sys::stat::fstat(borrowed)
        .is_ok_and(|found| found.st_mode & libc::S_IFMT == libc::S_IFREG);
    let told = || std::fs::read_to_string(format!("/proc/self/fdinfo/{descriptor}"));
    let is_record_lock = |line: &str| line.starts_with("lock:") && line.contains(" POSIX ");
    is_file && told().is_ok_and(|told| told.lines().any(is_record_lock))
}

/// Returns what the caller handed down above the standard streams.
///
/// Ours are all closed on exec and theirs are not: that tells them apart.
#[must_use]
pub fn handed_down() -> Vec<RawFd> {
    let all = open_descriptors().into_iter();
    all.filter(|descriptor| *descriptor > 2 && !is_closed_on_exec(*descriptor)).collect()
}

/// An open file that takes the place of a descriptor which the caller handed down.
#[derive(Debug)]
pub struct Substitute {
    /// The descriptor whose place it takes.
    pub number: RawFd,
    /// The open file.
    pub file: OwnedFd,
}

impl Substitute {
    /// Takes the place; async-signal-safe.
    pub(super) fn take_place(&self) -> Result<(), Errno> {
        // SAFETY: numbers only; the caller's descriptor is owned by no value of ours.
        Errno::result(unsafe { libc::dup2(self.file.as_raw_fd(), self.number) }).map(drop)
    }
}

/// Closes every descriptor above the standard streams but those.
///
/// For a process of ours that is forked from here and must not hold anything of
/// the caller's, nor of ours; async-signal-safe.
pub fn close_all_but(kept: &[BorrowedFd<'_>]) {
    let mut first = 3;
    loop {
        let next = kept.iter().map(AsRawFd::as_raw_fd).filter(|fd| *fd >= first).min();
        let Some(next) = next else { break };
        close_range(first, next - 1);
        first = next + 1;
    }
    close_range(first, RawFd::MAX);
}

#[cfg(target_os = "linux")]
fn close_range(first: RawFd, last: RawFd) {
    if first > last {
        return;
    }
    // SAFETY: the caller gives up every descriptor of the range; three numbers.
    let closed = unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) };
    if closed == -1 {
        close_one_by_one(first, last);
    }
}

#[cfg(not(target_os = "linux"))]
fn close_range(first: RawFd, last: RawFd) {
    close_one_by_one(first, last);
}

/// For systems without `close_range`: up to a limit that is usual for them.
fn close_one_by_one(first: RawFd, last: RawFd) {
    const USUAL_LIMIT: RawFd = 65_536;
    for descriptor in first..=last.min(USUAL_LIMIT) {
        close(descriptor);
    }
}

fn close(descriptor: RawFd) {
    // SAFETY: callers name descriptors that no value of ours owns.
    unsafe { libc::close(descriptor) };
}

fn put_null(stream: RawFd) {
    // SAFETY: the path is a C string; the call makes a new descriptor.
    let null = unsafe { libc::open(c"/dev/null".as_ptr(), libc::O_RDWR | libc::O_CLOEXEC) };
    if null == -1 || null == stream {
        return;
    }
    // SAFETY: both are numbers; standard streams are owned by nobody.
    unsafe { libc::dup2(null, stream) };
    close(null);
}

fn is_closed_on_exec(descriptor: RawFd) -> bool {
    // SAFETY: only used for this question; a closed one gives an error.
    let borrowed = unsafe { BorrowedFd::borrow_raw(descriptor) };
    let flags = nix::fcntl::fcntl(borrowed, FcntlArg::F_GETFD).unwrap_or(0);
    FdFlag::from_bits_retain(flags).contains(FdFlag::FD_CLOEXEC)
}

fn open_descriptors() -> Vec<RawFd> {
    let Ok(entries) = std::fs::read_dir("/dev/fd") else { return Vec::new() };
    entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}
