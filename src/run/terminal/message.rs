//! What supervisor and monitor tell each other, as messages of twelve bytes.
//!
//! Twelve bytes are written and read in one piece: no message is ever torn.

use crate::sys::{Ending, Failure, Standing, Step};
use nix::errno::Errno;
use nix::libc;
use nix::unistd::{Pid, read, write};
use std::os::fd::BorrowedFd;

type Words = [[u8; 4]; 3];

/// Whom a signal is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Recipient {
    /// The command itself.
    Command,
    /// Its whole process group.
    Group,
}

/// What the supervisor wants of the monitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Send this signal.
    Signal(i32, Recipient),
    /// Give the command that standing and have it go on.
    Resume(Standing),
    /// Give the command that standing; it goes on as it does.
    Stand(Standing),
    /// The caller's terminal has gone: so must the command's.
    HangUp,
    /// The command has ended and nobody else has its terminal: end.
    Dismiss,
    /// The command has ended and others still have its terminal: relay for them.
    Linger,
}

/// What the monitor saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Report {
    /// The command runs as this process, in this group.
    Started(Pid, Pid),
    /// The command could not be started.
    Failed(Failure),
    /// The command was stopped by that signal.
    Stopped(i32),
    /// The command ended.
    Ended(Ending),
}

impl Order {
    /// Sends the order.
    pub(super) fn send(self, line: BorrowedFd<'_>) -> Result<(), Errno> {
        write_words(line, self.to_numbers())
    }

    /// Takes the next order, `None` when the supervisor is gone.
    pub(super) fn receive(line: BorrowedFd<'_>) -> Option<Self> {
        Self::from_numbers(read_words(line)?)
    }

    fn to_numbers(self) -> [i32; 3] {
        match self {
            Self::Signal(signal, Recipient::Command) => [1, signal, 0],
            Self::Signal(signal, Recipient::Group) => [1, signal, 1],
            Self::Resume(Standing::Foreground) => [2, 0, 0],
            Self::Resume(Standing::Background) => [2, 1, 0],
            Self::Stand(Standing::Foreground) => [6, 0, 0],
            Self::Stand(Standing::Background) => [6, 1, 0],
            Self::HangUp => [3, 0, 0],
            Self::Dismiss => [4, 0, 0],
            Self::Linger => [5, 0, 0],
        }
    }

    fn from_numbers(numbers: [i32; 3]) -> Option<Self> {
        Some(match numbers {
            [1, signal, 0] => Self::Signal(signal, Recipient::Command),
            [1, signal, 1] => Self::Signal(signal, Recipient::Group),
            [2, 0, 0] => Self::Resume(Standing::Foreground),
            [2, 1, 0] => Self::Resume(Standing::Background),
            [6, 0, 0] => Self::Stand(Standing::Foreground),
            [6, 1, 0] => Self::Stand(Standing::Background),
            [3, 0, 0] => Self::HangUp,
            [4, 0, 0] => Self::Dismiss,
            [5, 0, 0] => Self::Linger,
            _ => return None,
        })
    }
}

impl Report {
    /// Sends the report.
    pub(super) fn send(self, line: BorrowedFd<'_>) -> Result<(), Errno> {
        write_words(line, self.to_numbers())
    }

    /// Takes the next report, `None` when the monitor is gone.
    pub(super) fn receive(line: BorrowedFd<'_>) -> Option<Self> {
        Self::from_numbers(read_words(line)?)
    }

    fn to_numbers(self) -> [i32; 3] {
        match self {
            Self::Started(pid, group) => [1, pid.as_raw(), group.as_raw()],
            Self::Failed(failure) => [2, failure.step.number(), failure.number()],
            Self::Stopped(signal) => [3, signal, 0],
            Self::Ended(Ending::Returned(code)) => [4, code.into(), 0],
            Self::Ended(Ending::Killed(signal)) => [5, signal, 0],
        }
    }

    fn from_numbers(numbers: [i32; 3]) -> Option<Self> {
        Some(match numbers {
            [1, pid, group] => Self::Started(Pid::from_raw(pid), Pid::from_raw(group)),
            [2, step, errno] => {
                Self::Failed(Failure::new(Step::from_number(step)?, Errno::from_raw(errno)))
            }
            [3, signal, 0] => Self::Stopped(signal),
            [4, code, 0] => Self::Ended(Ending::Returned(u8::try_from(code).ok()?)),
            [5, signal, 0] => Self::Ended(Ending::Killed(signal)),
            _ => return None,
        })
    }
}

fn write_words(line: BorrowedFd<'_>, numbers: [i32; 3]) -> Result<(), Errno> {
    let words: Words = numbers.map(i32::to_ne_bytes);
    match write(line, words.as_flattened())? {
        12 => Ok(()),
        _ => Err(Errno::from_raw(libc::EPIPE)),
    }
}

fn read_words(line: BorrowedFd<'_>) -> Option<[i32; 3]> {
    let mut words: Words = Words::default();
    let whole = read(line, words.as_flattened_mut()) == Ok(12);
    whole.then(|| words.map(i32::from_ne_bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsFd;
    use std::os::unix::net::UnixStream;

    #[test]
    fn every_order_arrives_as_it_was_sent() {
        let (here, there) = UnixStream::pair().unwrap();
        for order in [
            Order::Signal(15, Recipient::Command),
            Order::Signal(64, Recipient::Group),
            Order::Resume(Standing::Foreground),
            Order::Resume(Standing::Background),
            Order::Stand(Standing::Foreground),
            Order::Stand(Standing::Background),
            Order::HangUp,
            Order::Dismiss,
            Order::Linger,
        ] {
            order.send(here.as_fd()).unwrap();
            assert_eq!(Order::receive(there.as_fd()), Some(order));
        }
        drop(here);
        assert_eq!(Order::receive(there.as_fd()), None);
    }

    #[test]
    fn every_report_arrives_as_it_was_sent() {
        let (here, there) = UnixStream::pair().unwrap();
        for report in [
            Report::Started(Pid::from_raw(4_194_304), Pid::from_raw(4_194_303)),
            Report::Failed(Failure::new(Step::Execute, Errno::EACCES)),
            Report::Stopped(20),
            Report::Ended(Ending::Returned(255)),
            Report::Ended(Ending::Killed(40)),
        ] {
            report.send(here.as_fd()).unwrap();
            assert_eq!(Report::receive(there.as_fd()), Some(report));
        }
    }
}
