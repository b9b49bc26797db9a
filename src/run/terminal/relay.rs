//! Bytes, sizes and settings between the two terminals.

use super::buffer::{Buffer, Transfer};
use super::guard::HELD;
use super::inner::Inner;
use super::modes::Tracker;
use super::newline::unreturn;
use super::outer::{Outer, adds_carriage_returns};
use super::typed::{self, Typed};
use crate::sys::{self, SharedWord, SignalDescriptor, Target};
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::Winsize;
use nix::sys::termios::Termios;
use nix::unistd::{Pid, getpgrp, tcgetpgrp};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// Both terminals and what is on its way between them.
#[derive(Debug)]
pub(super) struct Relay<'a> {
    outer: Outer,
    /// Until the caller's terminal has gone.
    inner: Option<Inner>,
    /// Our side alone, once the command has ended.
    master: Option<OwnedFd>,
    size: Winsize,
    initial: Termios,
    output: Buffer,
    input: Buffer,
    typed: Typed,
    tracker: Tracker,
    shared: &'a SharedWord,
}

impl<'a> Relay<'a> {
    /// Joins two terminals; nothing is held yet.
    pub(super) fn new(outer: Outer, inner: Inner, size: Winsize, shared: &'a SharedWord) -> Self {
        Self {
            initial: outer.settings().clone(),
            outer,
            inner: Some(inner),
            master: None,
            size,
            output: Buffer::new(),
            input: Buffer::new(),
            typed: Typed::default(),
            tracker: Tracker::default(),
            shared,
        }
    }

