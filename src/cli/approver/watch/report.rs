//! Tells a program what comes and goes, one JSON object on a line, and takes its answers.
//!
//! `docs/approver.md` is the schema. Every line has `version` and `event`; keys may be
//! added within a version, and what a program does not know it passes over.

use super::super::notices::Announcer;
use super::super::{connection::Connection, error::ApproverCommandError, list};
use super::Post;
use super::decide::{Answers, answer};
use crate::approver::{Fate, Item, Watched};
use crate::cli::output::say_json;
use crate::display::json::object;
use crate::process;
use crate::process::Environment;
use crate::protocol::RequestId;
use serde_json::{Map, Value, json};
use std::io::{self};

/// The version of what is written.
const VERSION: u32 = 1;

/// Where decisions come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Decisions {
    /// From elsewhere.
    None,
    /// From standard input, as JSON lines.
    OfInput,
}

/// Writes what happens until the gateway refuses, the answers end or we are ended.
pub(in super::super) async fn report(
    connection: &Connection,
    environment: &Environment,
    decisions: Decisions,
) -> Result<(), ApproverCommandError> {
    let mut post = Post::open(connection)?;
    let told = Announcer::of(connection.paths(), environment)?;
    let mut answers = match decisions {
        Decisions::None => None,
        Decisions::OfInput => Some(Answers::of_input()),
    };
    let mut known: Vec<RequestId> = Vec::new();
    write("watching", Map::new())?;
    loop {
        let items = post.inbox().await?;
        for item in items.iter().filter(|item| !known.contains(&item.request_id)) {
            write("pending", list::summary(item, process::now()))?;
        }
        told.announce(&items);
        for id in known.iter().filter(|id| !has(&items, id)) {
            write_end(&post, id).await?;
        }
        known = items.iter().map(|item| item.request_id.clone()).collect();
        let watched = if known.is_empty() { Watched::Nothing } else { Watched::Waiting };
        let next = tokio::select! {
            changed = post.changed(watched) => { changed?; continue }
            next = next(&mut answers) => next,
        };
        match next {
            Some(line) => {
                if let Err(problem) = answer(&post, &items, &line).await {
                    write("refused", object(json!({"problem": problem, "line": line})))?;
                }
            }
            // Whoever decided has gone, and with them the reason to stay.
            None => return Ok(()),
        }
    }
}

async fn next(answers: &mut Option<Answers>) -> Option<String> {
    match answers {
        Some(answers) => answers.next().await,
        None => std::future::pending().await,
    }
}

/// Says how a request ended, as the gateway says it.
async fn write_end(post: &Post<'_>, id: &RequestId) -> io::Result<()> {
    let fate = post.approver.fate(&post.transport, id).await.unwrap_or(Fate::Unknown);
    let (event, decision) = match fate {
        Fate::Approved => ("decided", Some("approve")),
        Fate::Rejected => ("decided", Some("reject")),
        Fate::Expired => ("expired", None),
        Fate::Withdrawn => ("withdrawn", None),
        Fate::Unknown | Fate::Waits => ("gone", None),
    };
    let mut fields = object(json!({"requestId": id}));
    fields.extend(decision.map(|decision| ("decision".to_owned(), json!(decision))));
    write(event, fields)
}

fn has(items: &[Item], id: &RequestId) -> bool {
    items.iter().any(|item| item.request_id == *id)
}

fn write(event: &str, mut fields: Map<String, Value>) -> io::Result<()> {
    fields.insert("version".to_owned(), json!(VERSION));
    fields.insert("event".to_owned(), json!(event));
    say_json(&fields)
}
