//! The page: lets a browser in, lists and revokes those that are.

use super::arguments::{WebAction, WebArguments};
use super::connection::Connection;
use super::error::ApproverCommandError;
use crate::approver::time;
use crate::cli::account::browser;
use crate::cli::output::{say, say_json};
use crate::cli::paragraph::paragraph;
use crate::cli::qr;
use crate::client::{Transport, TransportError};
use crate::display::Displayable;
use crate::process::{self, Environment, PrivateDir};
use crate::protocol::json;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::{Host, Url};
use zeroize::Zeroizing;

/// The file that leads a browser to the page, so that no code stands in an argument.
const DOOR: &str = "page.html";

/// A code that lets one browser in.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Admission {
    code: Zeroizing<String>,
    expires_in_seconds: i64,
}

/// A browser that was let in.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Browser {
    id: i64,
    label: Option<String>,
    admitted_at: Timestamp,
    seen_at: Timestamp,
    expires_at: Timestamp,
}

#[derive(Deserialize)]
struct Browsers {
    browsers: Vec<Browser>,
}

/// Prints an address that lets one browser in.
pub(super) async fn admit(
    connection: &Connection,
    web: &WebArguments,
    environment: &Environment,
) -> Result<(), ApproverCommandError> {
    let transport = connection.transport()?;
    let place = address(web.at.as_deref().unwrap_or(transport.base()))?;
    let place = if web.passkey { named(place)? } else { place };
    let admission: Admission = post(&transport, "/v1/page/codes", &json!({})).await?;
    let page = Zeroizing::new(format!("{place}#{}", *admission.code));
    if web.open && open(connection, &page, environment)? {
        return Ok(say("the page opens in your browser")?);
    }
    say(&page)?;
    // What another device can reach is worth a code that its camera reads.
    if !is_loopback(&place)
        && let Some(drawn) = qr::for_terminal(&page, environment)
    {
        say(&drawn)?;
    }
    let good = time::span(admission.expires_in_seconds);
    let how = format!(
        "open it in the browser you decide in. It lets one browser in, once, within {good}; show \
         it to nobody"
    );
    Ok(say(&paragraph(&how, 0))?)
}

/// Lists or revokes browsers.
pub(super) async fn manage(
    connection: &Connection,
    action: WebAction,
) -> Result<(), ApproverCommandError> {
    let transport = connection.transport()?;
    match action {
        WebAction::List { json } => {
            let answer = transport.get("/v1/page/browsers").await.map_err(no_page)?;
            let known: Browsers = read(answer.body)?;
            list(&known.browsers, json)
        }
        WebAction::Revoke { id } => {
            let path = "/v1/page/browsers/revoke";
            let revoked: Result<Value, _> = post(&transport, path, &json!({ "id": id })).await;
            match revoked {
                Ok(_) => Ok(say(&format!(
                    "browser {id} is kept out; end its pairing as well: \
                     airlock-exec pairings list"
                ))?),
                Err(ApproverCommandError::Transport(error)) if error.status() == Some(401) => {
                    Err(ApproverCommandError::UnknownBrowser(id))
                }
                Err(error) => Err(error),
            }
        }
    }
}

fn list(browsers: &[Browser], as_json: bool) -> Result<(), ApproverCommandError> {
    if as_json {
        return Ok(say_json(&browsers)?);
    }
    if browsers.is_empty() {
        say("no browser was let in; airlock-exec approver web prints the address for one")?;
    }
    let now = process::now();
    for browser in browsers {
        let label = browser.label.as_deref().unwrap_or("a browser");
        say(&format!(
            "{}  {}; seen {}; may come until {}",
            browser.id,
            Displayable::from(label),
            time::until(browser.seen_at, now),
            time::moment(browser.expires_at),
        ))?;
    }
    Ok(())
}

async fn post<T: serde::de::DeserializeOwned>(
    transport: &Transport,
    path: &str,
    body: &Value,
) -> Result<T, ApproverCommandError> {
    read(transport.post(path, body).await.map_err(no_page)?.body)
}

fn read<T: serde::de::DeserializeOwned>(body: Option<Value>) -> Result<T, ApproverCommandError> {
    json::from_value(body.unwrap_or(Value::Null)).map_err(|_| ApproverCommandError::NoPage)
}

fn no_page(error: TransportError) -> ApproverCommandError {
    match error.status() {
        Some(404 | 405) => ApproverCommandError::NoPage,
        _ => error.into(),
    }
}

/// Reads the address of the page: an origin and nothing more.
fn address(text: &str) -> Result<Url, ApproverCommandError> {
    let bad = || ApproverCommandError::Address(text.to_owned());
    let url = Url::parse(text).map_err(|_| bad())?;
    let is_origin = matches!(url.scheme(), "http" | "https")
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty();
    if is_origin { Ok(url) } else { Err(bad()) }
}

/// Returns the address by a name: a browser has no passkeys at one of numbers.
fn named(mut place: Url) -> Result<Url, ApproverCommandError> {
    if place.domain().is_none() {
        if !is_loopback(&place) {
            return Err(ApproverCommandError::NoPasskeys(place.to_string()));
        }
        let set = place.set_host(Some("localhost"));
        set.map_err(|_| ApproverCommandError::Address(place.to_string()))?;
    }
    Ok(place)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Opens the page by way of a private file: everybody reads the arguments of a program,
/// and the code must be nobody's but the browser's.
fn open(
    connection: &Connection,
    page: &str,
    environment: &Environment,
) -> Result<bool, ApproverCommandError> {
    let directory = PrivateDir::open(connection.paths().runtime())?;
    // An origin and base64url: there is nothing in it that HTML would take for its own.
    let door = Zeroizing::new(format!(
        "<!doctype html><meta charset=utf-8><title>airlock-exec</title>\
         <meta http-equiv=refresh content=\"0;url={page}\">"
    ));
    directory.write(DOOR, door.as_bytes())?;
    let file = directory.path().join(DOOR);
    let Ok(file) = Url::from_file_path(&file) else { return Ok(false) };
    Ok(browser::open(file.as_str(), environment))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_page_is_an_origin() {
        for good in ["http://127.0.0.1:8750", "https://box.tail.ts.net/", "http://[::1]:80"] {
            assert!(address(good).is_ok(), "{good}");
        }
        for bad in
            ["file:///etc", "box:8750", "http://a/b", "http://a?b", "http://u@a", "http://a#b", ""]
        {
            assert!(address(bad).is_err(), "{bad}");
        }
        assert!(is_loopback(&address("http://localhost:1").expect("an address")));
        assert!(!is_loopback(&address("http://10.0.0.1:1").expect("an address")));
    }

    #[test]
    fn a_passkey_takes_a_name() {
        let named = |text: &str| named(address(text).expect("an address")).map(String::from);
        for (given, expected) in [
            ("http://127.0.0.1:8750", "http://localhost:8750/"),
            ("http://[::1]:8750", "http://localhost:8750/"),
            ("https://gateway.lan:8750", "https://gateway.lan:8750/"),
        ] {
            assert_eq!(named(given).expect("a name"), expected);
        }
        assert!(named("https://10.0.0.1:8750").is_err());
    }
}
