//! A second process from this one.

use nix::errno::Errno;
use nix::libc;
use nix::unistd::{ForkResult, Pid};

/// Ends the process if its code returns by a panic.
struct NoReturn;

impl Drop for NoReturn {
    fn drop(&mut self) {
        exit_now(125);
    }
}

/// Runs `child` in a new process, which ends with the number it returns.
///
/// The child has one thread and a copy of everything. It must use only
/// async-signal-safe calls, and not allocate, because another thread of the
/// parent may have held a lock at this moment.
///
/// # Errors
///
/// `EAGAIN` when a limit on processes was reached, `ENOMEM`.
pub fn fork(child: impl FnOnce() -> u8) -> Result<Pid, Errno> {
    // SAFETY: the child keeps to async-signal-safe calls (the contract above)
    // and never returns into code that was there before the fork.
    match unsafe { nix::unistd::fork() }? {
        ForkResult::Parent { child } => Ok(child),
        ForkResult::Child => {
            let guard = NoReturn;
            let status = child();
            exit_now(status.into());
            drop(guard);
            Err(Errno::ECANCELED)
        }
    }
}

/// Ends this process at once: no destructors, no buffers, no handlers.
pub fn exit_now(status: i32) {
    // SAFETY: `_exit` takes a number and does not come back.
    unsafe { libc::_exit(status) }
}
