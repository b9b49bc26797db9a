//! Whether a command is part of a text that was approved.
//!
//! It is when the text itself states it, in the words it has: as the command that asks,
//! or as one that is running around it. Which file runs, and where, is the kernel's word;
//! it must be what the same name means on the path of where the agent's hook asked. The
//! words and variables of a running command are what it was started with, and whoever may
//! trace it can change them: docs/nested.md says so.

use super::proof::ApprovedText;
use crate::intercept::Interception;
use crate::policy::Stated;
use crate::process::{
    Ancestor, Environment, FileIdentity, directory_of, environment_of, is_shell, words_of,
};
use crate::protocol::artifact::EnvironmentEntry;
use crate::request::{Marker, Place, Request, program_on_path, reads_its_program};
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
            // Whatever covers it: another program of that name was not approved.
            Interception::Prefix | Interception::Shim if !self.means(request) => return false,
            Interception::Prefix | Interception::Shim => self.states(request, &words_of(own)),
            Interception::GitHook | Interception::AgentHook | Interception::Approve => false,
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
            && self.is_shell(request)
            && is_same_place(request.directory().path(), &self.approved.directory)
            && self.has_environment(request.environment())
    }

    /// Tells whether a request runs the shell that the approver saw, or another where the
    /// name of that shell leads to it.
    fn is_shell(&self, request: &Request) -> bool {
        let Some(held) = held(request) else { return false };
        let name = request.executable().path().file_name().and_then(OsStr::to_str);
        let named = name.filter(|name| is_shell(name)).and_then(|name| {
            let place = request.directory().path();
            self.program(OsStr::new(name), place, request.environment())
        });
        let shells = [Some(self.approved.shell.clone()), named];
        shells.iter().flatten().any(|shell| FileIdentity::of_path(shell) == Some(held))
    }

    /// Tells whether it states the command that asks, as this process was started.
    fn states(&self, request: &Request, words: &[OsString]) -> bool {
        let program = request.executable().path();
        self.stated.has(words)
            && !reads_its_program(request.arguments(), program, request.environment())
            && self.holds(request.directory().path())
            && self.has_environment(request.environment())
    }

    /// Tells whether a request would run what its name meant where the hook asked.
    fn means(&self, request: &Request) -> bool {
        let (words, place) = (request.words(), request.directory().path());
        let program = words.first().and_then(|name| {
            FileIdentity::of_path(&self.program(name, place, request.environment())?)
        });
        program.is_some() && program == held(request)
    }

    /// Tells whether it states a command that is running.
    fn states_running(&self, process: &Ancestor, ours: &Environment) -> bool {
        let words = words_of(process);
        let Some(name) = words.first().filter(|_| self.stated.has(&words)) else { return false };
        let Some(place) = directory_of(process) else { return false };
        let Some(program) = self.program(name, &place, ours) else { return false };
        let runs = FileIdentity::of_program_of(process.process);
        let is_it = runs.is_some() && runs == FileIdentity::of_path(&program);
        // git goes to the top of its work tree.
        let goes_up = Path::new(name).file_name() == Some(OsStr::new("git"));
        let is_top = |each: &PathBuf| {
            Place::of_repository(each).is_some_and(|top| is_same_place(&top.path, &place))
        };
        is_it
            && !reads_its_program(&words, &program, ours)
            && (self.holds(&place) || goes_up && self.places.iter().any(is_top))
            && environment_of(process).is_some_and(|theirs| self.has_environment(&theirs))
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

    /// Tells whether the variables that change what runs are those that the approver saw.
    fn has_environment(&self, environment: &Environment) -> bool {
        let (then, now) =
            (&self.approved.environment, evidence::environment(environment, self.marker));
        let is_left_out = |entry: &&EnvironmentEntry| LEFT_OUT.contains(&&*entry.name);
        let is_known = |entry: &&EnvironmentEntry| {
            QUIET.contains(&(&*entry.name, &*entry.value)) || then.contains(entry)
        };
        let is_set = |entry: &&EnvironmentEntry| now.iter().any(|each| each.name == entry.name);
        let added = now.iter().find(|entry| !is_left_out(entry) && !is_known(entry));
        let other =
            added.or_else(|| then.iter().find(|entry| !is_left_out(entry) && !is_set(entry)));
        if let Some(entry) = other {
            tracing::info!(name = entry.name, "another environment than that of the approval");
        }
        other.is_none()
    }
}

/// Returns which file a request would run.
fn held(request: &Request) -> Option<FileIdentity> {
    fstat(request.executable()).ok().as_ref().map(FileIdentity::from)
}

/// Tells whether a word says a shell that its text comes next: `-c`, `-lc`.
pub(super) fn is_command_option(option: &OsStr) -> bool {
    let option = option.as_bytes();
    option.starts_with(b"-") && !option.starts_with(b"--") && option.ends_with(b"c")
}

fn is_same_place(one: &Path, other: &Path) -> bool {
    let identity = FileIdentity::of_path(one);
    identity.is_some() && identity == FileIdentity::of_path(other)
}
