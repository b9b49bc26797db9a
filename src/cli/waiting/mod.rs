//! The line a person sees while a decision is awaited.
//!
//! On a terminal it is redrawn every second and erased when the wait ends. Where
//! there is none it is a whole line at the start and every half minute: some
//! agents end a command that stays silent.

use super::noticed::Noticed;
use crate::display::Displayable;
use crate::protocol::Stage;
use crate::review::{Notice, Pending, Watcher};
use crate::sys::{forget_code, window_size};
use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::time::Duration;

/// Between two lines where nothing can be redrawn.
const SILENCE: Duration = Duration::from_secs(30);
/// Who has not decided by then takes longer than mapping our code again; and by then
/// all connections are made.
const SETTLED: Duration = Duration::from_secs(3);
const ERASE: &str = "\r\x1b[2K";

/// Writes the waiting line to standard error, or to the terminal when standard
/// error is none.
#[derive(Debug)]
pub(super) struct WaitingLine {
    place: Place,
    pending: Option<Words>,
    noticed: Noticed,
    last_line: Duration,
    memory: Memory,
}

/// What a process that waits still holds of what brought it here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Memory {
    /// All its code.
    Whole,
    /// What it goes on with.
    Settled,
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
    /// Why a person is asked, in a few words.
    why: Option<String>,
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
        let (pending, noticed) = (None, Noticed::default());
        Self { place, pending, noticed, last_line: Duration::ZERO, memory: Memory::Whole }
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
            why: pending.why.as_ref().map(|why| format!(" ({})", Displayable::from(&*why.brief))),
            how: format!("airlock-exec approver approve {}", pending.short_id),
        };
        if matches!(self.place, Place::Lines) {
            let until = minutes(pending.limit);
            let why = pending.why.as_ref().map_or_else(String::new, |why| {
                format!("airlock-exec: asked because {}\n", Displayable::from(&*why.whole))
            });
            self.write(&format!(
                "airlock-exec: waiting up to {until} for approval of: {}\n\
                 {why}airlock-exec: to decide, in another terminal: {} (or: reject {})\n",
                words.command, words.how, pending.short_id
            ));
        }
        self.pending = Some(words);
    }

    fn waiting(&mut self, waited: Duration, left: Duration) {
        let Some(words) = &self.pending else { return };
        if waited >= SETTLED && self.memory == Memory::Whole {
            self.memory = Memory::Settled;
            forget_code();
        }
        if matches!(self.place, Place::Lines) {
            if waited.saturating_sub(self.last_line) >= SILENCE {
                self.last_line = waited;
                let noticed = self.noticed.words().map(|words| format!("; {words}"));
                let line = format!(
                    "airlock-exec: still waiting ({}, {} left{}); {}\n",
                    minutes(waited),
                    minutes(left),
                    noticed.unwrap_or_default(),
                    words.how
                );
                self.write(&line);
            }
            return;
        }
        let time = format!("airlock-exec: {} of {}", minutes(waited), minutes(waited + left));
        let columns = self.columns().saturating_sub(1);
        let (how, command) = (&words.how, &words.command);
        let (head, tail) = match self.noticed.words() {
            Some(noticed) => around_noticed(&time, &noticed, how, command, columns),
            None => around(&time, how, command, columns),
        };
        let line = fit(&head, &words.command, words.why.as_deref(), &tail, columns);
        self.write(&format!("{ERASE}{line}"));
    }

    fn noticed(&mut self, notice: &Notice) {
        self.noticed.hear(notice);
        // Where nothing is redrawn one line is enough: somebody is reading it.
        if matches!(self.place, Place::Lines) && notice.stage == Stage::Seen {
            self.write(&format!("airlock-exec: {} has seen it\n", notice.approver));
        }
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

/// How much of a command is read before anything is left out for more of it.
const LEAST: usize = 20;

/// Returns what stands around the command: shorter where it would leave too little of
/// it, and never without the name of the request.
fn around(time: &str, how: &str, command: &str, columns: usize) -> (String, String) {
    let short = how.strip_prefix("airlock-exec ").unwrap_or(how);
    let brief = short.strip_prefix("approver ").unwrap_or(short);
    let least = LEAST.min(command.chars().count());
    let (long, shorter) = (format!("{time} waiting for approval of "), format!("{time} for "));
    let choices = [
        (long, how, least),
        (shorter.clone(), how, least),
        (shorter, short, 1),
        ("airlock-exec: ".to_owned(), brief, 1),
    ];
    let mut choices = choices.into_iter().map(|(head, tail, least)| {
        let tail = format!(" | {tail}");
        (head.chars().count() + tail.chars().count() + least <= columns).then_some((head, tail))
    });
    choices.find_map(|choice| choice).unwrap_or_else(|| (String::new(), brief.to_owned()))
}

/// The same, with who has looked: in the place of other words where it is narrow, and
/// not at all where it would take the room of the command.
fn around_noticed(
    time: &str,
    noticed: &str,
    how: &str,
    command: &str,
    columns: usize,
) -> (String, String) {
    let short = how.strip_prefix("airlock-exec ").unwrap_or(how);
    let id = how.rsplit(' ').next().unwrap_or(how);
    let choices = [
        (format!("{time}; {noticed}; waiting for approval of "), format!(" | {how}")),
        (format!("{time}; {noticed}; for "), format!(" | {short}")),
        (format!("airlock-exec: {noticed}; for "), format!(" | {short}")),
        (format!("airlock-exec: {noticed}; for "), format!(" | {id}")),
    ];
    let least = LEAST.min(command.chars().count());
    let fits = |(head, tail): &(String, String)| {
        head.chars().count() + tail.chars().count() + least <= columns
    };
    choices.into_iter().find(fits).unwrap_or_else(|| around(time, how, command, columns))
}

/// Puts the parts on one line of that many columns: what explains is left out where it
/// would leave too little of the command, and the command is cut first of the others.
fn fit(head: &str, command: &str, why: Option<&str>, tail: &str, columns: usize) -> String {
    let fixed = head.chars().count() + tail.chars().count();
    let least = LEAST.min(command.chars().count());
    let fits = |why: &&str| fixed + why.chars().count() + least <= columns;
    let tail = format!("{}{tail}", why.filter(fits).unwrap_or(""));
    let room = columns.saturating_sub(head.chars().count() + tail.chars().count());
    let whole = command.chars().count() <= room;
    let command: String = if whole {
        command.to_owned()
    } else if room == 0 {
        String::new()
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
    fn the_name_of_the_request_is_on_every_terminal() {
        let (time, how) = ("airlock-exec: 0:02 of 10:00", "airlock-exec approver approve 2VGZMQ");
        let command = "bash -c 'make release && git push origin main'";
        for (columns, least) in [(200, command.len()), (99, 9), (79, 20), (60, 1), (39, 1), (14, 0)]
        {
            let (head, tail) = around(time, how, command, columns);
            let line = fit(&head, command, None, &tail, columns);
            assert!(line.chars().count() <= columns, "{columns}: {line}");
            assert!(line.ends_with("approve 2VGZMQ"), "{columns}: {line}");
            assert!(line.contains(&command[..least]) || least == 20, "{columns}: {line}");
        }
    }

    #[test]
    fn who_has_looked_never_takes_the_room_of_the_request() {
        let (time, how) = ("airlock-exec: 0:02 of 10:00", "airlock-exec approver approve 2VGZMQ");
        let (noticed, command) = ("approver: seen 12 s ago", "make release");
        for (columns, told) in [(200, true), (120, true), (99, true), (79, true), (50, false)] {
            let (head, tail) = around_noticed(time, noticed, how, command, columns);
            let line = fit(&head, command, None, &tail, columns);
            assert!(line.ends_with("2VGZMQ") || !told, "{columns}: {line}");
            assert_eq!(line.contains(noticed), told, "{columns}: {line}");
            assert!(line.contains("make release") || !told, "{columns}: {line}");
        }
    }

    #[test]
    fn cuts_the_command_and_keeps_how_to_decide() {
        assert_eq!(fit("head ", "short", None, " | tail", 40), "head short | tail");
        let fit_long = |columns| fit("head ", &"x".repeat(100), Some(" (why)"), " | tail", columns);
        let line = fit_long(38);
        assert_eq!(line.chars().count(), 38);
        assert!(line.ends_with("… (why) | tail"), "{line}");
        let line = fit_long(37);
        assert_eq!(line.chars().count(), 37);
        assert!(line.ends_with("x… | tail"), "the command comes first: {line}");
        assert!(fit_long(3).chars().count() <= 3);
    }
}
