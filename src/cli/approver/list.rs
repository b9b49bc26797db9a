//! What waits, as lines for people and as JSON for programs.

use crate::approver::card::{Canvas, Detail};
use crate::approver::{Content, Item, card};
use crate::display::json::object;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::io::{self, Write};

/// Says what waits and how to decide.
pub(super) fn write(
    mut out: impl Write,
    items: &[Item],
    now: Timestamp,
    canvas: Canvas,
) -> io::Result<()> {
    let Some(first) = items.first() else { return write_nothing(out) };
    for item in items {
        for line in card::brief(item, now, canvas) {
            writeln!(out, "{line}")?;
        }
    }
    writeln!(out)?;
    let id = first.short_id();
    writeln!(out, "next: airlock-exec approver show {id}")?;
    writeln!(out, "      airlock-exec approver approve {id}")?;
    writeln!(out, "      airlock-exec approver reject {id} --reason 'why not'")
}

/// Says that nothing waits, and what makes something wait.
pub(super) fn write_nothing(mut out: impl Write) -> io::Result<()> {
    writeln!(out, "nothing waits for a decision")?;
    writeln!(out, "next: run a command with airlock-exec -- COMMAND; it waits for you here,")?;
    writeln!(out, "      or leave this open to see requests come: airlock-exec approver watch")
}

/// Draws a whole card.
pub(super) fn write_card(
    mut out: impl Write,
    item: &Item,
    now: Timestamp,
    detail: Detail,
    canvas: Canvas,
) -> io::Result<()> {
    card::draw(item, now, detail, canvas).iter().try_for_each(|line| writeln!(out, "{line}"))
}

/// Returns what a program needs to choose and to decide.
pub(super) fn summary(item: &Item, now: Timestamp) -> Map<String, Value> {
    let text = |name| item.opened().and_then(|opened| opened.text(name));
    let sender = item.sender.as_ref();
    let needed = item
        .opened()
        .map(|opened| opened.fields().get("approvalsNeeded").and_then(Value::as_u64).unwrap_or(1));
    object(json!({
        "requestId": item.request_id,
        "shortId": item.short_id(),
        "artifactHash": item.artifact_hash,
        "commandText": text("commandText"),
        "cwd": text("cwd"),
        "enforcer": item.sender.as_ref().map(|sender| sender.label.as_str()),
        "enforcerId": sender.map(|sender| &sender.enforcer_id),
        "createdAt": item.created_at,
        "expiresAt": item.expires_at,
        "approvalsNeeded": needed,
        "readable": item.opened().is_some(),
        "problem": match &item.content {
            Content::Opened(_) => card::disputed(item, now),
            Content::Closed(closed) => Some(closed.to_string()),
        },
    }))
}

/// Returns what was decided about an item.
pub(super) fn decided(item: &Item, verb: &str) -> Value {
    let (request, short) = (&item.request_id, item.short_id());
    json!({"version": 1, "requestId": request, "shortId": short, "decided": verb})
}

/// Returns everything about an item, the plaintext included.
pub(super) fn whole(item: &Item, now: Timestamp) -> Map<String, Value> {
    let mut fields = summary(item, now);
    let plaintext = item.opened().map(|opened| opened.fields().clone());
    fields.insert("version".to_owned(), 1.into());
    fields.insert("plaintext".to_owned(), plaintext.map_or(Value::Null, Value::Object));
    fields
}
