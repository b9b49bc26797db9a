//! What this process was started with, before Rust's runtime changed it.
//!
//! Before `main`, Rust's runtime sets SIGPIPE to be ignored and opens `/dev/null`
//! on each closed standard stream; later an async runtime replaces dispositions
//! and never puts them back. A command must see none of that. So a constructor,
//! which the loader calls before the runtime starts, writes down the truth.

use super::arena::open_for_this_thread;
use super::signal::blocked_now;
use super::surplus::{self, Standing};
use nix::libc;
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering};

/// Bit n is set when descriptor n was closed at the start.
static CLOSED_STREAMS: AtomicU8 = AtomicU8::new(0);

/// Bit n is set when signal n was ignored at the start.
static IGNORED_SIGNALS: AtomicU32 = AtomicU32::new(0);

/// Which of [`LIBRARY_SIGNALS`] were blocked at the start, as the kernel's bits.
static BLOCKED_SIGNALS: AtomicU64 = AtomicU64::new(0);

/// The signals 32 to 34, as the kernel's bits: what a C library has for itself, and lets
/// through when it likes; musl does at the first handler, which Rust's runtime installs.
const LIBRARY_SIGNALS: u64 = 0b111 << 31;

/// The standard signals; nobody of ours touches the real-time ones.
pub(super) const STANDARD_SIGNALS: std::ops::Range<i32> = 1..32;

#[used]
// SAFETY: the section holds pointers to functions of this very type, which the
// loader calls once, before `main`, in a process with one thread.
#[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = ".init_array"))]
#[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__mod_init_func"))]
static CONSTRUCTOR: extern "C" fn() = record;

/// Runs before Rust's runtime: it must not use anything of `std` that needs it.
extern "C" fn record() {
    open_for_this_thread();
    let (mut closed, mut missing) = (0, 0);
    for stream in 0..3 {
        match surplus::standing(stream) {
            Standing::Open => {}
            Standing::Hidden => missing += 1,
            Standing::Closed => {
                closed |= 1 << stream;
                missing += 1;
            }
        }
    }
    CLOSED_STREAMS.store(closed, Ordering::Relaxed);
    if missing > 0 {
        surplus::foresee(missing);
    }

    let mut ignored = 0;
    for signal in STANDARD_SIGNALS {
        let mut action = std::mem::MaybeUninit::<libc::sigaction>::zeroed();
        // SAFETY: a null new action only asks; the old one has room for the answer.
        let asked = unsafe { libc::sigaction(signal, std::ptr::null(), action.as_mut_ptr()) };
        // SAFETY: all zeroes is a valid `sigaction`, also if the call wrote nothing.
        let action = unsafe { action.assume_init() };
        if asked == 0 && action.sa_sigaction == libc::SIG_IGN {
            ignored |= 1 << signal;
        }
    }
    IGNORED_SIGNALS.store(ignored, Ordering::Relaxed);
    BLOCKED_SIGNALS.store(blocked_now() & LIBRARY_SIGNALS, Ordering::Relaxed);
}

/// A choice among the three standard streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Streams(u8);

impl Streams {
    /// Returns the choice of no stream.
    #[must_use]
    pub fn none() -> Self {
        Self(0)
    }

    /// Returns the choice of all three.
    #[must_use]
    pub fn all() -> Self {
        Self(0b111)
    }

    /// Returns this choice and the stream of that descriptor number, 0 to 2.
    #[must_use]
    pub fn with(self, descriptor: u8) -> Self {
        Self((self.0 | 1 << descriptor) & 0b111)
    }

    /// Tells whether the stream of that descriptor number is chosen.
    #[must_use]
    pub fn contains(self, descriptor: u8) -> bool {
        self.0 & (1 << descriptor) != 0
    }

    /// Tells whether no stream is chosen.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// Returns the standard streams that the caller had closed.
#[must_use]
pub fn streams_closed_at_start() -> Streams {
    Streams(CLOSED_STREAMS.load(Ordering::Relaxed))
}

/// Tells whether the caller had us ignore this standard signal.
#[must_use]
pub fn ignored_at_start(signal: i32) -> bool {
    STANDARD_SIGNALS.contains(&signal)
        && IGNORED_SIGNALS.load(Ordering::Relaxed) & (1 << signal) != 0
}

/// Returns which of the C library's signals the caller had blocked, as the kernel's bits.
pub(super) fn blocked_at_start() -> u64 {
    BLOCKED_SIGNALS.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn what_the_library_let_through_is_blocked_for_a_command() {
        use crate::sys::signal::{mask, set_mask, set_mask_of_command};
        let (two, ours) = (0b110 << 31, mask().expect("a mask"));
        let before = BLOCKED_SIGNALS.swap(two, Ordering::Relaxed);
        set_mask_of_command(&nix::sys::signal::SigSet::empty()).expect("set");
        let blocked = blocked_now();
        set_mask(&ours).expect("set");
        BLOCKED_SIGNALS.store(before, Ordering::Relaxed);
        assert_eq!(blocked, two);
    }

    #[test]
    fn a_choice_holds_what_was_put_in() {
        let chosen = Streams::none().with(0).with(2);
        assert!(chosen.contains(0) && !chosen.contains(1) && chosen.contains(2));
        assert!(Streams::none().is_empty());
        assert_eq!(Streams::none().with(0).with(1).with(2), Streams::all());
    }
}
