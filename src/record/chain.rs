//! Goes through the whole log: is each line what was written, in its place?

use super::enough;
use super::event::Event;
use super::files::{self, CURRENT};
use super::head::{Head, Known};
use super::line::{Link, Record};
use super::seal::Seal;
use super::walk::Walk;
use super::{AuditError, Fault, FaultKind, Log};
use crate::client::Pairing;
use crate::protocol::decision::SettledDecision;
use crate::protocol::passkey::has_touch;
use crate::protocol::{Decision, RequestId};
use crate::review::Touch;
use std::collections::HashMap;

/// What was found in the log.
#[derive(Debug, Default)]
pub struct Findings {
    /// The lines that could be read, in order.
    pub records: Vec<Record>,
    /// Where each of them stands.
    pub places: Vec<Place>,
    /// What is wrong, in order.
    pub faults: Vec<Fault>,
    /// How many decisions verify by a key that is paired.
    pub decisions: usize,
    /// How many of them with the touch of a passkey.
    pub touches: usize,
    /// How many files it has.
    pub files: usize,
    /// The last record that is still there, and before it nothing that is missing.
    pub end: Option<Link>,
}

/// Where a record stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The name of the file.
    pub file: String,
    /// The number of the line in it, from 1.
    pub line: usize,
    /// The record and its digest.
    pub link: Link,
}

/// The bytes of the log, and what is known about how far it was written.
struct Contents {
    files: Vec<(String, Vec<u8>)>,
    seal: Option<Seal>,
    head: Known,
}

