//! Carries on what processes write that the command left behind.
//!
//! Without us they would write to the caller's terminal long after the command
//! ended. They still do, until the last of them closes it or the terminal goes.

use super::newline::{Last, unreturn};
use super::outer::adds_carriage_returns;
use super::sanitizer::Sanitizer;
use crate::run::OutputRule;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::termios::tcgetattr;
use nix::unistd::{read, write};
use std::os::fd::BorrowedFd;

/// Copies from the command's terminal to the caller's until either is gone;
/// async-signal-safe.
pub(super) fn relay(from: BorrowedFd<'_>, to: BorrowedFd<'_>, output: OutputRule) {
    let mut sanitizer = (output == OutputRule::Sanitized).then(Sanitizer::new);
    let mut pass_on = |bytes: &[u8]| match &mut sanitizer {
        None => write_all(to, bytes),
        Some(sanitizer) => {
            let mut is_there = true;
            sanitizer.pass(bytes, &mut |kept| is_there = is_there && write_all(to, kept));
            is_there
        }
    };
    // The first byte is for the CR that the last read ended with.
    let mut bytes = [b'\r'; 4096];
    let mut last = Last::Whole;
    // After a CR the other half of the pair is there already, or never comes.
    while last == Last::Return || wait(from, PollFlags::POLLIN, to) {
        let (returned, room) = bytes.split_at_mut(1);
        let length = match read(from, room) {
            Ok(length @ 1..) => length,
            Err(Errno::EAGAIN | Errno::EINTR) => 0,
            Ok(_) | Err(_) => {
                if last == Last::Return {
                    pass_on(returned);
                }
                return;
            }
        };
        let start = usize::from(last == Last::Whole);
        let came = bytes.get_mut(start..=length).unwrap_or_default();
        let end;
        (end, last) = if length > 0 && returns_twice(from, to) {
            unreturn(came)
        } else {
            (came.len(), Last::Whole)
        };
        if !pass_on(came.get(..end).unwrap_or_default()) {
            return;
        }
        bytes.split_at_mut(1).0.fill(b'\r');
    }
}

/// Tells whether both terminals make a carriage return and a newline of a newline.
fn returns_twice(from: BorrowedFd<'_>, to: BorrowedFd<'_>) -> bool {
    [from, to]
        .iter()
        .all(|terminal| tcgetattr(terminal).is_ok_and(|settings| adds_carriage_returns(&settings)))
}

/// Writes all of it; tells whether the terminal is still there.
fn write_all(to: BorrowedFd<'_>, mut bytes: &[u8]) -> bool {
    while !bytes.is_empty() {
        match write(to, bytes) {
            Ok(length) => bytes = bytes.get(length..).unwrap_or_default(),
            Err(Errno::EAGAIN | Errno::EINTR) if wait(to, PollFlags::POLLOUT, to) => {}
            Err(_) => return false,
        }
    }
    true
}

/// Waits until that can be done there; tells whether the caller's terminal is still
/// there.
fn wait(at: BorrowedFd<'_>, what: PollFlags, terminal: BorrowedFd<'_>) -> bool {
    let mut waiting = [PollFd::new(at, what), PollFd::new(terminal, PollFlags::empty())];
    let _ = poll(&mut waiting, PollTimeout::NONE);
    let gone = waiting.get(1).and_then(PollFd::revents).unwrap_or(PollFlags::empty());
    !gone.intersects(PollFlags::POLLHUP | PollFlags::POLLERR)
}
