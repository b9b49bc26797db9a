//! Who we are at the gateway of the settings: sign in, sign out.

mod arguments;
pub(super) mod browser;
mod device;
mod error;
mod init;
mod questions;
mod secret;
mod sign_in;
mod sign_out;
mod site;

pub use arguments::{InitArguments, SignInArguments, SignOutArguments};
pub use error::AccountCommandError;
pub(super) use secret::read_secret;
use sign_in::sign_in;
use sign_out::sign_out;
pub(super) use site::Site;

use crate::config::{Paths, Places, Settings};
use crate::process::{Environment, WorkingDirectory};

/// Runs `airlock-exec sign-in`.
///
/// # Errors
///
/// [`AccountCommandError`]; what was kept before stays.
pub fn run_sign_in(
    arguments: &SignInArguments,
    environment: &Environment,
) -> Result<(), AccountCommandError> {
    let (paths, settings) = settings(environment)?;
    let site = Site::of(&settings, &paths)?;
    block_on(sign_in(&site, arguments, environment))
}

/// Runs `airlock-exec sign-out`.
///
/// # Errors
///
/// [`AccountCommandError`] when it cannot be forgotten.
pub fn run_sign_out(
    arguments: &SignOutArguments,
    environment: &Environment,
) -> Result<(), AccountCommandError> {
    let (paths, settings) = settings(environment)?;
    let site = Site::of(&settings, &paths)?;
    block_on(sign_out(&site, arguments))
}

/// Runs `airlock-exec init`.
///
/// # Errors
///
/// [`AccountCommandError`]; settings that would not work are taken back.
pub fn run_init(
    arguments: InitArguments,
    environment: &Environment,
) -> Result<(), AccountCommandError> {
    let paths = Paths::from_environment(environment)?;
    let failed = |source| AccountCommandError::System { action: "tell the directory", source };
    let directory = WorkingDirectory::capture().map_err(failed)?;
    let places = Places::of(&paths, directory.path());
    block_on(init::init(arguments, &paths, &places, environment))
}

/// Reads the settings that hold where we are.
fn settings(environment: &Environment) -> Result<(Paths, Settings), AccountCommandError> {
    let paths = Paths::from_environment(environment)?;
    let failed = |source| AccountCommandError::System { action: "tell the directory", source };
    let directory = WorkingDirectory::capture().map_err(failed)?;
    let settings = Settings::load(&Places::of(&paths, directory.path()), environment)?;
    Ok((paths, settings))
}

fn block_on<T>(
    work: impl Future<Output = Result<T, AccountCommandError>>,
) -> Result<T, AccountCommandError> {
    let failed = |source| AccountCommandError::System { action: "start", source };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(failed)?.block_on(work)
}
