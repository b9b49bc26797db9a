//! `airlock-exec log`: what was asked, decided and run.

mod error;
mod export;
mod filter;
mod keys;
mod show;
mod stats;
mod table;
mod verify;

pub use error::LogError;
pub(super) use verify::unchanged;

use super::busy::Busy;
use super::gate;
use crate::cli::output::say;
use crate::config::{Paths, Places, Settings};
use crate::display::json::write_line;
use crate::process::{Environment, WorkingDirectory};
use crate::record::{Findings, Life, Link, Log, lives};
use clap::{Args, Subcommand};
use filter::Filter;
use keys::Keys;
use std::collections::HashSet;
use std::io;

const EXAMPLES: &str = "\
Examples:
  airlock-exec log --since 2d --decision rejected
  airlock-exec log show Q7K3ZX
  airlock-exec log verify
  airlock-exec log stats

Status: 0; 123 when the log is not what was written, or a signature in it does not
hold; 125 when it cannot be read.";

/// Shows the audit log.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, after_help = EXAMPLES)]
pub struct LogArguments {
    /// Write the records as they are kept, one JSON object on a line
    #[arg(long)]
    json: bool,
    /// Show only the last so many
    #[arg(long, value_name = "NUMBER", default_value = "50")]
    limit: usize,
    #[command(flatten)]
    filter: Filter,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show everything about one command, its signature checked anew
    Show {
        /// The end of a request's id, all of it, or the number of a record
        id: String,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Check that nothing was changed: every line, every seal, the signature of every
    /// decision
    Verify {
        /// Look also whether it still has this record: what an earlier `verify` printed
        #[arg(long, value_name = "RECORD")]
        checkpoint: Option<Link>,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Write the life of each command as a JSON line, in a form that stays
    Export {
        /// As JSON, which is the only form
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        filter: Filter,
    },
    /// Say what is asked most, how long decisions take, and what rules would save
    Stats {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        filter: Filter,
    },
}

/// Runs `airlock-exec log`.
///
/// # Errors
///
/// [`LogError`].
pub fn run(arguments: &LogArguments, environment: &Environment) -> Result<(), LogError> {
    let paths = Paths::from_environment(environment)?;
    let log = Log::open(&paths.audit(), &paths.enforcer())?;
    let keys = Keys::open(&paths)?;
    let busy = Busy::with("reading the log");
    // What was allowed is copied into the log first; one that cannot be written to can
    // be looked at all the same.
    let kept = limits(&paths, environment).map(|limits| log.upkeep(limits));
    if let Some(Err(error)) = kept {
        tracing::warn!(%error, "the log was not brought in order");
    }
    match &arguments.action {
        Some(Action::Verify { checkpoint, json }) => {
            drop(busy);
            verify::run(&log, &keys, *checkpoint, *json)
        }
        Some(Action::Show { id, json }) => {
            let found = log.read()?;
            drop(busy);
            show::run(&found, &keys, id, *json)
        }
        Some(Action::Export { json: _, filter }) => {
            let found = log.read()?;
            drop(busy);
            let lives = filter.of(lives(&found.records))?;
            export::run(&found, &lives, &keys)?;
            sound(&log, &found)
        }
        Some(Action::Stats { json, filter }) => {
            let found = log.read()?;
            drop(busy);
            stats::run(&filter.of(lives(&found.records))?, *json)?;
            sound(&log, &found)
        }
        None => {
            let found = log.read()?;
            drop(busy);
            let chosen = arguments.filter.of(lives(&found.records))?;
            let chosen_only = (!arguments.filter.is_open()).then_some(&chosen[..]);
            if arguments.json {
                write_records(&found, chosen_only, arguments.limit)?;
            } else {
                write_table(&chosen, arguments.limit)?;
            }
            sound(&log, &found)
        }
    }
}

fn limits(paths: &Paths, environment: &Environment) -> Option<crate::record::Limits> {
    let directory = WorkingDirectory::capture().ok()?;
    let places = Places::of(paths, directory.path());
    Some(gate::limits(&Settings::load(&places, environment).ok()?))
}

fn sound(log: &Log, found: &Findings) -> Result<(), LogError> {
    match found.faults.len() {
        0 => Ok(()),
        faults => Err(LogError::Faulty { path: log.path(), faults }),
    }
}

/// Writes the records, or those that tell of what was chosen; the last so many.
fn write_records(found: &Findings, chosen: Option<&[Life]>, limit: usize) -> Result<(), LogError> {
    let wanted: Option<HashSet<u64>> =
        chosen.map(|lives| lives.iter().flat_map(|life| life.records.iter().copied()).collect());
    let is_wanted = |seq: &u64| wanted.as_ref().is_none_or(|wanted| wanted.contains(seq));
    let records: Vec<_> = found.records.iter().filter(|record| is_wanted(&record.seq)).collect();
    let mut out = io::stdout().lock();
    for record in &records[records.len().saturating_sub(limit)..] {
        write_line(&mut out, record)?;
    }
    Ok(())
}

fn write_table(chosen: &[Life], limit: usize) -> Result<(), LogError> {
    if chosen.is_empty() {
        say("nothing was asked yet, or nothing of that kind")?;
    }
    let columns = table::columns();
    for life in &chosen[chosen.len().saturating_sub(limit)..] {
        say(&table::line(life, columns))?;
    }
    Ok(())
}
