//! Signs in by a code that a person enters in a browser. RFC 8628.

use super::{AccountCommandError, Site, browser};
use crate::cli::output::say;
use crate::cli::paragraph::paragraph;
use crate::cli::qr;
use crate::client::{AccountError, DeviceCode, Provider, Transport};
use crate::credential::{Credential, Session};
use crate::process::{Deadline, Environment, Stdio, Stream};
use crate::protocol::discovery::Discovery;
use crate::protocol::json;
use std::io::{self, Write as _};

/// Whether a browser may be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Browser {
    /// When there is a screen and a person at a terminal.
    Automatic,
    /// Never.
    Never,
}

/// Signs in at the identity provider that the gateway names.
pub(super) async fn by_code(
    site: &Site<'_>,
    browser: Browser,
    environment: &Environment,
) -> Result<Credential, AccountCommandError> {
    let provider = provider(site).await?;
    let code = provider.begin().await?;
    show(&code, browser, environment)
        .map_err(|source| AccountCommandError::System { action: "write to stdout", source })?;
    let deadline = Deadline::after(code.lifetime());
    let away = |why: &str| {
        let minutes = deadline.remaining().as_secs().div_ceil(60);
        let line = format!(
            "airlock-exec: no answer from {} ({why}); asking again for up to {minutes} min\n",
            provider.issuer()
        );
        // A closed standard error takes the line with it; the wait goes on.
        let _ = io::stderr().write_all(line.as_bytes());
    };
    let session: Session = provider.finish(&code, away).await?;
    Ok(Credential::Session(session))
}

async fn provider(site: &Site<'_>) -> Result<Provider, AccountError> {
    let transport = Transport::anonymous(&site.gateway, &site.link())?;
    let answer = transport.get("/v1/integrations/discovery").await?;
    let gateway = site.gateway.to_string();
    let unreadable = |what: String| AccountError::Untrusted { issuer: gateway.clone(), why: what };
    let found: Discovery = json::from_value(answer.body.unwrap_or_default())
        .map_err(|error| unreadable(format!("its discovery cannot be read: {error}")))?;
    let idp = found.idp.ok_or_else(|| AccountError::NoProvider { gateway: gateway.clone() })?;
    Provider::discover(&idp.base_url, &idp.client_id, &site.link()).await
}

fn show(code: &DeviceCode, choice: Browser, environment: &Environment) -> std::io::Result<()> {
    let page = code.complete_page().unwrap_or_else(|| code.page());
    say(&format!("to sign in, open: {}", code.page()))?;
    say(&format!("and enter:        {}", code.code()))?;
    let at_terminal = Stdio::capture().is_terminal(Stream::Output);
    if let Some(drawn) = qr::for_terminal(&page, environment) {
        say(&drawn)?;
    }
    let opened = choice == Browser::Automatic && at_terminal && browser::open(&page, environment);
    let minutes = code.lifetime().as_secs().div_ceil(60);
    let opened = if opened { "your browser was asked to open the page; " } else { "" };
    say(&paragraph(&format!("{opened}waiting up to {minutes} min for you; Ctrl-C ends it"), 0))
}
