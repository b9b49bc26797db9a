//! Were there as many approvals as the request said it needs?

use super::basis::Basis;
use super::chain::Place;
use super::event::Event;
use super::fault::{Fault, FaultKind};
use super::line::Record;
use crate::crypto::VerifyingKey;
use crate::protocol::{Decision, RequestId};
use std::collections::HashMap;

/// What a request needs, and which keys have approved it.
#[derive(Default)]
struct Request {
    needed: usize,
    keys: Vec<VerifyingKey>,
}

/// Finds commands that began with fewer approvals than they need, by different keys.
///
/// Whether the approvals verify is looked at elsewhere.
pub(super) fn faults(records: &[Record], places: &[Place]) -> Vec<Fault> {
    let mut requests: HashMap<&RequestId, Request> = HashMap::new();
    let mut faults = Vec::new();
    for (record, place) in records.iter().zip(places) {
        match &record.event {
            Event::Requested { request_id, approvals, .. } => {
                requests.entry(request_id).or_default().needed = usize::from(*approvals);
            }
            Event::Decided { request_id, decision, .. }
                if decision.decision == Decision::Approve =>
            {
                let request = requests.entry(request_id).or_default();
                if !request.keys.contains(&decision.signing_key) {
                    request.keys.push(decision.signing_key);
                }
            }
            Event::Started { by: Basis::Approval(id), .. }
            | Event::Released { by: Basis::Approval(id), .. } => {
                let Some(Request { needed, keys }) = requests.get(id) else { continue };
                if keys.len() < *needed {
                    let (needed, found) = (*needed, keys.len());
                    let kind = FaultKind::TooFewApprovals { needed, found };
                    faults.push(Fault { file: place.file.clone(), line: place.line, kind });
                }
            }
            _ => {}
        }
    }
    faults
}