impl Log {
    /// Reads and checks the whole log, offline.
    ///
    /// `pairing_of` finds the pairing whose key a decision says it is signed by.
    ///
    /// # Errors
    ///
    /// [`AuditError`] when a file cannot be read at all.
    pub fn verify<'a>(
        &self,
        pairing_of: impl Fn(&SettledDecision) -> Option<&'a Pairing>,
    ) -> Result<Findings, AuditError> {
        let mut findings = self.read()?;
        let mut touches: HashMap<&RequestId, Option<Touch>> = HashMap::new();
        for (record, place) in findings.records.iter().zip(&findings.places) {
            if let Event::Requested { request_id, touch, .. } = &record.event {
                touches.insert(request_id, *touch);
            }
            let Event::Decided { request_id, decision, .. } = &record.event else { continue };
            let touch = touches.get(request_id).copied().flatten();
            let pairing = pairing_of(decision);
            match doubt(decision, touch, pairing) {
                None => {
                    findings.decisions += 1;
                    let is_touched = pairing.is_some_and(|pairing| touched(decision, pairing));
                    findings.touches += usize::from(is_touched);
                }
                Some(kind) => {
                    findings.faults.push(Fault {
                        file: place.file.clone(),
                        line: place.line,
                        kind,
                    });
                }
            }
        }
        findings.faults.extend(enough::faults(&findings.records, &findings.places));
        Ok(findings)
    }

    /// Reads all records and follows the chain and its seals; the signatures of people
    /// are not looked at.
    ///
    /// # Errors
    ///
    /// [`AuditError`] when a file cannot be read at all.
    pub fn read(&self) -> Result<Findings, AuditError> {
        // Whoever may only read can still look at it.
        let lock = self.lock().ok();
        let contents = self.contents()?;
        drop(lock);
        Ok(self.findings(contents))
    }

    /// Reads it while the lock is held.
    pub(super) fn read_locked(&self) -> Result<Findings, AuditError> {
        Ok(self.findings(self.contents()?))
    }

    fn findings(&self, contents: Contents) -> Findings {
        let Contents { files, seal, head } = contents;
        let head = match (head, &seal) {
            (Known::Head(head), _) => Ok(head),
            (Known::Forged, _) => Err(Some(FaultKind::HeadForged)),
            (Known::Nothing, None) if Head::exists(&self.keys) => Err(Some(FaultKind::KeyGone)),
            (Known::Nothing, _) => Err(None),
        };
        let mut findings = Findings { files: files.len(), ..Findings::default() };
        let mut place = head.as_ref().map_or_else(|_| Link::start(), |head| head.floor);
        let (mut unfinished, mut is_sealed) = (None, false);
        let mut met = head.as_ref().ok().map(|head| (head.required() == place, head.required()));
        for (file, bytes) in files {
            let walk = Walk::through(&bytes, Some(place), seal.as_ref());
            // It was let go, and a crash kept it from being removed.
            if walk.steps.last().is_some_and(|last| last.link.seq <= place.seq) {
                continue;
            }
            let fault = |(line, kind)| Fault { file: file.clone(), line, kind };
            findings.faults.extend(walk.faults.iter().cloned().map(fault));
            if let Some((met, required)) = &mut met {
                *met |= walk.still_has(*required) == Some(true);
            }
            is_sealed |= walk.is_sealed;
            unfinished = (walk.whole.lines < walk.steps.last().map_or(0, |last| last.line))
                .then(|| fault((walk.whole.lines + 1, FaultKind::Unsealed)));
            for step in walk.steps {
                place = step.link;
                findings.places.push(Place {
                    file: file.clone(),
                    line: step.line,
                    link: step.link,
                });
                findings.records.push(step.record);
            }
        }
        findings.end = (!findings.records.is_empty()).then_some(place);
        findings.faults.extend(unfinished.filter(|_| seal.is_some()));
        let line = findings.places.last().map_or(0, |last| last.line);
        let mut at_end = |kind| {
            findings.faults.push(Fault { file: CURRENT.to_owned(), line, kind });
        };
        match (head, met) {
            (Ok(_), Some((false, required))) if place.seq < required.seq => {
                at_end(FaultKind::CutOff { last: place.seq, written: required.seq });
            }
            (Ok(_), Some((false, required))) => at_end(FaultKind::Replaced { seq: required.seq }),
            (Err(Some(kind)), _) => at_end(kind),
            (Err(None), _) if is_sealed => {
                at_end(if seal.is_some() { FaultKind::HeadGone } else { FaultKind::KeyGone });
            }
            (Ok(_) | Err(None), _) => {}
        }
        findings
    }

    /// Takes everything as it is now.
    fn contents(&self) -> Result<Contents, AuditError> {
        let seal = Seal::read(&self.keys)?;
        let head = match &seal {
            Some(seal) => Head::read(&self.keys, seal)?,
            None => Known::Nothing,
        };
        let mut found = Vec::new();
        for name in files::full(&self.directory)?.into_iter().chain([CURRENT.to_owned()]) {
            if let Some(bytes) = self.directory.read_up_to(&name, u64::MAX)? {
                found.push((name, bytes));
            }
        }
        Ok(Contents { files: found, seal, head })
    }
}

/// Says what is wrong with the signature of a decision, or the touch that it takes, if
/// anything.
///
/// `touch` is what was written down of its request; `pairing` that of the key it names.
#[must_use]
pub fn doubt(
    decision: &SettledDecision,
    touch: Option<Touch>,
    pairing: Option<&Pairing>,
) -> Option<FaultKind> {
    let Some(pairing) = pairing else {
        return Some(FaultKind::UnknownKey(decision.signer_key_id.to_string()));
    };
    let signed = decision.verify(&pairing.agreed.signing_key, &decision.artifact_hash);
    match signed.and_then(|word| Ok((word, Touch::check_again(touch, pairing, decision)?))) {
        Ok((word, _)) if word != decision.decision => Some(FaultKind::BadSignature(format!(
            "the decision that was signed is {}",
            word.word()
        ))),
        Ok((_, touched)) => touched.err().map(|why| FaultKind::NoTouch(why.cause())),
        Err(error) => Some(FaultKind::BadSignature(error.to_string())),
    }
}

/// Tells of a decision that is not doubted whether a passkey was touched for it.
#[must_use]
pub fn touched(decision: &SettledDecision, pairing: &Pairing) -> bool {
    let is_approval = decision.decision == Decision::Approve;
    is_approval && pairing.agreed.passkey.is_some() && has_touch(&decision.body)
}

#[cfg(test)]
mod tests;
