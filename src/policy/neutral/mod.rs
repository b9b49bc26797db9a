//! Runs what is allowed without the programs a repository could make it run.
//!
//! git reads configuration from the repository, where an agent can write it, and
//! runs what it finds there: a file system monitor, filters, diff drivers, hooks.
//!
//! - A command that only reads runs with what can be switched off switched off.
//!   Filters and drivers have names of their own, so no setting of ours switches them
//!   off: where a repository's configuration names one, a person is asked.
//! - A command that does more, which a rule of the user's allows, runs as it would
//!   without us: a commit without its hooks would be another commit. So a person is
//!   asked where the repository could make it run anything at all.
//!
//! The user's own configuration stays in force: it is out of the project, and theirs.
//! `trust.repositories` says of directories that what lies below is theirs too.

mod keys;
mod path;
mod repository;

pub(super) use path::{Keep, cleaned, found};
pub(super) use repository::disturbing;

use std::ffi::CString;

/// What a command does in a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    /// It reads.
    Reads,
    /// It may do all that git can.
    Acts,
}

/// Settings that win over any of the repository's.
///
/// A submodule has a configuration of its own, so none is looked into.
const SETTINGS: &[(&str, &str)] = &[
    ("core.fsmonitor", "false"),
    ("core.hooksPath", "/dev/null"),
    ("diff.ignoreSubmodules", "dirty"),
    ("diff.submodule", "short"),
    ("status.submoduleSummary", "false"),
    ("submodule.recurse", "false"),
    ("log.showSignature", "false"),
    ("safe.bareRepository", "explicit"),
];

/// Returns the entries that a git command which only reads runs with in addition.
///
/// The settings are said twice: git before 2.31 does not know the first form.
/// `GIT_OPTIONAL_LOCKS`: reading writes no index. `GIT_PAGER`: on a terminal git would
/// start a pager, and a pager starts what is typed into it.
pub(super) fn additions() -> Vec<CString> {
    let quoted: Vec<String> =
        SETTINGS.iter().map(|(key, value)| format!("'{key}={value}'")).collect();
    let mut entries = vec![
        format!("GIT_CONFIG_COUNT={}", SETTINGS.len()),
        format!("GIT_CONFIG_PARAMETERS={}", quoted.join(" ")),
        "GIT_NO_LAZY_FETCH=1".to_owned(),
        "GIT_OPTIONAL_LOCKS=0".to_owned(),
        "GIT_PAGER=cat".to_owned(),
    ];
    for (number, (key, value)) in SETTINGS.iter().enumerate() {
        entries.push(format!("GIT_CONFIG_KEY_{number}={key}"));
        entries.push(format!("GIT_CONFIG_VALUE_{number}={value}"));
    }
    entries.into_iter().map(entry).collect()
}

/// Returns what switches off the pager, and leaves the configuration as it is to tell.
pub(super) fn additions_for_telling() -> Vec<CString> {
    vec![CString::from(c"GIT_PAGER=cat")]
}

fn entry(text: String) -> CString {
    CString::new(text).expect("settings of ours hold no NUL")
}
