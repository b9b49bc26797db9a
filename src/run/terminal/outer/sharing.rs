//! The caller's terminal with others of us at it.

use super::{Outer, Writers, terminal_streams};
use crate::run::terminal::ahead::gathers_lines;
use crate::sys::Neighbours;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::termios::{InputFlags, LocalFlags, OutputFlags, Termios, tcgetattr};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

/// How long another one of us has to notice that we are there, too.
const PATIENCE: Duration = Duration::from_millis(300);

/// How often we look whether it has, in milliseconds.
const LOOK_MILLIS: u8 = 20;

/// What nobody has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::run::terminal) enum Unread {
    Nothing,
    /// Of a terminal that gathers no lines: somebody reads its keys, sooner or later.
    Keys,
    /// Lines, or an end of input.
    Lines,
}

/// Joins the others of us at the terminal that controls us.
pub(super) fn neighbours() -> Option<Neighbours> {
    let (input, output, error) = (std::io::stdin(), std::io::stdout(), std::io::stderr());
    let streams = terminal_streams();
    let all = [(0, input.as_fd()), (1, output.as_fd()), (2, error.as_fd())];
    let mut terminals = all.into_iter().filter(|(number, _)| streams.contains(*number));
    terminals.find_map(|(_, stream)| Neighbours::join(stream))
}

/// Returns the settings that the caller gave the terminal, also when another one of us
/// holds it: that one lets go when it notices us.
///
/// It does not where its command has asked for input or has settings of its own, as an
/// editor has. What the caller gave can only be guessed then.
pub(super) fn settings_given(
    terminal: BorrowedFd<'_>,
    neighbours: Option<&Neighbours>,
) -> Result<Termios, Errno> {
    let Some(others) = neighbours else { return tcgetattr(terminal) };
    let began = Instant::now();
    loop {
        // Nobody else holds it before and behind the question: then it is as given.
        let is_free = !others.read_it();
        let mut settings = tcgetattr(terminal)?;
        if is_free && !others.read_it() {
            return Ok(settings);
        }
        if others.keep_it() || began.elapsed() >= PATIENCE {
            make_usual(&mut settings);
            return Ok(settings);
        }
        wait_for_news(others, terminal);
    }
}

/// Waits a little, until others of us come, leave or let go.
fn wait_for_news(others: &Neighbours, terminal: BorrowedFd<'_>) {
    let (what, events) = match others.news() {
        Some(news) => (news, PollFlags::POLLIN),
        None => (terminal, PollFlags::empty()),
    };
    let _ = poll(&mut [PollFd::new(what, events)], PollTimeout::from(LOOK_MILLIS));
    others.take_news();
}

/// Undoes what makes a terminal raw, as far as it is usual.
fn make_usual(settings: &mut Termios) {
    settings.input_flags |= InputFlags::BRKINT | InputFlags::ICRNL | InputFlags::IXON;
    settings.output_flags |= OutputFlags::OPOST;
    settings.local_flags |=
        LocalFlags::ECHO | LocalFlags::ICANON | LocalFlags::ISIG | LocalFlags::IEXTEN;
}

impl Outer {
    /// Returns what tells of others of us that come or leave.
    pub(in crate::run::terminal) fn neighbours(&self) -> Option<&Neighbours> {
        self.neighbours.as_ref()
    }

    /// Others write there as well from now on.
    pub(in crate::run::terminal) fn share_output(&mut self) {
        self.writers = Writers::Others;
    }

    /// Returns what lies unread there.
    pub(in crate::run::terminal) fn unread(&self) -> Unread {
        let mut waiting = [PollFd::new(self.input(), PollFlags::POLLIN)];
        if poll(&mut waiting, PollTimeout::ZERO) != Ok(1) {
            return Unread::Nothing;
        }
        let gathers_lines = tcgetattr(&self.input).is_ok_and(|now| gathers_lines(&now));
        if gathers_lines { Unread::Lines } else { Unread::Keys }
    }

    pub(super) fn begin_to_read(&self) -> Result<(), Errno> {
        match &self.neighbours {
            Some(others) if !others.begin_to_read() => Err(Errno::EBUSY),
            _ => Ok(()),
        }
    }

    pub(super) fn cease_to_read(&self) {
        self.neighbours.as_ref().inspect(|others| others.cease_to_read());
    }
}
