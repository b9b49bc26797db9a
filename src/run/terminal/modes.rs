//! Which modes of the terminal a command's output has switched on.
//!
//! Only for the case that we are killed: a command that ends by itself leaves the
//! terminal as it would without us.

/// A private mode (DEC) that changes what a person sees or types: its number,
/// the state it should be left in, and the sequence that does so.
struct Mode {
    number: u16,
    usual: Usual,
    undo: &'static [u8],
}

#[derive(PartialEq, Eq, Clone, Copy)]
enum Usual {
    On,
    Off,
}

/// The order is that of the bits, and of undoing.
const MODES: [Mode; 10] = [
    Mode { number: 1049, usual: Usual::Off, undo: b"\x1b[?1049l" },
    Mode { number: 47, usual: Usual::Off, undo: b"\x1b[?47l" },
    Mode { number: 1, usual: Usual::Off, undo: b"\x1b[?1l" },
    Mode { number: 25, usual: Usual::On, undo: b"\x1b[?25h" },
    Mode { number: 1000, usual: Usual::Off, undo: b"\x1b[?1000l" },
    Mode { number: 1002, usual: Usual::Off, undo: b"\x1b[?1002l" },
    Mode { number: 1003, usual: Usual::Off, undo: b"\x1b[?1003l" },
    Mode { number: 1006, usual: Usual::Off, undo: b"\x1b[?1006l" },
    Mode { number: 1004, usual: Usual::Off, undo: b"\x1b[?1004l" },
    Mode { number: 2004, usual: Usual::Off, undo: b"\x1b[?2004l" },
];

/// Bit of the attributes (bold, colour, ...), which have no mode number.
const ATTRIBUTES: u32 = 1 << 16;

/// The modes that are not as usual, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Modes(u32);

impl Modes {
    /// Reads the bits back; others are not looked at.
    pub(super) fn from_bits(bits: u32) -> Self {
        Self(bits & (ATTRIBUTES | ((1 << MODES.len()) - 1)))
    }

    /// Returns the bits, all below bit 31.
    pub(super) fn bits(self) -> u32 {
        self.0
    }

    /// Returns what to write so that all is as usual again.
    pub(super) fn undo(self) -> impl Iterator<Item = &'static [u8]> {
        let attributes = (self.0 & ATTRIBUTES != 0).then_some(&b"\x1b[0m"[..]);
        let modes = MODES.iter().enumerate().filter(move |(bit, _)| self.0 & (1 << bit) != 0);
        modes.map(|(_, mode)| mode.undo).chain(attributes)
    }

    fn set(&mut self, number: u16, state: Usual) {
        for (bit, mode) in MODES.iter().enumerate().filter(|(_, mode)| mode.number == number) {
            if mode.usual == state {
                self.0 &= !(1 << bit);
            } else {
                self.0 |= 1 << bit;
            }
        }
    }
}

/// Where in a control sequence the output is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Text,
    Escape,
    Sequence,
    Private,
}

/// Reads output as it goes by and keeps the modes.
#[derive(Debug, Default)]
pub(super) struct Tracker {
    state: State,
    numbers: [u16; 8],
    count: usize,
    modes: Modes,
}

impl Tracker {
    /// Returns what is not as usual after all that was read.
    pub(super) fn modes(&self) -> Modes {
        self.modes
    }

    /// Reads what the command wrote.
    pub(super) fn read(&mut self, output: &[u8]) {
        let mut rest = output;
        while !rest.is_empty() {
            if self.state == State::Text {
                // Nearly all output is text: look only for the next escape.
                let Some(at) = memchr(rest) else { return };
                rest = rest.get(at..).unwrap_or_default();
            }
            let Some((byte, after)) = rest.split_first() else { return };
            self.step(*byte);
            rest = after;
        }
    }

    fn step(&mut self, byte: u8) {
        self.state = match (self.state, byte) {
            (_, 0x1b) => State::Escape,
            (State::Escape, b'[') => {
                self.numbers = [0; 8];
                self.count = 0;
                State::Sequence
            }
            (State::Escape, b'c') => {
                self.modes = Modes::default();
                State::Text
            }
            (State::Sequence, b'?') => State::Private,
            (State::Sequence | State::Private, b'0'..=b'9') => {
                if let Some(number) = self.numbers.get_mut(self.count) {
                    *number = number.saturating_mul(10).saturating_add((byte - b'0').into());
                }
                self.state
            }
            (State::Sequence | State::Private, b';') => {
                self.count += 1;
                self.state
            }
            (State::Private, b'h') => self.switch(Usual::On),
            (State::Private, b'l') => self.switch(Usual::Off),
            (State::Sequence, b'm') => {
                let last = self.numbers.get(self.count).copied().unwrap_or(1);
                self.modes.0 = match last {
                    0 => self.modes.0 & !ATTRIBUTES,
                    _ => self.modes.0 | ATTRIBUTES,
                };
                State::Text
            }
            (State::Sequence | State::Private, 0x20..=0x3f) => self.state,
            _ => State::Text,
        };
    }

    fn switch(&mut self, state: Usual) -> State {
        for number in self.numbers.iter().take(self.count + 1) {
            self.modes.set(*number, state);
        }
        State::Text
    }
}

fn memchr(bytes: &[u8]) -> Option<usize> {
    // `contains` looks at many bytes at once, `position` does not.
    if bytes.contains(&0x1b) { bytes.iter().position(|byte| *byte == 0x1b) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn undo_after(chunks: &[&[u8]]) -> Vec<u8> {
        let mut tracker = Tracker::default();
        for chunk in chunks {
            tracker.read(chunk);
        }
        Modes::from_bits(tracker.modes().bits()).undo().flatten().copied().collect()
    }

    #[test]
    fn plain_output_needs_nothing() {
        assert!(undo_after(&[b"hello\r\n", b"50%\r100%\r\n"]).is_empty());
        assert!(undo_after(&[b"\x1b[31mred\x1b[0m \x1b]0;title\x07"]).is_empty());
    }

    #[test]
    fn what_was_switched_on_is_switched_off() {
        let vim = undo_after(&[b"\x1b[?1049h\x1b[?1h\x1b[?2004h\x1b[?25l"]);
        assert_eq!(vim, b"\x1b[?1049l\x1b[?1l\x1b[?25h\x1b[?2004l");
        assert_eq!(undo_after(&[b"\x1b[1;31mred"]), b"\x1b[0m");
    }

    #[test]
    fn what_was_switched_back_needs_nothing() {
        assert!(undo_after(&[b"\x1b[?1000;1006h", b"\x1b[?1000;1006l"]).is_empty());
        assert!(undo_after(&[b"\x1b[?1049h", b"\x1bc"]).is_empty());
    }

    #[test]
    fn a_sequence_may_come_in_pieces() {
        assert_eq!(undo_after(&[b"\x1b", b"[?10", b"49", b"h"]), b"\x1b[?1049l");
    }
}
