//! How a command ended, and how we end likewise.

use crate::sys::{self, Ending};
use std::sync::atomic::{AtomicI32, Ordering};

/// The signal of a key that our group is sent when we end; 0 is none.
static DUE: AtomicI32 = AtomicI32::new(0);

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It returned this status.
    Code(u8),
    /// It was killed by the signal of this number.
    Signal(i32),
}

impl From<Ending> for Exit {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Returned(code) => Self::Code(code),
            Ending::Killed(signal) => Self::Signal(signal),
        }
    }
}

/// Whoever shares our group gets this signal of a key when we end, as the command did.
pub(super) fn our_group_is_due(signal: i32) {
    DUE.store(signal, Ordering::Relaxed);
}

/// Sends our group the signal of a key that ended the command so, if one did.
///
/// For the very end: who waits for us may end us as soon as it has it.
pub fn pass_key_on(exit: Exit) -> Exit {
    let signal = DUE.swap(0, Ordering::Relaxed);
    if signal != 0 {
        sys::send_to_others(signal);
    }
    exit
}

/// Ends this process as that signal would have: quietly, and without a core.
///
/// Comes back only if the system does not end us by it; then the caller exits
/// with 128 and the number, as a shell says it.
pub fn die_by_signal(signal: i32) {
    sys::end_by(signal);
}
