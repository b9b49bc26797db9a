//! What is kept of a run: settled before the command starts.

use super::means::Means;
use crate::config::{ConfigError, Paths, Recording, Settings};
use crate::error::Error;
use crate::onlooker::Ended;
use crate::process;
use crate::protocol::RequestId;
use crate::record::cast::{Input, Recorded, Recorder, Shelf, Streams};
use crate::request::RecordingWish;
use crate::review::{Authority, Permit, Refusal};
use crate::run::{Exit, RunError};

/// A recording and where it lies.
#[derive(Debug)]
pub(super) struct OpenRecording {
    pub(super) recorder: Recorder,
    shelf: Shelf,
    streams: Streams,
    keep: std::time::Duration,
}

impl OpenRecording {
    /// Opens what the command is recorded in, where it is.
    ///
    /// # Errors
    ///
    /// It is to be recorded and cannot be: then it must not start.
    pub(super) fn of(permit: &Permit, paths: &Paths, means: &Means) -> Result<Option<Self>, Error> {
        let Means { settings, trail } = means;
        let terms = settings.recording();
        let wanted = match (permit.request().recording(), permit.authority()) {
            (Some(RecordingWish::Always), _) => true,
            (Some(RecordingWish::Never), _) => false,
            (None, Authority::Approval { .. }) => terms.which >= Recording::Reviewed,
            (None, _) => terms.which == Recording::Always,
        };
        if !wanted {
            return Ok(None);
        }
        let name = match permit.authority().request_id() {
            Some(id) => id.clone(),
            // What a rule allows was never a request: it gets a name of its own.
            None => RequestId::generate(process::now())
                .map_err(|error| Refusal::Seal(error.to_string()))?,
        };
        let shelf = Shelf::open(&paths.recordings())?;
        let title = trail.subject(permit.request()).line();
        let terminal = permit.request().environment().value("TERM");
        let terminal = terminal.and_then(|value| value.to_str()).map(str::to_owned);
        let input = if terms.input { Input::Kept } else { Input::Left };
        let recorder = shelf.record(name.as_str(), &title, terminal, terms.largest, input)?;
        let streams = Streams::look(terms.largest);
        Ok(Some(Self { recorder, shelf, streams, keep: terms.keep }))
    }

    /// Ends the recording; there is none of a command that did not start.
    pub(super) fn finish(self, ran: &Result<Exit, RunError>) -> Option<Recorded> {
        let file = self.recorder.file().to_owned();
        let recorded = self.recorder.finish(ran, self.streams);
        if recorded.is_none() {
            self.shelf.remove(&file);
        }
        self.shelf.clear_out(self.keep);
        recorded
    }
}

/// Tells whether the settings have recorded what a rule allows.
pub(super) fn records_what_is_allowed(permit: &Permit, paths: &Paths) -> Result<bool, ConfigError> {
    let request = permit.request();
    Settings::record_what_is_allowed(paths, request.directory().path(), request.environment())
}

/// Says how a command ended to those who looked on.
pub(super) fn ended(ran: &Result<Exit, RunError>) -> Ended {
    match ran {
        Ok(Exit::Code(status)) => Ended::Returned(*status),
        Ok(Exit::Signal(signal)) => Ended::Killed(*signal),
        Err(error) => Ended::NotStarted(error.to_string()),
    }
}
