//! Who is told that a command waits.

use super::address::GatewayUrl;
use super::value::{Kind, Name, words};
use crate::config::document::{Complaint, Value};

/// Whether the desktop is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DesktopNotices {
    /// In the session of a desktop.
    Automatic,
    /// Wherever there is a bus.
    On,
    /// Never.
    Off,
}

words!(DesktopNotices { "automatic" = Self::Automatic, "on" = Self::On, "off" = Self::Off });

/// A program and its arguments, never a line for a shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramLine(Vec<String>);

impl ProgramLine {
    /// Returns the words, the program first.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.0
    }

    fn of(words: Vec<String>) -> Result<Self, String> {
        let usable = words.first().is_some_and(|program| !program.is_empty())
            && !words.iter().any(|word| word.contains('\0'));
        usable.then_some(Self(words)).ok_or_else(|| Self::HOW.to_owned())
    }

    const HOW: &str = "write a list of the program and its arguments: [\"notify\", \"--now\"]";
}

impl Kind for ProgramLine {
    /// On a command line it is written as the list it is in a file.
    fn read(text: &str) -> Result<Self, String> {
        let words: Vec<String> = serde_json::from_str(text).map_err(|_| Self::HOW.to_owned())?;
        Self::of(words)
    }

    fn shown(&self) -> String {
        self.written().to_string()
    }

    fn of_document(value: Value<'_>) -> Result<Self, Complaint> {
        if value.is_string() {
            return Err(value.complain(Self::HOW));
        }
        let words = value.strings()?.into_iter().map(str::to_owned).collect();
        Self::of(words).map_err(|message| value.complain(message))
    }

    fn written(&self) -> toml_edit::Value {
        self.0.iter().collect::<toml_edit::Array>().into()
    }
}

/// An address that is called about each request; its secret is kept elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookEntry {
    /// What its secret is kept under.
    pub name: Name,
    /// Where it is: `https`, or loopback.
    pub url: GatewayUrl,
    /// Whether it is told the command and its directory.
    pub content: bool,
}

/// All of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhookEntries(Vec<WebhookEntry>);

impl WebhookEntries {
    /// Goes through them.
    #[must_use]
    pub fn entries(&self) -> &[WebhookEntry] {
        &self.0
    }

    const HOW: &str = "write tables: [[webhook]] with name = \"...\" and url = \"https://...\"";
}

impl Kind for WebhookEntries {
    fn read(_text: &str) -> Result<Self, String> {
        Err(format!("{} in config.toml", Self::HOW))
    }

    fn shown(&self) -> String {
        let each = self.0.iter().map(|entry| {
            let content = if entry.content { " (with the command)" } else { "" };
            format!("{} {}{content}", entry.name.as_str(), entry.url)
        });
        each.collect::<Vec<_>>().join(", ")
    }

    fn of_document(value: Value<'_>) -> Result<Self, Complaint> {
        let tables = value.items().map_err(|_| value.complain(Self::HOW))?;
        let entries: Vec<WebhookEntry> = tables.into_iter().map(entry).collect::<Result<_, _>>()?;
        let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
        let twice = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name));
        match twice {
            Some((_, name)) => {
                Err(value.complain(format!("two webhooks have the name {name:?}: rename one")))
            }
            None => Ok(Self(entries)),
        }
    }
}

fn entry(value: Value<'_>) -> Result<WebhookEntry, Complaint> {
    let (mut name, mut url, mut content) = (None, None, false);
    for key in value.keys()? {
        match key.name {
            "name" => name = Some(Name::of_document(key.value)?),
            "url" => url = Some(GatewayUrl::of_document(key.value)?),
            "content" => content = key.value.truth()?,
            "secret" => {
                return Err(key.complain(
                    "a secret does not belong into this file: take it out, and make one with \
                     `airlock-exec approver webhook secret NAME`",
                ));
            }
            _ => return Err(key.unknown(&["name", "url", "content"])),
        }
    }
    match (name, url) {
        (Some(name), Some(url)) => Ok(WebhookEntry { name, url, content }),
        _ => Err(value.complain(WebhookEntries::HOW)),
    }
}
