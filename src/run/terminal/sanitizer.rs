//! Takes out of a command's output what reaches beyond its own part of the screen.
//!
//! Only where somebody asked for it: without, every byte is passed on. Taken out are
//! the clipboard, titles, notifications and every other operating system command but
//! hyperlinks; device control and application strings; what switches the mouse, focus
//! and bracketed paste; window operations and the printer; the answerback; and control
//! characters of eight bits, alone or as UTF-8. What is none of these is not touched.
//!
//! No memory is taken: the monitor of a command that ended uses it as well.

/// The longest sequence that is kept until it is known what it is. A longer one goes.
pub(super) const LONGEST: usize = 1024;

/// Private modes (DEC) that say what is typed or pasted, not what is shown.
const INPUT_MODES: [u16; 12] =
    [9, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1015, 1016, 2004];

const BELL: u8 = 0x07;
const ESCAPE: u8 = 0x1b;
const ENQUIRY: u8 = 0x05;
const DELETE: u8 = b'\x7f';

/// Where in the output we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Text,
    /// Behind the first byte of what may be a control character in UTF-8.
    Lead,
    /// Behind an escape, or in a short sequence.
    Escape,
    /// In a control sequence.
    Sequence,
    /// In an operating system command.
    Command,
    /// In a string that is never passed on.
    String,
    /// Behind an escape in either of these, which may end it.
    End,
}

/// What was read of a sequence, and what is still expected of a character.
#[derive(Debug)]
pub(super) struct Sanitizer {
    state: State,
    held: [u8; LONGEST],
    length: usize,
    /// How many bytes of a character are to come.
    continuing: u8,
}

impl Sanitizer {
    /// Starts with text.
    pub(super) fn new() -> Self {
        Self { state: State::Text, held: [0; LONGEST], length: 0, continuing: 0 }
    }

    /// Passes on what is left of these bytes, at most [`LONGEST`] more than they are.
    pub(super) fn pass(&mut self, bytes: &[u8], emit: &mut dyn FnMut(&[u8])) {
        let mut rest = bytes;
        while let Some((first, after)) = rest.split_first() {
            if self.state == State::Text {
                let plain = rest.iter().take_while(|byte| self.is_plain(**byte)).count();
                if let Some((text, more)) = rest.split_at_checked(plain).filter(|_| plain > 0) {
                    emit(text);
                    rest = more;
                    continue;
                }
            }
            self.step(*first, emit);
            rest = after;
        }
    }

    /// Tells whether a byte of text is passed on as it comes.
    fn is_plain(&mut self, byte: u8) -> bool {
        match byte {
            ESCAPE | ENQUIRY => false,
            ..0x80 => {
                self.continuing = 0;
                true
            }
            0x80..=0xbf if self.continuing > 0 => {
                self.continuing -= 1;
                true
            }
            // Alone it is a control character of eight bits, or the first byte of one.
            0x80..=0x9f | 0xc2 => false,
            _ => {
                self.continuing = match byte {
                    0xc3..=0xdf => 1,
                    0xe0..=0xef => 2,
                    0xf0..=0xf4 => 3,
                    _ => 0,
                };
                true
            }
        }
    }

    fn step(&mut self, byte: u8, emit: &mut dyn FnMut(&[u8])) {
        match self.state {
            State::Text => self.text(byte, emit),
            State::Lead => {
                self.state = State::Text;
                match byte {
                    // U+0080 to U+009F.
                    0x80..=0x9f => {}
                    0xa0..=0xbf => emit(&[0xc2, byte]),
                    _ => {
                        emit(&[0xc2]);
                        self.text(byte, emit);
                    }
                }
            }
            State::Escape => self.escape(byte, emit),
            State::Sequence => self.sequence(byte, emit),
            State::Command | State::String => self.string(byte, emit),
            State::End if byte == b'\\' => self.end_of_string(b"\x1b\\", emit),
            State::End => {
                self.begin(State::Escape);
                self.escape(byte, emit);
            }
        }
    }

