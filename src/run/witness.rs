//! Tells a signal sent to us alone from one sent to our whole process group.
//!
//! A command that shares our process group gets the group's signals itself, and
//! must not get them from us once more; what was sent to us alone is ours to
//! hand on. The kernel does not say which it was. So a second process of ours,
//! the witness, stays in the group with every signal blocked: what is pending
//! there was sent to the group. The kernel signals the youngest member of a group
//! first, so the witness has a signal before we have it, and asking is no race.
//!
//! It holds no descriptor of the caller's and ends when we do.

use crate::sys::{self, SignalDescriptor, Streams};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::{Pid, getppid, read, write};
use std::cell::Cell;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicI32, Ordering};

/// How long it may take to answer, in milliseconds: it may have been stopped.
const PATIENCE_MILLIS: u8 = 100;

/// How often it is looked whether a command goes on for which we are stopped, in milliseconds:
/// at first, and in the end.
const LOOK_MILLIS: u16 = 50;
const LONGEST_LOOK_MILLIS: u16 = 1000;

/// What the witness is told: to answer, to look after a command, and not to any more.
const ANSWER: u8 = 0;
const WAKE: u8 = 1;
const REST: u8 = 2;

/// Whom the witness looks after.
static STOPPED: AtomicI32 = AtomicI32::new(0);

/// The signals of one answer: bit n stands for signal n.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Seen(u64);

impl Seen {
    fn with(self, signal: i32) -> Self {
        Self(self.0 | Self::bit(signal))
    }

    fn without(self, signal: i32) -> Self {
        Self(self.0 & !Self::bit(signal))
    }

    /// Tells whether that signal was seen.
    fn contains(self, signal: i32) -> bool {
        self.0 & Self::bit(signal) != 0
    }

    fn bit(signal: i32) -> u64 {
        // Signals are numbered from 1 to 64.
        u32::try_from(signal - 1).ok().and_then(|shift| 1_u64.checked_shl(shift)).unwrap_or(0)
    }
}

/// The second process, while it lives.
#[derive(Debug)]
pub(super) struct Witness {
    process: Pid,
    line: OwnedFd,
    /// What it saw and we did not come to yet.
    seen: Cell<Seen>,
}

impl Witness {
    /// Starts it. All signals must be blocked.
    ///
    /// `None` when a limit forbids it: then every signal is taken as sent to us
    /// alone.
    pub(super) fn start() -> Option<Self> {
        let (ours, its) = UnixStream::pair().ok()?;
        let process = sys::fork_beside(its.as_fd(), testify).ok()?;
        Some(Self { process, line: OwnedFd::from(ours), seen: Cell::default() })
    }

    /// Returns its number.
    pub(super) fn process(&self) -> Pid {
        self.process
    }

    /// Is stopped by what stopped a command, until that goes on: also when nobody says so to us.
    pub(super) fn wake_us_with(&self, command: Pid, stop: impl FnOnce()) {
        STOPPED.store(command.as_raw(), Ordering::SeqCst);
        let _ = write(&self.line, &[WAKE]);
        stop();
        let _ = write(&self.line, &[REST]);
    }

    /// Tells whether a signal that we just received went to our whole group.
    pub(super) fn saw(&self, signal: i32) -> bool {
        let seen = Seen(self.seen.get().0 | self.ask().0);
        self.seen.set(seen.without(signal));
        seen.contains(signal)
    }

    /// Returns the signals the group got since it was last asked.
    fn ask(&self) -> Seen {
        let mut answers = [0; 64];
        if write(&self.line, &[ANSWER]) != Ok(1) {
            return Seen::default();
        }
        let mut waiting = [PollFd::new(self.line.as_fd(), PollFlags::POLLIN)];
        if poll(&mut waiting, PATIENCE_MILLIS) != Ok(1) {
            return Seen::default();
        }
        let length = read(&self.line, &mut answers).unwrap_or(0);
        // More than one when an earlier answer came late.
        let (answers, _) = answers.get(..length).unwrap_or_default().as_chunks();
        Seen(answers.iter().fold(0, |seen, answer| seen | u64::from_ne_bytes(*answer)))
    }
}

/// The life of the second process; async-signal-safe.
///
/// It shares our memory. When it is asked something we wait for the answer, so that what
/// fails here, such as reading when no signal is left, disturbs nobody.
fn testify(line: BorrowedFd<'_>) -> u8 {
    sys::silence(Streams::all());
    sys::close_all_but(&[line]);
    let Ok(signals) = SignalDescriptor::new() else { return 1 };
    let (mut question, mut look) = ([ANSWER; 1], None);
    loop {
        let mut waiting = [PollFd::new(line, PollFlags::POLLIN)];
        if poll(&mut waiting, look.map_or(PollTimeout::NONE, PollTimeout::from)) == Ok(0) {
            // Who is stopped for an hour need not go on within a twentieth of a second.
            look = look.map(|millis: u16| LONGEST_LOOK_MILLIS.min(2 * millis));
            if !sys::is_stopped(Pid::from_raw(STOPPED.load(Ordering::SeqCst))) {
                let _ = sys::send(sys::Target::Process(getppid()), nix::libc::SIGCONT);
            }
            continue;
        }
        if read(line, &mut question) != Ok(1) {
            return 0;
        }
        match question[0] {
            WAKE => look = Some(LOOK_MILLIS),
            REST => look = None,
            _ => {
                let mut seen = Seen::default();
                while let Some(received) = signals.next() {
                    seen = seen.with(received.signal);
                }
                if write(line, &seen.0.to_ne_bytes()) != Ok(8) {
                    return 1;
                }
            }
        }
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        let _ = sys::send(sys::Target::Process(self.process), nix::libc::SIGKILL);
        let _ = sys::end_of(self.process);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signal_has_a_bit_of_its_own() {
        let seen = Seen::default().with(1).with(15).with(64);
        assert!(seen.contains(1) && seen.contains(15) && seen.contains(64));
        assert!(
            !seen.without(15).contains(15)
                && !seen.contains(2)
                && !seen.contains(0)
                && !seen.contains(65)
        );
    }
}
