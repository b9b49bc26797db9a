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

mod index;
mod keys;
mod path;
mod remotes;
mod repository;

pub(super) use path::{Keep, cleaned, found};
pub(super) use remotes::Remote;
pub(super) use repository::disturbing;

use std::borrow::Cow;
use std::ffi::CStr;

/// What a command does in a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    /// It reads.
    Reads,
    /// It may do all that git can.
    Acts,
}

/// Makes a C string of the program's text.
macro_rules! entry {
    ($($part:expr),+) => {
        match CStr::from_bytes_with_nul(concat!($($part),+, "\0").as_bytes()) {
            Ok(entry) => Cow::Borrowed(entry),
            Err(_) => panic!("the text holds no NUL"),
        }
    };
}

/// Makes the entries of settings in both forms that git knows.
macro_rules! settings {
    ($count:literal; $first:literal $first_key:literal $first_value:literal
     $(, $number:literal $key:literal $value:literal)+) => {
        [
            entry!("GIT_CONFIG_COUNT=", $count),
            entry!(
                "GIT_CONFIG_PARAMETERS='", $first_key, "=", $first_value, "'"
                $(, " '", $key, "=", $value, "'")+
            ),
            entry!("GIT_CONFIG_KEY_", $first, "=", $first_key),
            entry!("GIT_CONFIG_VALUE_", $first, "=", $first_value),
            $(
                entry!("GIT_CONFIG_KEY_", $number, "=", $key),
                entry!("GIT_CONFIG_VALUE_", $number, "=", $value),
            )+
        ]
    };
}

/// Settings that win over any of the repository's.
///
/// A submodule has a configuration of its own, so none is looked into. A signature is
/// looked at where a format, an order or a sort key names one, and a merge is made again
/// by the drivers of the repository where `-m` is said to mean that. They are said twice:
/// git before 2.31 does not know the numbered form.
const SETTINGS: [Cow<'static, CStr>; 28] = settings![13;
    0 "core.fsmonitor" "false",
    1 "core.hooksPath" "/dev/null",
    2 "diff.ignoreSubmodules" "dirty",
    3 "diff.submodule" "short",
    4 "status.submoduleSummary" "false",
    5 "submodule.recurse" "false",
    6 "log.showSignature" "false",
    7 "safe.bareRepository" "explicit",
    8 "gpg.program" "/bin/false",
    9 "gpg.openpgp.program" "/bin/false",
    10 "gpg.x509.program" "/bin/false",
    11 "gpg.ssh.program" "/bin/false",
    12 "log.diffMerges" "separate"
];

/// On a terminal git would start a pager, and a pager starts what is typed into it.
const NO_PAGER: Cow<'static, CStr> = entry!("GIT_PAGER=cat");

/// Returns the entries that a git command which only reads runs with in addition.
///
/// `GIT_OPTIONAL_LOCKS`: reading writes no index.
pub(super) fn additions() -> Vec<Cow<'static, CStr>> {
    // Room for a search path too.
    let mut additions = Vec::with_capacity(SETTINGS.len() + 4);
    additions.extend(SETTINGS);
    additions.extend([entry!("GIT_NO_LAZY_FETCH=1"), entry!("GIT_OPTIONAL_LOCKS=0"), NO_PAGER]);
    additions
}

/// Returns what switches off the pager, and leaves the configuration as it is to tell.
pub(super) fn additions_for_telling() -> Vec<Cow<'static, CStr>> {
    vec![NO_PAGER]
}

/// Returns what switches off the pager of a program that asks a host of repositories.
pub(super) fn additions_for_hosts() -> [Cow<'static, CStr>; 1] {
    [entry!("GH_PAGER=cat")]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_setting_has_its_number_and_is_in_the_list_of_all() {
        let text = |at: usize| SETTINGS[at].to_str().expect("UTF-8");
        let count = (SETTINGS.len() - 2) / 2;
        assert_eq!(text(0), format!("GIT_CONFIG_COUNT={count}"));
        let listed: Vec<String> = (0..count)
            .map(|number| {
                let pair = [text(2 + 2 * number), text(3 + 2 * number)];
                let [key, value] = [("KEY", pair[0]), ("VALUE", pair[1])].map(|(part, entry)| {
                    entry.strip_prefix(&format!("GIT_CONFIG_{part}_{number}=")).expect(entry)
                });
                format!("'{key}={value}'")
            })
            .collect();
        assert_eq!(text(1), format!("GIT_CONFIG_PARAMETERS={}", listed.join(" ")));
    }
}
