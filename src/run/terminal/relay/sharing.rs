//! What the relay knows of others at the caller's terminal.

use super::Relay;
use crate::run::terminal::ahead::gathers_lines;
use crate::run::terminal::outer::Unread;
use crate::run::terminal::typed::Wanted;
use crate::sys::{self, Neighbours};

impl Relay<'_> {
    /// Returns what tells of others of us that come or leave.
    pub(in crate::run::terminal) fn neighbours(&self) -> Option<&Neighbours> {
        self.outer.neighbours()
    }

    /// Tells whether others of us are there.
    pub(in crate::run::terminal) fn has_neighbours(&self) -> bool {
        self.neighbours().is_some_and(Neighbours::are_there)
    }

    /// Tells whether the command reads lines, as the terminal was given to it.
    pub(in crate::run::terminal) fn is_as_given(&self) -> bool {
        let settings = self.inner.as_ref().and_then(|inner| inner.settings().ok());
        settings.is_some_and(|now| now == self.initial && gathers_lines(&now))
    }

    /// Gives the caller's terminal back while others use it, too, with what was typed and
    /// nobody has read.
    pub(in crate::run::terminal) fn give_way(&mut self) {
        self.give_back(&self.settings_before(), Wanted::Lines);
        // What is typed from now on is not seen here.
        self.pressed.forget();
        self.outer.share_output();
    }

    /// Returns what lies unread at the caller's terminal.
    pub(in crate::run::terminal) fn unread(&self) -> Unread {
        self.outer.unread()
    }

    /// Tells whether somebody was stopped for want of the command's terminal.
    pub(in crate::run::terminal) fn is_read_in_vain(&self) -> bool {
        self.inner.as_ref().is_some_and(|inner| sys::somebody_was_stopped_for(inner.side()))
    }

    /// Has the caller's terminal do for others what the command's does.
    pub(super) fn do_for_others(&self) {
        if self.outer.is_held_beside_others()
            && let Some(settings) = self.inner.as_ref().and_then(|inner| inner.settings().ok())
        {
            self.outer.do_for_others_as(&settings);
        }
    }

    /// Tells whether somebody waits for input of the command's terminal.
    pub(in crate::run::terminal) fn is_waited_for(&self) -> bool {
        self.inner.as_ref().is_some_and(|inner| sys::somebody_waits_for(inner.side()))
    }
}
