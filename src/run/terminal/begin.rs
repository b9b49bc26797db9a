//! Sets both terminals up and starts monitor and command.

use super::guard::Guard;
use super::inner::Inner;
use super::job::Job;
use super::message::Report;
use super::monitor::{Rank, Task, monitor};
use super::outer::{Outer, USUAL_SIZE};
use super::relay::Relay;
use super::shown::Shown;
use super::supervisor::{InputIsWanted, Sharing, Supervisor};
use crate::onlooker::Sight;
use crate::process;
use crate::run::direct::release_streams;
use crate::run::witness::Witness;
use crate::run::{Exit, Options, Start};
use crate::sys::{
    self, BlockedSignals, Neighbours, Program, SharedWord, SignalDescriptor, Standing, Streams,
    Substitute,
};
use nix::errno::Errno;
use nix::unistd::{Pid, getpgrp, getpid};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;

/// What the pty is joined to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::run) enum CallersEnd {
    /// The terminal that controls us, whose place it takes as these streams.
    Terminal(Streams),
    /// Standard input and output, which are no terminal; all three streams become it.
    Streams,
}

impl CallersEnd {
    fn streams(self) -> Streams {
        match self {
            Self::Terminal(streams) => streams,
            Self::Streams => Streams::all(),
        }
    }
}

/// Runs the program on a pty.
pub(in crate::run) fn run(
    program: &Program<'_>,
    end: CallersEnd,
    options: &Options<'_>,
) -> Result<Exit, Start> {
    let Options { door, onlooker, tap, output, .. } = *options;
    let (outer, inner) = match end {
        CallersEnd::Terminal(_) => {
            let outer = Outer::terminal().map_err(Start::system("open the terminal"))?;
            let inner = Inner::open(outer.size().unwrap_or(USUAL_SIZE), Some(outer.settings()))?;
            (outer, inner)
        }
        CallersEnd::Streams => {
            let inner = Inner::open(USUAL_SIZE, None)?;
            let settings = inner.settings().map_err(Start::system("ask the pty"))?;
            let outer = Outer::streams(settings).map_err(Start::system("copy a descriptor"))?;
            (outer, inner)
        }
    };
    let streams = end.streams();
    let size = outer.size().unwrap_or(USUAL_SIZE);
    let shared = SharedWord::new().map_err(Start::system("share memory"))?;
    let alone = if outer.may_be_read_by_others() {
        InputIsWanted::WhenAsked
    } else {
        InputIsWanted::Always
    };
    let others_may_read = outer.has_other_writers();
    let shown = Shown { onlooker, tap };
    let mut relay = Relay::new(outer, inner, size, &shared).with(output).shown_to(shown);

    sys::wait_for_children();
    let blocked = BlockedSignals::all().map_err(Start::system("block signals"))?;
    let signals = SignalDescriptor::new().map_err(Start::system("listen for signals"))?;
    let witness = Witness::start();
    sys::hand_on_what_execve_keeps();

    let input_is_wanted =
        if others_may_read { InputIsWanted::WhenAsked } else { InputIsWanted::Always };
    if input_is_wanted == InputIsWanted::Always && relay.may_hold() {
        relay.hold();
    }
    let standing = if relay.is_held() { Standing::Foreground } else { Standing::Background };
    let settings = relay.settings_before();
    let held = relay.neighbours().map(Neighbours::file);
    let guard = Guard { terminal: relay.terminal(), settings: &settings, shared: &shared, held };
    let mask = blocked.before();
    let opened = substitutes(&relay, end).map_err(Start::system("open the pty"))?;
    let substitutes = opened.as_slice();
    let rank = if getpgrp() == getpid() { Rank::Leader } else { Rank::Member };
    let task = Task { program, mask, streams, substitutes, rank, standing, output, guard: &guard };
    let (line, monitor, job) = start_monitor(&task, &relay)?;
    // Whoever else has the command's side open keeps us from seeing that nobody has.
    drop(opened);
    relay.started(job.group);
    release_streams();
    let (columns, rows) = (size.ws_col, size.ws_row);
    onlooker.inspect(|onlooker| onlooker.begin(Sight::Terminal { columns, rows }));
    process::kill_point("running");
    let supervisor = Supervisor {
        relay,
        line,
        signals,
        witness,
        monitor,
        job,
        sharing: Sharing::new(input_is_wanted, alone),
        door,
        onlooker,
    };
    Ok(supervisor.supervise())
}

/// Opens what takes the place of other descriptors of the caller's terminal.
///
/// What was written there would go past the command's terminal, and come out as the held
/// one shows it: without carriage returns.
fn substitutes(relay: &Relay<'_>, end: CallersEnd) -> Result<Vec<Substitute>, Errno> {
    match (end, relay.inner()) {
        (CallersEnd::Terminal(_), Some(inner)) => sys::handed_down_terminals()
            .into_iter()
            .map(|(number, how)| inner.substitute(number, how))
            .collect(),
        _ => Ok(Vec::new()),
    }
}

/// Starts the monitor and waits until the command executes.
fn start_monitor(task: &Task<'_>, relay: &Relay<'_>) -> Result<(OwnedFd, Pid, Job), Start> {
    let (line, far_end) = UnixStream::pair().map_err(|error| {
        Start::System("make a socket", Errno::from_raw(error.raw_os_error().unwrap_or(0)))
    })?;
    let process = sys::fork(|| {
        if let Some(inner) = relay.inner() {
            monitor(task, inner, far_end.as_fd());
        }
        0
    })
    .map_err(Start::system("make a process for the monitor"))?;
    drop(far_end);
    let line = OwnedFd::from(line);
    match Report::receive(line.as_fd()) {
        Some(Report::Started(command, group)) => Ok((line, process, Job { command, group })),
        report => {
            let _ = sys::end_of(process);
            Err(match report {
                Some(Report::Failed(failure)) => Start::Program(failure),
                _ => Start::System("start the command's monitor", Errno::ECHILD),
            })
        }
    }
}
