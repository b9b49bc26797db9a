//! `airlock-exec init`: a first set-up, asked for or given by options.

use super::{AccountCommandError, InitArguments, Site, sign_in};
use crate::cli::approver::{Terminal, say};
use crate::config::{Change, ConfigError, Destination, GatewayUrl, Paths, Places, Settings, set};
use crate::process::{Environment, PrivateDir, Stdio, Stream};
use std::io;

const QUESTION: &str = "\
Where are your requests decided?
  1  on this machine: no account is needed
  2  at the hosted gateway, with an Airlock account: https://igw.airlocks.io
  3  at a gateway of your own
1, 2 or 3 [1]: ";

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
        ask(&mut arguments).await?;
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
        return say("next: airlock-exec -- COMMAND, and airlock-exec approver in another terminal")
            .map_err(failed);
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

async fn ask(arguments: &mut InitArguments) -> Result<(), AccountCommandError> {
    let stdio = Stdio::capture();
    if !stdio.is_terminal(Stream::Input) || !stdio.is_terminal(Stream::Output) {
        return Err(AccountCommandError::NoPlace);
    }
    let failed = |source: io::Error| AccountCommandError::System { action: "ask", source };
    let mut terminal = Terminal::open().map_err(failed)?;
    let mut answer = async |question: &str| terminal.ask(question).await.map_err(failed);
    match answer(QUESTION).await?.as_deref() {
        Some("" | "1") => arguments.local = true,
        Some("2") => arguments.hosted = true,
        Some("3") => {
            let url = answer("its address, https://...: ").await?.unwrap_or_default();
            let parsed = url.parse::<GatewayUrl>().map_err(|error| ConfigError::Value {
                name: "gateway.url".to_owned(),
                message: error.to_string(),
            })?;
            arguments.gateway = Some(parsed.to_string());
        }
        _ => return Err(AccountCommandError::NoPlace),
    }
    if !arguments.local && arguments.client_id.is_none() {
        let id = answer("client id of the app, empty for none: ").await?.unwrap_or_default();
        arguments.client_id = Some(id).filter(|id| !id.is_empty());
    }
    Ok(())
}
