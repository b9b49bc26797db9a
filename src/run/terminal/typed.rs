//! What was typed and the command did not read.
//!
//! Without us it would stay in the terminal for whoever reads next, so it is put
//! back there. Only what we saw being typed: a command can push bytes into its own
//! terminal, and those must not come out in the caller's.

use super::ahead::{self, HELD_UNREAD};
use super::buffer::Buffer;
use super::inner::Inner;
use super::outer::USUAL_SIZE;
use crate::sys;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::termios::{
    InputFlags, LocalFlags, SetArg, SpecialCharacterIndices, Termios, tcsetattr,
};
use nix::unistd::{read, write};
use std::collections::VecDeque;
use std::os::fd::{AsFd as _, BorrowedFd};

/// A terminal holds no more than that unread, and a little may be on the way.
const REMEMBERED: usize = 8192;

/// What is taken out of the command's terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Whole lines: the command may be reading.
    Lines,
    /// What is no whole line, too: the command has ended.
    Everything,
}

/// The last bytes that went to the command's terminal.
#[derive(Debug, Default)]
pub(super) struct Typed {
    last: VecDeque<u8>,
}

impl Typed {
    /// Notes bytes that went to the command's terminal.
    pub(super) fn note(&mut self, bytes: &[u8]) {
        let recent = bytes.get(bytes.len().saturating_sub(REMEMBERED)..).unwrap_or_default();
        self.last.extend(recent);
        let excess = self.last.len().saturating_sub(REMEMBERED);
        self.last.drain(..excess);
    }

    /// Returns the byte that went there last.
    pub(super) fn last_byte(&self) -> Option<u8> {
        self.last.back().copied()
    }

    /// Takes what the command did not read out of its terminal.
    ///
    /// Nothing, when it is not what was typed last.
    pub(super) fn unread(&self, inner: &Inner, wanted: Wanted) -> Vec<u8> {
        let (Ok(settings), Ok(reader)) = (inner.settings(), inner.reader()) else {
            return Vec::new();
        };
        let unread = take(inner, reader.as_fd(), &settings, wanted);
        let is_typed =
            self.ends_with(&unread, &settings) || self.comes_to(&unread, &settings, wanted);
        if is_typed { unread } else { Vec::new() }
    }

    /// Tells whether this is the end of what a terminal makes of the bytes typed last: keys may
    /// have taken others away, which the terminals of a system know better than we do.
    fn comes_to(&self, unread: &[u8], settings: &Termios, wanted: Wanted) -> bool {
        let silent = made_silent(settings);
        let Ok(another) = Inner::open(USUAL_SIZE, Some(&silent)) else { return false };
        let Ok(reader) = another.reader() else { return false };
        let typed: Vec<u8> = self.last.iter().copied().collect();
        let _ = write(
            another.master(),
            typed.get(typed.len().saturating_sub(HELD_UNREAD - 1)..).unwrap_or_default(),
        );
        arrive(&another);
        take(&another, reader.as_fd(), &silent, wanted).ends_with(unread)
    }

    /// Tells whether these are the bytes typed last, as the terminal changed them: a return
    /// to a newline, the end of input to a NUL, and what quotes a key is taken away.
    fn ends_with(&self, unread: &[u8], settings: &Termios) -> bool {
        let [quote, end] = [SpecialCharacterIndices::VLNEXT, SpecialCharacterIndices::VEOF]
            .map(|index| key(settings, index));
        let mut typed = self.last.iter().rev().copied().peekable();
        let mut unread = unread.iter().rev().copied().peekable();
        while let Some(read) = unread.next() {
            let same = typed.next().is_some_and(|typed| {
                typed == read || typed == b'\r' && read == b'\n' || read == 0 && Some(typed) == end
            });
            if !same {
                return false;
            }
            if unread.peek().copied() != quote {
                typed.next_if(|typed| Some(*typed) == quote);
            }
        }
        true
    }
}

/// Takes what lies unread in a terminal with these settings.
fn take(inner: &Inner, reader: BorrowedFd<'_>, settings: &Termios, wanted: Wanted) -> Vec<u8> {
    match wanted {
        Wanted::Lines if ahead::gathers_lines(settings) => ahead::take_lines(reader, settings),
        Wanted::Lines => Vec::new(),
        Wanted::Everything => {
            let mut plain = settings.clone();
            // Without canonical mode an unfinished line can be read as well.
            plain.local_flags.remove(LocalFlags::ICANON | LocalFlags::ECHO);
            set_immediate(&mut plain);
            inner.set_settings(&plain);
            let mut unread = vec![0; REMEMBERED];
            let length = read(reader, &mut unread).unwrap_or(0);
            unread.truncate(length);
            inner.set_settings(settings);
            unread
        }
    }
}

fn set_immediate(settings: &mut Termios) {
    for (index, value) in [(SpecialCharacterIndices::VMIN, 0), (SpecialCharacterIndices::VTIME, 0)]
    {
        set_key(settings, index, value);
    }
}

