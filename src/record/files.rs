//! The files of the log: the one that is written to, and the full ones before it.
//!
//! A full file is named after its first record, so their names say their order.

use crate::process::{PrivateDir, PrivateError};

/// The file that is written to.
pub(super) const CURRENT: &str = "audit.jsonl";
const BEFORE: &str = "audit-";
const AFTER: &str = ".jsonl";

/// Returns the names of the full files, the oldest first.
pub(super) fn full(directory: &PrivateDir) -> Result<Vec<String>, PrivateError> {
    Ok(full_of(directory.names()?))
}

/// Returns those of these names that are full files, the oldest first.
pub(super) fn full_of(names: Vec<String>) -> Vec<String> {
    let numbered = |name: String| Some((first_of(&name)?, name));
    let mut found: Vec<(u64, String)> = names.into_iter().filter_map(numbered).collect();
    found.sort_unstable();
    found.into_iter().map(|(_, name)| name).collect()
}

/// Returns the name of a full file that begins with the record of that number.
pub(super) fn name_of(first: u64) -> String {
    format!("{BEFORE}{first:012}{AFTER}")
}

fn first_of(name: &str) -> Option<u64> {
    let number = name.strip_prefix(BEFORE)?.strip_suffix(AFTER)?;
    let all_digits = number.len() >= 12 && number.bytes().all(|byte| byte.is_ascii_digit());
    all_digits.then(|| number.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_full_files_in_their_order_and_nothing_else() {
        let root = tempfile::tempdir().expect("a directory");
        let directory = PrivateDir::open(&root.path().join("audit")).expect("private");
        let names = [name_of(1_000_000_000_000), name_of(7), name_of(12)];
        for name in names.iter().map(String::as_str).chain([CURRENT, "audit-x.jsonl", "audit.lock"])
        {
            directory.append(name).expect("made");
        }
        let found = full(&directory).expect("listed");
        assert_eq!(found, [name_of(7), name_of(12), name_of(1_000_000_000_000)]);
    }
}
