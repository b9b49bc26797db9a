//! What became of a child.

use nix::errno::Errno;
use nix::libc;
use nix::unistd::{Pid, getpid};
use std::mem::MaybeUninit;

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It returned this status.
    Returned(u8),
    /// It was killed by the signal of this number, which may be a real-time one.
    Killed(i32),
}

/// What happened to a child since it was last asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It ended, and is gone.
    Ended(Ending),
    /// It was stopped by the signal of this number.
    Stopped(i32),
    /// It goes on.
    Continued,
}

/// Tells what happened to a child, `None` when nothing did; async-signal-safe.
///
/// # Errors
///
/// `ECHILD` when it is no child of ours.
pub fn change_of(child: Pid) -> Result<Option<Change>, Errno> {
    wait(child, libc::WNOHANG | libc::WUNTRACED | libc::WCONTINUED)
}

/// Tells whether a process is stopped, whoever's child it is; async-signal-safe.
///
/// `true` also where that cannot be found out.
#[cfg(target_os = "linux")]
#[must_use]
pub fn is_stopped(process: Pid) -> bool {
    use nix::fcntl::{OFlag, open};
    use nix::sys::stat::Mode;
    use nix::unistd::read;
    use std::ffi::CStr;
    use std::io::Write as _;
    let (mut path, mut text) = ([0; 64], [0; 512]);
    // The path is in the buffer: nothing here may ask for memory.
    if write!(&mut path[..], "/proc/{process}/stat\0").is_err() {
        return true;
    }
    let path = CStr::from_bytes_until_nul(&path).ok();
    let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC;
    let Some(file) = path.and_then(|path| open(path, flags, Mode::empty()).ok()) else {
        return true;
    };
    let length = read(&file, &mut text).unwrap_or(0);
    // Behind the name in brackets, which may hold any others.
    let Some(end) = text[..length].iter().rposition(|byte| *byte == b')') else { return true };
    // Stopped by a signal, or by whoever traces it.
    matches!(text.get(end + 2), Some(b'T' | b't'))
}

/// Elsewhere nobody is asked.
#[cfg(not(target_os = "linux"))]
#[must_use]
pub fn is_stopped(_: Pid) -> bool {
    true
}

/// Waits until a child has ended.
///
/// # Errors
///
/// `ECHILD` when it is no child of ours.
pub fn end_of(child: Pid) -> Result<Ending, Errno> {
    loop {
        match wait(child, 0) {
            Ok(Some(Change::Ended(ending))) => return Ok(ending),
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno),
        }
    }
}

/// Waits for each child that has ended and is none of these.
///
/// Orphans come to us where we are the first process of a container, or where the caller
/// took them in. Nobody else waits for them.
pub fn lay_to_rest_all_but(ours: &[Pid]) {
    if getpid() != Pid::from_raw(1) && !super::kept::is_subreaper() {
        return;
    }
    while let Some(ended) = ended_child().filter(|ended| !ours.contains(ended)) {
        if wait(ended, libc::WNOHANG).is_err() {
            return;
        }
    }
}

/// Returns a child that has ended and was not waited for.
fn ended_child() -> Option<Pid> {
    let mut told = MaybeUninit::<libc::siginfo_t>::zeroed();
    let options = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
    // SAFETY: the pointer leads to room for what is told.
    let asked = unsafe { libc::waitid(libc::P_ALL, 0, told.as_mut_ptr(), options) };
    // SAFETY: all zeroes is a valid value, also if the call wrote nothing.
    let told = unsafe { told.assume_init() };
    // SAFETY: this call tells of a child, or left the zeroes.
    let child = unsafe { told.si_pid() };
    (asked == 0 && child > 0).then(|| Pid::from_raw(child))
}

fn wait(child: Pid, options: i32) -> Result<Option<Change>, Errno> {
    let mut status = 0;
    // SAFETY: the pointer leads to room for one number.
    let waited = unsafe { libc::waitpid(child.as_raw(), &raw mut status, options) };
    if Errno::result(waited)? == 0 {
        return Ok(None);
    }
    Ok(if libc::WIFEXITED(status) {
        // The system keeps the low eight bits of a status.
        Some(Change::Ended(Ending::Returned(libc::WEXITSTATUS(status).to_le_bytes()[0])))
    } else if libc::WIFSIGNALED(status) {
        Some(Change::Ended(Ending::Killed(libc::WTERMSIG(status))))
    } else if libc::WIFSTOPPED(status) {
        Some(Change::Stopped(libc::WSTOPSIG(status)))
    } else if libc::WIFCONTINUED(status) {
        Some(Change::Continued)
    } else {
        None
    })
}
