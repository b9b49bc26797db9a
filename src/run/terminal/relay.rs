//! Bytes, sizes and settings between the two terminals.

use super::buffer::{Buffer, Transfer};
use super::guard::HELD;
use super::inner::Inner;
use super::modes::Tracker;
use super::newline::{Last, unreturn};
use super::outer::{Outer, adds_carriage_returns};
use super::sanitizer::Sanitizer;
use super::shown::Shown;
use super::typed::{self, Effect, Typed, Wanted};
use crate::run::OutputRule;
use crate::sys::{self, SharedWord, SignalDescriptor, Target};
use keys::Pressed;
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::Winsize;
use nix::sys::termios::Termios;
use nix::unistd::{Pid, getpgrp, tcgetpgrp};
use std::os::fd::{AsFd, BorrowedFd};

/// How often the command's terminal is read before what came is written: the
/// caller's takes two or three such pieces at once, and must not wait for more.
const READS: usize = 2;

/// What came in a read that took all there was: a key's echo is written at once.
const SHORT: usize = 2048;

/// Both terminals and what is on its way between them.
#[derive(Debug)]
pub(super) struct Relay<'a> {
    outer: Outer,
    /// Until the command has ended or the caller's terminal has gone.
    inner: Option<Inner>,
    size: Winsize,
    initial: Termios,
    output: Buffer,
    input: Buffer,
    typed: Typed,
    pressed: Pressed,
    tracker: Tracker,
    last: Last,
    source: Source,
    /// Where somebody asked for it.
    sanitizer: Option<Sanitizer>,
    shared: &'a SharedWord,
    shown: Shown<'a>,
}

/// Whether more input can come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Open,
    Ended,
}

/// Which input is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Input {
    /// What comes to a terminal that is held, to be read.
    Held,
    /// Also what comes to one that is not: whether somebody reads it.
    Unread,
}

/// Who has the command's terminal after the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Others {
    /// Nobody, and all that was written there was read.
    Nobody,
    /// Processes it left behind, or what they wrote.
    Somebody,
}

impl<'a> Relay<'a> {
    /// Joins two terminals; nothing is held yet.
    pub(super) fn new(outer: Outer, inner: Inner, size: Winsize, shared: &'a SharedWord) -> Self {
        Self {
            initial: outer.settings().clone(),
            outer,
            inner: Some(inner),
            size,
            output: Buffer::new(),
            input: Buffer::new(),
            typed: Typed::default(),
            pressed: Pressed::default(),
            tracker: Tracker::default(),
            last: Last::default(),
            source: Source::Open,
            sanitizer: None,
            shared,
            shown: Shown::default(),
        }
    }

    /// Shows what goes through to these.
    pub(super) fn shown_to(self, shown: Shown<'a>) -> Self {
        shown.sized(self.size);
        Self { shown, ..self }
    }

    /// Does that to the output.
    pub(super) fn with(mut self, output: OutputRule) -> Self {
        self.sanitizer = (output == OutputRule::Sanitized).then(Sanitizer::new);
        self
    }