    /// Takes a byte where no sequence is open.
    fn text(&mut self, byte: u8, emit: &mut dyn FnMut(&[u8])) {
        self.state = State::Text;
        match byte {
            ESCAPE => self.begin(State::Escape),
            0xc2 => (self.state, self.continuing) = (State::Lead, 0),
            _ if self.is_plain(byte) => emit(&[byte]),
            _ => self.continuing = 0,
        }
    }

    fn begin(&mut self, state: State) {
        (self.state, self.length, self.continuing) = (state, 0, 0);
        self.hold(ESCAPE);
    }

    /// Keeps a byte; of what is too long nothing is passed on.
    fn hold(&mut self, byte: u8) {
        if let Some(place) = self.held.get_mut(self.length) {
            *place = byte;
        }
        self.length = self.length.saturating_add(1);
    }

    /// Returns what was kept, unless it was too long.
    fn whole(&self) -> &[u8] {
        self.held.get(..self.length).unwrap_or_default()
    }

    fn escape(&mut self, byte: u8, emit: &mut dyn FnMut(&[u8])) {
        self.hold(byte);
        match (byte, self.length) {
            (b'[', 2) => self.state = State::Sequence,
            (b']', 2) => self.state = State::Command,
            // Device control, application strings, and the title as screen has it.
            (b'P' | b'X' | b'^' | b'_' | b'k', 2) => self.state = State::String,
            (0x20..=0x2f, _) => {}
            (b'0'..=b'~', _) => {
                self.state = State::Text;
                emit(self.whole());
            }
            // A sequence that something else breaks into was never begun.
            _ => self.text(byte, emit),
        }
    }

    fn sequence(&mut self, byte: u8, emit: &mut dyn FnMut(&[u8])) {
        match byte {
            0x20..=0x3f => self.hold(byte),
            b'@'..=b'~' => {
                self.hold(byte);
                self.state = State::Text;
                self.end_of_sequence(byte, emit);
            }
            // CAN and SUB cancel it, DEL is nothing.
            0x18 | 0x1a => self.state = State::Text,
            DELETE => {}
            _ => self.text(byte, emit),
        }
    }

    fn end_of_sequence(&self, last: u8, emit: &mut dyn FnMut(&[u8])) {
        let whole = self.whole();
        match (last, whole) {
            // Windows and their titles; the printer.
            (b't' | b'i', _) => {}
            (b'h' | b'l' | b's' | b'r', [ESCAPE, b'[', b'?', modes @ .., _]) => {
                let mut begun = false;
                for mode in modes.split(|byte| *byte == b';').filter(|mode| is_harmless(mode)) {
                    emit(if begun { b";" } else { b"\x1b[?" });
                    emit(mode);
                    begun = true;
                }
                if begun {
                    emit(&[last]);
                }
            }
            _ => emit(whole),
        }
    }

    fn string(&mut self, byte: u8, emit: &mut dyn FnMut(&[u8])) {
        match byte {
            BELL => self.end_of_string(&[BELL], emit),
            ESCAPE => self.state = State::End,
            0x18 | 0x1a => self.state = State::Text,
            _ => self.hold(byte),
        }
    }

    fn end_of_string(&mut self, end: &[u8], emit: &mut dyn FnMut(&[u8])) {
        self.state = State::Text;
        let whole = self.whole();
        let is_link = whole.strip_prefix(b"\x1b]8;").is_some_and(|rest| {
            // Nothing within it that another terminal would take for its end.
            rest.iter().all(|byte| (b' '..=b'~').contains(byte))
        });
        if is_link {
            emit(whole);
            emit(end);
        }
    }
}

