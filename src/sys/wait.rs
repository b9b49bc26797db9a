//! What became of a child.

use nix::errno::Errno;
use nix::libc;
use nix::unistd::Pid;

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
}

/// Tells what happened to a child, `None` when nothing did; async-signal-safe.
///
/// # Errors
///
/// `ECHILD` when it is no child of ours.
pub fn change_of(child: Pid) -> Result<Option<Change>, Errno> {
    wait(child, libc::WNOHANG | libc::WUNTRACED)
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
    } else {
        None
    })
}
