//! What Rust's runtime opens for streams that it takes for closed, and that are open.
//!
//! It asks `poll(2)`, which knows nothing of a descriptor that was opened with `O_PATH`. The
//! `/dev/null` that it opens then does not come in the place of the stream: it is one
//! descriptor more, which the command would inherit.

use nix::libc;
use std::os::fd::{BorrowedFd, RawFd};
use std::sync::atomic::{AtomicI32, Ordering};

/// Where the runtime's come to lie; -1 for none.
static FORESEEN: [AtomicI32; 3] = [const { AtomicI32::new(-1) }; 3];

/// How a descriptor stands with Rust's runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is open.
    Open,
    /// It is open, and the runtime takes it for closed.
    Hidden,
    /// It is closed.
    Closed,
}

/// Tells how a descriptor stands; async-signal-safe.
pub(super) fn standing(descriptor: RawFd) -> Standing {
    // SAFETY: F_GETFL takes no pointer and changes nothing.
    match unsafe { libc::fcntl(descriptor, libc::F_GETFL) } {
        -1 => Standing::Closed,
        flags if flags & HIDING != 0 => Standing::Hidden,
        _ => Standing::Open,
    }
}

#[cfg(target_os = "linux")]
const HIDING: libc::c_int = libc::O_PATH;
#[cfg(not(target_os = "linux"))]
const HIDING: libc::c_int = 0;

/// Notes where so many descriptors will come to lie that are opened next; those which are
/// standard streams then are nothing too much.
pub(super) fn foresee(count: usize) {
    let free =
        (0..RawFd::MAX).filter(|descriptor| standing(*descriptor) == Standing::Closed).take(count);
    for (place, descriptor) in FORESEEN.iter().zip(free.filter(|descriptor| *descriptor > 2)) {
        place.store(descriptor, Ordering::Relaxed);
    }
}

/// Closes what the runtime opened in no stream's place. To be called before anything else
/// is opened.
pub fn close_surplus() {
    for place in &FORESEEN {
        let descriptor = place.swap(-1, Ordering::Relaxed);
        if descriptor > 2 && is_null(descriptor) {
            // SAFETY: it was free at the start, and no value of ours owns it.
            unsafe { libc::close(descriptor) };
        }
    }
}

fn is_null(descriptor: RawFd) -> bool {
    if standing(descriptor) == Standing::Closed {
        return false;
    }
    // SAFETY: it is open, and only used for this question.
    let borrowed = unsafe { BorrowedFd::borrow_raw(descriptor) };
    let found = nix::sys::stat::fstat(borrowed);
    let null = nix::sys::stat::stat(c"/dev/null");
    found.and_then(|found| Ok((found, null?))).is_ok_and(|(found, null)| {
        (found.st_mode & libc::S_IFMT, found.st_rdev) == (libc::S_IFCHR, null.st_rdev)
    })
}
