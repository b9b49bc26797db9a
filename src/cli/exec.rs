//! The main job: a command comes in, and runs or does not run.

use super::call::Call;
use super::evidence::{self, OpenRecording};
use super::exec_arguments::ExecArguments;
use super::gate::{self, Cleared, Patience};
use super::means::Means;
use super::report;
use super::telling::Subject;
use super::voice::{self, Event};
use crate::config::{ConfigError, Paths};
use crate::error::Error;
use crate::intercept::shim::Shim;
use crate::intercept::{Interception, Invocation};
use crate::onlooker::{Ended, Line, Onlooker, Tap};
use crate::process::{Door, Environment, Process};
use crate::record::{Beginning, Begun};
use crate::request::{RecordingWish, Request};
use crate::review::{Acknowledgement, Authority, Clearance, Cover, Permit, Refusal};
use crate::run::{self, Exit, Options};
use crate::sys;
use std::ffi::{OsStr, OsString};

/// Runs the command of `airlock-exec -- COMMAND`.
pub(super) fn execute(arguments: ExecArguments, environment: Environment) -> Result<Exit, Error> {
    arguments.voice.set()?;
    let (patience, options) = (arguments.patience(), arguments.options()?);
    let paths = Paths::from_environment(&environment)?;
    let invocation = Invocation::new(Interception::Prefix, arguments.command)?;
    run_if_it_may(invocation, environment, &paths, patience, options)
}

/// Runs the program that was called by its name, behind the shim that we are.
pub(super) fn execute_behind_shim(
    name: &OsStr,
    arguments: Vec<OsString>,
    environment: Environment,
) -> Result<Exit, Error> {
    let paths = Paths::from_environment(&environment)?;
    let shim = Shim::new(name, paths.shims(), &environment);
    let invocation = Invocation::of_shim(shim, arguments);
    run_if_it_may(invocation, environment, &paths, Patience::default(), Options::default())
}

/// Runs a command if it may, and ends as it ends.
pub(super) fn run_if_it_may(
    invocation: Invocation,
    environment: Environment,
    paths: &Paths,
    patience: Patience,
    options: Options<'_>,
) -> Result<Exit, Error> {
    let request = Request::capture(invocation, environment)?;
    // What tells how the command ends acknowledges its approval, while it runs already.
    let patience = Patience { acknowledgement: Acknowledgement::WithOutcome, ..patience };
    let Cleared { permit, means, call } = gate::permit(request, paths, patience)?;
    voice::tell(&Event::permitted(permit.authority()));
    if let Authority::Nested(cover) = permit.authority() {
        gate::trail(paths)?.nested(&permit, cover)?;
    }
    if is_decided(&permit) || is_recorded(&permit, paths)? {
        let means = means.map_or_else(|| Means::of(permit.request(), paths), Ok)?;
        run_for_the_record(permit, means, &call, paths, options)
    } else {
        call.hang_up();
        run_as_it_is(permit, paths, options)
    }
}

/// Tells whether a decision was made for this run.
fn is_decided(permit: &Permit) -> bool {
    !matches!(permit.authority(), Authority::Rule | Authority::Nested(_))
}

/// Tells whether a command that nobody was asked about is recorded all the same.
fn is_recorded(permit: &Permit, paths: &Paths) -> Result<bool, ConfigError> {
    match (permit.request().recording(), permit.authority()) {
        (Some(wish), _) => Ok(wish == RecordingWish::Always),
        (None, Authority::Rule) => evidence::records_what_is_allowed(permit, paths),
        (None, _) => Ok(false),
    }
}

/// Runs what a rule or an earlier approval lets run: in our place, if nothing is left to do.
fn run_as_it_is(permit: Clearance, paths: &Paths, options: Options<'_>) -> Result<Exit, Error> {
    let permit = permit.settle().map_err(Refusal::from)?;
    let is_unwatched =
        matches!(permit.authority(), Authority::Nested(cover) if cover.is_unwatched());
    let stays = !options.replaces_us();
    let door = if stays || is_unwatched { door(paths, permit.authority()) } else { None };
    if door.is_none() && !stays {
        match run::replace(permit)? {}
    }
    Ok(run::run(permit, Options { door: door.as_ref(), ..options })?)
}

