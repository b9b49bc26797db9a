//! Where it is said how a wait goes.

use crate::sys::window_size;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, SigmaskHow, Signal};
use nix::unistd::{getpgrp, tcgetpgrp};
use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;

#[derive(Debug)]
pub(super) enum Place {
    /// Standard error, which is a terminal.
    Stderr,
    /// The controlling terminal; standard error goes elsewhere.
    Terminal(File),
    /// Standard error, which is no terminal, and no terminal anywhere.
    Lines,
    /// Nobody wants to read it in words.
    Nowhere,
}

impl Place {
    /// Returns the terminal, if there is one.
    pub(super) fn terminal() -> Option<Self> {
        if io::stderr().is_terminal() {
            return Some(Self::Stderr);
        }
        OpenOptions::new().write(true).open("/dev/tty").ok().map(Self::Terminal)
    }

    /// Writes a text, if there is room for it: nobody waits for whoever does not read.
    ///
    /// Behind another job, `stty tostop` does not stop us for a line that nobody asked for.
    pub(super) fn write(&mut self, text: &str) {
        if !self.has_room() {
            return;
        }
        let before = SigSet::from(Signal::SIGTTOU).thread_swap_mask(SigmaskHow::SIG_BLOCK);
        // A terminal that went away takes the line with it; the wait goes on.
        let _ = match self {
            Self::Stderr | Self::Lines => io::stderr().write_all(text.as_bytes()),
            Self::Terminal(terminal) => terminal.write_all(text.as_bytes()),
            Self::Nowhere => Ok(()),
        };
        let _ = before.map(|before| before.thread_set_mask());
    }

    /// Tells whether a line can be written without waiting.
    fn has_room(&self) -> bool {
        let stderr = io::stderr();
        let descriptor = match self {
            Self::Stderr | Self::Lines => stderr.as_fd(),
            Self::Terminal(terminal) => terminal.as_fd(),
            Self::Nowhere => return false,
        };
        let mut polled = [PollFd::new(descriptor, PollFlags::POLLOUT)];
        // What cannot be asked about is written to, and fails.
        poll(&mut polled, PollTimeout::ZERO).map_or(true, |ready| ready > 0)
    }

    /// Tells whether it is a terminal where another job is in front.
    pub(super) fn is_behind(&self) -> bool {
        let in_front = match self {
            Self::Stderr => tcgetpgrp(io::stderr()),
            Self::Terminal(terminal) => tcgetpgrp(terminal),
            Self::Lines | Self::Nowhere => return false,
        };
        in_front.is_ok_and(|group| group != getpgrp())
    }

    pub(super) fn columns(&self) -> usize {
        let size = match self {
            Self::Stderr => columns_of(io::stderr()),
            Self::Terminal(terminal) => columns_of(terminal),
            Self::Lines | Self::Nowhere => None,
        };
        size.filter(|columns| *columns > 0).unwrap_or(80)
    }
}

fn columns_of(terminal: impl AsFd) -> Option<usize> {
    window_size(terminal.as_fd()).ok().map(|size| usize::from(size.ws_col))
}
