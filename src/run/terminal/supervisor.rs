//! Stands between the caller's terminal and the command's.
//!
//! States: *relaying*, in which bytes, sizes and signals are carried; *stopped*,
//! because the command was, and we with it; *ending*, in which the last output is
//! written, what was typed ahead is put back and the terminal is released.

use super::job::Job;
use super::message::{Order, Recipient, Report};
use super::relay::{Others, Relay};
use super::typed::Wanted;
use crate::onlooker::{Onlooker, StopStep};
use crate::process::Door;
use crate::run::direct::visitors;
use crate::run::double::{Then, behind};
use crate::run::witness::Witness;
use crate::run::{Exit, end};
use crate::sys::{self, Change, Neighbours, Received, SignalDescriptor, Standing, Target};
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::{Pid, getpgrp, getpid};
pub(super) use sharing::{InputIsWanted, Sharing};
use std::os::fd::{AsFd, OwnedFd};

/// Signals of keys that end.
const KEYS: [i32; 2] = [libc::SIGINT, libc::SIGQUIT];

/// What stops, and can be blocked.
const STOPS: [i32; 3] = [libc::SIGTSTP, libc::SIGTTIN, libc::SIGTTOU];

/// The process that stays between caller and command.
#[derive(Debug)]
pub(super) struct Supervisor<'a> {
    pub(super) relay: Relay<'a>,
    pub(super) line: OwnedFd,
    pub(super) signals: SignalDescriptor,
    pub(super) witness: Option<Witness>,
    pub(super) monitor: Pid,
    pub(super) job: Job,
    pub(super) sharing: Sharing,
    pub(super) door: Option<&'a Door>,
    pub(super) onlooker: Option<&'a Onlooker<'a>>,
}

