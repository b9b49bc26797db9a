//! The process that leads the session of the command's terminal.
//!
//! It starts the command in a process group of its own, tells the supervisor
//! what becomes of it, and does what the supervisor orders. It holds nothing of
//! the caller's. States:
//!
//! - *watching*: the command lives;
//! - *done*: the command ended and the supervisor knows; it waits for the last
//!   order, to end or to linger;
//! - *lingering*: processes the command left behind still have the terminal, and
//!   what they write is carried on until the last of them closes it;
//! - *abandoned*: the supervisor is gone without a word, so it was killed. The
//!   caller's terminal is put right and the command is ended.
//!
//! Who stops it stops nothing else: the supervisor has it go on, and the kernel when
//! the supervisor is gone.

use super::guard::Guard;
use super::inner::Inner;
use super::job::Job;
use super::linger;
use super::message::{Order, Recipient, Report};
use crate::run::OutputRule;
use crate::sys::{
    self, Change, Place, Program, SignalDescriptor, Spawned, Standing, Streams, Substitute, Target,
};
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::SigSet;
use nix::unistd::{Pid, getpid, getppid, setsid, tcsetpgrp};
use std::cell::Cell;
use std::os::fd::{AsFd, BorrowedFd};

/// How long a supervisor that was to stop with the command has to go on with it, too, in
/// milliseconds; then it is told again.
const WAKE_MILLIS: u16 = 100;

/// How long an abandoned command has to end by itself, in milliseconds.
const GRACE_MILLIS: u16 = 1000;

/// What the command is in its process group.
///
/// Whoever leads a group cannot begin a session: `setsid` fails, or forks first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rank {
    /// Its leader, as what a shell with job control starts.
    Leader,
    /// A member, as what a script starts.
    Member,
}

/// What the monitor is given.
pub(super) struct Task<'a> {
    pub(super) program: &'a Program<'a>,
    pub(super) mask: &'a SigSet,
    pub(super) streams: Streams,
    pub(super) substitutes: &'a [Substitute],
    pub(super) rank: Rank,
    pub(super) standing: Standing,
    pub(super) output: OutputRule,
    pub(super) guard: &'a Guard<'a>,
}

/// The life of the monitor, in the forked process.
pub(super) fn monitor(task: &Task<'_>, inner: &Inner, line: BorrowedFd<'_>) {
    let supervisor = getppid();
    sys::go_on_when_parent_dies();
    let started = setsid()
        .and_then(|_| sys::set_controlling(inner.side()))
        // Before the command starts: it must not run where nobody can watch it.
        .and_then(|()| SignalDescriptor::new())
        .map_err(|errno| sys::Failure::new(sys::Step::Prepare, errno))
        .and_then(|signals| Ok((start(task, inner)?, signals)));
    let (job, signals) = match started {
        Ok(started) => started,
        Err(failure) => {
            let _ = Report::Failed(failure).send(line);
            return;
        }
    };
    // What holds the command's side open is the command, and nobody else here.
    sys::silence(Streams::all());
    // With what says that the caller's terminal is held: until it is put right.
    let held = task.guard.held.unwrap_or(line);
    sys::close_all_but(&[line, inner.master(), task.guard.terminal(), signals.as_fd(), held]);
    let _ = Report::Started(job.command, job.group).send(line);
    let (terminal, output, guard) = (inner.master(), task.output, task.guard);
    let supervisor_is = Cell::new(Supervisor::InStep);
    Monitor { job, line, terminal, signals, output, guard, supervisor, supervisor_is }.watch();
}

/// Starts the command.
fn start(task: &Task<'_>, inner: &Inner) -> Result<Job, sys::Failure> {
    let group = match task.rank {
        Rank::Leader => None,
        Rank::Member => {
            Some(sys::found_group().map_err(|errno| sys::Failure::new(sys::Step::Fork, errno))?)
        }
    };
    let Task { streams, substitutes, standing, .. } = *task;
    let place = Place::Job { group, terminal: inner.side(), streams, substitutes, standing };
    let started = sys::spawn(task.program, place, task.mask);
    let _ = group.map(sys::end_of);
    started.map(|Spawned(command)| Job { command, group: group.unwrap_or(command) })
}

struct Monitor<'a> {
    job: Job,
    line: BorrowedFd<'a>,
    terminal: BorrowedFd<'a>,
    signals: SignalDescriptor,
    output: OutputRule,
    guard: &'a Guard<'a>,
    supervisor: Pid,
    /// What the supervisor does, as far as it was told and has answered.
    supervisor_is: Cell<Supervisor>,
}

