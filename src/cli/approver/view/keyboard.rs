//! Reads what a terminal sends: characters, keys, the mouse, pasted text.
//!
//! xterm's sequences, which every terminal of today sends. What is not understood means
//! nothing; what was pasted is never taken for keys.

use crate::approver::tui::Key;
use vte::{Params, Parser, Perform};

/// The most that is kept of one paste, in bytes.
const LONGEST_PASTE: usize = 16 << 10;

/// Turns bytes into keys.
#[derive(Default)]
pub(super) struct Keyboard {
    parser: Parser,
    reader: Reader,
}

impl std::fmt::Debug for Keyboard {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Keyboard")
    }
}

#[derive(Default)]
struct Reader {
    keys: Vec<Key>,
    /// What is being pasted.
    paste: Option<String>,
    /// `ESC O` came: the next character is a key of the application keypad.
    keypad: bool,
}

impl Keyboard {
    /// Reads bytes as they came in one piece.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Vec<Key> {
        self.parser.advance(&mut self.reader, bytes);
        // A sequence comes in one piece, so an escape at the end is the key itself.
        if bytes.last() == Some(&0x1b) {
            self.parser = Parser::new();
            self.reader.add(Key::Escape);
        }
        std::mem::take(&mut self.reader.keys)
    }

    /// Forgets what was begun.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }
}

impl Reader {
    fn add(&mut self, key: Key) {
        match (&mut self.paste, key) {
            (None, key) => self.keys.push(key),
            (Some(paste), _) if paste.len() >= LONGEST_PASTE => {}
            (Some(paste), Key::Char(character)) => paste.push(character),
            (Some(paste), Key::Enter | Key::Tab) => paste.push(' '),
            (Some(_), _) => {}
        }
    }

    fn mouse(&mut self, numbers: [u16; 3], pressed: bool) {
        let [button, column, row] = numbers;
        match button & 0b1110_0011 {
            64 => self.add(Key::WheelUp),
            65 => self.add(Key::WheelDown),
            0 if pressed => self.add(Key::Click(column.saturating_sub(1), row.saturating_sub(1))),
            _ => {}
        }
    }
}

impl Perform for Reader {
    fn print(&mut self, character: char) {
        if std::mem::take(&mut self.keypad) {
            return self.extend(of_letter(character));
        }
        match character {
            '\u{7f}' => self.add(Key::Backspace),
            _ => self.add(Key::Char(character)),
        }
    }

    fn execute(&mut self, byte: u8) {
        match byte {
            b'\r' | b'\n' => self.add(Key::Enter),
            b'\t' => self.add(Key::Tab),
            0x08 | 0x7f => self.add(Key::Backspace),
            1..=26 => self.add(Key::Control(char::from(b'a' + byte - 1))),
            _ => {}
        }
    }

    fn esc_dispatch(&mut self, _intermediates: &[u8], _ignore: bool, byte: u8) {
        self.keypad = byte == b'O';
    }

    fn csi_dispatch(&mut self, params: &Params, marks: &[u8], ignore: bool, action: char) {
        let mut numbers = params.iter().map(|each| each.first().copied().unwrap_or(0));
        let first = numbers.next().unwrap_or(0);
        match (action, marks, first) {
            _ if ignore => {}
            ('M' | 'm', b"<", button) => {
                let mut next = || numbers.next().unwrap_or(0);
                self.mouse([button, next(), next()], action == 'M');
            }
            ('~', b"", 200) => self.paste = Some(String::new()),
            ('~', b"", 201) => {
                let pasted = self.paste.take();
                self.keys.extend(pasted.map(Key::Paste));
            }
            ('~', b"", number) => self.extend(of_number(number)),
            ('I', b"", _) => self.add(Key::Focus),
            (letter, b"", _) => self.extend(of_letter(letter)),
            _ => {}
        }
    }
}

impl Reader {
    fn extend(&mut self, key: Option<Key>) {
        if let Some(key) = key {
            self.add(key);
        }
    }
}

fn of_letter(letter: char) -> Option<Key> {
    Some(match letter {
        'A' => Key::Up,
        'B' => Key::Down,
        'C' => Key::Right,
        'D' => Key::Left,
        'H' => Key::Home,
        'F' => Key::End,
        'M' => Key::Enter,
        _ => return None,
    })
}

fn of_number(number: u16) -> Option<Key> {
    Some(match number {
        1 | 7 => Key::Home,
        4 | 8 => Key::End,
        5 => Key::PageUp,
        6 => Key::PageDown,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Vec<Key> {
        Keyboard::default().read(bytes)
    }

    #[test]
    fn reads_what_xterm_sends() {
        use Key::{
            Backspace, Char, Click, Control, Down, End, Enter, Escape, Focus, Home, PageDown, Tab,
            Up, WheelDown,
        };
        for (bytes, keys) in [
            (&b"aZ \xc3\xa9"[..], vec![Char('a'), Char('Z'), Char(' '), Char('é')]),
            (
                b"\r\t\x7f\x08\x03\x1a",
                vec![Enter, Tab, Backspace, Backspace, Control('c'), Control('z')],
            ),
            (b"\x1b[A\x1bOB\x1b[H\x1bOF", vec![Up, Down, Home, End]),
            (b"\x1b[6~\x1b[1;5A", vec![PageDown, Up]),
            (b"\x1b", vec![Escape]),
            (b"\x1b[I\x1b[O", vec![Focus]),
            (b"\x1b[<65;10;5M\x1b[<0;10;5M\x1b[<0;10;5m", vec![WheelDown, Click(9, 4)]),
            (b"\x1b[99;99z\x1b[?1u\x1b]0;a\x07", vec![]),
        ] {
            assert_eq!(read(bytes), keys, "{bytes:?}");
        }
    }

    #[test]
    fn what_is_pasted_is_never_a_key() {
        let keys = read(b"\x1b[200~a\r\x1b[Aq\x03\x1b[201~b");
        assert_eq!(keys, [Key::Paste("a q".to_owned()), Key::Char('b')]);
        // A paste in two pieces, and one that never ends.
        let mut keyboard = Keyboard::default();
        assert!(keyboard.read(b"\x1b[200~a").is_empty());
        assert!(keyboard.read(b"a").is_empty());
        assert_eq!(keyboard.read(b"a\x1b[201~"), [Key::Paste("aaa".to_owned())]);
        keyboard.read(b"\x1b[200~");
        keyboard.forget();
        assert_eq!(keyboard.read(b"a"), [Key::Char('a')]);
        // However much is pasted, only so much is kept.
        let lines = [b"\x1b[200~", &b"a\r\t".repeat(LONGEST_PASTE)[..], b"\x1b[201~"].concat();
        let Some(Key::Paste(kept)) = read(&lines).pop() else { panic!("no paste") };
        assert_eq!(kept.len(), LONGEST_PASTE);
    }

    #[test]
    fn a_character_in_two_pieces_is_one() {
        let mut keyboard = Keyboard::default();
        assert!(keyboard.read(b"\xc3").is_empty());
        assert_eq!(keyboard.read(b"\xa9"), [Key::Char('é')]);
    }
}
