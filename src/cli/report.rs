//! How a refusal reads: what happened, why, what to do next.

use super::voice::{self, Event};
use crate::display::Displayable;
use crate::error::Error;
use crate::run::Exit;
use std::io::Write;

/// Says on standard error that nothing ran, and returns the end that tells it.
///
/// One line of what happened, one of why in the approver's words, one of what to
/// do next, written for an agent to read.
pub(super) fn refusal(error: &Error) -> Exit {
    let told = Event::Refused {
        status: error.outcome().number(),
        outcome: error.outcome().word(),
        what: error.to_string(),
        why: error.reason(),
        next: error.hint(),
    };
    if voice::tell(&told) == voice::Heard::InPlaceOfWords {
        return error.outcome().exit();
    }
    let why = error.reason().map(|reason| format!("  why: {reason}\n")).unwrap_or_default();
    let (consequence, next) = (consequence(error), error.hint());
    let text = format!("airlock-exec: {error}{consequence}\n{why}  next: {next}\n");
    // A closed standard error takes the text with it; the status still tells.
    let _ = std::io::stderr().write_all(text.as_bytes());
    error.outcome().exit()
}

/// Says on standard error what a person should know before being asked.
pub(super) fn remarks(remarks: &[String]) {
    for remark in remarks {
        let told = Event::Remark { message: remark };
        if voice::tell(&told) == voice::Heard::InPlaceOfWords || !voice::says_progress() {
            continue;
        }
        let line = format!("airlock-exec: {}\n", Displayable::from(remark.as_str()));
        // A closed standard error takes the text with it; the question is asked anyway.
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
}

/// A command that did not run says so; a failed subcommand had nothing to run.
fn consequence(error: &Error) -> &'static str {
    if error.concerns_a_command() { "; nothing was executed" } else { "" }
}
