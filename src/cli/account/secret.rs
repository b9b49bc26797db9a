//! Reads a secret: from a pipe, or from a terminal without showing it.

use super::AccountCommandError;
use crate::credential::Token;
use nix::sys::termios::{self, FlushArg, LocalFlags, SetArg, Termios, tcflush};
use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use zeroize::Zeroizing;

/// The most bytes that are read.
const LONGEST: u64 = 16 << 10;

/// Reads a secret from standard input when that is no terminal, and else asks for it.
///
/// # Errors
///
/// [`AccountCommandError`] when nothing usable came.
pub(in crate::cli) fn read_secret(question: &str) -> Result<Token, AccountCommandError> {
    let bytes = if io::stdin().is_terminal() { typed(question)? } else { piped()? };
    let text =
        std::str::from_utf8(&bytes).map_err(|_| crate::credential::TokenError::NotVisibleAscii)?;
    if text.trim().is_empty() {
        return Err(AccountCommandError::NoToken);
    }
    Ok(Token::parse(text)?)
}

fn piped() -> Result<Zeroizing<Vec<u8>>, AccountCommandError> {
    let mut bytes = Zeroizing::new(Vec::new());
    let failed = |source| AccountCommandError::System { action: "read standard input", source };
    io::stdin().take(LONGEST).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

fn typed(question: &str) -> Result<Zeroizing<Vec<u8>>, AccountCommandError> {
    let failed = |source| AccountCommandError::System { action: "use the terminal", source };
    let terminal = OpenOptions::new().read(true).write(true).open("/dev/tty").map_err(failed)?;
    let quiet = Quiet::begin(terminal).map_err(failed)?;
    let bytes = quiet.ask(question).map_err(failed)?;
    drop(quiet);
    bytes.ok_or(AccountCommandError::Interrupted)
}

/// A terminal that shows nothing and passes Ctrl-C on as a key, so that it is put
/// right whatever is typed.
struct Quiet {
    terminal: File,
    before: Termios,
}

impl Quiet {
    fn begin(terminal: File) -> io::Result<Self> {
        let before = termios::tcgetattr(&terminal)?;
        let mut silent = before.clone();
        silent.local_flags.remove(LocalFlags::ECHO | LocalFlags::ICANON | LocalFlags::ISIG);
        // What was typed before we asked is no secret of ours.
        tcflush(&terminal, FlushArg::TCIFLUSH)?;
        termios::tcsetattr(&terminal, SetArg::TCSANOW, &silent)?;
        Ok(Self { terminal, before })
    }

    /// Reads one line; `None` after Ctrl-C.
    fn ask(&self, question: &str) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        let mut terminal = &self.terminal;
        write!(terminal, "{question}")?;
        // Never grown, so that nothing of it is left where it was before.
        let mut line = Zeroizing::new(Vec::with_capacity(16 << 10));
        let mut key = Zeroizing::new([0_u8]);
        let ended = loop {
            if terminal.read(&mut key[..])? == 0 {
                break true;
            }
            match key[0] {
                b'\r' | b'\n' | 4 => break true,
                3 => break false,
                8 | 127 => drop(line.pop()),
                21 => line.clear(),
                _ if line.len() == line.capacity() => break true,
                other => line.push(other),
            }
        };
        writeln!(terminal)?;
        Ok(ended.then_some(line))
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        let _ = termios::tcsetattr(&self.terminal, SetArg::TCSAFLUSH, &self.before);
    }
}
