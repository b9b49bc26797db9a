//! Puts the caller's terminal right if we are killed while we hold it.
//!
//! The monitor has this: it is in another session and another process group than
//! the supervisor, so what kills us does not reach it. What is shared is one word
//! of memory, in which the supervisor says whether it holds the terminal and which
//! modes the command's output switched on.

use super::modes::Modes;
use crate::sys::SharedWord;
use nix::sys::termios::{SetArg, Termios, tcsetattr};
use nix::unistd::write;
use std::os::fd::BorrowedFd;

/// Set in the shared word while the terminal is held.
pub(super) const HELD: u32 = 1 << 31;

/// The caller's terminal, its settings, and what is shared.
pub(super) struct Guard<'a> {
    pub(super) terminal: BorrowedFd<'a>,
    pub(super) settings: &'a Termios,
    pub(super) shared: &'a SharedWord,
    /// What tells others of us that the terminal is held, while it is open.
    pub(super) held: Option<BorrowedFd<'a>>,
}

impl Guard<'_> {
    /// Returns the caller's terminal.
    pub(super) fn terminal(&self) -> BorrowedFd<'_> {
        self.terminal
    }

    /// Undoes what was left switched on, if the terminal is still held.
    pub(super) fn put_right(&self) {
        let word = self.shared.load();
        if word & HELD == 0 {
            return;
        }
        self.shared.store(0);
        for undo in Modes::from_bits(word).undo() {
            let _ = write(self.terminal, undo);
        }
        let _ = tcsetattr(self.terminal, SetArg::TCSANOW, self.settings);
    }
}
