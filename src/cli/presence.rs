//! `airlock-exec presence`: this machine is there, until somebody ends it.

use super::output::say;
use super::pairing::PairingCommandError;
use super::report;
use super::terms;
use super::upstream::Upstream;
use crate::client::{PairingError, Presence};
use crate::config::{Paths, Places, Settings};
use crate::process::Environment;
use crate::protocol::EnforcerId;
use crate::protocol::presence::Heartbeat;
use std::path::Path;
use tokio::signal::unix::{SignalKind, signal};

/// Runs `airlock-exec presence` until Ctrl-C or SIGTERM.
///
/// # Errors
///
/// [`PairingCommandError`] when nobody is paired, or there is no gateway.
pub(super) fn run(environment: &Environment) -> Result<(), PairingCommandError> {
    speak(environment, |sign, url| say(&format!("{sign} is present at {url}; Ctrl-C ends it")), {
        std::future::pending()
    })
}

/// Is silently present until then.
///
/// # Errors
///
/// As [`run`].
pub(super) fn run_until(
    environment: &Environment,
    end: impl Future<Output = ()>,
) -> Result<(), PairingCommandError> {
    speak(environment, |_, _| Ok(()), end)
}

fn speak(
    environment: &Environment,
    announce: impl FnOnce(&EnforcerId, &str) -> std::io::Result<()>,
    end: impl Future<Output = ()>,
) -> Result<(), PairingCommandError> {
    let paths = Paths::from_environment(environment)?;
    let settings = Settings::load(&Places::of(&paths, Path::new("/")), environment)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let upstream = Upstream::of(&settings, &paths)?;
        let enrolment = upstream.pairings.load()?.ok_or(PairingError::NotPaired)?;
        if !enrolment.at(&upstream.id).any(crate::client::Pairing::is_live) {
            return Err(PairingError::NotPaired.into());
        }
        let sign = Heartbeat {
            enforcer_id: enrolment.identity.enforcer_id.clone(),
            workspace_name: settings.workspace().map(|name| name.as_str().to_owned()),
            enforcer_label: Some(terms::label(&settings)),
        };
        let mut interrupted = signal(SignalKind::interrupt())?;
        let mut terminated = signal(SignalKind::terminate())?;
        announce(&sign.enforcer_id, &upstream.url)?;
        let presence = Presence::new(
            upstream.enforcer,
            upstream.id,
            sign,
            upstream.pairings,
            settings.heartbeat(),
        );
        tokio::select! {
            never = presence.keep(|what| report::remarks(&[what.to_owned()])) => match never {},
            () = end => Ok(()),
            _ = interrupted.recv() => Ok(()),
            _ = terminated.recv() => Ok(()),
        }
    })
}
