//! The lives of commands as a table.

use crate::cli::output;
use crate::display::Displayable;
use crate::record::{Basis, End, Life, Subject};
use jiff::SignedDuration;
use nix::sys::signal::kill;
use nix::unistd::Pid;

/// How wide a line is where there is no terminal.
const WITHOUT_TERMINAL: usize = 200;

/// On a terminal that is narrower than this a line goes on in the next.
const NARROWEST: usize = 40;

/// Returns the line of a life, escaped and not wider than that.
pub(super) fn line(life: &Life, columns: usize) -> String {
    let time = life.time.strftime("%Y-%m-%d %H:%M:%S");
    let subject = Displayable::from(subject(life).as_str()).to_string();
    let outcome = Displayable::from(outcome(life).as_str()).to_string();
    let id = life.short_id();
    let text = format!("{time}  {id:<8}  {outcome:<16}  {subject}");
    if text.chars().count() <= columns {
        return text;
    }
    text.chars().take(columns.saturating_sub(1)).chain(['…']).collect()
}

/// Says in a word or two what became of it.
pub(super) fn outcome(life: &Life) -> String {
    if let Some((end, _)) = &life.ended {
        return ending(end);
    }
    if let Some(process) = life.is_unfinished() {
        return if is_alive(process) { "running" } else { "end unknown" }.to_owned();
    }
    if let Some((cause, _)) = &life.refused {
        return cause.clone();
    }
    match (life.verdict(), &life.released) {
        ("pending", _) => "asked".to_owned(),
        ("nested", _) => "ran".to_owned(),
        ("allowed", Some(_)) => "allowed".to_owned(),
        (_, Some(way)) => format!("let run by {way}"),
        (verdict, None) => verdict.to_owned(),
    }
}

/// Says what it is about.
pub(super) fn subject(life: &Life) -> String {
    let words = match &life.subject {
        Subject::Command(command) => command.line(),
        Subject::Grant(command) => format!("grant of: {}", command.line()),
        Subject::Ours(_, what) => what.clone(),
    };
    match &life.by {
        Some(Basis::Grant { id, number, of }) => {
            format!("{words} (run {number} of {of} by grant {})", id.short())
        }
        Some(Basis::Nested(within)) => format!("{words} (within {})", within.short()),
        _ => words,
    }
}

/// Says how a command ended.
pub(super) fn ending(end: &End) -> String {
    match end {
        End::Status(status) => format!("exit {status}"),
        End::Signal(signal) => format!("signal {signal}"),
        End::NotStarted(_) => "not started".to_owned(),
        End::Lost(_) => "end unknown".to_owned(),
    }
}

/// Says how long something took, no more exactly than anybody wants to know.
pub(super) fn span(span: SignedDuration) -> String {
    const LONG: SignedDuration = SignedDuration::from_secs(10);
    let rounded = if span < LONG {
        SignedDuration::from_millis(i64::try_from(span.as_millis()).unwrap_or(i64::MAX))
    } else {
        SignedDuration::from_secs(span.as_secs())
    };
    format!("{rounded:#}")
}

/// Tells whether a process is still there.
fn is_alive(process: u32) -> bool {
    i32::try_from(process).is_ok_and(|process| kill(Pid::from_raw(process), None).is_ok())
}

/// Returns how wide a line may be.
pub(super) fn columns() -> usize {
    output::columns().map_or(WITHOUT_TERMINAL, |columns| columns.max(NARROWEST))
}
