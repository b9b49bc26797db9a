//! Reads a secret: from a pipe, or from a terminal without showing it.

use super::AccountCommandError;
use crate::credential::Token;
use crate::process::read_secret_input;
use crate::sys::{BlockedSignals, SignalDescriptor, end_by};
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::termios::{self, FlushArg, LocalFlags, SetArg, Termios, tcflush};
use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::os::fd::AsFd as _;
use zeroize::Zeroizing;

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
    let failed = |source| AccountCommandError::System { action: "read standard input", source };
    read_secret_input().map_err(failed)
}

fn typed(question: &str) -> Result<Zeroizing<Vec<u8>>, AccountCommandError> {
    let failed = |source| AccountCommandError::System { action: "use the terminal", source };
    let terminal = OpenOptions::new().read(true).write(true).open("/dev/tty").map_err(failed)?;
    // Whatever ends us, the terminal is put right before.
    let blocked = BlockedSignals::all().map_err(io::Error::from).map_err(failed)?;
    let quiet = Quiet::begin(terminal).map_err(failed)?;
    let typed = quiet.ask(question).map_err(failed)?;
    drop(quiet);
    drop(blocked);
    match typed {
        Typed::Line(bytes) => Ok(bytes),
        Typed::Interrupted => Err(AccountCommandError::Interrupted),
        Typed::Ended(signal) => {
            end_by(signal);
            Err(AccountCommandError::Interrupted)
        }
    }
}

/// How an answer ended.
enum Typed {
    Line(Zeroizing<Vec<u8>>),
    /// By Ctrl-C.
    Interrupted,
    /// By a signal that ends us.
    Ended(i32),
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

    /// Reads one line.
    fn ask(&self, question: &str) -> io::Result<Typed> {
        let signals = SignalDescriptor::new()?;
        let mut terminal = &self.terminal;
        write!(terminal, "{question}")?;
        // Never grown, so that nothing of it is left where it was before.
        let mut line = Zeroizing::new(Vec::with_capacity(16 << 10));
        let mut key = Zeroizing::new([0_u8]);
        let typed = loop {
            if let Some(signal) = self.key_or_signal(&signals)? {
                break Typed::Ended(signal);
            }
            if terminal.read(&mut key[..])? == 0 {
                break Typed::Line(line);
            }
            match key[0] {
                b'\r' | b'\n' | 4 => break Typed::Line(line),
                3 => break Typed::Interrupted,
                8 | 127 => drop(line.pop()),
                21 => line.clear(),
                // Ctrl-Z and Ctrl-\ are keys here, and no part of a secret.
                26 | 28 => (),
                _ if line.len() == line.capacity() => break Typed::Line(line),
                other => line.push(other),
            }
        };
        writeln!(terminal)?;
        Ok(typed)
    }
}

impl Quiet {
    /// Waits for a key, or returns the signal that ends us.
    fn key_or_signal(&self, signals: &SignalDescriptor) -> io::Result<Option<i32>> {
        const ENDING: [i32; 4] = [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGQUIT];
        loop {
            let mut waited = [self.terminal.as_fd(), signals.as_fd()]
                .map(|each| PollFd::new(each, PollFlags::POLLIN));
            poll(&mut waited, PollTimeout::NONE)?;
            let signal = std::iter::from_fn(|| signals.next()).map(|each| each.signal);
            if let Some(signal) = signal.into_iter().find(|each| ENDING.contains(each)) {
                return Ok(Some(signal));
            }
            if waited[0].any() == Some(true) {
                return Ok(None);
            }
        }
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        let _ = termios::tcsetattr(&self.terminal, SetArg::TCSAFLUSH, &self.before);
    }
}
