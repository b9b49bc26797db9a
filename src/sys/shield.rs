//! Keeps what is in this process's memory out of core files, and from other programs.
//!
//! Other processes of the same user cannot read the memory of a process that is not
//! dumpable, unless they may trace any. A program that is started has everything as
//! the caller had it: `execve` makes it dumpable, and its limit is put back.

use nix::sys::resource::{Resource, getrlimit, rlim_t, setrlimit};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

static IS_UP: AtomicBool = AtomicBool::new(false);
/// The limits that held before.
static SOFT: AtomicU64 = AtomicU64::new(0);
static HARD: AtomicU64 = AtomicU64::new(0);

/// Forbids core files of this process and looks into its memory: before a secret is read.
///
/// The hard limit stays, so that the soft one can be put back by anybody. What the
/// system does not grant is no reason to stop: the secrets are as safe as without.
pub fn shield_memory() {
    if IS_UP.load(Ordering::Relaxed) {
        return;
    }
    if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_CORE) {
        SOFT.store(soft, Ordering::Relaxed);
        HARD.store(hard, Ordering::Relaxed);
        let is_up = setrlimit(Resource::RLIMIT_CORE, 0, hard).is_ok();
        IS_UP.store(is_up, Ordering::Relaxed);
    }
    #[cfg(target_os = "linux")]
    let _ = nix::sys::prctl::set_dumpable(false);
}

/// Puts the limit back right before a program is executed; async-signal-safe.
pub(super) fn restore_limit() {
    if IS_UP.load(Ordering::Relaxed) {
        let (soft, hard): (rlim_t, rlim_t) =
            (SOFT.load(Ordering::Relaxed), HARD.load(Ordering::Relaxed));
        let _ = setrlimit(Resource::RLIMIT_CORE, soft, hard);
    }
}
