//! What was typed ahead, as keys that do the same again at another terminal.
//!
//! A terminal that gathers lines has obeyed the keys already: what is read of it is text,
//! and the places where a line or the input ends. So each byte that is a key there is
//! quoted, and each end of input is a key again.

use super::typed::key;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::termios::{InputFlags, LocalFlags, SpecialCharacterIndices as Index, Termios};
use nix::unistd::read;
use std::os::fd::BorrowedFd;

/// What a terminal holds unread; each end of input takes the place of a byte.
pub(super) const HELD_UNREAD: usize = 4096;

/// Tells whether a terminal with these settings gathers lines.
pub(super) fn gathers_lines(settings: &Termios) -> bool {
    settings.local_flags.contains(LocalFlags::ICANON)
}

/// Adds the lines and ends of input that wait in a terminal which gathers lines, as keys
/// for one with those settings.
///
/// The descriptor must not block.
pub(super) fn take_lines(from: BorrowedFd<'_>, settings: &Termios, keys: &mut Vec<u8>) {
    let mut line = [0; HELD_UNREAD];
    // What was hung up is always ready, and never has anything.
    for _ in 0..HELD_UNREAD {
        let mut waiting = [PollFd::new(from, PollFlags::POLLIN)];
        let found = poll(&mut waiting, PollTimeout::ZERO);
        let [waiting] = waiting.map(|waiting| waiting.revents());
        if found != Ok(1) || waiting != Some(PollFlags::POLLIN) {
            return;
        }
        match read(from, &mut line) {
            Ok(length) => add_line(line.get(..length).unwrap_or_default(), settings, keys),
            Err(Errno::EINTR) => {}
            Err(_) => return,
        }
    }
}

/// Adds what one read gave: a line, or what stood before an end of input.
fn add_line(line: &[u8], settings: &Termios, keys: &mut Vec<u8>) {
    let ends = [Some(b'\n'), key(settings, Index::VEOL), key(settings, Index::VEOL2)];
    match line.split_last() {
        Some((end @ 1.., text)) if ends.contains(&Some(*end)) => {
            add_text(text, settings, keys);
            keys.push(*end);
        }
        _ => {
            add_text(line, settings, keys);
            keys.extend(key(settings, Index::VEOF).filter(|key| *key != 0));
        }
    }
}

/// Adds text as keys: what would be obeyed is quoted.
pub(super) fn add_text(text: &[u8], settings: &Termios, keys: &mut Vec<u8>) {
    let quote = key(settings, Index::VLNEXT).filter(|quote| {
        *quote != 0 && settings.local_flags.contains(LocalFlags::ICANON | LocalFlags::IEXTEN)
    });
    for byte in text {
        keys.extend(quote.filter(|_| is_obeyed(*byte, settings)));
        keys.push(*byte);
    }
}

/// Tells whether a terminal that gathers lines takes this byte for more than text.
fn is_obeyed(byte: u8, settings: &Termios) -> bool {
    const SIGNALS: [Index; 3] = [Index::VINTR, Index::VQUIT, Index::VSUSP];
    const FLOW: [Index; 2] = [Index::VSTART, Index::VSTOP];
    const LINE: [Index; 8] = [
        Index::VERASE,
        Index::VKILL,
        Index::VEOF,
        Index::VEOL,
        Index::VEOL2,
        Index::VWERASE,
        Index::VREPRINT,
        Index::VLNEXT,
    ];
    let is_one_of =
        |keys: &[Index]| byte != 0 && keys.iter().any(|index| key(settings, *index) == Some(byte));
    let input = settings.input_flags;
    match byte {
        b'\n' => true,
        b'\r' if input.intersects(InputFlags::ICRNL | InputFlags::IGNCR) => true,
        _ => {
            is_one_of(&LINE)
                || settings.local_flags.contains(LocalFlags::ISIG) && is_one_of(&SIGNALS)
                || input.contains(InputFlags::IXON) && is_one_of(&FLOW)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::terminal::inner::Inner;
    use crate::run::terminal::outer::USUAL_SIZE;
    use nix::sys::termios::SetArg;
    use proptest::prelude::*;

    /// Reads everything of a terminal: text, and an empty piece for an end of input.
    fn pieces(inner: &Inner) -> Vec<Vec<u8>> {
        let reader = inner.reader().unwrap();
        let mut line = [0; HELD_UNREAD];
        std::iter::from_fn(|| {
            let length = read(&reader, &mut line).ok()?;
            Some(line.get(..length).unwrap().to_vec())
        })
        .collect()
    }

    fn type_into(inner: &Inner, keys: &[u8]) {
        let (length, mut quiet) = (keys.len(), inner.settings().unwrap());
        quiet.local_flags.remove(LocalFlags::ECHO);
        nix::sys::termios::tcsetattr(inner.side(), SetArg::TCSANOW, &quiet).unwrap();
        assert_eq!(nix::unistd::write(inner.master(), keys), Ok(length));
        let mut arriving = [PollFd::new(inner.side(), PollFlags::POLLIN)];
        poll(&mut arriving, PollTimeout::ZERO).unwrap();
    }

    /// Takes the lines of one terminal and types them at another of the same settings.
    fn carried(keys: &[u8]) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
        let [bare, from, to] = [(); 3].map(|()| Inner::open(USUAL_SIZE, None).unwrap());
        type_into(&bare, keys);
        type_into(&from, keys);
        let mut taken = Vec::new();
        take_lines(from.reader().unwrap().as_fd(), &from.settings().unwrap(), &mut taken);
        type_into(&to, &taken);
        (pieces(&bare), pieces(&to))
    }

    use std::os::fd::AsFd;

    #[test]
    fn ends_of_input_and_quoted_keys_are_what_they_were() {
        for keys in [
            &b"one\ntwo\n"[..],
            b"\x04",
            b"one\n\x04\x04two\n",
            b"half\x04\x04",
            b"a\x16\x03b\x16\x04c\x16\x7fd\x16\x16e\n",
            b"a\x16\x13\x16\x11\x16\x1a\x16\r\x16\nb\n",
            b"a\x16\n",
            b"",
        ] {
            let (bare, carried) = carried(keys);
            assert_eq!(carried, bare, "{keys:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_was_typed_is_read_as_it_would_have_been(
            keys in prop::collection::vec(
                prop_oneof![Just(b'\n'), Just(4), Just(0x16), Just(0x7f), 1_u8..0x80], 0..40
            )
        ) {
            // Signals and flow control are obeyed at once and leave nothing to carry.
            let mut keys = keys;
            keys.retain(|key| ![3, 0x1c, 0x1a, 0x13, 0x11].contains(key));
            keys.extend(b"\n");
            let (bare, carried) = carried(&keys);
            prop_assert_eq!(carried, bare);
        }
    }
}
