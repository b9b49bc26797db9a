//! The line a person sees while a decision is awaited.
//!
//! On a terminal it is redrawn every second and erased when the wait ends. Where
//! there is none it is a whole line at the start and every half minute: some
//! agents end a command that stays silent.

use crate::display::Displayable;
use crate::review::{Pending, Watcher};
use crate::sys::window_size;
use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::time::Duration;

/// Between two lines where nothing can be redrawn.
const SILENCE: Duration = Duration::from_secs(30);
const ERASE: &str = "\r\x1b[2K";

/// Writes the waiting line to standard error, or to the terminal when standard
/// error is none.
#[derive(Debug)]
pub(super) struct WaitingLine {
    place: Place,
    pending: Option<Words>,
    last_line: Duration,
}

#[derive(Debug)]
enum Place {
    /// Standard error, which is a terminal.
    Stderr,
    /// The controlling terminal; standard error goes elsewhere.
    Terminal(File),
    /// Standard error, which is no terminal, and no terminal anywhere.
    Lines,
}

#[derive(Debug)]
struct Words {
    command: String,
    how: String,
}

impl WaitingLine {
    /// Looks for the place to write to.
    pub(super) fn new() -> Self {
        let place = if io::stderr().is_terminal() {
            Place::Stderr
        } else {
            match OpenOptions::new().write(true).open("/dev/tty") {
                Ok(terminal) => Place::Terminal(terminal),
                Err(_) => Place::Lines,
            }
        };
        Self { place, pending: None, last_line: Duration::ZERO }
    }

    fn write(&mut self, text: &str) {
        // A terminal that went away takes the line with it; the wait goes on.
        let _ = match &mut self.place {
            Place::Stderr | Place::Lines => io::stderr().write_all(text.as_bytes()),
            Place::Terminal(terminal) => terminal.write_all(text.as_bytes()),
        };
    }

    fn columns(&self) -> usize {
        let size = match &self.place {
            Place::Stderr => columns_of(io::stderr()),
            Place::Terminal(terminal) => columns_of(terminal),
            Place::Lines => None,
        };
        size.filter(|columns| *columns > 0).unwrap_or(80)
    }
}

impl Watcher for WaitingLine {
    fn submitted(&mut self, pending: &Pending) {
        // Of several approvers that are asked, the first stands for all.
        if self.pending.is_some() {
            return;
        }
        let words = Words {
            command: Displayable::from(pending.command.as_str()).to_string(),
            how: format!("airlock-exec approver approve {}", pending.short_id),
        };
        if matches!(self.place, Place::Lines) {
            let until = minutes(pending.limit);
            self.write(&format!(
                "airlock-exec: waiting up to {until} for approval of: {}\n\
                 airlock-exec: to decide, in another terminal: {} (or: reject {})\n",
                words.command, words.how, pending.short_id
            ));
        }
        self.pending = Some(words);
    }

    fn waiting(&mut self, waited: Duration, left: Duration) {
        let Some(words) = &self.pending else { return };
        if matches!(self.place, Place::Lines) {
            if waited.saturating_sub(self.last_line) >= SILENCE {
                self.last_line = waited;
                let line = format!(
                    "airlock-exec: still waiting ({}, {} left); {}\n",
                    minutes(waited),
                    minutes(left),
                    words.how
                );
                self.write(&line);
            }
            return;
        }
        let head = format!(
            "airlock-exec: {} of {} waiting for approval of ",
            minutes(waited),
            minutes(waited + left)
        );
        let tail = format!(" | {}", words.how);
        let line = fit(&head, &words.command, &tail, self.columns().saturating_sub(1));
        self.write(&format!("{ERASE}{line}"));
    }

    fn trouble(&mut self, what: &str) {
        let text = format!("airlock-exec: {}\n", Displayable::from(what));
        let erase = if matches!(self.place, Place::Lines) { "" } else { ERASE };
        self.write(&format!("{erase}{text}"));
    }

    fn ended(&mut self) {
        self.pending = None;
        if !matches!(self.place, Place::Lines) {
            self.write(ERASE);
        }
    }
}

/// Puts the parts on one line of that many columns, cutting the command first.
fn fit(head: &str, command: &str, tail: &str, columns: usize) -> String {
    let room = columns.saturating_sub(head.chars().count() + tail.chars().count());
    let whole = command.chars().count() <= room;
    let command: String = if whole {
        command.to_owned()
    } else {
        command.chars().take(room.saturating_sub(1)).chain(std::iter::once('…')).collect()
    };
    format!("{head}{command}{tail}").chars().take(columns).collect()
}

fn minutes(span: Duration) -> String {
    format!("{}:{:02}", span.as_secs() / 60, span.as_secs() % 60)
}

fn columns_of(terminal: impl AsFd) -> Option<usize> {
    window_size(terminal.as_fd()).ok().map(|size| usize::from(size.ws_col))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_the_command_and_keeps_how_to_decide() {
        assert_eq!(fit("head ", "short", " | tail", 40), "head short | tail");
        let line = fit("head ", &"x".repeat(100), " | tail", 40);
        assert_eq!(line.chars().count(), 40);
        assert!(line.ends_with("… | tail"));
        assert!(fit("head ", "x", " | tail", 3).chars().count() <= 3);
    }
}
