//! The terminal on which a recording is played, put right at the end.

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::termios::{FlushArg, LocalFlags, SetArg, Termios, tcflush, tcgetattr, tcsetattr};
use nix::unistd::read;
use std::cell::Cell;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::time::Duration;

/// What a command may have left switched on, off again, where that moves nothing: a scroll
/// region, a charset, attributes, the mouse, reports, pasting, keypad, a hidden cursor.
const PUT_RIGHT: &[u8] = b"\x1b7\x1b[r\x1b8\x1b(B\x0f\x1b[0m\x1b[?1l\x1b>\x1b[?7h\
    \x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1004l\x1b[?2004l\x1b[?25h";
/// The other screen: leaving it where it was not entered would move the cursor.
const OTHER_SCREEN: [(&str, &str); 2] =
    [("\x1b[?1049h", "\x1b[?1049l"), ("\x1b[?47h", "\x1b[?47l")];
/// Control-C.
const INTERRUPT: u8 = 3;

/// A key that matters while a recording is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// End it.
    End,
    /// Wait, or go on.
    Pause,
}

/// The terminal, held without echo.
pub(super) struct Screen {
    before: Termios,
    /// What leaves the other screen, while it is entered.
    leave: Cell<Option<&'static str>>,
}

impl Screen {
    /// Takes the terminal.
    pub(super) fn take() -> io::Result<Self> {
        let input = io::stdin();
        let before = tcgetattr(&input)?;
        let mut quiet = before.clone();
        // What the recording asks the terminal, nobody answers twice; keys are ours.
        quiet.local_flags.remove(LocalFlags::ICANON | LocalFlags::ECHO | LocalFlags::ISIG);
        tcsetattr(&input, SetArg::TCSADRAIN, &quiet)?;
        Ok(Self { before, leave: Cell::new(None) })
    }

    /// Shows text.
    pub(super) fn show(&self, text: &str) -> io::Result<()> {
        for (enter, leave) in OTHER_SCREEN {
            match (text.rfind(enter), text.rfind(leave)) {
                (Some(entered), left) if left.is_none_or(|left| left < entered) => {
                    self.leave.set(Some(leave));
                }
                (_, Some(_)) => self.leave.set(None),
                _ => {}
            }
        }
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.flush()
    }

    /// Waits that long, or until a key that matters; without a limit for a key.
    pub(super) fn wait(span: Option<Duration>) -> Option<Key> {
        let input = io::stdin();
        let deadline = span.map(crate::process::Deadline::after);
        loop {
            let left = deadline.as_ref().map(crate::process::Deadline::remaining);
            let timeout = left.map_or(PollTimeout::NONE, |left| {
                // A pause that is shorter than a millisecond is none.
                PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX)
            });
            let mut waiting = [PollFd::new(input.as_fd(), PollFlags::POLLIN)];
            if poll(&mut waiting, timeout) == Ok(0) {
                return None;
            }
            let mut keys = [0; 64];
            match read(input.as_fd(), &mut keys) {
                Ok(0) | Err(_) => return Some(Key::End),
                Ok(length) => {
                    let keys = keys.get(..length).unwrap_or_default();
                    if keys.contains(&INTERRUPT) || keys == b"q" {
                        return Some(Key::End);
                    }
                    if keys == b" " {
                        return Some(Key::Pause);
                    }
                }
            }
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let mut out = io::stdout().lock();
        let leave = self.leave.get().unwrap_or_default();
        let _ = out.write_all(leave.as_bytes());
        let _ = out.write_all(PUT_RIGHT).and_then(|()| out.flush());
        let input = io::stdin();
        // Answers to what the recording asked must not be typed into the shell.
        let _ = tcflush(&input, FlushArg::TCIFLUSH);
        let _ = tcsetattr(&input, SetArg::TCSADRAIN, &self.before);
    }
}
