//! Finds the request a person means.

use super::error::ApproverCommandError;
use crate::approver::Item;

/// Finds the one decided request whose id ends so.
pub(super) fn decided<'a>(
    items: &'a [Item],
    given: &str,
) -> Result<&'a Item, ApproverCommandError> {
    match select(items, given) {
        Err(ApproverCommandError::Unknown(given)) => Err(ApproverCommandError::Undecided(given)),
        found => found,
    }
}

/// Finds the one item whose id ends so, in any letter case; a whole id always wins.
pub(super) fn select<'a>(items: &'a [Item], given: &str) -> Result<&'a Item, ApproverCommandError> {
    if let Some(exact) = items.iter().find(|item| item.request_id.as_str() == given) {
        return Ok(exact);
    }
    let wanted = given.to_ascii_lowercase();
    let ends_so = |item: &&Item| {
        !wanted.is_empty() && item.request_id.as_str().to_ascii_lowercase().ends_with(&wanted)
    };
    let found: Vec<&Item> = items.iter().filter(ends_so).collect();
    match found.as_slice() {
        [only] => Ok(only),
        [] => Err(ApproverCommandError::Unknown(given.to_owned())),
        several => Err(ApproverCommandError::Ambiguous {
            given: given.to_owned(),
            ids: several.iter().map(|item| item.request_id.to_string()).collect(),
        }),
    }
}
