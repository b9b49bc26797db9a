//! How a command ended, and how we end likewise.

use crate::sys::Ending;

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

/// Ends this process as that signal would have: quietly, and without a core.
///
/// Comes back only if the system does not end us by it; then the caller exits
/// with 128 and the number, as a shell says it.
pub fn die_by_signal(signal: i32) {
    crate::sys::end_by(signal);
}
