//! Those who look on while a command runs: an approver elsewhere, who may also stop it, and
//! whoever writes down what goes over its terminal.
//!
//! `run` shows what happens and obeys what is wanted; it knows nobody behind it.
//!
//! A second process of ours, the *teller*, is started once the command runs: so a network
//! is never in the way of the command, and no runtime lives in the process that watches
//! it. It is in a session of its own, holds one socket and nothing else, and ends by
//! itself: when it has told the end, or when it finds the socket closed because we were
//! killed.
//!
//! Nobody waits for it. Of output there is one piece on its way and one that gathers what
//! comes meanwhile; what does not fit there is counted and left out.

mod line;
mod piece;
mod stop;
mod tap;

pub use line::{Ended, Line, Notice, Wish};
pub use stop::StopStep;
pub use tap::Tap;

use crate::process;
use nix::poll::PollTimeout;
use piece::Piece;
use std::cell::{Cell, OnceCell, RefCell};
use std::fmt;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;
use stop::Stop;

/// How much of the end of its output is kept for whoever is told the end.
const LAST: usize = 4 << 10;
/// How much of its output is told at once.
const ONCE: usize = 16 << 10;

/// Starts the teller with its end of the line, tells it over ours whom it is about and
/// what can be seen; false when that cannot be.
pub type StartTeller<'a> = dyn Fn(OwnedFd, &Line, Sight) -> bool + 'a;

/// What can be seen of a running command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// What it writes to a terminal of this size.
    Terminal {
        /// Its columns.
        columns: u16,
        /// Its rows.
        rows: u16,
    },
    /// That it runs: its streams are the caller's own.
    Nothing,
}

/// The way to somebody who looks on, and what that one wants.
pub struct Onlooker<'a> {
    teller: &'a StartTeller<'a>,
    stopping: &'a dyn Fn(u8),
    line: OnceCell<Line>,
    /// Whether nobody is at the other end any more, or everything was said.
    over: Cell<bool>,
    state: RefCell<State>,
}

#[derive(Debug)]
struct State {
    since: Duration,
    watch: Watch,
    gathered: Piece,
    last: Piece,
    stop: Stop,
    /// Who wanted it last.
    stopped_by: u8,
}

/// Whether output is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Watch {
    /// Nobody watches.
    Off,
    /// Somebody does, and the last piece is still on its way.
    Busy,
    /// Somebody does, and waits for the next piece.
    Ready,
}

impl fmt::Debug for Onlooker<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Onlooker").field("state", &self.state).finish_non_exhaustive()
    }
}

impl<'a> Onlooker<'a> {
    /// `stopping` is called when the command is stopped because one of those who approved
    /// it said so, before it is, with the number of that one.
    #[must_use]
    pub fn new(teller: &'a StartTeller<'a>, stopping: &'a dyn Fn(u8)) -> Self {
        let state = State {
            since: process::since_boot(),
            watch: Watch::Off,
            gathered: Piece::of(ONCE),
            last: Piece::of(LAST),
            stop: Stop::default(),
            stopped_by: 0,
        };
        let (line, over) = (OnceCell::new(), Cell::new(false));
        Self { teller, stopping, line, over, state: RefCell::new(state) }
    }

    /// Starts the teller. Without it nobody is told.
    pub fn begin(&self, sight: Sight) {
        self.state.borrow_mut().since = process::since_boot();
        let Ok((ours, its)) = Line::pair() else { return };
        if (self.teller)(its.into(), &ours, sight) {
            let _ = self.line.set(ours);
        }
    }

    /// Returns what to wait at for what somebody wants.
    #[must_use]
    pub fn line(&self) -> Option<BorrowedFd<'_>> {
        self.open_line().map(AsFd::as_fd)
    }

    /// Tells how long to wait for anything before it is looked here again.
    #[must_use]
    pub fn patience(&self) -> PollTimeout {
        let due = self.state.borrow().stop.due_in(process::since_boot());
        due.map_or(PollTimeout::NONE, |due| {
            // One more, so that it is due then.
            PollTimeout::try_from(due + Duration::from_millis(1)).unwrap_or(PollTimeout::MAX)
        })
    }

    /// Reads what somebody wants; returns what has to be done to the command now.
    #[must_use]
    pub fn look(&self) -> Option<StopStep> {
        let mut state = self.state.borrow_mut();
        let now = process::since_boot();
        while let Some(line) = self.open_line() {
            let wish = match line.wish() {
                Ok(Some(wish)) => wish,
                Ok(None) => break,
                Err(_) => {
                    self.over.set(true);
                    state.watch = Watch::Off;
                    break;
                }
            };
            match wish {
                Wish::Watch if state.watch == Watch::Off => {
                    state.gathered.clear();
                    state.watch = Watch::Ready;
                }
                Wish::Watch => {}
                Wish::Unwatch => state.watch = Watch::Off,
                Wish::More => {
                    if state.watch == Watch::Busy {
                        state.watch = Watch::Ready;
                    }
                    state.tell(line);
                }
                Wish::Stop(by) => {
                    state.stopped_by = by;
                    state.stop.ask();
                }
            }
        }
        let step = state.stop.next(now);
        let by = state.stopped_by;
        drop(state);
        if step == Some(StopStep::Terminate) {
            (self.stopping)(by);
        }
        step
    }

    /// Shows what the command wrote.
    pub fn see(&self, bytes: &[u8]) {
        let mut state = self.state.borrow_mut();
        let Some(line) = self.open_line() else { return };
        state.last.push(bytes);
        if state.watch != Watch::Off {
            state.gathered.push(bytes);
            state.tell(line);
        }
    }

    /// Tells how it ended, after that was written down.
    pub fn ended(&self, ended: Ended) {
        if matches!(ended, Ended::NotStarted(_)) && self.line.get().is_none() {
            self.begin(Sight::Nothing);
        }
        let Some(line) = self.open_line() else { return };
        self.over.set(true);
        let _ =
            line.tell(&Notice::Ended { ended, last: self.state.borrow().last.bytes().to_vec() });
    }

    fn open_line(&self) -> Option<&Line> {
        self.line.get().filter(|_| !self.over.get())
    }
}

impl State {
    /// Sends what has gathered, if somebody waits for it.
    fn tell(&mut self, line: &Line) {
        if self.watch != Watch::Ready || self.gathered.bytes().is_empty() {
            return;
        }
        let since = process::since_boot().saturating_sub(self.since);
        let at_ms = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
        let (skipped, bytes) = (self.gathered.skipped(), self.gathered.bytes().to_vec());
        if line.tell(&Notice::Output { at_ms, skipped, bytes }).is_ok() {
            self.gathered.clear();
            self.watch = Watch::Busy;
        }
    }
}
