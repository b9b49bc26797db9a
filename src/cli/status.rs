//! `airlock-exec status`: who we are, where, and who decides.

use super::LocalError;
use super::account::Site;
use super::output::say;
use super::paragraph::paragraph;
use super::standing::Standing;
use super::upstream::UpstreamError;
use crate::client::AccountError;
use crate::config::{Destination, Paths, SecretPlace};
use crate::credential::Credential;
use crate::display::json::over_lines;
use crate::process::Environment;
use clap::Args;
use serde_json::{Value, json};

/// Shows who we are, where, and who decides; asks nobody.
#[derive(Debug, Args)]
pub struct StatusArguments {
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// Runs `airlock-exec status`.
///
/// # Errors
///
/// [`UpstreamError`] when settings or files cannot be used.
pub(super) fn run(
    arguments: &StatusArguments,
    environment: &Environment,
) -> Result<(), UpstreamError> {
    let paths = Paths::from_environment(environment).map_err(LocalError::from)?;
    let standing = Standing::here(&paths, environment)?;
    let (gateway, signed_in) = sign_in(&standing, &paths)?;
    let text = if arguments.json {
        over_lines(&as_json(&standing, &gateway, signed_in))
    } else {
        in_words(&standing, &gateway, signed_in)
    };
    // A reader that went away needs no answer.
    let _ = say(&text);
    Ok(())
}

/// Returns the gateway, and how we are signed in there when that is needed.
fn sign_in(
    standing: &Standing,
    paths: &Paths,
) -> Result<(String, Option<&'static str>), UpstreamError> {
    let Destination::Gateway(gateway) = standing.settings.destination() else {
        return Ok(("local".to_owned(), Some("not needed")));
    };
    let site = Site::at(&standing.settings, paths, gateway)?;
    let kept = site.store.credential(site.gateway.as_str()).map_err(AccountError::from)?;
    let place = site.store.place_of(site.gateway.as_str()).map_err(AccountError::from)?;
    let in_keyring = place == Some(SecretPlace::Keyring);
    let how = kept.map(|credential| match credential {
        Credential::Personal(_) if in_keyring => "personal access token in the keyring",
        Credential::Personal(_) => "personal access token",
        Credential::Session(_) if in_keyring => "identity provider, tokens in the keyring",
        Credential::Session(_) => "identity provider",
    });
    Ok((site.gateway.to_string(), how))
}

fn in_words(standing: &Standing, gateway: &str, signed_in: Option<&str>) -> String {
    let mut lines = vec![match gateway {
        "local" => "gateway     of our own on this machine, started when it is needed".to_owned(),
        gateway => format!("gateway     {gateway}"),
    }];
    match signed_in {
        Some("not needed") => (),
        Some(how) => lines.push(format!("signed in   yes, by {how}")),
        None => lines.push("signed in   no; next: airlock-exec sign-in".to_owned()),
    }
    if let Some(enrolment) = &standing.enrolment {
        lines.push(format!("enforcer    {}", enrolment.identity.enforcer_id));
    }
    for pairing in standing.pairings() {
        let (name, fingerprint) = (&pairing.agreed.name, pairing.fingerprint());
        let passkey = match &pairing.agreed.passkey {
            Some(passkey) => format!(", passkey of {}", passkey.origin()),
            None => String::new(),
        };
        lines.push(format!("approver    {name} ({fingerprint}){passkey}"));
    }
    if standing.pairings().next().is_none() {
        let next = if gateway == "local" {
            "none yet; the first command pairs with the one on this machine"
        } else {
            "none; next: airlock-exec pair"
        };
        lines.push(format!("approver    {next}"));
    }
    if let Some(lock) = standing.settings.locked_by() {
        lines.push(format!("settings    locked by {}", lock.display()));
    }
    let level = standing.level;
    lines.push(format!("protection  {}: {}", level.name(), level.meaning_for(standing)));
    lines.iter().map(|line| paragraph(line, 12)).collect::<Vec<_>>().join("\n")
}

fn as_json(standing: &Standing, gateway: &str, signed_in: Option<&str>) -> Value {
    let approvers: Vec<Value> = standing
        .pairings()
        .map(|each| {
            json!({
                "name": each.agreed.name,
                "fingerprint": each.fingerprint().to_string(),
                "passkey": each.agreed.passkey,
            })
        })
        .collect();
    json!({
        "version": 1,
        "gateway": gateway,
        "signedIn": signed_in.is_some(),
        "signIn": signed_in,
        "enforcerId": standing.enrolment.as_ref().map(|found| &found.identity.enforcer_id),
        "approvers": approvers,
        "lockedBy": standing.settings.locked_by().map(|path| path.display().to_string()),
        "protection": standing.level.name(),
    })
}
