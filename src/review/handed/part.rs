//! Whether a command is part of a text that was approved.
//!
//! It is when the text itself states it, in the words it has: as the command that asks,
//! or as one that the kernel says is running around it. Which file runs is the kernel's
//! word, which words it was started with is compared with what was signed, and what
//! would run is what the same name meant where the agent's hook asked.

use super::proof::ApprovedText;
use crate::intercept::Interception;
use crate::policy::Stated;
use crate::process::{Ancestor, Environment, FileIdentity, directory_of, environment_of, words_of};
use crate::protocol::artifact::EnvironmentEntry;
use crate::request::{Marker, Request, program_on_path};
use crate::review::evidence;
use nix::sys::stat::fstat;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Variables that are compared in other ways, or that a shell sets by itself.
const LEFT_OUT: &[&str] = &["PATH", "PWD", "OLDPWD"];
/// What agents add for the commands they start, so that nothing waits for a person.
const QUIET: &[(&str, &str)] = &[
    ("EDITOR", "true"),
    ("GIT_EDITOR", "true"),
    ("GIT_EDITOR", ":"),
    ("GIT_PAGER", ""),
    ("GIT_PAGER", "cat"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("PAGER", "cat"),
];

/// A text that was approved, read.
pub(super) struct Whole<'a> {
    approved: &'a ApprovedText,
    stated: Stated,
    places: Vec<PathBuf>,
    marker: &'a Marker,
}

impl<'a> Whole<'a> {
    pub(super) fn of(approved: &'a ApprovedText, marker: &'a Marker) -> Self {
        let stated = Stated::of(&approved.text);
        let places = stated.places(&approved.directory);
        Self { approved, stated, places, marker }
    }

    /// Tells whether a request is part of it; `lineage` is this process and those it
    /// comes from, up to what the agent started.
    pub(super) fn has(&self, request: &Request, lineage: &[Ancestor]) -> bool {
        let Some((own, above)) = lineage.split_first() else { return false };
        let itself = match request.invocation().interception() {
            Interception::Shell => self.is_all_of(request),
            Interception::Prefix | Interception::Shim => {
                // Whatever covers it: another program of that name was not approved.
                if !self.means(request) {
                    return false;
                }
                self.states(request, &words_of(own))
            }
            _ => false,
        };
        itself || above.iter().any(|each| self.states_running(each, request.environment()))
    }

    /// Tells whether a shell is about to run the text, all of it and nothing else.
    fn is_all_of(&self, request: &Request) -> bool {
        let words = request.words();
        let is_text = match &words[..] {
            [_, option, text] => is_command_option(option) && *text == *self.approved.text,
            _ => false,
        };
        is_text
            && is_same_place(request.directory().path(), &self.approved.directory)
            && self.has_environment(request.environment())
    }

    /// Tells whether it states the command that asks, as this process was started.
    fn states(&self, request: &Request, words: &[OsString]) -> bool {
        self.stated.has(words)
            && self.holds(request.directory().path())
            && self.has_environment(request.environment())
    }

    /// Tells whether a request would run what its name meant where the hook asked.
    fn means(&self, request: &Request) -> bool {
        let (words, place) = (request.words(), request.directory().path());
        let program = words.first().and_then(|name| {
            FileIdentity::of_path(&self.program(name, place, request.environment())?)
        });
        let held = fstat(request.executable()).ok().as_ref().map(FileIdentity::from);
        program.is_some() && program == held
    }

    /// Tells whether it states a command that is running.
    fn states_running(&self, process: &Ancestor, ours: &Environment) -> bool {
        let words = words_of(process);
        let Some(name) = words.first().filter(|_| self.stated.has(&words)) else { return false };
        let Some(place) = directory_of(process) else { return false };
        let program = self.program(name, &place, ours);
        let runs = FileIdentity::of_program_of(process.process);
        let is_it = runs.is_some() && runs == program.as_deref().and_then(FileIdentity::of_path);
        // git goes to the top of its work tree.
        let goes_up = Path::new(name).file_name() == Some(OsStr::new("git"));
        let is_below = || self.places.iter().any(|each| real(each).starts_with(&place));
        is_it
            && (self.holds(&place) || goes_up && is_below())
            && self.has_environment(&environment_of(process))
    }

    /// Returns the program that a name meant where the agent's hook asked.
    fn program(&self, name: &OsStr, place: &Path, ours: &Environment) -> Option<PathBuf> {
        if name.as_bytes().contains(&b'/') {
            return Some(place.join(name));
        }
        let path = self.approved.environment.iter().find(|entry| entry.name == "PATH");
        let path = path.filter(|entry| entry.value_bytes.is_none() && !entry.redacted)?;
        let entry = std::ffi::CString::new(format!("PATH={}", path.value)).ok()?;
        program_on_path(name.to_str()?, &ours.clone().with(Some(entry.into())))
    }

    fn holds(&self, place: &Path) -> bool {
        self.places.iter().any(|each| is_same_place(each, place))
    }

    /// Tells whether no variable changes what runs that did not then.
    fn has_environment(&self, environment: &Environment) -> bool {
        let now = evidence::environment(environment, self.marker);
        let is_known = |entry: &EnvironmentEntry| {
            LEFT_OUT.contains(&&*entry.name)
                || QUIET.contains(&(&*entry.name, &*entry.value))
                || self.approved.environment.contains(entry)
        };
        let unknown = now.iter().find(|entry| !is_known(entry));
        if let Some(entry) = unknown {
            tracing::info!(name = entry.name, "another environment than that of the approval");
        }
        unknown.is_none()
    }
}

fn is_command_option(option: &OsStr) -> bool {
    let option = option.as_bytes();
    option.starts_with(b"-") && !option.starts_with(b"--") && option.ends_with(b"c")
}

fn is_same_place(one: &Path, other: &Path) -> bool {
    let identity = FileIdentity::of_path(one);
    identity.is_some() && identity == FileIdentity::of_path(other)
}

fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}
