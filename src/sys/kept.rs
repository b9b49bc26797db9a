//! What a process keeps when it executes a program and does not hand to a child.
//!
//! A command that runs bare still has what its caller set up in the process that became
//! the command: its alarm clock (`perl -e 'alarm 9; exec @ARGV'` is a time limit), and
//! that it takes in orphans. Where we stay, the command is a child, which has neither.

use nix::libc::{self, itimerval, timeval};
use std::ptr::null_mut;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

const NEVER: timeval = timeval { tv_sec: 0, tv_usec: 0 };

/// What was left on the clocks of the caller: real time, time of its own, all its time.
static CLOCKS: OnceLock<[itimerval; 3]> = OnceLock::new();

/// Whether the caller had us take in orphans.
static IS_SUBREAPER: AtomicBool = AtomicBool::new(false);

/// Stops the clocks of this process, for the command that is started next.
pub fn hand_on_what_execve_keeps() {
    CLOCKS.get_or_init(|| {
        let never = itimerval { it_interval: NEVER, it_value: NEVER };
        let (mut real, mut user, mut all) = (never, never, never);
        let off = &raw const never;
        // SAFETY: one value is read, and there is room for another.
        let _ = unsafe { libc::setitimer(libc::ITIMER_REAL, off, &raw mut real) };
        // SAFETY: as above.
        let _ = unsafe { libc::setitimer(libc::ITIMER_VIRTUAL, off, &raw mut user) };
        // SAFETY: as above.
        let _ = unsafe { libc::setitimer(libc::ITIMER_PROF, off, &raw mut all) };
        [real, user, all]
    });
    #[cfg(target_os = "linux")]
    IS_SUBREAPER
        .store(nix::sys::prctl::get_child_subreaper().unwrap_or_default(), Ordering::Relaxed);
}

/// Tells whether the caller had us take in orphans.
pub(super) fn is_subreaper() -> bool {
    IS_SUBREAPER.load(Ordering::Relaxed)
}

/// Gives this process, which is about to execute the command, what was handed on;
/// async-signal-safe.
pub(super) fn take_what_was_handed_on() {
    if let Some([real, user, all]) = CLOCKS.get() {
        // SAFETY: one value is read, and a null means the old one is not wanted.
        let _ = unsafe { libc::setitimer(libc::ITIMER_REAL, real, null_mut()) };
        // SAFETY: as above.
        let _ = unsafe { libc::setitimer(libc::ITIMER_VIRTUAL, user, null_mut()) };
        // SAFETY: as above.
        let _ = unsafe { libc::setitimer(libc::ITIMER_PROF, all, null_mut()) };
    }
    #[cfg(target_os = "linux")]
    if is_subreaper() {
        let _ = nix::sys::prctl::set_child_subreaper(true);
    }
}
