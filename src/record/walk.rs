//! Follows the lines of one file: is each a record, sealed where it says so, and
//! tied to the one before?

use super::FaultKind;
use super::line::{BadLine, Link, Record};
use super::seal::{self, Seal};

/// What was found in one file.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// What the first record says stands before it.
    pub(super) before: Option<Link>,
    /// The records, in order.
    pub(super) steps: Vec<Step>,
    /// What is wrong, by the number of the line from 1.
    pub(super) faults: Vec<(usize, FaultKind)>,
    /// The end of what was finished: sealed, or never sealed at all.
    pub(super) whole: Whole,
    /// Whether any line carries a seal.
    pub(super) is_sealed: bool,
}

/// One record, and where it stands.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) record: Record,
    /// Number of the line, from 1.
    pub(super) line: usize,
    /// The place behind it.
    pub(super) link: Link,
}

/// The end of what was finished.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Whole {
    /// The place behind it, `None` when nothing was finished.
    pub(super) link: Option<Link>,
    /// How many bytes it has.
    pub(super) bytes: usize,
    /// How many lines.
    pub(super) lines: usize,
}

impl Walk {
    /// Follows a file, from what must stand before it as far as that is known.
    pub(super) fn through(bytes: &[u8], from: Option<Link>, seal: Option<&Seal>) -> Self {
        let mut walk = Self::default();
        let (mut place, mut at) = (from, 0);
        for (index, each) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
            at += each.len();
            let number = index + 1;
            let Some(line) = each.strip_suffix(b"\n") else {
                walk.faults.push((number, FaultKind::Torn));
                break;
            };
            let record = match Record::read(line) {
                Ok(record) => record,
                Err(bad) => {
                    // Where the power failed there may be zeros.
                    let rest = &bytes[at - each.len()..];
                    if rest.iter().all(|byte| *byte == 0 || *byte == b'\n') {
                        walk.faults.push((number, FaultKind::Torn));
                        break;
                    }
                    walk.faults.push((number, bad.into()));
                    continue;
                }
            };
            let before = *walk.before.get_or_insert_with(|| record.before());
            let expected = place.unwrap_or(before);
            if !expected.leads_to(&record) {
                let (expected, found) = (expected.seq.saturating_add(1), record.seq);
                walk.faults.push((number, FaultKind::Broken { expected, found }));
            }
            let behind = Link::behind(&record, line);
            place = Some(behind);
            walk.look_at_seal(line, number, seal);
            let sealed = seal::is_on(line);
            walk.is_sealed |= sealed;
            if sealed || !walk.is_sealed {
                walk.whole = Whole { link: Some(behind), bytes: at, lines: number };
            }
            walk.steps.push(Step { record, line: number, link: behind });
        }
        walk
    }

    fn look_at_seal(&mut self, line: &[u8], number: usize, seal: Option<&Seal>) {
        if seal.and_then(|seal| seal.holds(line)) == Some(false) {
            self.faults.push((number, FaultKind::BadSeal));
        }
    }

    /// Tells whether the record of that number is the one it was; `None` when it is
    /// not among these.
    pub(super) fn still_has(&self, sought: Link) -> Option<bool> {
        if let Some(before) = self.before.filter(|before| before.seq == sought.seq) {
            return Some(before == sought);
        }
        let step = self.steps.iter().find(|step| step.link.seq == sought.seq)?;
        Some(step.link == sought)
    }

    /// Returns what somebody must have done, and no crash: the first of it.
    pub(super) fn tampering(&self) -> Option<(usize, &FaultKind)> {
        let fault = self.faults.iter().find(|(_, kind)| *kind != FaultKind::Torn)?;
        Some((fault.0, &fault.1))
    }
}

impl From<BadLine> for FaultKind {
    fn from(bad: BadLine) -> Self {
        match bad {
            BadLine::Unreadable => Self::Unreadable,
            BadLine::Newer => Self::Newer,
        }
    }
}
