//! The records of a log, folded into one line for each command.

use crate::display::Displayable;
use crate::protocol::artifact::ArtifactKind;
use crate::protocol::{Decision, RequestId};
use crate::record::{Basis, Command, End, Event, Record};
use crate::sys::window_size;
use jiff::Timestamp;
use nix::sys::signal::kill;
use nix::unistd::Pid;
use std::io::{self, IsTerminal};
use std::os::fd::AsFd;

/// How wide a line is where there is no terminal.
const WITHOUT_TERMINAL: usize = 200;

/// What became of one command, or one change of ours.
#[derive(Debug)]
pub(super) struct Row {
    time: Timestamp,
    outcome: String,
    subject: String,
    request: Option<RequestId>,
    /// The number of the record that it started.
    started: Option<u64>,
}

impl Row {
    fn new(record: &Record, outcome: &str, subject: String) -> Self {
        let (request, started) = (None, None);
        Self { time: record.time, outcome: outcome.to_owned(), subject, request, started }
    }

    /// Returns its line, escaped and not wider than that.
    pub(super) fn line(&self, columns: usize) -> String {
        let time = self.time.strftime("%Y-%m-%d %H:%M:%S");
        let subject = Displayable::from(self.subject.as_str()).to_string();
        let outcome = Displayable::from(self.outcome.as_str()).to_string();
        let line = format!("{time}  {outcome:<16}  {subject}");
        if line.chars().count() <= columns {
            return line;
        }
        line.chars().take(columns.saturating_sub(1)).chain(['…']).collect()
    }
}

/// Folds records into rows, in the order in which each was begun.
pub(super) fn rows(records: &[Record]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for record in records {
        match &record.event {
            Event::Requested { request_id, command, artifact_type, .. } => {
                let subject = match artifact_type {
                    ArtifactKind::CommandReview => command.line(),
                    ArtifactKind::CommandGrant => format!("grant of: {}", command.line()),
                };
                let mut row = Row::new(record, "asked", subject);
                row.request = Some(request_id.clone());
                rows.push(row);
            }
            Event::Decided { request_id, decision, .. } => {
                let word = match decision.decision {
                    Decision::Approve => "approved",
                    Decision::Reject => "rejected",
                };
                tell(&mut rows, request_id, word);
            }
            Event::Refused { request_id, cause, .. } => tell(&mut rows, request_id, cause),
            Event::Started { by, process, command } => {
                begin(&mut rows, record, by, *process, command);
            }
            Event::Ended { started, end, .. } => {
                let row = rows.iter_mut().rev().find(|row| row.started == Some(*started));
                if let Some(row) = row {
                    row.outcome = ending(end);
                }
            }
            Event::Granted { .. } => {}
            Event::Revoked { grant } => {
                rows.push(Row::new(record, "revoked", format!("grant {grant}")));
            }
            Event::Repaired { .. } => {
                let what = "the log was torn by a crash and mended".to_owned();
                rows.push(Row::new(record, "repaired", what));
            }
        }
    }
    rows
}

fn tell(rows: &mut [Row], request: &RequestId, outcome: &str) {
    if let Some(row) = rows.iter_mut().rev().find(|row| row.request.as_ref() == Some(request)) {
        outcome.clone_into(&mut row.outcome);
    }
}

fn begin(rows: &mut Vec<Row>, record: &Record, by: &Basis, process: u32, command: &Command) {
    let outcome = if is_alive(process) { "running" } else { "end unknown" };
    let known = match by {
        Basis::Approval(request) => {
            rows.iter_mut().rev().find(|row| row.request.as_ref() == Some(request))
        }
        Basis::Rule | Basis::Standing(_) | Basis::Grant { .. } => None,
    };
    if let Some(row) = known {
        row.started = Some(record.seq);
        outcome.clone_into(&mut row.outcome);
        return;
    }
    let subject = match by {
        Basis::Grant { id, number, of } => {
            format!("{} (run {number} of {of} by grant {})", command.line(), id.short())
        }
        Basis::Rule | Basis::Standing(_) | Basis::Approval(_) => command.line(),
    };
    let mut row = Row::new(record, outcome, subject);
    row.started = Some(record.seq);
    rows.push(row);
}

fn ending(end: &End) -> String {
    match end {
        End::Status(status) => format!("exit {status}"),
        End::Signal(signal) => format!("signal {signal}"),
        End::NotStarted(_) => "not started".to_owned(),
    }
}

fn is_alive(process: u32) -> bool {
    i32::try_from(process).is_ok_and(|process| kill(Pid::from_raw(process), None).is_ok())
}

/// Returns how wide a line may be.
pub(super) fn columns() -> usize {
    let out = io::stdout();
    let size = if out.is_terminal() { window_size(out.as_fd()).ok() } else { None };
    size.map_or(WITHOUT_TERMINAL, |size| usize::from(size.ws_col).max(40))
}