    /// Returns the caller's terminal.
    pub(super) fn terminal(&self) -> BorrowedFd<'_> {
        self.outer.as_fd()
    }

    /// Returns the command's terminal, unless it was hung up.
    pub(super) fn inner(&self) -> Option<&Inner> {
        self.inner.as_ref()
    }

    /// Tells whether we have the caller's terminal and hold it.
    pub(super) fn is_held(&self) -> bool {
        self.outer.is_held()
    }

    /// Tells whether our process group is in the foreground.
    pub(super) fn may_hold(&self) -> bool {
        self.inner.is_some() && self.outer.is_ours()
    }

    /// Tells whether that group has the command's terminal.
    pub(super) fn is_foreground(&self, group: Pid) -> bool {
        self.inner.as_ref().is_some_and(|inner| tcgetpgrp(inner.master()) == Ok(group))
    }

    /// Holds the caller's terminal.
    ///
    /// A shell may have changed its settings since; so has the command's terminal
    /// then, unless the command made settings of its own.
    pub(super) fn hold(&mut self) {
        if self.outer.hold().is_err() {
            return;
        }
        self.share();
        let Some(inner) = &self.inner else { return };
        if inner.settings().is_ok_and(|now| now == self.initial) {
            self.initial = self.outer.settings().clone();
            inner.set_settings(&self.initial);
        }
    }

    /// Moves what was typed before the command started, already echoed.
    pub(super) fn move_typed_ahead(&mut self) {
        if let Some(inner) = &self.inner {
            self.input.fill(self.outer.as_fd());
            typed::move_ahead(inner, &mut self.input, &mut self.typed);
        }
    }

    /// Gives the caller's terminal back as it was.
    pub(super) fn release(&mut self) {
        self.outer.release();
        self.shared.store(0);
    }

    /// Gives the caller's terminal back with those settings.
    pub(super) fn release_with(&mut self, settings: &Termios) {
        self.outer.release_with(settings);
        self.shared.store(0);
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
        sys::set_window_size(inner.master(), &size).is_ok()
    }

    /// Gives the caller's terminal the size the command set, if it set one.
    pub(super) fn return_size(&self) {
        let Some(inner) = &self.inner else { return };
        if let Ok(size) = sys::window_size(inner.master())
            && size != self.size
        {
            let _ = sys::set_window_size(self.outer.as_fd(), &size);
        }
    }

    /// Returns what to wait for at both terminals.
    pub(super) fn interests(&self) -> (Option<PollFd<'_>>, Option<PollFd<'_>>) {
        let flag = |flag: PollFlags, when: bool| if when { flag } else { PollFlags::empty() };
        let terminal = self.inner.is_some().then(|| {
            let reads = self.is_held() && self.input.has_room();
            let events =
                flag(PollFlags::POLLIN, reads) | flag(PollFlags::POLLOUT, !self.output.is_empty());
            PollFd::new(self.outer.as_fd(), events)
        });
        let master = self.inner.as_ref().map(|inner| {
            let events = flag(PollFlags::POLLIN, self.output.has_room())
                | flag(PollFlags::POLLOUT, !self.input.is_empty());
            PollFd::new(inner.master(), events)
        });
        (master, terminal)
    }

    /// Carries what can be carried now, in both directions.
    pub(super) fn carry(&mut self) {
        self.carry_output();
        if self.is_held() {
            self.carry_input();
        }
    }

    fn carry_input(&mut self) {
        let Some(inner) = &self.inner else { return };
        self.input.fill(self.outer.as_fd());
        let typed = &mut self.typed;
        self.input.drain_with(inner.master(), |bytes| typed.note(bytes));
    }

    /// Returns whether anything was read from the command's terminal.
    fn carry_output(&mut self) -> Transfer {
        let read = self.read_output();
        if self.may_write() {
            self.output.drain(self.outer.as_fd());
        }
        read
    }

    fn read_output(&mut self) -> Transfer {
        let master = match (&self.inner, &self.master) {
            (Some(inner), _) => inner.master(),
            (None, Some(master)) => master.as_fd(),
            (None, None) => return Transfer::Gone,
        };
        let shown = self.outer.adds_carriage_returns()
            && nix::sys::termios::tcgetattr(master).is_ok_and(|now| adds_carriage_returns(&now));
        let tracker = &mut self.tracker;
        let before = tracker.modes();
        let read = self.output.fill_with(master, |bytes| {
            tracker.read(bytes);
            if shown { unreturn(bytes) } else { bytes.len() }
        });
        if tracker.modes() != before {
            self.share();
        }
        read
    }

    /// Tells the guard what it would have to put right.
    fn share(&self) {
        if self.is_held() {
            self.shared.store(HELD | self.tracker.modes().bits());
        }
    }

    /// Waits, as any writer in the background must, where the terminal says so.
    fn may_write(&self) -> bool {
        if self.is_held() || self.output.is_empty() {
            return true;
        }
        if !self.outer.is_ours() && self.outer.stops_writers() {
            sys::stop_by(libc::SIGTTOU, Target::Group(getpgrp()));
        }
        true
    }

    /// Writes everything the command wrote, however slow the reader; a signal that
    /// would have ended the command ends this.
    pub(super) fn carry_all(&mut self, signals: &SignalDescriptor) {
        loop {
            let read = self.carry_output();
            if self.output.is_empty() {
                if read != Transfer::Some {
                    return;
                }
                continue;
            }
            let mut waiting = [
                PollFd::new(self.outer.as_fd(), PollFlags::POLLOUT),
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

    /// Takes what was typed and nobody read, in the order it was typed.
    pub(super) fn take_unread(&mut self) -> Vec<u8> {
        let Some(inner) = &self.inner else { return Vec::new() };
        let mut unread = self.typed.unread(inner);
        if self.is_held() {
            self.input.fill(self.outer.as_fd());
        }
        unread.extend_from_slice(self.input.waiting());
        self.input.clear();
        typed::make_newlines(&self.initial, &mut unread);
        unread
    }

    /// Closes the command's terminal for our part.
    ///
    /// `Gone` when nobody has it any more; then everything was read from it.
    pub(super) fn close_side(&mut self) -> Transfer {
        self.master = self.inner.take().map(Inner::into_master);
        let read = self.carry_output();
        while !self.output.is_empty() && self.output.drain(self.outer.as_fd()) == Transfer::Some {}
        read
    }

    /// Takes the command's terminal away; tells whether there was one.
    pub(super) fn hang_up(&mut self) -> bool {
        self.output.clear();
        self.input.clear();
        self.inner.take().is_some()
    }
}
