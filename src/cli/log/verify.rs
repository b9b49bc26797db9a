//! `log verify`: is the log what was written, and are the decisions in it signed?

use super::{Keys, LogError};
use crate::cli::busy::Busy;
use crate::cli::output::{say, say_json};
use crate::record::{Link, Log};
use serde_json::json;

/// Checks everything, and a checkpoint that somebody kept elsewhere.
pub(super) fn run(
    log: &Log,
    keys: &Keys,
    checkpoint: Option<Link>,
    json: bool,
) -> Result<(), LogError> {
    let busy = Busy::with("checking the log");
    let found = log.verify(|decision| keys.pairing_of(decision))?;
    drop(busy);
    let missed = checkpoint.filter(|kept| {
        let zero = *kept == Link::start();
        !zero && !found.places.iter().any(|place| place.link == *kept)
    });
    let faults = found.faults.len() + usize::from(missed.is_some());
    let warned = found.records.iter().filter_map(|each| Some((each.seq, each.event.warning()?)));
    let warnings: Vec<String> =
        warned.map(|(seq, warning)| format!("record {seq}: {warning}")).collect();
    if json {
        let listed = found.faults.iter().map(|fault| {
            json!({
                "file": fault.file, "line": fault.line, "fault": fault.kind.word(),
                "what": fault.kind.to_string(),
            })
        });
        let report = json!({
            "version": 1,
            "sound": faults == 0,
            "records": found.records.len(),
            "files": found.files,
            "decisions": found.decisions,
            "touches": found.touches,
            "checkpoint": found.end.map(|end| end.to_string()),
            "missedCheckpoint": missed.map(|missed| missed.to_string()),
            "faults": listed.collect::<Vec<_>>(),
            "warnings": warnings,
        });
        say_json(&report)?;
    } else {
        for fault in &found.faults {
            say(&fault.to_string())?;
        }
        if let Some(missed) = missed {
            say(&format!("record {} of the checkpoint is not in this log", missed.seq))?;
        }
        for warning in &warnings {
            say(&format!("warning: {warning}"))?;
        }
    }
    if faults > 0 {
        return Err(LogError::Faulty { path: log.path(), faults });
    }
    if !json {
        let (records, decisions) = (found.records.len(), found.decisions);
        let touched = match found.touches {
            0 => String::new(),
            _ if decisions == 1 => ", with the touch of a passkey".to_owned(),
            touches => format!(", {touches} of them with the touch of a passkey"),
        };
        let signed = match decisions {
            1 => "1 decision is signed by a paired key".to_owned(),
            _ => format!("{decisions} decisions are signed by paired keys"),
        };
        say(&format!("{}; {signed}{touched}", unchanged(records)))?;
        if let Some(end) = found.end {
            say(&format!("checkpoint {end}"))?;
            say(
                "keep it elsewhere: log verify --checkpoint finds out whether this log still has it",
            )?;
        }
    }
    Ok(())
}

/// Says that so many records are what was written.
pub(in crate::cli) fn unchanged(records: usize) -> String {
    match records {
        1 => "1 record is unchanged".to_owned(),
        _ => format!("{records} records follow each other unchanged"),
    }
}
