//! `airlock-exec init`: a first set-up, asked for or given by options.

use super::{AccountCommandError, InitArguments, Site, questions, sign_in};
use crate::cli::output::say;
use crate::cli::paragraph::paragraph;
use crate::config::{Change, Destination, Paths, Places, Settings, set};
use crate::process::{Environment, PrivateDir};

/// Writes what was chosen into the user's settings, and signs in when a token is given.
///
/// # Errors
///
/// [`AccountCommandError`]; settings that would not work are taken back.
pub(super) async fn init(
    mut arguments: InitArguments,
    paths: &Paths,
    places: &Places,
    environment: &Environment,
) -> Result<(), AccountCommandError> {
    if !arguments.local && !arguments.hosted && arguments.gateway.is_none() {
        let present = Settings::load(places, environment).ok();
        questions::ask(&mut arguments, present.as_ref()).await?;
    }
    let mode = match (&arguments.gateway, arguments.hosted) {
        (Some(_), _) => "own",
        (None, true) => "hosted",
        (None, false) => "local",
    };
    let mut changes: Vec<Change<'_>> = vec![("mode", Some(mode))];
    if mode == "hosted" {
        // What stands there for another gateway would contradict it.
        changes.push(("gateway.url", None));
    }
    let given = [
        ("gateway.url", &arguments.gateway),
        ("gateway.client_id", &arguments.client_id),
        ("gateway.origin", &arguments.origin),
        ("gateway.tls_roots", &arguments.tls_roots),
        ("enforcer.label", &arguments.label),
    ];
    changes.extend(given.iter().filter_map(|(name, value)| Some((*name, Some(value.as_deref()?)))));
    let settings = written(places, &changes, environment)?;
    let failed = |source| AccountCommandError::System { action: "write to stdout", source };
    say(&format!("written: {}", places.user.display())).map_err(failed)?;
    if settings.destination() == Destination::Local {
        let next = "next: airlock-exec -- COMMAND, and airlock-exec approver in another terminal";
        return say(&paragraph(next, 6)).map_err(failed);
    }
    if arguments.pat_stdin {
        sign_in::personal(&Site::of(&settings, paths)?).await?;
        return say("next: airlock-exec pair").map_err(failed);
    }
    say("next: airlock-exec sign-in, then airlock-exec pair").map_err(failed)
}

/// Writes the settings, and takes them back when they do not hold together.
fn written(
    places: &Places,
    changes: &[Change<'_>],
    environment: &Environment,
) -> Result<Settings, AccountCommandError> {
    let before = std::fs::read(&places.user).ok();
    set(places, changes)?;
    Settings::load(places, environment).map_err(|error| {
        put_back(places, before.as_deref());
        error.into()
    })
}

fn put_back(places: &Places, before: Option<&[u8]>) {
    let directory = places.user.parent().and_then(|parent| PrivateDir::open(parent).ok());
    let done = directory.map(|directory| match before {
        Some(bytes) => directory.write("config.toml", bytes),
        None => directory.remove("config.toml"),
    });
    if let Some(Err(error)) = done {
        tracing::warn!(%error, "the settings could not be put back");
    }
}