/// Runs what is written down from its beginning to its end.
fn run_for_the_record(
    permit: Clearance,
    means: Means,
    call: &Call,
    paths: &Paths,
    options: Options<'_>,
) -> Result<Exit, Error> {
    // They wait for the command, also while the disk takes its time.
    sys::put_signals_off();
    let subject = Subject::of(&permit, &means.settings);
    let subject = subject.as_ref();
    let start = |its, ours: &Line, sight| {
        let begun = subject.is_some_and(|subject| subject.begin(its, ours, sight));
        call.hang_up();
        begun
    };
    let written = Written::of(permit, means, paths);
    // While the disk takes that.
    let door = written.as_ref().ok().and_then(|ours| door(paths, ours.permit.authority()));
    let made_ready = written.and_then(Written::settled);
    let Ready { permit, begun, recording } = made_ready.inspect_err(|error| {
        // Who approved it hears of that, and the approval is acknowledged.
        if subject.is_some() {
            Onlooker::new(&start, &|_| ()).ended(Ended::NotStarted(error.to_string()));
        }
    })?;
    let stopping = |by| {
        if let Some(signer) = subject.and_then(|subject| subject.signer(by)) {
            begun.stopping(signer);
        }
    };
    let onlooker = subject.map(|_| Onlooker::new(&start, &stopping));
    if onlooker.is_none() {
        call.hang_up();
    }
    let tap = recording.as_ref().map(|recording| -> &dyn Tap { &recording.recorder });
    let options = Options { door: door.as_ref(), onlooker: onlooker.as_ref(), tap, ..options };
    let ran = run::run(permit, options);
    drop(door);
    begun.ended(&ran, recording.and_then(|recording| recording.finish(&ran)));
    onlooker.inspect(|onlooker| onlooker.ended(evidence::ended(&ran)));
    Ok(ran?)
}

/// What may start, and where it is written down.
struct Ready {
    permit: Permit,
    begun: Begun,
    recording: Option<OpenRecording>,
}

/// What is written down, and on its way to the disk.
struct Written {
    permit: Clearance,
    beginning: Beginning,
    recording: Option<OpenRecording>,
}

impl Written {
    /// Writes down that the command starts.
    fn of(permit: Clearance, means: Means, paths: &Paths) -> Result<Self, Error> {
        let kept = gate::keep(&permit, paths, &means.trail)?;
        let recording = OpenRecording::of(&permit, paths, &means)
            .inspect_err(|error| means.trail.in_vain(&permit, "not-recorded", error))?;
        let beginning = means.trail.begin(&permit, kept)?;
        Ok(Self { permit, beginning, recording })
    }

    /// Waits until the disk has taken that, and what the command rests on.
    ///
    /// # Errors
    ///
    /// Nothing may start: no record, no execution.
    fn settled(self) -> Result<Ready, Error> {
        let begun = self.beginning.durable()?;
        let settled = self.permit.settle().inspect_err(|error| begun.not_started(error));
        let permit = settled.map_err(Refusal::from)?;
        Ok(Ready { permit, begun, recording: self.recording })
    }
}

/// Opens the door at which what the command starts learns that it is covered: by what lets
/// it run, or else by what runs around it, whose door nobody finds behind us.
///
/// Without one each of those is asked about: the command itself runs all the same.
fn door(paths: &Paths, authority: &Authority) -> Option<Door> {
    let running = paths.running();
    let (word, within) = match (authority, authority.request_id()) {
        (Authority::Nested(cover), _) => handed_on(cover),
        (_, Some(request_id)) => (Cover::word(request_id, authority.approvals()), None),
        (_, None) => handed_on(&Cover::of_this_process(&running)?),
    };
    Door::open(&running, &word, within)
        .inspect_err(|error| {
            let hint = error.hint();
            report::remarks(&[format!("what this starts will be asked about: {error}; {hint}")]);
        })
        .ok()
}

/// Returns what is answered about what covers us, and what it ends with.
fn handed_on(cover: &Cover) -> (String, Option<Process>) {
    (Cover::word(cover.request_id(), cover.approvals()), Some(cover.within()))
}
