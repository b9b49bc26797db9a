//! Shows how an approved command goes on, and stops it.

use super::connection::Connection;
use super::error::ApproverCommandError;
use super::{Desk, select};
use crate::approver::{Following, Seen};
use crate::cli::output::{say, say_json};
use crate::display::counted;
use crate::display::{Displayable, Plain};
use crate::process::Deadline;
use crate::protocol::follow::{Control, End, FollowUp, View};
use serde_json::{Value, json};
use std::io::{self, Write};
use std::time::Duration;

/// How long is waited for the end of a command that was stopped.
const STOPPING: Duration = Duration::from_secs(10);

/// How output is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Lines in which everything odd is escaped.
    Text,
    /// The very bytes, which a terminal obeys.
    Raw,
    /// One JSON object for each message.
    Json,
}

/// Follows a command until it has ended.
pub(super) async fn output(
    connection: &Connection,
    id: &str,
    form: Form,
) -> Result<(), ApproverCommandError> {
    let desk = Desk::of_decided(connection).await?;
    let mut following = Following::of(select::decided(&desk.items, id)?)?;
    let mut plain = Plain::default();
    let mut watches = Watches::NotYet;
    loop {
        let held = match watches {
            Watches::NotYet => Following::HELD,
            Watches::Until(renewal) if renewal.has_passed() => {
                following.order(&desk.transport, desk.approver.keys(), Control::Watch).await?;
                watches = Watches::Until(Deadline::after(Following::HELD_WATCHED));
                Following::HELD_WATCHED
            }
            Watches::Until(renewal) => renewal.remaining().max(Duration::from_secs(1)),
        };
        for seen in following.next(&desk.transport, desk.approver.keys(), held).await? {
            if let FollowUp::Started { view: View::Terminal, .. } = seen.message {
                watches = Watches::Until(Deadline::after(Duration::ZERO));
            }
            show(&seen, form, &mut plain)?;
            if let FollowUp::Ended { .. } = seen.message {
                return Ok(());
            }
        }
    }
}

/// Whether there is output to ask for.
#[derive(Debug, Clone, Copy)]
enum Watches {
    NotYet,
    /// It was asked for, and is again then.
    Until(Deadline),
}

/// Has a command end, and says how it did.
pub(super) async fn stop(connection: &Connection, id: &str) -> Result<(), ApproverCommandError> {
    let desk = Desk::of_decided(connection).await?;
    let item = select::decided(&desk.items, id)?;
    let mut following = Following::of(item)?;
    let keys = desk.approver.keys();
    let mut ended = None;
    for seen in following.next(&desk.transport, keys, Duration::ZERO).await? {
        ended = end_of(&seen);
    }
    if let Some(end) = ended {
        return Ok(say(&format!("{} had ended before: it {end}", item.short_id()))?);
    }
    following.order(&desk.transport, keys, Control::Stop).await?;
    say(&format!("{} is told to stop", item.short_id()))?;
    let deadline = Deadline::after(STOPPING);
    while !deadline.has_passed() {
        let held = deadline.remaining().max(Duration::from_secs(1));
        for seen in following.next(&desk.transport, keys, held).await? {
            if let Some(end) = end_of(&seen) {
                return Ok(say(&format!("{} {end}", item.short_id()))?);
            }
        }
    }
    say("it has not ended yet; the same again kills it at once")?;
    Ok(())
}

fn end_of(seen: &Seen) -> Option<String> {
    match &seen.message {
        FollowUp::Ended { end, .. } => Some(words(end)),
        _ => None,
    }
}

fn words(end: &End) -> String {
    Displayable::from(end.words().as_str()).to_string()
}

fn show(seen: &Seen, form: Form, plain: &mut Plain) -> io::Result<()> {
    if form == Form::Json {
        let mut object = serde_json::to_value(&seen.message).map_err(io::Error::from)?;
        if let Value::Object(fields) = &mut object {
            fields.insert("missing".to_owned(), json!(seen.missing));
        }
        return say_json(&object);
    }
    if seen.missing > 0 {
        note(&format!("{} missing here", counted(seen.missing, "message")), plain)?;
    }
    match &seen.message {
        FollowUp::Started { at, view, .. } => {
            let sight = match view {
                View::Terminal => "what it writes comes as it writes it",
                View::None => "its streams are the caller's own, so nobody sees what it writes",
            };
            note(&format!("runs since {at}; {sight}"), plain)
        }
        FollowUp::Output { skipped, data, .. } => {
            if *skipped > 0 {
                note(&format!("{} left out here", counted(*skipped, "byte")), plain)?;
            }
            write(&data.0, form, plain)
        }
        FollowUp::Ended { end, duration_ms, stopped, last_output } => {
            if let Some(last) = last_output {
                note("the last it wrote:", plain)?;
                write(&last.0, form, plain)?;
            }
            let seconds = Duration::from_millis(*duration_ms).as_secs_f64();
            let why = if *stopped { ", stopped from here" } else { "" };
            note(&format!("it {} after {seconds:.1} s{why}", words(end)), plain)
        }
        FollowUp::Unknown => Ok(()),
    }
}

fn write(bytes: &[u8], form: Form, plain: &mut Plain) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match form {
        Form::Raw => out.write_all(bytes)?,
        Form::Text | Form::Json => plain.write(bytes, &mut out)?,
    }
    out.flush()
}

/// Says something that the command did not write: on standard error.
fn note(text: &str, plain: &mut Plain) -> io::Result<()> {
    plain.end_line(&mut io::stdout().lock())?;
    writeln!(io::stderr().lock(), "{text}")
}
