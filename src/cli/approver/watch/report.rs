//! Tells a program what comes and goes, one JSON object on a line.

use super::super::{connection::Connection, error::ApproverCommandError, json, list};
use super::Post;
use crate::approver::{Item, Watched};
use crate::protocol::RequestId;
use serde_json::{Map, Value, json};
use std::io::{self, Write};

/// Writes `request` and `gone` events until the gateway refuses or we are ended.
pub(in super::super) async fn report(connection: &Connection) -> Result<(), ApproverCommandError> {
    let mut post = Post::open(connection)?;
    let mut known: Vec<RequestId> = Vec::new();
    write("watching", Map::new())?;
    loop {
        let items = post.inbox().await?;
        for item in items.iter().filter(|item| !known.contains(&item.request_id)) {
            write("request", list::summary(item))?;
        }
        for id in known.iter().filter(|id| !has(&items, id)) {
            write("gone", Map::from_iter([("requestId".to_owned(), json!(id))]))?;
        }
        known = items.into_iter().map(|item| item.request_id).collect();
        let watched = if known.is_empty() { Watched::Nothing } else { Watched::Waiting };
        post.changed(watched).await?;
    }
}

fn has(items: &[Item], id: &RequestId) -> bool {
    items.iter().any(|item| item.request_id == *id)
}

fn write(event: &str, mut fields: Map<String, Value>) -> io::Result<()> {
    fields.insert("event".to_owned(), json!(event));
    let mut out = io::stdout().lock();
    json::write_line(&mut out, &fields)?;
    out.flush()
}