#[expect(clippy::as_conversions, reason = "the enum is made of these indices")]
fn index_of(index: SpecialCharacterIndices) -> usize {
    index as usize
}

/// Types what was typed ahead at the command's terminal; what it does not take is left.
///
/// The caller's terminal has echoed it: the command's must not do so again.
pub(super) fn move_ahead(inner: &Inner, input: &mut Buffer, typed: &mut Typed) {
    let Ok(settings) = inner.settings() else { return };
    inner.set_settings(&made_silent(&settings));
    input.drain_with(inner.master(), |bytes| typed.note(bytes));
    arrive(inner);
    inner.set_settings(&settings);
}

/// Returns the settings with no echo.
fn made_silent(settings: &Termios) -> Termios {
    let mut silent = settings.clone();
    silent.local_flags.remove(LocalFlags::ECHO | LocalFlags::ECHONL);
    silent
}

/// Has what was typed at the terminal come to where it is read.
fn arrive(inner: &Inner) {
    // Asking whether it can be read has the kernel pass it on first.
    let mut arriving = [PollFd::new(inner.side(), PollFlags::POLLIN)];
    let _ = poll(&mut arriving, PollTimeout::ZERO);
}

/// Returns the key that ends input.
pub(super) fn end_of_input(settings: &Termios) -> u8 {
    const CONTROL_D: u8 = 4;
    key(settings, SpecialCharacterIndices::VEOF).unwrap_or(CONTROL_D)
}

/// Gives a key this meaning; 0 is none.
pub(super) fn set_key(settings: &mut Termios, meaning: SpecialCharacterIndices, key: u8) {
    if let Some(place) = settings.control_chars.get_mut(index_of(meaning)) {
        *place = key;
    }
}

/// Returns the key that has this meaning; 0 is none.
pub(super) fn key(settings: &Termios, meaning: SpecialCharacterIndices) -> Option<u8> {
    settings.control_chars.get(index_of(meaning)).copied()
}

/// What becomes of a key besides being read: its echo, and the change of a return.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// It was seen already.
    Done,
    /// It is still to be seen.
    Due,
}

/// Puts bytes into the terminal's input, as typed; none sends a signal. What was seen
/// already is text, and the rest are keys.
///
/// The terminal is left with other settings: the caller of this sets them next.
/// Where the system forbids it (`dev.tty.legacy_tiocsti = 0`) they are lost, as
/// they are with every other program that puts a pty between.
pub(super) fn put_back(terminal: BorrowedFd<'_>, settings: &Termios, bytes: &[u8], effect: Effect) {
    if bytes.is_empty() {
        return;
    }
    let mut settings = settings.clone();
    settings.local_flags.remove(LocalFlags::ISIG);
    if effect == Effect::Done {
        settings.input_flags = InputFlags::empty();
        settings.local_flags.remove(LocalFlags::ECHO | LocalFlags::ECHONL);
    }
    let _ = tcsetattr(terminal, SetArg::TCSADRAIN, &settings);
    let keys = match effect {
        Effect::Done => ahead::keys_for(bytes, &settings),
        Effect::Due => bytes.to_vec(),
    };
    for byte in &keys {
        if sys::push_input(terminal, *byte).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &[u8]) -> Typed {
        let mut typed = Typed::default();
        typed.note(text);
        typed
    }

    fn settings() -> Termios {
        let inner = Inner::open(crate::run::terminal::outer::USUAL_SIZE, None).unwrap();
        inner.settings().unwrap()
    }

    #[test]
    fn knows_the_end_of_what_was_typed() {
        for (keys, unread) in [
            (&b"yes\rls -l\r"[..], &b"ls -l\n"[..]),
            (b"yes\rls -l\r", b"ls -l\r"),
            (b"ls", b""),
            (b"y\rend\x04", b"end\0"),
            (b"y\ra\x16\x03b\x16\x16\r", b"a\x03b\x16\n"),
            (b"y\ra\x16\x03b\r", b"a\x16\x03b\r"),
        ] {
            assert!(typed(keys).ends_with(unread, &settings()), "{keys:?} {unread:?}");
        }
    }

    #[test]
    fn does_not_know_what_was_not_typed() {
        for (keys, unread) in
            [(&b"ls\r"[..], &b"INJECT\n"[..]), (b"", b"x"), (b"\x16", b"x"), (b"end", b"end\0")]
        {
            assert!(!typed(keys).ends_with(unread, &settings()), "{keys:?} {unread:?}");
        }
    }

    #[test]
    fn remembers_only_what_a_terminal_can_hold() {
        let mut typed = typed(&vec![b'x'; 100_000]);
        typed.note(b"end");
        assert_eq!(typed.last.len(), REMEMBERED);
        assert!(typed.ends_with(b"xend", &settings()));
    }
}
