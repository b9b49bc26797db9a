//! Who is told that something waits, by the settings.

use super::connection::Connection;
use super::error::ApproverCommandError;
use crate::approver::notice::{Facts, Notices, TellContent, Webhook};
use crate::approver::{Approver, Item};
use crate::cli::output::say;
use crate::cli::output::say_json;
use crate::client::Delivery;
use crate::config::{DesktopNotices, Paths, Places, Settings, WebhookEntry};
use crate::credential::{AccountStore, Token};
use crate::display::Displayable;
use crate::process::{self, Environment, PrivateDir, own_binary};
use serde_json::json;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::rc::Rc;

/// The log of notices begins anew beyond that many bytes.
const LARGEST_LOG: u64 = 256 << 10;

/// Tells of requests, and writes down what did not work: nobody waits for it.
#[derive(Debug)]
pub(super) struct Announcer {
    notices: Notices,
    paths: Paths,
}

impl Announcer {
    /// Reads who is told; what cannot be used is written down and left out.
    pub(super) fn of(
        paths: &Paths,
        environment: &Environment,
    ) -> Result<Rc<Self>, ApproverCommandError> {
        let settings = settings(paths, environment)?;
        let mut webhooks = Vec::new();
        for entry in settings.webhooks() {
            match webhook(paths, &settings, entry) {
                Ok(webhook) => webhooks.push(webhook),
                Err(error) => note(paths, &error, &error.hint()),
            }
        }
        let notices = Notices {
            desktop: tells_desktop(&settings, environment),
            program: settings.on_request().map(|program| program.words().to_vec()),
            webhooks,
        };
        Ok(Rc::new(Self { notices, paths: paths.clone() }))
    }

    /// Tells of those items that nobody was told of, beside what else goes on.
    pub(super) fn announce(self: &Rc<Self>, items: &[Item]) {
        for facts in self.untold(items) {
            let announcer = Rc::clone(self);
            tokio::task::spawn_local(async move { announcer.tell(&facts).await });
        }
    }

    /// Tells of those items that nobody was told of, and waits for it.
    async fn announce_now(&self, items: &[Item]) {
        for facts in self.untold(items) {
            self.tell(&facts).await;
        }
    }

    fn untold(&self, items: &[Item]) -> Vec<Facts> {
        if self.notices.is_silent() || items.is_empty() {
            return Vec::new();
        }
        match Notices::untold(&self.paths.approver(), items) {
            Ok(untold) => untold.into_iter().map(Facts::of).collect(),
            Err(error) => {
                note(&self.paths, &error, &error.hint());
                Vec::new()
            }
        }
    }

    async fn tell(&self, facts: &Facts) {
        for error in self.notices.tell(facts).await {
            note(&self.paths, &error, error.hint());
        }
    }
}

/// Writes down that somebody was not told; there is nobody here to tell that.
fn note(paths: &Paths, error: &dyn std::fmt::Display, hint: &str) {
    let what = format!("{}: {error}", process::now());
    let line = format!("{}; next: {hint}\n", Displayable::from(what.as_str()));
    if let Ok(mut log) = log(paths) {
        let _ = log.write_all(line.as_bytes());
    }
}

/// Opens the log of what was not told, anew when it is long.
fn log(paths: &Paths) -> Result<File, ApproverCommandError> {
    let log = PrivateDir::open(paths.state())?.append("notices.log")?;
    if log.metadata()?.len() > LARGEST_LOG {
        log.set_len(0)?;
    }
    Ok(log)
}

/// Tells whether anybody is told anything, without reading a secret.
pub(in crate::cli) fn are_wanted(settings: &Settings, environment: &Environment) -> bool {
    tells_desktop(settings, environment)
        || settings.on_request().is_some()
        || !settings.webhooks().is_empty()
}

fn tells_desktop(settings: &Settings, environment: &Environment) -> bool {
    let is_set = |name| environment.value(name).is_some_and(|value| !value.is_empty());
    match settings.notifications() {
        DesktopNotices::On => true,
        DesktopNotices::Off => false,
        DesktopNotices::Automatic => {
            is_set("DBUS_SESSION_BUS_ADDRESS") && (is_set("DISPLAY") || is_set("WAYLAND_DISPLAY"))
        }
    }
}

/// The settings of the user: what an agent's directory says is no matter here.
fn settings(paths: &Paths, environment: &Environment) -> Result<Settings, ApproverCommandError> {
    Ok(Settings::load(&Places::of(paths, Path::new("/")), environment)?)
}

