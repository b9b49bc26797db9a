//! A command without a pty: our child, in our process group, with our streams.
//!
//! States: *running*, in which signals sent to us alone are handed on, and
//! *stopped*, in which we are stopped by the signal that stopped the command, so
//! that the caller sees it as its own child's. What the terminal or the caller
//! sends to the group reaches the command without us.

use super::double::{Then, behind};
use super::witness::Witness;
use super::{Exit, Options, Start};
use crate::onlooker::{Onlooker, Sight, StopStep};
use crate::process::{self, Door};
use crate::sys::{
    self, BlockedSignals, Change, Place, Program, Received, SignalDescriptor, Spawned, Streams,
    Target,
};
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::{Pid, getpid};
use std::os::fd::{AsFd, BorrowedFd};

/// Runs the program and returns how it ended.
pub(super) fn run(program: &Program<'_>, options: Options<'_>) -> Result<Exit, Start> {
    let Options { door, onlooker, .. } = options;
    sys::wait_for_children();
    let blocked = BlockedSignals::all().map_err(Start::system("block signals"))?;
    let signals = SignalDescriptor::new().map_err(Start::system("listen for signals"))?;
    let witness = Witness::start();
    sys::hand_on_what_execve_keeps();
    let Spawned(command) = sys::spawn(program, Place::Group, blocked.before())?;
    release_streams();
    onlooker.inspect(|onlooker| onlooker.begin(Sight::Nothing));
    process::kill_point("running");
    loop {
        let signalled = PollFd::new(signals.as_fd(), PollFlags::POLLIN);
        let wished = onlooker.and_then(Onlooker::line);
        let wished = wished.map(|line| PollFd::new(line, PollFlags::POLLIN));
        let nobody = PollFd::new(signals.as_fd(), PollFlags::empty());
        let mut waiting = [signalled, visitors(door, signals.as_fd()), wished.unwrap_or(nobody)];
        let patience = onlooker.map_or(PollTimeout::NONE, Onlooker::patience);
        let _ = poll(&mut waiting, patience);
        door.inspect(|door| door.answer());
        if let Some(step) = onlooker.and_then(Onlooker::look) {
            stop(step, command);
        }
        let mut next = None;
        while let Some(received) = next.take().or_else(|| signals.next()) {
            if received.signal == libc::SIGCHLD {
                let witness = witness.as_ref().map_or(command, Witness::process);
                sys::lay_to_rest_all_but(&[command, witness]);
            }
            next = hand_on(received, command, witness.as_ref(), &signals);
        }
        match sys::change_of(command) {
            Ok(Some(Change::Ended(ending))) => return Ok(ending.into()),
            Ok(Some(Change::Stopped(signal))) => {
                let stop = || sys::stop_by(signal, Target::Process(getpid()));
                witness.as_ref().map_or_else(stop, |witness| witness.wake_us_with(command, stop));
            }
            Ok(Some(Change::Continued) | None) => {}
            Err(errno) => return Err(Start::System("wait for the command", errno)),
        }
    }
}

/// Waits for whoever knocks; without a door, for nothing at this other descriptor.
pub(super) fn visitors<'a>(door: Option<&'a Door>, other: BorrowedFd<'a>) -> PollFd<'a> {
    match door {
        Some(door) => PollFd::new(door.as_fd(), PollFlags::POLLIN),
        None => PollFd::new(other, PollFlags::empty()),
    }
}

/// Lets go of what only the command may hold, but for standard error.
///
/// A pipe the command closes is then closed indeed.
pub(super) fn release_streams() {
    sys::silence(Streams::none().with(0).with(1));
    sys::close_handed_down();
}

/// Ends the command because somebody said so.
///
/// It shares our process group with the caller, so that what it started is looked for.
fn stop(step: StopStep, command: Pid) {
    let signals: &[i32] = match step {
        // What is stopped gets it when it goes on.
        StopStep::Terminate => &[libc::SIGTERM, libc::SIGCONT],
        StopStep::Kill => &[libc::SIGKILL],
    };
    for process in process::with_descendants(command.as_raw()) {
        for signal in signals {
            let _ = sys::send(Target::Process(Pid::from_raw(process)), *signal);
        }
    }
}

/// Hands a signal on to the command, if it was sent to us alone; returns what came behind it.
fn hand_on(
    received: Received,
    command: Pid,
    witness: Option<&Witness>,
    signals: &SignalDescriptor,
) -> Option<Received> {
    let of_witness = witness.is_some_and(|each| received.sender == Some(each.process()));
    let ours = received.signal == libc::SIGCHLD || received.sender == Some(getpid()) || of_witness;
    if ours || received.sender == Some(command) {
        return None;
    }
    let went_to_group = || witness.is_some_and(|witness| witness.saw(received.signal));
    let to_group = went_to_group();
    let then = behind(received, signals);
    // The command then has it, and had one all the same.
    if !(to_group || (matches!(then, Then::Same) && went_to_group())) {
        let _ = sys::send(Target::Process(command), received.signal);
    }
    match then {
        Then::Other(next) => Some(next),
        Then::Nothing | Then::Same => None,
    }
}
