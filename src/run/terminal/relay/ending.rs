//! What is left when the command has ended.

use super::{Inner, Others, Relay};
use crate::run::terminal::typed::Wanted;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::os::fd::AsFd as _;

impl Relay<'_> {
    /// Takes what was typed and nobody read: what the command's terminal had, and what had
    /// not come there.
    pub(super) fn take_unread(&mut self, wanted: Wanted) -> (Vec<u8>, Vec<u8>) {
        let Some(inner) = &self.inner else { return Default::default() };
        let unread = self.typed.unread(inner, wanted);
        if self.is_held() && self.outer.is_terminal() {
            self.input.fill(self.outer.input());
        }
        let rest = self.input.waiting().to_vec();
        self.input.clear();
        (unread, rest)
    }

    /// Closes the command's terminal for our part; tells who else has it.
    pub(in crate::run::terminal) fn close_side(&mut self) -> Others {
        let Some(master) = self.inner.take().map(Inner::into_master) else { return Others::Nobody };
        let mut left = [PollFd::new(master.as_fd(), PollFlags::POLLIN)];
        let _ = poll(&mut left, PollTimeout::ZERO);
        let [left] = left.map(|left| left.revents().unwrap_or(PollFlags::POLLHUP));
        // Hung up, and nothing is left to be read.
        let nobody = left.contains(PollFlags::POLLHUP) && !left.contains(PollFlags::POLLIN);
        if nobody { Others::Nobody } else { Others::Somebody }
    }

    /// Takes the command's terminal away; tells whether there was one.
    pub(in crate::run::terminal) fn hang_up(&mut self) -> bool {
        self.output.clear();
        self.input.clear();
        self.inner.take().is_some()
    }
}
