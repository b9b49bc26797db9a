//! A second process from this one.

use nix::errno::Errno;
use nix::libc;
use nix::unistd::{ForkResult, Pid};
use std::os::fd::BorrowedFd;
#[cfg(target_os = "linux")]
use {
    std::ffi::{c_int, c_void},
    std::mem::MaybeUninit,
    std::os::fd::{AsRawFd, RawFd},
};

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

/// What a process that is about to execute a program needs at most, in bytes.
#[cfg(target_os = "linux")]
const STACK: usize = 16 * 1024;

/// Memory that a process of its own may use as its stack.
#[cfg(target_os = "linux")]
#[repr(align(16))]
struct Stack(MaybeUninit<[u8; STACK]>);

/// Runs `child` in a new process that executes a program, and goes on when it has.
///
/// Until then the child uses our memory, and we stand still: nothing is copied, which
/// takes longer than all the rest the more of it we have. What it changes there stays
/// changed, so it keeps to async-signal-safe calls as the child of [`fork`] does. All
/// signals must be blocked, and no handler of ours be left when the child unblocks them.
///
/// # Errors
///
/// As those of [`fork`].
#[cfg(target_os = "linux")]
pub(super) fn fork_to_execute<C: FnOnce() -> u8>(child: C) -> Result<Pid, Errno> {
    let mut child = Some(child);
    let mut stack = Stack(MaybeUninit::uninit());
    let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD;
    let top = stack.0.as_mut_ptr().wrapping_add(1);
    // SAFETY: stack and closure outlive the child's use of them, because CLONE_VFORK
    // holds us up until it has executed a program or ended, and nobody else has them.
    let pid = unsafe {
        libc::clone(enter::<C>, top.cast(), flags, std::ptr::from_mut(&mut child).cast())
    };
    Errno::result(pid).map(Pid::from_raw)
}

/// Where the child of [`fork_to_execute`] begins.
#[cfg(target_os = "linux")]
extern "C" fn enter<C: FnOnce() -> u8>(child: *mut c_void) -> c_int {
    let _guard = NoReturn;
    // SAFETY: this is the closure that was handed over for us alone.
    let child = unsafe { child.cast::<Option<C>>().as_mut() };
    let status = child.and_then(Option::take).map_or(125, |child| child());
    exit_now(status.into());
    125
}

/// What a process beside us does, and the descriptor it does it with.
#[cfg(target_os = "linux")]
struct Work {
    child: fn(BorrowedFd<'_>) -> u8,
    descriptor: RawFd,
}

/// Runs `child` in a new process that uses our memory as long as it lives, with the copy
/// of a descriptor, and ends with the number it returns.
///
/// Nothing of our memory is copied, neither now nor when we go on to write to it. It has a
/// stack of its own, and keeps to async-signal-safe calls as the child of [`fork`] does.
/// The number of the last error is in our memory, too: what fails there should not while we
/// call something. All signals must be blocked, and stay so there.
///
/// # Errors
///
/// As those of [`fork`].
#[cfg(target_os = "linux")]
pub fn fork_beside(
    descriptor: BorrowedFd<'_>,
    child: fn(BorrowedFd<'_>) -> u8,
) -> Result<Pid, Errno> {
    // Both for as long as we live: nobody says when they are not needed any more.
    let work = Box::leak(Box::new(Work { child, descriptor: descriptor.as_raw_fd() }));
    let top = Box::leak(Box::<Stack>::new_uninit()).as_mut_ptr().wrapping_add(1);
    let flags = libc::CLONE_VM | libc::SIGCHLD;
    let work = std::ptr::from_mut(work);
    // SAFETY: stack and work are the child's alone and stay for ever.
    let pid = unsafe { libc::clone(enter_beside, top.cast(), flags, work.cast()) };
    Errno::result(pid).map(Pid::from_raw)
}

/// Where the child of [`fork_beside`] begins.
#[cfg(target_os = "linux")]
extern "C" fn enter_beside(work: *mut c_void) -> c_int {
    let _guard = NoReturn;
    // SAFETY: this is the work that was handed over, for us alone and for ever.
    let Some(work) = (unsafe { work.cast::<Work>().as_ref() }) else { return 125 };
    // SAFETY: our own descriptors are a copy of those that were there, with this one open.
    let status = (work.child)(unsafe { BorrowedFd::borrow_raw(work.descriptor) });
    exit_now(status.into());
    125
}

/// Does the same with a copy of our memory.
///
/// # Errors
///
/// As those of [`fork`].
#[cfg(not(target_os = "linux"))]
pub fn fork_beside(
    descriptor: BorrowedFd<'_>,
    child: fn(BorrowedFd<'_>) -> u8,
) -> Result<Pid, Errno> {
    fork(|| child(descriptor))
}

/// Does the same with a copy of our memory.
#[cfg(not(target_os = "linux"))]
pub(super) fn fork_to_execute(child: impl FnOnce() -> u8) -> Result<Pid, Errno> {
    fork(child)
}

/// Ends this process at once: no destructors, no buffers, no handlers.
pub fn exit_now(status: i32) {
    // SAFETY: `_exit` takes a number and does not come back.
    unsafe { libc::_exit(status) }
}