impl Supervisor<'_> {
    /// Relays until the command has ended, and tells how.
    pub(super) fn supervise(mut self) -> Exit {
        loop {
            let ready = self.wait();
            while ready.signals
                && let Some(received) = self.signals.next()
            {
                self.hand_on(received);
            }
            if ready.line {
                match Report::receive(self.line.as_fd()) {
                    Some(Report::Ended(ending)) => return self.finish(ending.into()),
                    Some(Report::Stopped(signal)) => self.stop(signal),
                    Some(_) => {}
                    None => return self.lost(),
                }
            }
            if let Some(step) = self.onlooker.and_then(Onlooker::look) {
                self.end(step);
            }
            if ready.gone {
                self.hang_up();
            }
            self.share_terminal(&ready);
            self.relay.carry(ready.master, ready.input);
        }
    }

    /// Waits until there is something to do.
    fn wait(&self) -> Ready {
        let nothing = || PollFd::new(self.line.as_fd(), PollFlags::empty());
        let ends = self.relay.interests(self.input_waited_for());
        let has_ends = ends.is_some();
        let [master, input, output] = ends.unwrap_or_else(|| [nothing(), nothing(), nothing()]);
        let mut waiting = [
            PollFd::new(self.signals.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.line.as_fd(), PollFlags::POLLIN),
            master,
            input,
            output,
            visitors(self.door, self.line.as_fd()),
            match self.onlooker.and_then(Onlooker::line) {
                Some(line) => PollFd::new(line, PollFlags::POLLIN),
                None => nothing(),
            },
            match self.relay.neighbours().and_then(Neighbours::news) {
                Some(news) => PollFd::new(news, PollFlags::POLLIN),
                None => nothing(),
            },
        ];
        let patience = self.onlooker.map_or(PollTimeout::NONE, Onlooker::patience);
        let _ = poll(&mut waiting, self.sharing.sooner(patience));
        let [signals, line, master, input, output, visitors, _, news] =
            waiting.map(|waited| waited.revents().unwrap_or(PollFlags::empty()));
        self.door.filter(|_| !visitors.is_empty()).inspect(|door| door.answer());
        Ready {
            signals: !signals.is_empty(),
            line: !line.is_empty(),
            gone: has_ends && self.relay.has_gone(output),
            master: if has_ends { master } else { PollFlags::empty() },
            input: if has_ends { input } else { PollFlags::empty() },
            news,
        }
    }

    fn order(&self, order: Order) {
        // A monitor that is gone is noticed when its line is read.
        let _ = order.send(self.line.as_fd());
    }

    /// Does what a signal that was sent to us means for the command.
    fn hand_on(&mut self, received: Received) {
        if received.sender == Some(getpid()) {
            return;
        }
        match received.signal {
            libc::SIGCHLD => self.keep_monitor_going(),
            libc::SIGWINCH => self.resize(received),
            libc::SIGCONT => self.regain(),
            libc::SIGPIPE | libc::SIGTTIN | libc::SIGTTOU if received.by_kernel => {}
            signal if received.by_kernel && KEYS.contains(&signal) => self.press(signal),
            signal => {
                let whole = self.went_to_group(signal);
                let then = behind(received, &self.signals);
                let whole = whole || (matches!(then, Then::Same) && self.went_to_group(signal));
                self.order(Order::Signal(signal, recipient(whole)));
                if self.sharing.is_kept_waiting() {
                    // Whoever waits to read is stopped, and bare would end of it at once.
                    self.order(Order::Signal(libc::SIGCONT, recipient(whole)));
                }
                if let Then::Other(next) = then {
                    self.hand_on(next);
                }
            }
        }
    }

    /// A key of the terminal sent it to everybody at once. The command has it as soon as can
    /// be: whoever else in its pipeline ends of it ends what the command reads, and the
    /// command would take that for the whole of its input.
    fn press(&mut self, signal: i32) {
        if !self.relay.press(signal) {
            // Not by the monitor, which would have to wake first. It would have told that
            // the command ended, so the group is still the command's.
            self.job.send(signal);
            if self.sharing.is_kept_waiting() {
                self.order(Order::Signal(libc::SIGCONT, Recipient::Group));
            }
        }
        // That it was seen is not left for the next one, which may be for us alone.
        self.went_to_group(signal);
    }

    /// Tells whether our group got it as a whole.
    fn went_to_group(&self, signal: i32) -> bool {
        self.witness.as_ref().is_some_and(|witness| witness.saw(signal))
    }

    /// Ends the command because somebody said so.
    fn end(&self, step: StopStep) {
        let signals: &[i32] = match step {
            // What is stopped gets it when it goes on.
            StopStep::Terminate => &[libc::SIGTERM, libc::SIGCONT],
            StopStep::Kill => &[libc::SIGKILL],
        };
        for signal in signals {
            self.order(Order::Signal(*signal, Recipient::Group));
        }
    }

    /// Nobody stops the monitor for good: it must not leave the command alone. And
    /// nobody else waits for who came to us.
    fn keep_monitor_going(&self) {
        if let Ok(Some(Change::Stopped(_))) = sys::change_of(self.monitor) {
            let _ = sys::send(Target::Process(self.monitor), libc::SIGCONT);
        }
        let witness = self.witness.as_ref().map_or(self.monitor, Witness::process);
        sys::lay_to_rest_all_but(&[self.monitor, witness]);
    }

    fn resize(&mut self, received: Received) {
        if self.relay.copy_size() {
            // The kernel tells the foreground of the command's terminal.
            if !self.relay.is_foreground(self.job.group) {
                self.order(Order::Signal(libc::SIGWINCH, Recipient::Group));
            }
        } else if !received.by_kernel {
            self.order(Order::Signal(
                libc::SIGWINCH,
                recipient(self.went_to_group(libc::SIGWINCH)),
            ));
        }
    }

    /// We were told to go on; a SIGSTOP to us alone may have come before, and a shell
    /// that took its terminal back then.
    fn regain(&mut self) {
        if self.relay.still_holds() {
            self.order(Order::Signal(libc::SIGCONT, Recipient::Group));
        } else {
            self.resume();
        }
    }

    /// The command was stopped: so are we, or it gets what it waits for.
    fn stop(&mut self, signal: i32) {
        let asks = self.is_about_the_terminal(signal);
        let comes_forward = std::mem::take(&mut self.sharing.comes_forward);
        if asks && (comes_forward || !self.relay.is_held()) && self.relay.may_hold() {
            self.sharing.input_is_wanted = InputIsWanted::Asked;
            return self.resume();
        }
        self.relay.carry_what_goes();
        self.relay.release();
        let target = match signal {
            libc::SIGSTOP => Target::Process(getpid()),
            _ => Target::Group(getpgrp()),
        };
        sys::stop_by(signal, target);
        let was_stopped = sys::take_pending(libc::SIGCONT);
        if asks && !was_stopped {
            // An orphaned group in the background can never read: POSIX 11.1.4.
            self.order(Order::Signal(libc::SIGHUP, Recipient::Group));
        }
        self.go_on();
    }

    /// Goes on with the command. What came while we were stopped is the command's before
    /// that: whoever ends a job that is stopped sends it a signal, and then has it go on.
    fn go_on(&mut self) {
        let mut behind = Vec::new();
        let mut came = false;
        while let Some(received) = self.signals.next() {
            if STOPS.contains(&received.signal) || received.signal == libc::SIGCONT {
                behind.push(received);
            } else {
                came = true;
                self.hand_on(received);
            }
        }
        self.resume();
        if came && self.sharing.is_kept_waiting() {
            self.order(Order::Signal(libc::SIGCONT, Recipient::Group));
        }
        for received in behind {
            self.hand_on(received);
        }
    }

    /// Has the command go on, in the foreground if we are there.
    fn resume(&mut self) {
        self.hold();
        if self.must_wait_for_another() {
            return;
        }
        let standing =
            if self.relay.is_held() { Standing::Foreground } else { Standing::Background };
        let resized = self.relay.copy_size();
        self.order(Order::Resume(standing));
        if resized {
            self.order(Order::Signal(libc::SIGWINCH, Recipient::Group));
        }
    }

    /// The caller's terminal has gone: the command's goes too.
    fn hang_up(&mut self) {
        if self.relay.hang_up() {
            self.order(Order::HangUp);
        }
    }

    /// The monitor was killed: the command must not go on unwatched.
    fn lost(mut self) -> Exit {
        let _ = sys::send(Target::Process(self.job.command), libc::SIGKILL);
        let _ = sys::send(Target::Group(self.job.group), libc::SIGKILL);
        let _ = sys::end_of(self.monitor);
        self.relay.carry_all(&self.signals);
        Exit::Signal(libc::SIGKILL)
    }

    fn finish(mut self, exit: Exit) -> Exit {
        self.relay.carry_all(&self.signals);
        if self.relay.undo_modes() {
            self.relay.carry_all(&self.signals);
        }
        let settings = match exit {
            // As a shell does, which believes a program that ended well.
            Exit::Code(_) => self.relay.settings_left(),
            Exit::Signal(_) => None,
        };
        let settings = settings.unwrap_or_else(|| self.relay.settings_before());
        self.relay.return_size();
        self.relay.give_back(&settings, Wanted::Everything);
        match self.relay.close_side() {
            Others::Nobody => {
                self.order(Order::Dismiss);
                let _ = sys::end_of(self.monitor);
            }
            Others::Somebody => self.order(Order::Linger),
        }
        if let Some(signal) = self.relay.pressed(exit) {
            end::our_group_is_due(signal);
        }
        exit
    }
}

/// What there is to do.
struct Ready {
    signals: bool,
    line: bool,
    gone: bool,
    master: PollFlags,
    input: PollFlags,
    news: PollFlags,
}

/// The group, if ours got it as a whole.
fn recipient(whole: bool) -> Recipient {
    if whole { Recipient::Group } else { Recipient::Command }
}

mod sharing;
