//! Those who are shown what goes over the command's terminal.

use super::inner::Inner;
use crate::onlooker::{Onlooker, Tap};
use nix::pty::Winsize;
use nix::sys::termios::LocalFlags;

/// Who looks on and who writes down, if anybody does.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Shown<'a> {
    pub(super) onlooker: Option<&'a Onlooker<'a>>,
    pub(super) tap: Option<&'a dyn Tap>,
}

impl Shown<'_> {
    /// The terminal has this size from now on.
    pub(super) fn sized(self, size: Winsize) {
        self.tap.inspect(|tap| tap.sized(size.ws_col, size.ws_row));
    }

    /// The command wrote this.
    pub(super) fn wrote(self, bytes: &[u8]) {
        self.onlooker.inspect(|onlooker| onlooker.see(bytes));
        self.tap.inspect(|tap| tap.wrote(bytes));
    }

    /// This was typed; a password is typed where nothing is echoed.
    pub(super) fn typed(self, inner: &Inner, bytes: &[u8]) {
        let Some(tap) = self.tap else { return };
        if inner.settings().is_ok_and(|now| now.local_flags.contains(LocalFlags::ECHO)) {
            tap.typed(bytes);
        }
    }
}
