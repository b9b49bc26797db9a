//! Output of which only what is harmless is carried.

use super::{Last, Relay, Transfer, unreturn};
use crate::run::terminal::sanitizer;
use nix::errno::Errno;
use nix::unistd::read;

/// How much is read at once.
const PIECE: usize = 4096;

impl Relay<'_> {
    /// Reads once, and keeps what is harmless of it.
    pub(super) fn read_sanitized(&mut self, returns_twice: bool) -> Transfer {
        let (Some(inner), Some(sanitizer)) = (&self.inner, &mut self.sanitizer) else {
            return Transfer::Gone;
        };
        // The first byte is for the CR that the last read ended with.
        let mut bytes = [b'\r'; PIECE + 1];
        let start = usize::from(std::mem::take(&mut self.last) == Last::Whole);
        let (_, room) = bytes.split_at_mut(1);
        let (length, how) = match read(inner.master(), room) {
            Ok(0) => (0, Transfer::Gone),
            Ok(length) => (length, Transfer::Some),
            Err(Errno::EAGAIN | Errno::EINTR) => (0, Transfer::Nothing),
            Err(_) => (0, Transfer::Gone),
        };
        let mut end = length + 1;
        if returns_twice && how == Transfer::Some {
            let came = bytes.get_mut(start..end).unwrap_or_default();
            let (kept, last) = unreturn(came);
            (end, self.last) = (start + kept, last);
        }
        let (tracker, output) = (&mut self.tracker, &mut self.output);
        let modes = tracker.modes();
        sanitizer.pass(bytes.get(start..end).unwrap_or_default(), &mut |kept| {
            tracker.read(kept);
            output.add(kept);
        });
        if tracker.modes() != modes {
            self.share();
        }
        how
    }

    /// Tells whether more of the output can be read.
    pub(super) fn has_room(&self) -> bool {
        match self.sanitizer {
            None => self.output.has_room(),
            Some(_) => self.output.has_room_for(PIECE + 1 + sanitizer::LONGEST),
        }
    }

    /// Switches back what the output left switched on, where it is sanitized; tells
    /// whether there was any. Without, a command leaves the terminal as it likes.
    pub(in crate::run::terminal) fn undo_modes(&mut self) -> bool {
        let modes = self.tracker.modes();
        let is_ours = self.sanitizer.is_some() && self.is_held() && self.outer.is_terminal();
        let undone = modes.undo().filter(|_| is_ours);
        undone.fold(false, |_, undo| {
            self.output.add(undo);
            true
        })
    }
}
