//! Draws everything a request says, so that nothing in it can deceive.
//!
//! Payload text is escaped by [`Displayable`] and
//! stands in a column of its own; labels, numbers and warnings are ours; what is
//! long or odd is said in words. Both ends of the card are marked, and a reader
//! who has not seen the second mark has not seen everything.

mod fields;
mod frame;
mod git;
mod oddities;
#[cfg(test)]
mod tests;
mod text;
mod value;

pub use frame::{Canvas, CardLine, Colour, NARROWEST, columns_of};

use super::item::{Content, Item};
use super::time;
use crate::display::Displayable;
use crate::protocol::short_id;
use frame::{Frame, Row};
use jiff::Timestamp;
use text::Line;
pub use text::{Span, Tone};

/// How much of what is long is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Both ends, and how much is between them.
    Summary,
    /// All of it.
    Full,
}

/// Draws a request as lines without line ends.
#[must_use]
pub fn draw(item: &Item, now: Timestamp, detail: Detail, canvas: Canvas) -> Vec<String> {
    let lines = lay_out(item, Some(now), detail, canvas.columns());
    lines.iter().map(|line| canvas.write(line)).collect()
}

/// Lays out a request in lines of at most that many columns; fewer than 40 count as 40.
///
/// What it says is that of the moment `now`; without one nothing in it changes with time.
#[must_use]
pub fn lay_out(
    item: &Item,
    now: Option<Timestamp>,
    detail: Detail,
    columns: usize,
) -> Vec<CardLine> {
    let rows = rows(item, now, detail);
    let mut frame = Frame::new(columns, &rows);
    frame.rule('┌', &format!("request {}", item.short_id()));
    for row in &rows {
        frame.row(row);
    }
    frame.rule('└', &format!("end of request {}", item.short_id()));
    frame.into_lines()
}

/// Draws a request as two lines for a list, each cut to the width of the canvas.
#[must_use]
pub fn brief(item: &Item, now: Timestamp, canvas: Canvas) -> [String; 2] {
    let sender = item.sender.as_ref().map_or("?", |pairing| pairing.label.as_str());
    // A grant is for a place, and a command starts in a directory.
    let place = item.opened().and_then(|opened| {
        opened.text("cwd").or_else(|| opened.fields().get("place")?.get("path")?.as_str())
    });
    let left = match disputed(item, now) {
        Some(words) => words,
        None => format!("{} left", time::span(item.expires_at.duration_since(now).as_secs())),
    };
    let facts = format!(
        "        {left}; in {}; asked by {}",
        Displayable::from(place.unwrap_or("?")),
        Displayable::from(sender)
    );
    let line = |line: String| cut(&line, canvas.columns());
    [line(format!("{}  {}", item.short_id(), escaped_command(item))), line(facts)]
}

/// Says of what waits that it is over by this machine's clock.
#[must_use]
pub fn disputed(item: &Item, now: Timestamp) -> Option<String> {
    let ago = time::span(item.overdue(now)?);
    Some(format!("over {ago} ago by this machine's clock, not by the gateway's"))
}

/// Returns the end of a request's id that a person types.
#[must_use]
pub fn short(request_id: &str) -> &str {
    short_id(request_id)
}

/// Tells whether an approval of this item would be for longer than once.
#[must_use]
pub fn is_grant(item: &Item) -> bool {
    item.opened().is_some_and(|opened| fields::is_grant(opened.fields()))
}

/// Returns the command escaped and short enough for a line of a log.
#[must_use]
pub fn command(item: &Item) -> String {
    const SHORT: usize = 120;
    cut(&escaped_command(item), SHORT)
}

/// Returns the command escaped and cut to that many columns.
#[must_use]
pub fn command_within(item: &Item, columns: usize) -> String {
    cut(&escaped_command(item), columns)
}

fn escaped_command(item: &Item) -> String {
    match &item.content {
        Content::Opened(opened) => match opened.text("commandText") {
            Some(command) => Displayable::from(command).to_string(),
            None => "(no command; see it with show)".to_owned(),
        },
        Content::Closed(closed) => format!("(cannot be read: {closed})"),
    }
}

/// Cuts a line that is escaped already; what is cut ends with `…`.
#[must_use]
pub fn cut(line: &str, columns: usize) -> String {
    if frame::columns_of(line) <= columns {
        return line.to_owned();
    }
    let mut used = 1;
    let fits = |character: &char| {
        used += frame::columns_of(character.encode_utf8(&mut [0; 4]));
        used < columns
    };
    line.chars().take_while(fits).chain(std::iter::once('…')).collect()
}

fn rows(item: &Item, now: Option<Timestamp>, detail: Detail) -> Vec<Row> {
    let mut rows = Vec::new();
    match &item.content {
        Content::Opened(opened) => {
            let mut found = fields::warning_of_grant(opened.fields());
            found.extend(fields::warning_of_danger(opened.fields()));
            found.extend(fields::warning_of_touch(opened.fields()));
            found.extend(oddities::of(opened.fields()));
            if !found.is_empty() {
                rows.push(Row { label: "look out", lines: found });
            }
            rows.extend(fields::known(opened.fields(), detail));
            rows.extend(fields::unknown(opened.fields(), detail));
        }
        Content::Closed(closed) => {
            let lines = vec![
                Line::warning(format!("this request cannot be read: {closed}")),
                Line::remark("it can only be rejected"),
            ];
            rows.push(Row { label: "look out", lines });
        }
    }
    if let Some(words) = now.and_then(|now| disputed(item, now)) {
        let lines = vec![
            Line::warning(words),
            Line::remark("one of the clocks is wrong; until it is set it can only be rejected"),
        ];
        rows.insert(0, Row { label: "clock", lines });
    }
    rows.extend(envelope(item, now));
    rows
}

/// What is known from the envelope; for an opened item it was compared with the plaintext.
fn envelope(item: &Item, now: Option<Timestamp>) -> Vec<Row> {
    let sender = match &item.sender {
        Some(pairing) => Line::payload(&pairing.label, Detail::Summary)
            .and_remark(format!(" (its own words; paired {})", time::moment(pairing.paired_at))),
        None => Line::warning("nobody this approver is paired with"),
    };
    let expires =
        now.map_or_else(|| time::moment(item.expires_at), |now| time::until(item.expires_at, now));
    let row = |label, line| Row { label, lines: vec![line] };
    vec![
        row("asked by", sender),
        row("asked at", Line::remark(time::moment(item.created_at))),
        row("expires", Line::remark(expires)),
        row("request", Line::payload(item.request_id.as_str(), Detail::Full)),
        row("hash", Line::payload(&item.artifact_hash.to_string(), Detail::Full)),
    ]
}
