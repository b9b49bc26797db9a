//! Carries on what processes write that the command left behind.
//!
//! Without us they would write to the caller's terminal long after the command
//! ended. They still do, until the last of them closes it or the terminal goes.

use super::buffer::{Buffer, Transfer};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::termios::{OutputFlags, SetArg, tcgetattr, tcsetattr};
use std::os::fd::BorrowedFd;

/// Copies from the command's terminal to the caller's until either is gone.
pub(super) fn relay(from: BorrowedFd<'_>, to: BorrowedFd<'_>) {
    // The caller's terminal is no longer raw, so it makes the line ends now.
    if let Ok(mut settings) = tcgetattr(from) {
        settings.output_flags.remove(OutputFlags::OPOST);
        let _ = tcsetattr(from, SetArg::TCSANOW, &settings);
    }
    let mut buffer = Buffer::new();
    loop {
        let (source, sink) = if buffer.is_empty() {
            (PollFlags::POLLIN, PollFlags::empty())
        } else {
            (PollFlags::empty(), PollFlags::POLLOUT)
        };
        let mut waiting = [PollFd::new(from, source), PollFd::new(to, sink)];
        let _ = poll(&mut waiting, PollTimeout::NONE);
        let gone = waiting.get(1).and_then(PollFd::revents).unwrap_or(PollFlags::empty());
        if gone.intersects(PollFlags::POLLHUP | PollFlags::POLLERR) {
            return;
        }
        if buffer.is_empty() && buffer.fill(from) == Transfer::Gone {
            return;
        }
        if buffer.drain(to) == Transfer::Gone {
            return;
        }
    }
}
