//! The caller's terminal: found, held raw while we relay, and given back.

use super::ahead::{self, HELD_UNREAD};
use super::typed;
use crate::sys::{self, Neighbours, Streams, is_device, streams_closed_at_start};
use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::Winsize;
use nix::sys::stat::{Mode, SFlag, fstat};
use nix::sys::termios::{
    LocalFlags, OutputFlags, SetArg, SpecialCharacterIndices, Termios, cfmakeraw, tcgetattr,
    tcgetsid, tcsetattr,
};
use nix::unistd::{getpgrp, getsid, read, tcgetpgrp};
pub(super) use sharing::Unread;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

/// The size of a terminal where the caller has none to take it from.
pub(super) const USUAL_SIZE: Winsize =
    Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };

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

/// Tells whether somebody else may be reading the same terminal, so that what is typed must
/// not be taken before it is asked for.
///
/// Where a standard stream is a pipe or a socket, as with `less` at the end of a pipeline;
/// and where standard input is the null device, which a script gives what it starts in the
/// background.
fn others_may_read() -> bool {
    let piped = streams_that(|stream| {
        fstat(stream).is_ok_and(|found| {
            let kind = SFlag::from_bits_truncate(found.st_mode) & SFlag::S_IFMT;
            kind == SFlag::S_IFIFO || kind == SFlag::S_IFSOCK
        })
    });
    !piped.is_empty() || streams_that(|stream| is_device(stream, c"/dev/null")).contains(0)
}

/// What is at the caller's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The terminal that controls us.
    Terminal,
    /// Streams that are no terminal, where a pty was asked for all the same.
    Streams,
}

/// Who may write to the caller's terminal while we hold it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Writers {
    /// We only, as far as we know: what is written is not changed.
    Us,
    /// Others, of our pipeline or of us: what they write must come out as without us.
    Others,
}

/// The caller's end: where input comes from and output goes to.
///
/// A terminal is used through an open file of our own, so that not blocking is our
/// affair and nobody else's.
#[derive(Debug)]
pub(super) struct Outer {
    kind: Kind,
    input: OwnedFd,
    output: OwnedFd,
    saved: Termios,
    held: bool,
    writers: Writers,
    /// Somebody who is none of us may read it.
    others_may_read: bool,
    /// Others of us at this terminal, where it can be known.
    neighbours: Option<Neighbours>,
}

impl Outer {
    /// Opens the terminal that controls us and reads its settings; changes nothing.
    pub(super) fn terminal() -> Result<Self, Errno> {
        let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
        let input = open("/dev/tty", flags, Mode::empty())?;
        let output = sys::duplicate(input.as_raw_fd())?;
        let neighbours = sharing::neighbours();
        let saved = sharing::settings_given(input.as_fd(), neighbours.as_ref())?;
        let others_may_read = others_may_read();
        let shares = others_may_read || neighbours.as_ref().is_some_and(Neighbours::are_there);
        let writers = if shares { Writers::Others } else { Writers::Us };
        let (kind, held) = (Kind::Terminal, false);
        Ok(Self { kind, input, output, saved, held, writers, others_may_read, neighbours })
    }

    /// Takes standard input and output; `settings` are those of the pty.
    pub(super) fn streams(settings: Termios) -> Result<Self, Errno> {
        let input = sys::duplicate(std::io::stdin().as_raw_fd())?;
        let output = sys::duplicate(std::io::stdout().as_raw_fd())?;
        Ok(Self::between(input, output, settings))
    }

    /// Takes these two, which are no terminal.
    pub(super) fn between(input: OwnedFd, output: OwnedFd, settings: Termios) -> Self {
        let (kind, saved, writers) = (Kind::Streams, settings, Writers::Us);
        let (held, others_may_read, neighbours) = (false, false, None);
        Self { kind, input, output, saved, held, writers, others_may_read, neighbours }
    }

    /// Tells whether it is a terminal.
    pub(super) fn is_terminal(&self) -> bool {
        self.kind == Kind::Terminal
    }

