//! `airlock-exec pair`, `pairings` and `unpair`: whose decisions count.

mod arguments;
mod begin;
mod error;
mod kept;
mod list;
mod revoke;
mod set;
mod told;

pub(super) use arguments::parse_delay;
pub use arguments::{PairArguments, PairingsArguments, UnpairArguments};
pub use error::PairingCommandError;

use super::output::say_json;
use super::upstream::Upstream;
use crate::client::{Pairing, PairingStore};
use crate::config::Paths;
use crate::process::{Environment, PrivateDir};
use crate::record::Log;
use arguments::{ListArguments, PairingsAction};
use std::io;
use told::Reader;

/// Runs `airlock-exec pair`.
///
/// # Errors
///
/// [`PairingCommandError`]; nothing was paired.
pub fn pair(
    arguments: PairArguments,
    environment: &Environment,
) -> Result<(), PairingCommandError> {
    let paths = Paths::from_environment(environment)?;
    let reader = if arguments.json { Reader::Program } else { Reader::Person(environment) };
    let paired = block_on(async {
        begin::pair(&Upstream::here(&paths, environment)?, arguments, reader).await
    });
    note_keys(&paths);
    paired
}

/// Runs `airlock-exec pairings`.
///
/// # Errors
///
/// [`PairingCommandError`].
pub fn pairings(
    arguments: PairingsArguments,
    environment: &Environment,
) -> Result<(), PairingCommandError> {
    let paths = Paths::from_environment(environment)?;
    let done = match arguments.action.unwrap_or(PairingsAction::List(ListArguments::default())) {
        PairingsAction::List(arguments) => return list(&paths, &arguments),
        PairingsAction::Revoke { name } => {
            block_on(async { revoke::named(&Upstream::here(&paths, environment)?, &name).await })
        }
        PairingsAction::Set { name, after } => set::after(&paths, &name, after),
        PairingsAction::Rotate { name } => {
            let reader = Reader::Person(environment);
            let upstream = || Upstream::here(&paths, environment);
            block_on(async { begin::rotate(&upstream()?, &name, reader).await })
        }
    };
    note_keys(&paths);
    done
}

/// Runs `airlock-exec unpair`.
///
/// # Errors
///
/// [`PairingCommandError`].
pub fn unpair(
    arguments: UnpairArguments,
    environment: &Environment,
) -> Result<(), PairingCommandError> {
    let paths = Paths::from_environment(environment)?;
    let done = block_on(async {
        let upstream = Upstream::here(&paths, environment)?;
        match arguments.name {
            Some(name) => revoke::named(&upstream, &name).await,
            None if arguments.all => revoke::all(&upstream).await,
            None => revoke::only(&upstream).await,
        }
    });
    note_keys(&paths);
    done
}

/// Writes down which keys count from now on.
///
/// What cannot be written down now is when somebody is asked next.
fn note_keys(paths: &Paths) {
    let note = || -> Result<(), PairingCommandError> {
        let pairings = pairings_here(paths)?;
        let log = Log::open(&paths.audit(), &paths.enforcer());
        if let Err(error) = log.and_then(|log| log.keys_are(&pairings)) {
            tracing::warn!(%error, "a change of keys was not recorded");
        }
        Ok(())
    };
    if let Err(error) = note() {
        tracing::warn!(%error, "a change of keys was not recorded");
    }
}

/// Reads every pairing of this machine, revoked ones too.
fn pairings_here(paths: &Paths) -> Result<Vec<Pairing>, PairingCommandError> {
    let directory = PrivateDir::open(&paths.enforcer()).map_err(super::LocalError::from)?;
    Ok(PairingStore::new(directory).pairings()?)
}

fn list(paths: &Paths, arguments: &ListArguments) -> Result<(), PairingCommandError> {
    let pairings = pairings_here(paths)?;
    let shown: Vec<&Pairing> =
        pairings.iter().filter(|each| arguments.all || each.is_live()).collect();
    if arguments.json {
        say_json(&shown.into_iter().map(list::described).collect::<Vec<_>>())?;
    } else {
        list::write(io::stdout().lock(), &shown)?;
    }
    Ok(())
}

fn block_on<T>(
    work: impl Future<Output = Result<T, PairingCommandError>>,
) -> Result<T, PairingCommandError> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}
