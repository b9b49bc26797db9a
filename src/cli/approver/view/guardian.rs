//! Puts the terminal right if we are killed while we hold it.
//!
//! A process of its own, in a session of its own so that what the terminal sends does
//! not reach it. It waits for the end of a pipe that only we hold, and then looks at one
//! word of shared memory: whether the terminal was held. Security 4.5.

use super::screen::RESTORE;
use crate::sys::{self, SharedWord};
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::termios::{SetArg, Termios, tcgetattr, tcsetattr};
use nix::sys::wait::waitpid;
use nix::unistd::{Pid, pipe2, read, setsid, write};
use std::io;
use std::os::fd::{AsFd, OwnedFd};

const HELD: u32 = 1;

/// The process that puts the terminal right, and what we share with it.
#[derive(Debug)]
pub(super) struct Guardian {
    settings: Termios,
    held: SharedWord,
    ours: OwnedFd,
    process: Pid,
}

impl Guardian {
    /// Starts it; this process must have one thread.
    pub(super) fn start() -> io::Result<Self> {
        let terminal = io::stdin();
        let settings = tcgetattr(&terminal)?;
        let held = SharedWord::new()?;
        let (theirs, ours) = pipe2(OFlag::O_CLOEXEC)?;
        let process = sys::fork(|| {
            let _ = setsid();
            sys::close_all_but(&[theirs.as_fd()]);
            let mut byte = [0];
            // There is nothing to read: it ends when nobody holds the other side.
            while read(&theirs, &mut byte) == Err(Errno::EINTR) {}
            if held.load() == HELD {
                let _ = write(io::stdout().as_fd(), RESTORE);
                let _ = tcsetattr(&terminal, SetArg::TCSANOW, &settings);
            }
            0
        })?;
        Ok(Self { settings, held, ours, process })
    }

    /// Returns how the terminal was set before.
    pub(super) fn settings(&self) -> &Termios {
        &self.settings
    }

    /// Notes that we hold the terminal from now on.
    pub(super) fn hold(&self) {
        self.held.store(HELD);
    }

    /// Notes that the terminal is as it was.
    pub(super) fn release(&self) {
        self.held.store(0);
    }

    /// Ends it.
    pub(super) fn dismiss(self) {
        drop(self.ours);
        let _ = waitpid(self.process, None);
    }
}
