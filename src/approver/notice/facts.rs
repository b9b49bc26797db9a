//! What is said of a request to somebody who looks elsewhere.

use crate::approver::card;
use crate::approver::item::Item;
use crate::approver::weight::Weight;
use crate::crypto::RandomError;
use crate::display::Displayable;
use crate::display::json::{self, object};
use crate::protocol::RequestId;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Whether what was sealed is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Only what a gateway knows anyway: that something waits, from whom, until when.
    Sealed,
    /// The command and its directory, too.
    Opened,
}

/// What is said of a request.
#[derive(Debug, Clone)]
pub struct Facts {
    envelope: Map<String, Value>,
    opened: Map<String, Value>,
    /// Its id.
    pub(super) request_id: String,
    /// The end of its id.
    pub(super) short_id: String,
    /// The program's name and whoever asks, escaped: nothing that could be a secret.
    pub(super) glance: String,
    pub(super) is_grave: bool,
}

impl Facts {
    /// Reads them of a request that waits.
    #[must_use]
    pub fn of(item: &Item) -> Self {
        let text = |name| item.opened().and_then(|opened| opened.text(name));
        let weight = Weight::of(item);
        let sender = item.sender.as_ref();
        let envelope = object(json!({
            "version": 1,
            "event": "pending",
            "requestId": item.request_id,
            "shortId": item.short_id(),
            "artifactHash": item.artifact_hash,
            "createdAt": item.created_at,
            "expiresAt": item.expires_at,
            "enforcer": sender.map(|sender| sender.label.as_str()),
            "enforcerId": sender.map(|sender| &sender.enforcer_id),
        }));
        let opened = object(json!({
            "commandText": text("commandText"),
            "executable": text("executable"),
            "cwd": text("cwd"),
            "workspace": text("workspace"),
            "agent": text("agent"),
            "asksTwice": weight.reason(),
            "readable": item.opened().is_some(),
        }));
        // An argument may hold a secret, a program's name does not.
        let program = text("executable").map(|path| path.rsplit('/').next().unwrap_or(path));
        let glance = format!(
            "{} on {}",
            Displayable::from(program.unwrap_or("something")).collapsed(40),
            Displayable::from(sender.map_or("?", |sender| sender.label.as_str())).collapsed(40),
        );
        Self {
            envelope,
            opened,
            request_id: item.request_id.to_string(),
            short_id: item.short_id().to_owned(),
            glance,
            is_grave: weight != Weight::Usual,
        }
    }

    /// Makes some about a request that does not exist, to try a way with.
    ///
    /// # Errors
    ///
    /// [`RandomError`] when no id can be drawn.
    pub fn of_test(now: Timestamp) -> Result<Self, RandomError> {
        let request_id = RequestId::generate(now)?;
        let short_id = card::short(request_id.as_str()).to_owned();
        let envelope = object(json!({
            "version": 1, "event": "test", "requestId": request_id, "shortId": short_id,
            "createdAt": now, "expiresAt": now,
        }));
        Ok(Self {
            envelope,
            opened: Map::new(),
            request_id: request_id.to_string(),
            short_id,
            glance: "a test".to_owned(),
            is_grave: false,
        })
    }

    /// Returns them as one JSON object, ASCII only, without a line end.
    #[must_use]
    pub fn json(&self, content: Content) -> String {
        let mut fields = self.envelope.clone();
        if content == Content::Opened {
            fields.extend(self.opened.clone());
        }
        json::text(&fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::approver::item::tests::item;

    #[test]
    fn what_was_sealed_is_told_only_where_somebody_asked_for_it() {
        let secret = "curl -H 'Authorization: hunter2' \u{202e}\u{1b}[2J";
        let facts = Facts::of(&item(json!({
            "commandText": secret, "executable": "/usr/bin/cu\u{1b}rl", "cwd": "/secret",
        })));
        let sealed = facts.json(Content::Sealed);
        assert!(!sealed.contains("hunter2") && !sealed.contains("secret"), "{sealed}");
        assert_eq!(facts.glance, "cu\\x1brl on laptop");
        let opened = facts.json(Content::Opened);
        assert!(opened.is_ascii() && !opened.contains('\u{1b}'), "{opened}");
        let read: Value = serde_json::from_str(&opened).expect("JSON");
        assert_eq!(read["commandText"], secret);
        assert_eq!(read["asksTwice"], "its text holds characters that deceive the eye");
    }
}