/// What the supervisor does while the command does something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Supervisor {
    /// What the command does.
    InStep,
    /// It was told that the command was stopped, and stops itself.
    Stopping,
    /// Somebody else had the command go on.
    LeftBehind,
}

/// What comes after an order or a report.
enum Next {
    Watch,
    End,
}

impl Monitor<'_> {
    fn watch(&self) {
        loop {
            let mut waiting = [
                PollFd::new(self.signals.as_fd(), PollFlags::POLLIN),
                PollFd::new(self.line, PollFlags::POLLIN),
            ];
            let is_left_behind = self.supervisor_is.get() == Supervisor::LeftBehind;
            if is_left_behind {
                let _ = sys::send(Target::Process(self.supervisor), libc::SIGCONT);
            }
            let patience = if is_left_behind { WAKE_MILLIS.into() } else { PollTimeout::NONE };
            let _ = poll(&mut waiting, patience);
            let [signalled, ordered] = waiting.map(|waiting| waiting.any().unwrap_or(false));
            if signalled && matches!(self.look(), Next::End) {
                return self.done();
            }
            if ordered {
                match Order::receive(self.line) {
                    Some(order) => self.obey(order),
                    None => return self.abandoned(),
                }
            }
        }
    }

    /// Reports what became of the command.
    fn look(&self) -> Next {
        while self.signals.next().is_some() {}
        match sys::change_of(self.job.command) {
            Ok(Some(Change::Stopped(signal))) => {
                // As a shell does: a stopped job does not have the terminal.
                let _ = tcsetpgrp(self.terminal, getpid());
                self.supervisor_is.set(Supervisor::Stopping);
                let _ = Report::Stopped(signal).send(self.line);
                Next::Watch
            }
            Ok(Some(Change::Continued)) => {
                if self.supervisor_is.get() == Supervisor::Stopping {
                    self.supervisor_is.set(Supervisor::LeftBehind);
                }
                Next::Watch
            }
            Ok(Some(Change::Ended(ending))) => {
                if self.supervisor_is.get() != Supervisor::InStep {
                    let _ = sys::send(Target::Process(self.supervisor), libc::SIGCONT);
                }
                // Whoever is left behind is now in the background, and is not hung
                // up when this session ends.
                let _ = tcsetpgrp(self.terminal, getpid());
                let _ = Report::Ended(ending).send(self.line);
                Next::End
            }
            Ok(None) => Next::Watch,
            Err(_) => Next::End,
        }
    }

    fn obey(&self, order: Order) {
        match order {
            Order::Signal(signal, Recipient::Command) => {
                let _ = sys::send(Target::Process(self.job.command), signal);
            }
            Order::Signal(signal, Recipient::Group) => self.job.send(signal),
            Order::Stand(standing) => self.stand(standing),
            Order::Resume(standing) => {
                self.stand(standing);
                self.supervisor_is.set(Supervisor::InStep);
                self.job.send(libc::SIGCONT);
            }
            Order::HangUp => self.hang_up(),
            // Only after the end, and the command has not ended.
            Order::Dismiss | Order::Linger => {}
        }
    }

    /// Gives the command that standing at its terminal.
    fn stand(&self, standing: Standing) {
        let leader = match standing {
            Standing::Foreground => self.job.group_now(),
            Standing::Background => getpid(),
        };
        let _ = tcsetpgrp(self.terminal, leader);
    }

    /// Takes the terminal away: reading it ends and writing it fails from now on.
    ///
    /// The kernel sends SIGHUP to nobody but us, the session's leader. Whoever ends
    /// the caller's session sends it to our group, and it is handed on from there.
    fn hang_up(&self) {
        sys::close_all_but(&[self.line, self.signals.as_fd()]);
    }

    /// Waits for the last order.
    fn done(&self) {
        while let Some(order) = Order::receive(self.line) {
            match order {
                Order::Dismiss => return,
                Order::Linger => {
                    return linger::relay(self.terminal, self.guard.terminal(), self.output);
                }
                _ => {}
            }
        }
        self.guard.put_right();
    }

    /// Ends the command, because nobody watches it any more.
    fn abandoned(&self) {
        self.guard.put_right();
        self.hang_up();
        self.job.send(libc::SIGHUP);
        self.job.send(libc::SIGCONT);
        let mut waiting = [PollFd::new(self.signals.as_fd(), PollFlags::POLLIN)];
        let _ = poll(&mut waiting, GRACE_MILLIS);
        self.job.send(libc::SIGKILL);
        let _ = sys::end_of(self.job.command);
    }
}
