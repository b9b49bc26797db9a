//! The variables that lead shells to our gates, and what they were before.

use super::files;
use crate::process::Environment;
use std::borrow::Cow;
use std::ffi::{CString, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Says where our gates lie, and that they are on.
const GATES: &str = "AIRLOCK_EXEC_GATES";

/// Names the session; what runs in it keeps it.
const SESSION: &str = "AIRLOCK_EXEC_SESSION";
/// What `XDG_DATA_DIRS` means when it is not set. Spec: XDG Base Directory 0.8.
const DATA_DIRS: &str = "/usr/local/share:/usr/share";

/// A variable that leads shells to a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lead {
    /// Its name.
    pub name: &'static str,
    /// Who follows it.
    pub followed_by: &'static str,
    /// Holds what it was before us; not set when it was not.
    before: &'static str,
}

/// Every variable that a session changes and a permitted command gets back.
const LEADS: [Lead; 4] = [
    Lead { name: "BASH_ENV", followed_by: "bash", before: "AIRLOCK_EXEC_WAS_BASH_ENV" },
    Lead { name: "ZDOTDIR", followed_by: "zsh", before: "AIRLOCK_EXEC_WAS_ZDOTDIR" },
    Lead { name: "XDG_DATA_DIRS", followed_by: "fish", before: "AIRLOCK_EXEC_WAS_XDG_DATA_DIRS" },
    Lead {
        name: "SHELL",
        followed_by: "programs that start a shell",
        before: "AIRLOCK_EXEC_WAS_SHELL",
    },
];

/// Returns the session that a command runs in, as the environment has it: a label for
/// people, never a reason to trust.
#[must_use]
pub fn session(environment: &Environment) -> Option<&str> {
    environment.text(SESSION)
}

/// Leads shells to the gates in that directory, and programs to our shell of the name
/// that the person's has.
pub fn lead(environment: &mut Environment, session: &str, gates: &Path) {
    let mut data = gates.join(files::DIRECTORY_OF_DATA).into_os_string();
    data.push(":");
    data.push(environment.value("XDG_DATA_DIRS").unwrap_or(OsStr::new(DATA_DIRS)));
    let shell = environment.value("SHELL").and_then(|shell| Path::new(shell).file_name());
    let values = [
        gates.join(files::GATE_OF_BASH).into_os_string(),
        gates.join(files::DIRECTORY_OF_ZSH).into_os_string(),
        data,
        gates.join(files::DIRECTORY_OF_WRAPPERS).join(files::wrapper_of(shell)).into_os_string(),
    ];
    let mut added = vec![entry(SESSION, OsStr::new(session)), entry(GATES, gates.as_os_str())];
    for (Lead { name, before, .. }, value) in LEADS.into_iter().zip(values) {
        added.extend(environment.value(name).map(|was| entry(before, was)));
        added.push(entry(name, &value));
    }
    environment.add(added);
}

/// Returns each variable that leads shells to gates, and whether it does.
pub fn leads(environment: &Environment) -> impl Iterator<Item = (Lead, bool)> {
    let gates = environment.value(GATES).filter(|gates| !gates.is_empty());
    LEADS.into_iter().map(move |lead| {
        let value = environment.value(lead.name).map(OsStr::as_bytes);
        let is_on = gates.zip(value).is_some_and(|(gates, at)| at.starts_with(gates.as_bytes()));
        (lead, is_on)
    })
}

/// Takes the gates away, and gives every variable that leads to one its value again.
///
/// A variable that somebody changed since then is left as it is.
pub fn lift(environment: &mut Environment) {
    if environment.value(GATES).is_none() {
        return;
    }
    let mut gone = vec![GATES];
    let mut back = Vec::new();
    for (Lead { name, before, .. }, is_on) in leads(environment) {
        match environment.value(before) {
            Some(value) if is_on => back.push(entry(name, value)),
            None if is_on => gone.push(name),
            _ => {}
        }
        gone.push(before);
    }
    environment.remove(&gone);
    environment.add(back);
}

fn entry(name: &str, value: &OsStr) -> Cow<'static, std::ffi::CStr> {
    let bytes = [name.as_bytes(), b"=", value.as_bytes()].concat();
    Cow::Owned(CString::new(bytes).expect("it was an entry of an environment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lifted(entries: &[(&str, &str)]) -> Vec<(String, String)> {
        let mut environment: Environment =
            entries.iter().map(|(name, value)| (name.into(), value.into())).collect();
        lift(&mut environment);
        let text = |text: &OsStr| text.to_string_lossy().into_owned();
        environment.iter().map(|(name, value)| (text(name), text(value))).collect()
    }

    fn is(found: &[(String, String)], wanted: &[(&str, &str)]) -> bool {
        found.iter().map(|(n, v)| (n.as_str(), v.as_str())).eq(wanted.iter().copied())
    }

    #[test]
    fn everything_is_as_it_was() {
        let found = lifted(&[
            ("A", "1"),
            ("AIRLOCK_EXEC_GATES", "/g"),
            ("BASH_ENV", "/g/gate.bash"),
            ("ZDOTDIR", "/g/zsh"),
            ("AIRLOCK_EXEC_WAS_ZDOTDIR", "/home/me/zsh"),
            ("AIRLOCK_EXEC_SESSION", "s"),
        ]);
        let wanted = [("A", "1"), ("AIRLOCK_EXEC_SESSION", "s"), ("ZDOTDIR", "/home/me/zsh")];
        assert!(is(&found, &wanted), "{found:?}");
    }

    #[test]
    fn what_is_led_can_be_lifted() {
        let before = [("A", "1"), ("SHELL", "/usr/bin/zsh"), ("XDG_DATA_DIRS", "/d:/e")];
        let mut environment: Environment =
            before.iter().map(|(name, value)| (name.into(), value.into())).collect();
        lead(&mut environment, "s", Path::new("/g"));
        assert!(leads(&environment).all(|(_, is_on)| is_on));
        assert_eq!(environment.text("SHELL"), Some("/g/bin/airlock-zsh"));
        assert_eq!(environment.text("XDG_DATA_DIRS"), Some("/g/share:/d:/e"));
        assert_eq!(session(&environment), Some("s"));
        lift(&mut environment);
        assert!(leads(&environment).all(|(_, is_on)| !is_on));
        for (name, value) in before {
            assert_eq!(environment.text(name), Some(value));
        }
        assert_eq!(environment.iter().count(), before.len() + 1);
    }

    #[test]
    fn what_somebody_changed_stays() {
        let found = lifted(&[
            ("AIRLOCK_EXEC_GATES", "/g"),
            ("BASH_ENV", "/mine"),
            ("AIRLOCK_EXEC_WAS_BASH_ENV", "/before"),
        ]);
        assert!(is(&found, &[("BASH_ENV", "/mine")]), "{found:?}");
    }

    #[test]
    fn without_gates_nothing_changes() {
        let entries = [("BASH_ENV", "/g/gate.bash"), ("AIRLOCK_EXEC_WAS_BASH_ENV", "x")];
        assert!(is(&lifted(&entries), &entries));
        let empty = [("AIRLOCK_EXEC_GATES", ""), ("BASH_ENV", "/mine")];
        assert!(is(&lifted(&empty), &[("BASH_ENV", "/mine")]));
    }
}