    /// Returns where input comes from.
    pub(super) fn input(&self) -> BorrowedFd<'_> {
        self.input.as_fd()
    }

    /// Returns where output goes to.
    pub(super) fn output(&self) -> BorrowedFd<'_> {
        self.output.as_fd()
    }

    /// Returns the size, unless there is none.
    pub(super) fn size(&self) -> Option<Winsize> {
        sys::window_size(self.input()).ok()
    }

    /// Returns the settings the caller gave it.
    pub(super) fn settings(&self) -> &Termios {
        &self.saved
    }

    /// Tells whether our process group has it.
    pub(super) fn is_ours(&self) -> bool {
        !self.is_terminal() || tcgetpgrp(&self.input) == Ok(getpgrp())
    }

    /// Tells whether we hold it.
    pub(super) fn is_held(&self) -> bool {
        self.held
    }

    /// Takes it: from now on each byte goes through as it is. Returns what was typed
    /// before, as keys for a terminal with the settings it had.
    ///
    /// Nothing that was typed or written before is thrown away. `EBUSY` while another one
    /// of us has it.
    pub(super) fn hold(&mut self) -> Result<Vec<u8>, Errno> {
        if self.held {
            return Ok(Vec::new());
        }
        if self.is_terminal() {
            self.begin_to_read()?;
            let made = self.make_raw();
            self.held = made.is_ok();
            if !self.held {
                self.cease_to_read();
            }
            return made;
        }
        self.held = true;
        Ok(Vec::new())
    }

    fn make_raw(&mut self) -> Result<Vec<u8>, Errno> {
        self.saved = tcgetattr(&self.input)?;
        let mut raw = self.saved.clone();
        cfmakeraw(&mut raw);
        raw.control_flags = self.saved.control_flags;
        if self.has_other_writers() {
            copy_what_others_see(&mut raw, &self.saved);
        }
        tcsetattr(&self.input, SetArg::TCSADRAIN, &raw)?;
        let mut ahead = [0; HELD_UNREAD];
        let length = read(&self.input, &mut ahead).unwrap_or(0);
        Ok(ahead::keys_for(ahead.get(..length).unwrap_or_default(), &self.saved))
    }

    /// Tells whether others may read and write there as well.
    pub(super) fn has_other_writers(&self) -> bool {
        self.writers == Writers::Others
    }

    /// Tells whether somebody who is none of us may read there.
    pub(super) fn may_be_read_by_others(&self) -> bool {
        self.others_may_read
    }

    /// Tells whether it is held while others may use it.
    pub(super) fn is_held_beside_others(&self) -> bool {
        self.held && self.has_other_writers()
    }

    /// Has it do for others what the command's own terminal does.
    pub(super) fn do_for_others_as(&self, inner: &Termios) {
        if !self.is_held_beside_others() {
            return;
        }
        if let Ok(before) = tcgetattr(&self.input) {
            let mut now = before.clone();
            copy_what_others_see(&mut now, inner);
            if now != before {
                let _ = tcsetattr(&self.input, SetArg::TCSANOW, &now);
            }
        }
    }

    /// Notices that somebody took it while we were stopped by a signal that nobody can
    /// be told of; tells whether we still hold it.
    pub(super) fn still_holds(&mut self) -> bool {
        let is_raw = || {
            let cooked = LocalFlags::ICANON | LocalFlags::ECHO;
            tcgetattr(&self.input).is_ok_and(|now| !now.local_flags.intersects(cooked))
        };
        let held = self.held && (!self.is_terminal() || (self.is_ours() && is_raw()));
        if std::mem::replace(&mut self.held, held) && !held {
            self.cease_to_read();
        }
        held
    }

    /// Gives it back as it was.
    pub(super) fn release(&mut self) {
        let saved = self.saved.clone();
        self.release_with(&saved);
    }

    /// Gives it back with those settings, unless another group has it by now.
    pub(super) fn release_with(&mut self, settings: &Termios) {
        if std::mem::take(&mut self.held) && self.is_terminal() {
            if self.is_ours() {
                let _ = tcsetattr(&self.input, SetArg::TCSADRAIN, settings);
            }
            self.cease_to_read();
        }
    }

    /// Tells whether a group in the background is stopped when it writes.
    pub(super) fn stops_writers(&self) -> bool {
        tcgetattr(&self.input).is_ok_and(|now| now.local_flags.contains(LocalFlags::TOSTOP))
    }

    /// Tells whether what we write there is changed on its way.
    pub(super) fn is_changing_output(&self) -> bool {
        !self.held || self.has_other_writers()
    }

    /// Tells whether it makes a carriage return and a newline of a newline.
    pub(super) fn adds_carriage_returns(&self) -> bool {
        tcgetattr(&self.input).is_ok_and(|now| adds_carriage_returns(&now))
    }

    /// Returns how many bytes can be written now without being held up.
    ///
    /// A terminal does not block us. Of anything else the open file is the caller's,
    /// which may block: it takes that much when it is ready (pipe(7)).
    pub(super) fn room(&self) -> usize {
        const PIPE_BUF: usize = 4096;
        if self.is_terminal() {
            return usize::MAX;
        }
        let mut waiting = [PollFd::new(self.output(), PollFlags::POLLOUT)];
        let ready = poll(&mut waiting, PollTimeout::ZERO) == Ok(1);
        if ready { PIPE_BUF } else { 0 }
    }
}

/// Copies into settings that are raw otherwise what a terminal does for everybody at it: how
/// it changes what is written, and that ^C and ^\ end all of a pipeline at once.
///
/// The key that stops is the command's: we stop with it, and everybody else.
fn copy_what_others_see(raw: &mut Termios, from: &Termios) {
    raw.output_flags = from.output_flags;
    let signals = LocalFlags::ISIG | LocalFlags::NOFLSH;
    raw.local_flags = raw.local_flags.difference(signals) | from.local_flags & signals;
    for meaning in [SpecialCharacterIndices::VINTR, SpecialCharacterIndices::VQUIT] {
        typed::set_key(raw, meaning, typed::key(from, meaning).unwrap_or_default());
    }
    typed::set_key(raw, SpecialCharacterIndices::VSUSP, 0);
}

/// Tells whether these settings make a carriage return and a newline of a newline.
pub(super) fn adds_carriage_returns(settings: &Termios) -> bool {
    settings.output_flags.contains(OutputFlags::OPOST | OutputFlags::ONLCR)
}

impl Drop for Outer {
    fn drop(&mut self) {
        self.release();
    }
}

mod sharing;