fn webhook(
    paths: &Paths,
    settings: &Settings,
    entry: &WebhookEntry,
) -> Result<Webhook, ApproverCommandError> {
    let store = AccountStore::open(&paths.account(), settings.credentials())?;
    let name = entry.name.as_str();
    let missing = || ApproverCommandError::NoWebhookSecret(name.to_owned());
    let secret = store.webhook_secret(name)?.ok_or_else(missing)?;
    let delivery = Delivery::new(entry.url.clone(), &settings.tls_roots())?;
    let content = if entry.content { TellContent::Opened } else { TellContent::Sealed };
    Ok(Webhook::new(name, delivery, secret, content))
}

/// Tells of what waits now, and ends: what a waiting command starts.
pub(super) async fn tell_once(
    connection: &Connection,
    environment: &Environment,
) -> Result<(), ApproverCommandError> {
    let announcer = Announcer::of(connection.paths(), environment)?;
    let directory = connection.paths().approver();
    let Some(approver) = Approver::open_existing(&directory)? else { return Ok(()) };
    announcer.announce_now(&approver.inbox(&connection.transport()?).await?).await;
    Ok(())
}

/// Starts [`tell_once`] in a process of its own; what it has to say goes to a log.
#[expect(clippy::disallowed_methods, reason = "starts our own binary, not a user's command")]
pub(super) fn start_apart(paths: &Paths) -> Result<(), ApproverCommandError> {
    std::process::Command::new(own_binary()?)
        .args(["approver", "notify", "--apart"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log(paths)?)
        .spawn()?;
    Ok(())
}

/// Makes a secret for a webhook, keeps it, and shows it once.
pub(super) fn make_secret(
    paths: &Paths,
    environment: &Environment,
    name: &str,
) -> Result<(), ApproverCommandError> {
    let settings = settings(paths, environment)?;
    known(&settings, name)?;
    let secret = Token::for_webhook()?;
    let store = AccountStore::open(&paths.account(), settings.credentials())?;
    store.set_webhook_secret(name, Some(&secret))?;
    // It is what the receiver needs; we show it to whoever asked for it, and never again.
    Ok(say(secret.expose())?)
}

/// Forgets the secret of a webhook, which then is not called any more.
pub(super) fn forget_secret(
    paths: &Paths,
    environment: &Environment,
    name: &str,
) -> Result<(), ApproverCommandError> {
    let settings = settings(paths, environment)?;
    let store = AccountStore::open(&paths.account(), settings.credentials())?;
    store.set_webhook_secret(name, None)?;
    Ok(say(&format!("forgot the secret of {name}; it is not called any more"))?)
}

/// Lists the webhooks.
pub(super) fn list(paths: &Paths, environment: &Environment) -> Result<(), ApproverCommandError> {
    let settings = settings(paths, environment)?;
    let store = AccountStore::open(&paths.account(), settings.credentials())?;
    if settings.webhooks().is_empty() {
        say("no webhooks; write [[webhook]] with name and url in config.toml")?;
    }
    for entry in settings.webhooks() {
        let name = entry.name.as_str();
        let told = if entry.content { "the command" } else { "that something waits" };
        let state = match store.webhook_secret(name)? {
            Some(_) => format!("is told {told}"),
            None => format!("has no secret: airlock-exec approver webhook secret {name}"),
        };
        say(&format!("{name}  {}  {state}", entry.url))?;
    }
    Ok(())
}

/// Lists the webhooks for a program.
pub(super) fn list_as_json(
    paths: &Paths,
    environment: &Environment,
) -> Result<(), ApproverCommandError> {
    let settings = settings(paths, environment)?;
    let store = AccountStore::open(&paths.account(), settings.credentials())?;
    let mut rows = Vec::new();
    for entry in settings.webhooks() {
        let name = entry.name.as_str();
        let has_secret = store.webhook_secret(name)?.is_some();
        let (url, content) = (entry.url.to_string(), entry.content);
        rows.push(json!({
            "name": name, "url": url, "content": content, "hasSecret": has_secret,
        }));
    }
    Ok(say_json(&rows)?)
}

/// Calls a webhook with a request that does not exist.
pub(super) async fn test(
    paths: &Paths,
    environment: &Environment,
    name: &str,
) -> Result<(), ApproverCommandError> {
    let settings = settings(paths, environment)?;
    let webhook = webhook(paths, &settings, known(&settings, name)?)?;
    webhook.call(&Facts::of_test(process::now())?).await?;
    Ok(say(&format!("{name} took it"))?)
}

fn known<'s>(settings: &'s Settings, name: &str) -> Result<&'s WebhookEntry, ApproverCommandError> {
    let found = settings.webhooks().iter().find(|entry| entry.name.as_str() == name);
    found.ok_or_else(|| ApproverCommandError::UnknownWebhook(name.to_owned()))
}
