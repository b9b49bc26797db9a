//! What was typed ahead, as keys that do the same again at another terminal.
//!
//! A terminal that gathers lines has obeyed the keys already: what is read of it is text.
//! There an end of input is a NUL, as it is for whoever reads without gathering lines
//! (`n_tty`). So each byte that is a key is quoted, and each NUL is the key that ends input.

use super::typed::key;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::termios::{InputFlags, LocalFlags, SpecialCharacterIndices as Index, Termios};
use nix::unistd::read;
use std::os::fd::BorrowedFd;

/// What a terminal holds unread.
pub(super) const HELD_UNREAD: usize = 4096;

const END_OF_INPUT: u8 = 0;

/// Tells whether a terminal with these settings gathers lines.
pub(super) fn gathers_lines(settings: &Termios) -> bool {
    settings.local_flags.contains(LocalFlags::ICANON)
}

/// Reads the whole lines and ends of input that wait in a terminal which gathers lines.
///
/// The descriptor must not block.
pub(super) fn take_lines(from: BorrowedFd<'_>, settings: &Termios) -> Vec<u8> {
    let ends = [Some(b'\n'), key(settings, Index::VEOL), key(settings, Index::VEOL2)];
    let (mut text, mut line) = (Vec::new(), [0; HELD_UNREAD]);
    // What was hung up is always ready, and never has anything.
    for _ in 0..HELD_UNREAD {
        let mut waiting = [PollFd::new(from, PollFlags::POLLIN)];
        let found = poll(&mut waiting, PollTimeout::ZERO);
        let [waiting] = waiting.map(|waiting| waiting.revents());
        if found != Ok(1) || waiting != Some(PollFlags::POLLIN) {
            break;
        }
        let piece = match read(from, &mut line) {
            Ok(length) => line.get(..length).unwrap_or_default(),
            Err(Errno::EINTR) => continue,
            Err(_) => break,
        };
        text.extend_from_slice(piece);
        if !piece.last().is_some_and(|end| *end != 0 && ends.contains(&Some(*end))) {
            text.push(END_OF_INPUT);
        }
    }
    text
}

/// Returns the keys that give this text at a terminal with those settings.
pub(super) fn keys_for(text: &[u8], settings: &Termios) -> Vec<u8> {
    if !gathers_lines(settings) {
        return text.to_vec();
    }
    let is_there = |key: &u8| *key != 0;
    let quote = key(settings, Index::VLNEXT)
        .filter(is_there)
        .filter(|_| settings.local_flags.contains(LocalFlags::IEXTEN));
    let end_of_input = key(settings, Index::VEOF).filter(is_there);
    let mut keys = Vec::with_capacity(text.len());
    for byte in text {
        if *byte == END_OF_INPUT {
            keys.extend(end_of_input);
        } else {
            keys.extend(quote.filter(|_| is_obeyed(*byte, settings)));
            keys.push(*byte);
        }
    }
    keys
}

/// Tells whether a terminal that gathers lines takes this byte for more than text.
fn is_obeyed(byte: u8, settings: &Termios) -> bool {
    const SIGNALS: [Index; 3] = [Index::VINTR, Index::VQUIT, Index::VSUSP];
    const FLOW: [Index; 2] = [Index::VSTART, Index::VSTOP];
    // Not the ends of lines: they are text, and end it.
    const LINE: [Index; 6] =
        [Index::VERASE, Index::VKILL, Index::VEOF, Index::VWERASE, Index::VREPRINT, Index::VLNEXT];
    let is_one_of =
        |keys: &[Index]| byte != 0 && keys.iter().any(|index| key(settings, *index) == Some(byte));
    let input = settings.input_flags;
    match byte {
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
    use nix::sys::termios::{SetArg, tcsetattr};
    use nix::unistd::write;
    use proptest::prelude::*;
    use std::os::fd::AsFd as _;

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

    /// Reads everything of a terminal that gathers lines no more.
    fn raw(inner: &Inner) -> Vec<u8> {
        let mut raw = inner.settings().unwrap();
        raw.local_flags.remove(LocalFlags::ICANON);
        tcsetattr(inner.side(), SetArg::TCSANOW, &raw).unwrap();
        pieces(inner).concat()
    }

    /// Opens a terminal at which this was typed.
    fn typed(keys: &[u8]) -> Inner {
        let inner = Inner::open(USUAL_SIZE, None).unwrap();
        let mut quiet = inner.settings().unwrap();
        quiet.local_flags.remove(LocalFlags::ECHO);
        tcsetattr(inner.side(), SetArg::TCSANOW, &quiet).unwrap();
        assert_eq!(write(inner.master(), keys), Ok(keys.len()));
        let mut arriving = [PollFd::new(inner.side(), PollFlags::POLLIN)];
        poll(&mut arriving, PollTimeout::ZERO).unwrap();
        inner
    }

    /// What a reader gets where this was typed, and where it was carried to.
    fn carried(keys: &[u8], take: impl Fn(&Inner, &Termios) -> Vec<u8>) -> [Vec<Vec<u8>>; 2] {
        let from = typed(keys);
        let settings = from.settings().unwrap();
        let taken = keys_for(&take(&from, &settings), &settings);
        [pieces(&typed(keys)), pieces(&typed(&taken))]
    }

    const TYPED: [&[u8]; 8] = [
        b"one\ntwo\n",
        b"\x04",
        b"one\n\x04\x04two\n",
        b"half\x04\x04",
        b"a\x16\x03b\x16\x04c\x16\x7fd\x16\x16e\n",
        b"a\x16\x13\x16\x11\x16\x1a\x16\rb\n",
        b"wrong\x15right\n",
        b"",
    ];

    #[test]
    fn ends_of_input_and_quoted_keys_are_what_they_were() {
        for keys in TYPED {
            let [bare, carried] = carried(keys, |from, _| raw(from));
            assert_eq!(carried, bare, "{keys:?}");
        }
    }

    #[test]
    fn whole_lines_are_taken_from_under_a_reader() {
        for keys in TYPED {
            let [bare, carried] = carried(keys, |from, settings| {
                take_lines(from.reader().unwrap().as_fd(), settings)
            });
            assert_eq!(carried, bare, "{keys:?}");
        }
        let from = typed(b"whole\npart");
        let taken = take_lines(from.reader().unwrap().as_fd(), &from.settings().unwrap());
        assert_eq!((taken.as_slice(), raw(&from).as_slice()), (&b"whole\n"[..], &b"part"[..]));
    }

    proptest! {
        #[test]
        fn whatever_was_typed_is_read_as_it_would_have_been(
            keys in prop::collection::vec(
                prop_oneof![Just(b'\n'), Just(4), Just(0x16), Just(0x7f), 1_u8..0x80], 0..40
            )
        ) {
            let mut keys = keys;
            // Signals and flow control are obeyed at once and leave nothing to carry. A
            // quoted newline is taken for one that ends a line.
            keys.retain(|key| ![3, 0x1c, 0x1a, 0x13, 0x11].contains(key));
            prop_assume!(!keys.windows(2).any(|two| two == b"\x16\n"));
            keys.extend(b"z\n");
            let [bare, carried] = carried(&keys, |from, _| raw(from));
            prop_assert_eq!(carried, bare);
        }
    }
}
