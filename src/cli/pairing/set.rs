//! `airlock-exec pairings set`: when an approver is asked.

use super::error::PairingCommandError;
use crate::approver::time;
use crate::cli::gate;
use crate::cli::output::say;
use crate::client::{PairingError, PairingStore};
use crate::config::Paths;
use crate::process::{self, PrivateDir};
use std::time::Duration;

/// Has an approver asked only when nobody decided for so long.
pub(super) fn after(paths: &Paths, name: &str, delay: Duration) -> Result<(), PairingCommandError> {
    let directory = PrivateDir::open(&paths.enforcer()).map_err(crate::cli::LocalError::from)?;
    let store = PairingStore::new(directory);
    let enrolment = store.load()?.ok_or(PairingError::NotPaired)?;
    let fingerprint = enrolment.live(name)?.fingerprint().to_string();
    let seconds = delay.as_secs();
    // Before it holds: that somebody is not asked at once is to be found in the log.
    gate::trail(paths)?.pairing(name, &fingerprint, seconds)?;
    store.change(process::now(), |enrolment| enrolment.delay(name, seconds))?;
    let when = if seconds == 0 {
        "at once".to_owned()
    } else {
        let span = time::span(i64::try_from(seconds).unwrap_or(i64::MAX));
        format!("when nobody decided for {span}")
    };
    Ok(say(&format!("{name} is asked {when}"))?)
}
