//! `airlock-exec sign-in`.

use super::device::{Browser, by_code};
use super::{AccountCommandError, SignInArguments, Site, read_secret};
use crate::cli::output::say;
use crate::client::{AccountError, Enforcer, TransportError};
use crate::config::SecretPlace;
use crate::credential::Credential;
use crate::process::Environment;
use crate::protocol::wire_error::ErrorCode;
use std::io;
use std::time::Duration;

/// How long another process may keep the credentials.
const PATIENCE: Duration = Duration::from_secs(30);

/// Signs in as the arguments say.
///
/// # Errors
///
/// [`AccountCommandError`]; what was kept before stays.
pub(super) async fn sign_in(
    site: &Site<'_>,
    arguments: &SignInArguments,
    environment: &Environment,
) -> Result<(), AccountCommandError> {
    if arguments.pat {
        return personal(site).await;
    }
    let browser = if arguments.no_browser { Browser::Never } else { Browser::Automatic };
    let credential = by_code(site, browser, environment).await?;
    keep(site, credential).await
}

/// Signs in with a personal access token, which is read from a pipe or asked for.
///
/// # Errors
///
/// As [`sign_in`].
pub(super) async fn personal(site: &Site<'_>) -> Result<(), AccountCommandError> {
    let question = format!("personal access token for {}: ", site.gateway);
    let token = read_secret(&question)?;
    keep(site, Credential::Personal(token)).await
}

/// Shows the gateway the credential, and keeps what it takes.
async fn keep(site: &Site<'_>, credential: Credential) -> Result<(), AccountCommandError> {
    let enforcer = Enforcer::new(site.transport_with(credential.clone())?);
    let standing = enforcer.consent().await;
    let consent = match standing {
        Ok(_) => None,
        Err(error) if is_about_consent(&error) => Some(error),
        Err(error) => return Err(AccountError::from(error).into()),
    };
    let _alone = site.store.lock(PATIENCE)?;
    site.store.set_credential(site.gateway.as_str(), &credential)?;
    let kept = match site.store.place_of(site.gateway.as_str())? {
        Some(SecretPlace::Keyring) => "in the keyring of the desktop",
        _ => "in a file that only you can read",
    };
    let signed_in = format!("signed in at {}, kept {kept}", site.gateway);
    let written = say(&signed_in).and_then(|()| match &consent {
        None => Ok(()),
        Some(error) => say(&format!("before it can be used: {}", error.hint())),
    });
    written.map_err(|source: io::Error| AccountCommandError::System {
        action: "write to stdout",
        source,
    })
}

/// The user is known then, and has not let this app act yet.
fn is_about_consent(error: &TransportError) -> bool {
    let TransportError::Refused { error: Some(error), .. } = error else { return false };
    matches!(error.code, ErrorCode::ConsentRequired | ErrorCode::ConsentPending)
}
