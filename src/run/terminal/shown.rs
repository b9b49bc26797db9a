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

    /// Tells whether what is typed now is written down: a password is typed where nothing
    /// is echoed. Ask before it is handed over, for the command may change that at once.
    pub(super) fn keeps_what_is_typed(self, inner: &Inner) -> bool {
        let echoes =
            || inner.settings().is_ok_and(|now| now.local_flags.contains(LocalFlags::ECHO));
        self.tap.is_some() && echoes()
    }

    /// This was typed.
    pub(super) fn typed(self, bytes: &[u8]) {
        self.tap.inspect(|tap| tap.typed(bytes));
    }
}
