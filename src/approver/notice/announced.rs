//! Which requests somebody was told of already, among all processes of this approver.

use crate::approver::item::Item;
use crate::approver::store::{self, StoreError};
use crate::process::PrivateDir;
use std::collections::BTreeSet;

const FILE: &str = "announced.json";
/// More than can wait; what was told long ago is forgotten.
const KEPT: usize = 1000;

/// Returns what nobody was told of, and notes it as told.
pub(super) fn untold<'a>(
    directory: &PrivateDir,
    items: &'a [Item],
) -> Result<Vec<&'a Item>, StoreError> {
    let _lock = store::lock(directory)?;
    // What cannot be read counts as nothing: twice is better than never.
    let read = directory.read(FILE)?.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let told: Vec<String> = read.unwrap_or_default();
    let known: BTreeSet<&str> = told.iter().map(String::as_str).collect();
    let new: Vec<&Item> =
        items.iter().filter(|item| !known.contains(item.request_id.as_str())).collect();
    if !new.is_empty() {
        let ids = new.iter().map(|item| item.request_id.to_string());
        let all: Vec<String> = told.iter().cloned().chain(ids).collect();
        let kept = &all[all.len().saturating_sub(KEPT)..];
        let bytes = serde_json::to_vec(kept).expect("texts always serialise");
        directory.write(FILE, &bytes)?;
    }
    Ok(new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::approver::item::tests::named;
    use serde_json::json;

    #[test]
    fn each_request_is_told_once_whoever_asks() {
        let outer = tempfile::tempdir().expect("temporary directory");
        let directory = PrivateDir::open(&outer.path().join("a")).expect("private directory");
        let items = [named("req-1", json!({})), named("req-2", json!({}))];
        let ids = |items: &[Item]| -> Vec<String> {
            let found = untold(&directory, items).expect("usable");
            found.iter().map(|item| item.request_id.to_string()).collect()
        };
        assert_eq!(ids(&items[..1]), ["req-1"]);
        assert_eq!(ids(&items), ["req-2"]);
        assert!(ids(&items).is_empty());
        directory.write(FILE, b"{").expect("written");
        assert_eq!(ids(&items).len(), 2);
    }
}
