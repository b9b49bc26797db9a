//! What a command that is written down needs: opened once, from the question to the end.

use super::gate;
use crate::config::{Paths, Places, Settings};
use crate::error::Error;
use crate::record::Trail;
use crate::request::Request;

/// The settings that hold for a command, and where its steps are written down.
#[derive(Debug)]
pub(super) struct Means {
    /// What holds where it starts.
    pub(super) settings: Settings,
    /// Where its steps are written down.
    pub(super) trail: Trail,
}

impl Means {
    /// Reads the settings and opens the log.
    ///
    /// # Errors
    ///
    /// The settings cannot be used, or nothing can be written down.
    pub(super) fn of(request: &Request, paths: &Paths) -> Result<Self, Error> {
        let places = Places::of(paths, request.directory().path());
        let settings = Settings::load(&places, request.environment())?;
        Ok(Self { settings, trail: gate::trail(paths)? })
    }
}