    /// Returns where the caller reads.
    pub(super) fn terminal(&self) -> BorrowedFd<'_> {
        self.outer.output()
    }

    /// Returns the command's terminal, unless it was hung up.
    pub(super) fn inner(&self) -> Option<&Inner> {
        self.inner.as_ref()
    }

    /// Tells whether we have the caller's terminal and hold it.
    pub(super) fn is_held(&self) -> bool {
        self.outer.is_held()
    }

    /// Tells whether nobody took it meanwhile; without that it is not held any more.
    pub(super) fn still_holds(&mut self) -> bool {
        let holds = self.outer.still_holds();
        if !holds {
            self.shared.store(0);
        }
        holds
    }

    /// Tells whether our process group is in the foreground.
    pub(super) fn may_hold(&self) -> bool {
        self.inner.is_some() && self.outer.is_ours()
    }

    /// Tells whether that group has the command's terminal.
    pub(super) fn is_foreground(&self, group: Pid) -> bool {
        self.inner.as_ref().is_some_and(|inner| tcgetpgrp(inner.master()) == Ok(group))
    }

    /// Holds the caller's terminal. What was typed there before is the command's, and
    /// was echoed.
    ///
    /// A shell may have changed its settings since; so has the command's terminal
    /// then, unless the command made settings of its own.
    pub(super) fn hold(&mut self) {
        let Ok(ahead) = self.outer.hold() else { return };
        self.share();
        let Some(inner) = &self.inner else { return };
        if inner.settings().is_ok_and(|now| now == self.initial) {
            self.initial = self.outer.settings().clone();
            inner.set_settings(&self.initial);
        }
        let goes_at_once = self.input.is_empty();
        self.input.add(&ahead);
        if goes_at_once && !ahead.is_empty() {
            typed::move_ahead(inner, &mut self.input, &mut self.typed);
        }
    }

    /// Gives the caller's terminal back as it was.
    pub(super) fn release(&mut self) {
        self.outer.release();
        self.shared.store(0);
    }

    /// Gives the caller's terminal back with those settings, and with what was typed there
    /// and nobody has read.
    pub(super) fn give_back(&mut self, settings: &Termios, wanted: Wanted) {
        let (unread, rest) = self.take_unread(wanted);
        if self.is_held() {
            typed::put_back(self.terminal(), settings, &unread, Effect::Done);
            typed::put_back(self.terminal(), settings, &rest, Effect::Due);
            self.outer.release_with(settings);
            self.shared.store(0);
        }
    }

    /// Returns the settings the caller gave its terminal.
    pub(super) fn settings_before(&self) -> Termios {
        self.outer.settings().clone()
    }

    /// Returns the settings the command left, if it changed them.
    pub(super) fn settings_left(&self) -> Option<Termios> {
        let left = self.inner.as_ref()?.settings().ok()?;
        (left != self.initial).then_some(left)
    }

    /// Gives the command's terminal the size of the caller's; tells whether it changed.
    pub(super) fn copy_size(&mut self) -> bool {
        let Some(inner) = &self.inner else { return false };
        let Some(size) = self.outer.size() else { return false };
        if size == self.size {
            return false;
        }
        self.size = size;
        self.shown.sized(size);
        sys::set_window_size(inner.master(), &size).is_ok()
    }

    /// Gives the caller's terminal the size the command set, if it set one.
    pub(super) fn return_size(&self) {
        let Some(inner) = &self.inner else { return };
        if let Ok(size) = sys::window_size(inner.master())
            && size != self.size
        {
            let _ = sys::set_window_size(self.outer.input(), &size);
        }
    }

    /// Returns what to wait for: the command's terminal, input, output.
    ///
    /// Nothing once the caller's terminal has gone.
    pub(super) fn interests(&self, wanted: Input) -> Option<[PollFd<'_>; 3]> {
        let inner = self.inner.as_ref()?;
        let flag = |flag: PollFlags, when: bool| if when { flag } else { PollFlags::empty() };
        let reads = self.is_held() && self.input.has_room() && self.source == Source::Open;
        let reads = reads || wanted == Input::Unread;
        let master = flag(PollFlags::POLLIN, self.has_room())
            | flag(PollFlags::POLLOUT, !self.input.is_empty());
        // What is not read is not asked for: a pipe that was closed is always ready.
        let source = if reads { self.outer.input() } else { self.outer.output() };
        Some([
            PollFd::new(inner.master(), master),
            PollFd::new(source, flag(PollFlags::POLLIN, reads)),
            PollFd::new(self.outer.output(), flag(PollFlags::POLLOUT, !self.output.is_empty())),
        ])
    }

    /// Tells whether these events mean that the caller's end has gone.
    pub(super) fn has_gone(&self, output: PollFlags) -> bool {
        output.contains(PollFlags::POLLERR)
            || self.outer.is_terminal() && output.contains(PollFlags::POLLHUP)
    }

    /// Carries what can be carried now, in both directions.
    ///
    /// Reading a terminal that has nothing waits for the kernel's worker first, so
    /// only what is ready is read; and keys go first.
    pub(super) fn carry(&mut self, master: PollFlags, input: PollFlags) {
        self.do_for_others();
        self.carry_input(!input.is_empty());
        if master.intersects(PollFlags::POLLIN | PollFlags::POLLHUP | PollFlags::POLLERR) {
            self.carry_output();
        } else {
            self.write_output();
        }
    }

    /// Returns how the last read from the command's terminal went.
    fn carry_output(&mut self) -> Transfer {
        let mut read = self.read_output();
        for _ in 1..READS {
            // A CR that came last waits for the next read.
            let is_short = self.output.waiting().len() < SHORT && self.last == Last::Whole;
            if read != Transfer::Some || is_short {
                break;
            }
            read = self.read_output();
        }
        self.write_output();
        read
    }

    fn write_output(&mut self) {
        self.wait_for_leave_to_write();
        if !self.output.is_empty() {
            self.output.drain_some(self.outer.output(), self.outer.room());
        }
    }

    fn read_output(&mut self) -> Transfer {
        let Some(inner) = &self.inner else { return Transfer::Gone };
        if !self.has_room() {
            return Transfer::Full;
        }
        let returns_twice = self.outer.is_changing_output()
            && inner.settings().is_ok_and(|now| {
                self.outer.do_for_others_as(&now);
                adds_carriage_returns(&now) && self.outer.adds_carriage_returns()
            });
        let waiting = self.output.waiting().len();
        if self.sanitizer.is_some() {
            let read = self.read_sanitized(returns_twice);
            self.shown.wrote(self.output.waiting().get(waiting..).unwrap_or_default());
            return read;
        }
        let before = match std::mem::take(&mut self.last) {
            Last::Whole => 0,
            Last::Return => {
                self.output.push(b'\r');
                1
            }
        };
        let (tracker, last) = (&mut self.tracker, &mut self.last);
        let modes = tracker.modes();
        let read = self.output.fill_behind(before, inner.master(), |bytes| {
            tracker.read(bytes.get(before..).unwrap_or_default());
            if returns_twice {
                let (length, ended) = unreturn(bytes);
                *last = ended;
                length
            } else {
                bytes.len()
            }
        });
        if tracker.modes() != modes {
            self.share();
        }
        self.shown.wrote(self.output.waiting().get(waiting..).unwrap_or_default());
        read
    }

    /// Tells the guard what it would have to put right.
    fn share(&self) {
        if self.is_held() && self.outer.is_terminal() {
            self.shared.store(HELD | self.tracker.modes().bits());
        }
    }

    /// Waits, as any writer in the background must, where the terminal says so.
    fn wait_for_leave_to_write(&self) {
        if self.is_held() || self.output.is_empty() {
            return;
        }
        if !self.outer.is_ours() && self.outer.stops_writers() {
            sys::stop_by(libc::SIGTTOU, Target::Group(getpgrp()));
        }
    }

    /// Carries output; tells whether there may be more of it, which nobody knows
    /// while what came before fills the buffer.
    fn may_give_more(&mut self) -> bool {
        matches!(self.carry_output(), Transfer::Some | Transfer::Full)
    }

    /// Writes what the command wrote, as far as the reader takes it.
    pub(super) fn carry_what_goes(&mut self) {
        while self.may_give_more() && self.output.is_empty() {}
    }

    /// Writes everything the command wrote, however slow the reader; a signal that
    /// would have ended the command ends this.
    pub(super) fn carry_all(&mut self, signals: &SignalDescriptor) {
        loop {
            let more = self.may_give_more();
            if self.output.is_empty() {
                if more {
                    continue;
                }
                return;
            }
            let mut waiting = [
                PollFd::new(self.outer.output(), PollFlags::POLLOUT),
                PollFd::new(signals.as_fd(), PollFlags::POLLIN),
            ];
            let _ = poll(&mut waiting, PollTimeout::NONE);
            let gone = PollFlags::POLLHUP | PollFlags::POLLERR;
            let [terminal, _] = waiting.map(|waited| waited.revents().unwrap_or(gone));
            let ends = [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGTERM];
            let told = std::iter::from_fn(|| signals.next()).any(|got| ends.contains(&got.signal));
            if told || terminal.intersects(gone) {
                return self.output.clear();
            }
        }
    }
}

mod ending;
mod keys;
mod sanitized;
mod sharing;
#[cfg(test)]
mod tests;
