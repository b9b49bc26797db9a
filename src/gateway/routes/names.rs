//! Bounds of the texts a caller may choose.

use crate::gateway::limits::{FIELD_BYTES, NAME_BYTES};
use crate::gateway::refusal::Refusal;

/// Takes a label of at most 256 bytes; an empty one is none.
pub(in crate::gateway) fn name(
    field: &'static str,
    given: Option<String>,
) -> Result<Option<String>, Refusal> {
    bounded(field, given, NAME_BYTES)
}

/// Takes a longer text, at most 16 KiB; an empty one is none.
pub(super) fn long(field: &'static str, given: Option<String>) -> Result<Option<String>, Refusal> {
    bounded(field, given, FIELD_BYTES)
}

fn bounded(
    field: &'static str,
    given: Option<String>,
    most: usize,
) -> Result<Option<String>, Refusal> {
    match given {
        // PostgreSQL cannot keep it, and no name has one.
        Some(text) if text.contains('\0') => Err(Refusal::Invalid { field, problem: "has a NUL" }),
        Some(text) if text.len() > most => Err(Refusal::Invalid { field, problem: "too long" }),
        given => Ok(given.filter(|text| !text.is_empty())),
    }
}
