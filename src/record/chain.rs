//! Goes through the whole log: is each line what was written, in its place?

use super::event::Event;
use super::line::{BadLine, Link, Record};
use super::{AuditError, Log};
use crate::crypto::VerifyingKey;
use crate::protocol::decision::SettledDecision;
use std::fmt;

/// What was found in the log.
#[derive(Debug, Default)]
pub struct Findings {
    /// The lines that could be read, in order.
    pub records: Vec<Record>,
    /// What is wrong, in order.
    pub faults: Vec<Fault>,
    /// How many decisions verify by a key that is paired.
    pub decisions: usize,
}

/// Something wrong with the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Number of the line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub kind: FaultKind,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// It is not a record, or one of a later release.
    Unreadable,
    /// It does not follow the line before it: one of the two was changed, or
    /// lines between them are missing, or they were put in another order.
    Broken {
        /// The number it should have.
        expected: u64,
        /// The number it has.
        found: u64,
    },
    /// It was never finished: a crash, and nothing was written since.
    Torn,
    /// The decision in it is by a key that was never paired with this machine.
    UnknownKey(String),
    /// The decision in it is not what its key signed.
    BadSignature(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}: ", self.line)?;
        match &self.kind {
            FaultKind::Unreadable => formatter.write_str("it is no record of ours"),
            FaultKind::Broken { expected, found } if expected == found => formatter.write_str(
                "the line before it is not the one that stood there when this was written",
            ),
            FaultKind::Broken { expected, found } => {
                write!(formatter, "it is record {found}, and record {expected} should stand here")
            }
            FaultKind::Torn => formatter.write_str("it was never finished"),
            FaultKind::UnknownKey(key) => {
                write!(formatter, "a decision by {key}, a key that is not paired with this machine")
            }
            FaultKind::BadSignature(what) => formatter.write_str(what),
        }
    }
}

impl Log {
    /// Reads and checks the whole log, offline.
    ///
    /// `key_of` finds the key that was paired under the name a decision gives.
    ///
    /// # Errors
    ///
    /// [`AuditError`] when the file cannot be read at all.
    pub fn verify(
        &self,
        key_of: impl Fn(&SettledDecision) -> Option<VerifyingKey>,
    ) -> Result<Findings, AuditError> {
        let mut findings = self.read()?;
        for record in &findings.records {
            let Event::Decided { decision, .. } = &record.event else { continue };
            let fault = match key_of(decision) {
                None => Some(FaultKind::UnknownKey(decision.signer_key_id.to_string())),
                Some(key) => match decision.verify(&key, &decision.artifact_hash) {
                    Ok(word) if word == decision.decision => None,
                    Ok(word) => Some(FaultKind::BadSignature(format!(
                        "the decision that was signed is {}",
                        word.word()
                    ))),
                    Err(error) => Some(FaultKind::BadSignature(error.to_string())),
                },
            };
            match fault {
                None => findings.decisions += 1,
                // Records keep their order; a line is found by its number.
                Some(kind) => {
                    let line = usize::try_from(record.seq).unwrap_or(usize::MAX);
                    findings.faults.push(Fault { line, kind });
                }
            }
        }
        Ok(findings)
    }

    /// Reads all records and follows the chain; signatures are not looked at.
    ///
    /// # Errors
    ///
    /// [`AuditError`] when the file cannot be read at all.
    pub fn read(&self) -> Result<Findings, AuditError> {
        let mut findings = Findings::default();
        let Some(bytes) = self.bytes()? else { return Ok(findings) };
        let mut place = Link::start();
        for (index, each) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let mut fault = |kind| findings.faults.push(Fault { line: index + 1, kind });
            let Some(line) = each.strip_suffix(b"\n") else {
                fault(FaultKind::Torn);
                break;
            };
            let record = match Record::read(line) {
                Ok(record) => record,
                Err(BadLine::Unreadable | BadLine::Newer) => {
                    fault(FaultKind::Unreadable);
                    continue;
                }
            };
            if !place.leads_to(&record) {
                fault(FaultKind::Broken { expected: place.seq + 1, found: record.seq });
            }
            place = Link::behind(&record, line);
            findings.records.push(record);
        }
        Ok(findings)
    }
}