/// Tells whether that is the number of a mode that may be switched.
fn is_harmless(mode: &[u8]) -> bool {
    let number = mode.iter().try_fold(0_u16, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| u16::from(byte - b'0'))?;
        Some(number.saturating_mul(10).saturating_add(digit))
    });
    number.is_some_and(|number| !mode.is_empty() && !INPUT_MODES.contains(&number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Passes the pieces on, one after the other.
    fn passed<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
        let (mut sanitizer, mut out) = (Sanitizer::new(), Vec::new());
        for piece in pieces {
            let before = out.len();
            sanitizer.pass(piece, &mut |bytes| out.extend_from_slice(bytes));
            assert!(out.len() - before <= piece.len() + LONGEST);
        }
        out
    }

    fn of(text: &[u8]) -> String {
        String::from_utf8_lossy(&passed([text])).into_owned()
    }

    #[test]
    fn what_is_shown_is_not_touched() {
        for text in [
            "plain\r\n\ttext\x08\x07",
            "grüße 漢字 🦀 \u{a0}nbsp",
            "\x1b[1;31mred\x1b[0m\x1b[2K\x1b[10;20H\x1b[?25l\x1b[?1049h\x1b[6n\x1b[c",
            "\x1b[38:2::1:2:3mcolour\x1b[m\x1b(B\x1b7\x1b8\x1b=\x1bc\x1b#8",
            "\x1b]8;;https://example.org/a?b=c\x1b\\link\x1b]8;;\x07",
        ] {
            assert_eq!(of(text.as_bytes()), text);
        }
        assert_eq!(passed([&b"\xff\xfe\xe9t\xe9"[..]]), b"\xff\xfe\xe9t\xe9");
    }

    #[test]
    fn what_reaches_further_is_taken_out() {
        for text in [
            &b"\x1b]52;c;aGFja2Vk\x07"[..],
            b"\x1b]52;c;aGFja2Vk\x1b\\",
            b"\x1b]0;title\x07",
            b"\x1b]2;title\x1b\\",
            b"\x1b]11;?\x07",
            b"\x1b]777;notify;a;b\x07",
            b"\x1bP+q544e\x1b\\",
            b"\x1b_Gf=24;AAAA\x1b\\",
            b"\x1b^private\x1b\\",
            b"\x1bXstart\x1b\\",
            b"\x1bktitle\x1b\\",
            b"\x1b[?1000h",
            b"\x1b[?1002;1006h",
            b"\x1b[?02004h",
            b"\x1b[?1003r",
            b"\x1b[21t",
            b"\x1b[22;0t",
            b"\x1b[5i",
            b"\x05",
            b"\x9d",
            b"\xc2\x9b",
        ] {
            let around = [b"a", text, b"b"].concat();
            assert_eq!(of(&around), "ab", "{}", text.escape_ascii());
        }
    }

    #[test]
    fn of_several_modes_only_those_of_the_input_go() {
        assert_eq!(of(b"\x1b[?1049;1006;25h"), "\x1b[?1049;25h");
        assert_eq!(of(b"\x1b[?1;2004l"), "\x1b[?1l");
    }

    #[test]
    fn what_another_sequence_breaks_into_is_not_passed_on() {
        assert_eq!(of(b"\x1b]52;c;AA\x1b[31mred"), "\x1b[31mred");
        assert_eq!(of(b"\x1b[?10\x1b[32mgreen"), "\x1b[32mgreen");
        assert_eq!(of(b"\x1b[?20\n04h"), "\n04h");
        assert_eq!(of(b"\x1b\x1b]0;t\x07x"), "x");
        assert_eq!(of(b"\x1b]0;never ends\nmore"), "");
        // A link whose address would end it early, and one that is too long.
        assert_eq!(of(b"\x1b]8;;a\x9c\x1b\\x"), "x");
        let long = [b"\x1b]8;;", &[b'a'; 2 * LONGEST][..], b"\x07x"].concat();
        assert_eq!(of(&long), "x");
    }

    /// Bytes that make many sequences.
    fn output() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![
            3 => prop::sample::select(b"\x1b[]P?;0123456789hltk\\\x07\x9b\xc2\xe2a".to_vec()),
            1 => any::<u8>(),
        ];
        prop::collection::vec(byte, 0..200)
    }

    proptest! {
        #[test]
        fn how_the_output_comes_in_pieces_changes_nothing(bytes in output(), size in 1..7_usize) {
            prop_assert_eq!(passed(bytes.chunks(size)), passed([&bytes[..]]));
        }

        #[test]
        fn nothing_is_left_to_take_out(bytes in output()) {
            let once = [passed([&bytes[..]]), b"x".to_vec()].concat();
            prop_assert_eq!(passed([&once[..]]), once);
        }
    }
}
