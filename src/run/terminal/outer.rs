//! The caller's terminal: found, held raw while we relay, and given back.

use crate::sys::{self, Streams, streams_closed_at_start};
use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::pty::Winsize;
use nix::sys::stat::{Mode, SFlag, fstat};
use nix::sys::termios::{
    LocalFlags, OutputFlags, SetArg, Termios, cfmakeraw, tcgetattr, tcgetsid, tcsetattr,
};
use nix::unistd::{getpgrp, getsid, tcgetpgrp};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// The size of a terminal that was never told one.
pub(super) const NO_SIZE: Winsize = Winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };

/// Calls `question` for each standard stream the caller had open.
fn streams_that(question: impl Fn(BorrowedFd<'_>) -> bool) -> Streams {
    let (input, output, error) = (std::io::stdin(), std::io::stdout(), std::io::stderr());
    let closed = streams_closed_at_start();
    let all = [(0, input.as_fd()), (1, output.as_fd()), (2, error.as_fd())];
    all.into_iter()
        .filter(|(number, stream)| !closed.contains(*number) && question(*stream))
        .fold(Streams::none(), |chosen, (number, _)| chosen.with(number))
}

/// Returns the standard streams that are the terminal which controls us.
///
/// Any other terminal is somebody else's: it neither stops us nor sends us
/// signals, and the command gets it as it is.
pub(in crate::run) fn terminal_streams() -> Streams {
    let session = getsid(None);
    streams_that(|stream| session.is_ok() && tcgetsid(stream) == session)
}

/// Tells whether a standard stream is a pipe or a socket.
///
/// Then somebody else may be reading the same terminal, as `less` does at the
/// end of a pipeline, and what is typed must not be taken before it is asked for.
pub(super) fn in_pipeline() -> bool {
    let piped = streams_that(|stream| {
        fstat(stream).is_ok_and(|found| {
            let kind = SFlag::from_bits_truncate(found.st_mode) & SFlag::S_IFMT;
            kind == SFlag::S_IFIFO || kind == SFlag::S_IFSOCK
        })
    });
    !piped.is_empty()
}

/// The terminal that controls us, through a descriptor of our own.
///
/// Its own open file, so that not blocking is our affair and nobody else's.
#[derive(Debug)]
pub(super) struct Outer {
    terminal: OwnedFd,
    saved: Termios,
    held: bool,
}

impl Outer {
    /// Opens the terminal and reads its settings; changes nothing.
    pub(super) fn open() -> Result<Self, Errno> {
        let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
        let terminal = open("/dev/tty", flags, Mode::empty())?;
        let saved = tcgetattr(&terminal)?;
        Ok(Self { terminal, saved, held: false })
    }

    /// Returns the size, unless the terminal has gone.
    pub(super) fn size(&self) -> Option<Winsize> {
        sys::window_size(self.as_fd()).ok()
    }

    /// Returns the settings the caller gave it.
    pub(super) fn settings(&self) -> &Termios {
        &self.saved
    }

    /// Tells whether our process group has the terminal.
    pub(super) fn is_ours(&self) -> bool {
        tcgetpgrp(&self.terminal) == Ok(getpgrp())
    }

    /// Tells whether we hold it raw.
    pub(super) fn is_held(&self) -> bool {
        self.held
    }

    /// Takes it: from now on each byte goes through as it is.
    ///
    /// Nothing that was typed or written before is thrown away.
    pub(super) fn hold(&mut self) -> Result<(), Errno> {
        if self.held {
            return Ok(());
        }
        self.saved = tcgetattr(&self.terminal)?;
        let mut raw = self.saved.clone();
        cfmakeraw(&mut raw);
        raw.control_flags = self.saved.control_flags;
        tcsetattr(&self.terminal, SetArg::TCSADRAIN, &raw)?;
        self.held = true;
        Ok(())
    }

    /// Gives it back as it was.
    pub(super) fn release(&mut self) {
        let saved = self.saved.clone();
        self.release_with(&saved);
    }

    /// Gives it back with those settings.
    pub(super) fn release_with(&mut self, settings: &Termios) {
        if std::mem::take(&mut self.held) && self.is_ours() {
            let _ = tcsetattr(&self.terminal, SetArg::TCSADRAIN, settings);
        }
    }

    /// Tells whether a group in the background is stopped when it writes.
    pub(super) fn stops_writers(&self) -> bool {
        tcgetattr(&self.terminal).is_ok_and(|now| now.local_flags.contains(LocalFlags::TOSTOP))
    }

    /// Tells whether it makes a carriage return and a newline of a newline.
    pub(super) fn adds_carriage_returns(&self) -> bool {
        !self.held && tcgetattr(&self.terminal).is_ok_and(|now| adds_carriage_returns(&now))
    }
}

/// Tells whether these settings make a carriage return and a newline of a newline.
pub(super) fn adds_carriage_returns(settings: &Termios) -> bool {
    settings.output_flags.contains(OutputFlags::OPOST | OutputFlags::ONLCR)
}

impl AsFd for Outer {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.terminal.as_fd()
    }
}

impl Drop for Outer {
    fn drop(&mut self) {
        self.release();
    }
}
