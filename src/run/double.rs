//! A signal that is sent twice at once, to us and to our group, as `timeout` does.
//!
//! Whoever gets both itself has one: the second finds the first still pending, because
//! who sends them is not held up in between. We hand them on, which takes longer than
//! that; so what comes again at once is waited for and is the same.

use crate::sys::{Received, SignalDescriptor};
use nix::poll::{PollFd, PollFlags, poll};
use std::os::fd::AsFd;

/// How long whoever sends both may be held up in between, in milliseconds: we may have
/// taken its place on the processor.
const PATIENCE_MILLIS: u8 = 4;
/// Of those behind this each one counts.
const LAST_STANDARD: i32 = 31;

/// What came behind a signal.
#[derive(Debug)]
pub(super) enum Then {
    /// Nothing in that time.
    Nothing,
    /// The same, from whoever sent it.
    Same,
    /// Something else, which is still to be handed on.
    Other(Received),
}

/// Waits a moment for what comes behind a signal that a process sent.
pub(super) fn behind(received: Received, signals: &SignalDescriptor) -> Then {
    if received.by_kernel || received.signal > LAST_STANDARD {
        return Then::Nothing;
    }
    let mut waiting = [PollFd::new(signals.as_fd(), PollFlags::POLLIN)];
    let _ = poll(&mut waiting, PATIENCE_MILLIS);
    match signals.next() {
        None => Then::Nothing,
        Some(next) if (next.signal, next.sender) == (received.signal, received.sender) => {
            Then::Same
        }
        Some(next) => Then::Other(next),
    }
}
