//! `airlock-exec sign-out`.

use super::{AccountCommandError, SignOutArguments, Site};
use crate::cli::output::say;
use crate::client::{AccountError, Provider};
use crate::credential::{Credential, Session};
use std::io;
use std::time::Duration;

/// How long another process may keep the credentials.
const PATIENCE: Duration = Duration::from_secs(30);

/// Makes the sign-in worthless where that can be done, and forgets it here in any case.
///
/// # Errors
///
/// [`AccountCommandError`] when it cannot be forgotten.
pub(super) async fn sign_out(
    site: &Site<'_>,
    arguments: &SignOutArguments,
) -> Result<(), AccountCommandError> {
    let gateway = site.gateway.as_str();
    let _alone = site.store.lock(PATIENCE)?;
    let kept = site.store.credential(gateway);
    let words = match &kept {
        Ok(None) => "you were not signed in".to_owned(),
        Ok(Some(Credential::Personal(_))) => {
            "forgotten here; revoke the personal access token where you made it".to_owned()
        }
        Ok(Some(Credential::Session(session))) => match revoke(site, session).await {
            Ok(true) => "revoked, and forgotten here".to_owned(),
            Ok(false) => "forgotten here; the provider offers no revocation".to_owned(),
            Err(error) => format!("forgotten here, but not revoked: {error}"),
        },
        Err(_) => "what was kept could not be read, and is gone".to_owned(),
    };
    site.store.forget(gateway)?;
    if arguments.app {
        site.store.set_client_secret(gateway, None)?;
    }
    say(&format!("signed out at {}: {words}", site.gateway)).map_err(|source: io::Error| {
        AccountCommandError::System { action: "write to stdout", source }
    })
}

async fn revoke(site: &Site<'_>, session: &Session) -> Result<bool, AccountError> {
    let provider = Provider::discover(&session.issuer, &session.client_id, &site.link()).await?;
    provider.revoke(session).await
}
