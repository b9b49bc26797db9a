//! Which other repositories a repository knows by name.
//!
//! A name that git does not know as a remote is a directory to it, and what is pushed into
//! a directory runs its hooks.

use super::keys::{Line, is_elsewhere, lines};
use std::path::Path;

/// The other repository that a command reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::policy) enum Remote<'a> {
    /// The one of the branch, or the usual one.
    Usual,
    /// The one of that name.
    Named(&'a [u8]),
}

/// What git takes where a branch has no remote.
const USUAL: &str = "origin";

/// The names of remotes.
pub(super) type Remotes<'t> = Vec<&'t [u8]>;

/// Returns the remotes of which a configuration says where they are: elsewhere.
///
/// Finds too little and not too much: none where a line goes on in the next one, which
/// could look like a header and be none.
pub(super) fn of(text: &[u8]) -> Remotes<'_> {
    let mut found = Vec::new();
    if text.windows(2).any(|pair| pair == b"\\\n" || pair == b"\\\r") {
        return found;
    }
    for Line { section, rest, key, value } in lines(text) {
        let name = rest.strip_prefix(b" \"").and_then(|rest| rest.strip_suffix(b"\"]"));
        let Some(name) = name.filter(|name| !name.contains(&b'\\')) else { continue };
        let is_place = key.is_some_and(|key| key.eq_ignore_ascii_case(b"url"));
        if section.eq_ignore_ascii_case(b"remote") && is_place && is_elsewhere(value) {
            found.push(name);
        }
    }
    found
}

/// Says which of the remotes that are reached is none, if one is.
///
/// # Errors
///
/// Why a person is asked.
pub(super) fn check(
    reached: &[Remote<'_>],
    known: &Remotes<'_>,
    around: [&Path; 2],
) -> Result<(), String> {
    let is_known = |name: &[u8]| known.contains(&name);
    let is_here = || {
        let names = ["", ".git", ".bundle"].map(|end| format!("{USUAL}{end}"));
        around.iter().any(|place| names.iter().any(|name| place.join(name).exists()))
    };
    for remote in reached {
        match remote {
            Remote::Named(name) if !is_known(name) => {
                let name = String::from_utf8_lossy(name);
                return Err(format!(
                    "the repository knows no remote `{name}` with a URL elsewhere"
                ));
            }
            Remote::Usual if !is_known(USUAL.as_bytes()) && is_here() => {
                return Err(format!("`{USUAL}` is no remote but a directory here"));
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_a_url_elsewhere_is_a_remote() {
        let text = b"[core]\n\tbare = false\n[remote \"a\"]\n\turl = https://example.com/x\n\
            [Remote \"b/c\"] URL=git@example.com:x\n[remote \"d\"]\nfetch = x\n\
            [remote \"e\"]\nurl = ../x\n[user]\nurl=https://example.com/y\n\
            # [remote \"f\"]\nurl=https://example.com/z\n";
        assert_eq!(of(text), [&b"a"[..], b"b/c"]);
        assert!(of(b"[user]\nname=x\\\n[remote \"a\"]\nurl = https://example.com/x").is_empty());
    }
}
