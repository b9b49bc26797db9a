//! What a command writes to its terminal, as text that is harmless on another.
//!
//! Colours are left out, the ends of lines are ends of lines, and everything else that a
//! terminal would obey is escaped.

use super::Displayable;
use std::io::{self, Write};

/// A line longer than this is written before it ends.
const LONGEST: usize = 4096;

/// Writes what a terminal was told as plain lines, and keeps the one that is not finished.
#[derive(Debug, Default)]
pub struct Plain {
    line: Vec<u8>,
    open: bool,
}

impl Plain {
    /// Writes what ends in these bytes, and as much of the rest as is known for good.
    ///
    /// # Errors
    ///
    /// Any error of what is written to.
    pub fn write(&mut self, bytes: &[u8], mut out: impl Write) -> io::Result<()> {
        for byte in bytes {
            if *byte == b'\n' {
                self.finish(&mut out)?;
            } else {
                self.line.push(*byte);
            }
            if self.line.len() >= LONGEST {
                self.flush(&mut out)?;
            }
        }
        Ok(())
    }

    /// Ends the line that is not finished.
    ///
    /// # Errors
    ///
    /// Any error of what is written to.
    pub fn end_line(&mut self, out: impl Write) -> io::Result<()> {
        if self.open || !self.line.is_empty() { self.finish(out) } else { Ok(()) }
    }

    /// Returns what of the unfinished line was not written yet.
    #[must_use]
    pub fn unfinished(&self) -> String {
        let mut out = Vec::new();
        // Memory takes everything, and what is written is text.
        let _ = escape(&self.line, &mut out);
        String::from_utf8(out).unwrap_or_default()
    }

    fn finish(&mut self, mut out: impl Write) -> io::Result<()> {
        // A terminal's newline is two characters.
        if self.line.last() == Some(&b'\r') {
            self.line.pop();
        }
        self.flush(&mut out)?;
        self.open = false;
        out.write_all(b"\n")
    }

    fn flush(&mut self, mut out: impl Write) -> io::Result<()> {
        self.open = true;
        escape(&std::mem::take(&mut self.line), &mut out)
    }
}

fn escape(line: &[u8], out: &mut impl Write) -> io::Result<()> {
    let line = without_colours(line);
    let is_blank = |byte: &u8| b" \t".contains(byte);
    for run in line.chunk_by(|one, next| is_blank(one) == is_blank(next)) {
        match run.first() {
            // Blanks hide nothing here, and columns need them.
            Some(first) if is_blank(first) => out.write_all(run)?,
            _ => write!(out, "{}", Displayable::from(run))?,
        }
    }
    Ok(())
}

/// Leaves out `ESC [ ... m`. Spec: ECMA-48 8.3.117.
fn without_colours(line: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(line.len());
    let mut rest = line;
    while let Some((first, after)) = rest.split_first() {
        if let Some(sequence) = rest.strip_prefix(b"\x1b[") {
            let length = sequence.iter().take_while(|byte| b"0123456789;:".contains(byte)).count();
            if sequence.get(length) == Some(&b'm') {
                rest = sequence.get(length + 1..).unwrap_or_default();
                continue;
            }
        }
        kept.push(*first);
        rest = after;
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(pieces: &[&[u8]]) -> String {
        let (mut plain, mut out) = (Plain::default(), Vec::new());
        for piece in pieces {
            plain.write(piece, &mut out).expect("memory");
        }
        plain.end_line(&mut out).expect("memory");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn lines_are_lines_and_nothing_commands_a_terminal() {
        assert_eq!(shown(&[b"a\tb            d\r\nc"]), "a\tb            d\nc\n");
        assert_eq!(shown(&[b"\x1b[1;31mred\x1b[0m\r\n"]), "red\n");
        assert_eq!(shown(&[b"x\x1b[2Jy\n"]), "x\\x1b[2Jy\n");
        assert_eq!(shown(&["gr\u{fc}".as_bytes(), b"n\n"]), "gr\u{fc}n\n");
        assert!(!shown(&[b"a\rb\x07\x9b2J\n"]).contains(['\r', '\x07', '\u{9b}']));
    }

    #[test]
    fn a_line_without_end_is_written_all_the_same() {
        let long = vec![b'x'; 3 * LONGEST];
        assert_eq!(shown(&[&long]).len(), long.len() + 1);
    }
}
