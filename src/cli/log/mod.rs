//! `airlock-exec log`: what was asked, decided and run.

mod error;
mod table;

pub use error::LogError;

use super::approver::{say, write_line};
use crate::client::PairingStore;
use crate::config::Paths;
use crate::credential::SecretStore;
use crate::process::{Environment, PrivateDir};
use crate::protocol::decision::SettledDecision;
use crate::record::Log;
use clap::{Args, Subcommand};
use std::io;

/// Shows the audit log.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct LogArguments {
    /// Write the records as they are kept, one JSON object on a line
    #[arg(long)]
    json: bool,
    /// Show only the last so many
    #[arg(long, value_name = "NUMBER", default_value = "50")]
    limit: usize,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Check that nothing was changed: every line, and the signature of every decision
    Verify,
}

/// Runs `airlock-exec log`.
///
/// # Errors
///
/// [`LogError`].
pub fn run(arguments: &LogArguments, environment: &Environment) -> Result<(), LogError> {
    let paths = Paths::from_environment(environment)?;
    let log = Log::open(&paths.audit())?;
    match &arguments.action {
        Some(Action::Verify) => verify(&log, &paths),
        None if arguments.json => write_records(&log, arguments.limit),
        None => write_table(&log, arguments.limit),
    }
}

fn verify(log: &Log, paths: &Paths) -> Result<(), LogError> {
    let store = PairingStore::new(SecretStore::new(PrivateDir::open(&paths.enforcer())?));
    let pairings = store.load()?.map(|enrolled| enrolled.pairings).unwrap_or_default();
    let found = log.verify(|decision: &SettledDecision| {
        let named = pairings.iter().find(|each| {
            each.agreed.signer_key_id.names_same_key(&decision.signer_key_id)
                && each.agreed.signing_key == decision.signing_key
        });
        named.map(|pairing| pairing.agreed.signing_key)
    })?;
    if found.faults.is_empty() {
        say(&format!(
            "{} records follow each other unchanged; {} decisions are signed by paired keys",
            found.records.len(),
            found.decisions
        ))?;
        return Ok(());
    }
    for fault in &found.faults {
        say(&fault.to_string())?;
    }
    Err(LogError::Faulty { path: log.path(), faults: found.faults.len() })
}

fn write_records(log: &Log, limit: usize) -> Result<(), LogError> {
    let records = log.read()?.records;
    let mut out = io::stdout().lock();
    for record in &records[records.len().saturating_sub(limit)..] {
        write_line(&mut out, record)?;
    }
    Ok(())
}

fn write_table(log: &Log, limit: usize) -> Result<(), LogError> {
    let found = log.read()?;
    let rows = table::rows(&found.records);
    if rows.is_empty() {
        say("nothing was asked yet")?;
    }
    for row in &rows[rows.len().saturating_sub(limit)..] {
        say(&row.line(table::columns()))?;
    }
    if !found.faults.is_empty() {
        let faults = found.faults.len();
        return Err(LogError::Faulty { path: log.path(), faults });
    }
    Ok(())
}
