//! What makes a command risky, or not quite what it seems, in words.

use crate::intercept::Interception;
use crate::policy;
use crate::process::{InputKind, Naming};
use crate::request::{Bound, Request, Shown, text};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::Path;

/// Returns what the approver should know besides what is shown.
pub(super) fn notes(request: &Request, bound: &Bound) -> Vec<String> {
    let mut notes = policy::dangers(request);
    notes.extend(request.git().into_iter().flat_map(|git| git.notes.iter().cloned()));
    about_program(request, bound, &mut notes);
    about_files(bound, &mut notes);
    about_input(request, bound, &mut notes);
    about_surroundings(request, &mut notes);
    notes.extend_from_slice(bound.notes());
    notes
}

fn about_program(request: &Request, bound: &Bound, notes: &mut Vec<String>) {
    let executable = request.executable();
    if bound.executable().is_none() {
        notes.push("the program's file may not be read: its content is unknown".to_owned());
    }
    if executable.is_writable_by_us() {
        notes.push("the program's file can be changed by the user who runs it".to_owned());
    }
    let word = &request.arguments()[0];
    let called = Path::new(word).file_name().unwrap_or(word);
    let found = executable.path().file_name().unwrap_or_default();
    // A shell of ours is called by our name.
    let is_stand_in = request.invocation().interception() == Interception::Shell;
    if called != found && !is_stand_in {
        let (called, found) = (text::word(called), text::word(found));
        notes.push(format!("the program calls itself {called}, and its file is {found}"));
    }
    if let Some(target) = executable.linked_to() {
        let target = text::word(target.as_os_str());
        notes.push(format!("the program's path is a symbolic link to {target}"));
    }
}

fn about_files(bound: &Bound, notes: &mut Vec<String>) {
    let mut compared = 0;
    for file in bound.files() {
        let path = text::word(file.path().as_os_str());
        match file.shown() {
            Shown::Content { size, preview, .. } => {
                compared += 1;
                about_preview(&path, size, preview, notes);
            }
            Shown::Absent => notes.push(format!("{path} is not there")),
            Shown::Opaque(what) => {
                notes.push(format!("{path} is {what}: its content is not part of this"));
            }
        }
    }
    if compared > 0 {
        notes.push(
            "files are compared once more just before the command starts; this is not atomic, \
             since a program opens them again by their paths"
                .to_owned(),
        );
        notes.push("what these files load or include in turn is not part of this".to_owned());
    }
}

fn about_preview(path: &str, size: u64, preview: Option<&str>, notes: &mut Vec<String>) {
    if let Some(preview) = preview.filter(|text| is_shorter(text, size)) {
        notes.push(format!("only the first {} of {size} bytes of {path} are shown", preview.len()));
    }
}

fn about_input(request: &Request, bound: &Bound, notes: &mut Vec<String>) {
    match (bound.input(), request.input()) {
        (Some(input), _) => {
            notes.push("the program comes through standard input, as shown here".to_owned());
            match input.preview() {
                Some(_) => {
                    about_preview("standard input", input.size(), input.preview(), notes);
                }
                None => {
                    notes.push("standard input is not text: only its digest is known".to_owned());
                }
            }
        }
        (None, InputKind::Pipe | InputKind::Socket) => notes.push(
            "what comes through standard input is decided later and is not part of this".to_owned(),
        ),
        (None, InputKind::File) => {
            notes.push("what comes from the input file is not part of this".to_owned());
        }
        (None, _) => {}
    }
}

fn about_surroundings(request: &Request, notes: &mut Vec<String>) {
    if request.directory().naming() == Naming::Nameless {
        notes.push("the working directory was deleted or cannot be reached by a path".to_owned());
    }
    let environment = request.environment();
    let mut seen = BTreeSet::new();
    let twice: BTreeSet<&OsStr> =
        environment.iter().map(|(name, _)| name).filter(|name| !seen.insert(*name)).collect();
    for name in twice {
        let name = text::word(name);
        notes.push(format!("the environment holds {name} more than once"));
    }
    if environment.entries().len() > environment.iter().count() {
        notes.push("the environment holds entries that are no variables".to_owned());
    }
}

fn is_shorter(text: &str, size: u64) -> bool {
    u64::try_from(text.len()).is_ok_and(|length| length < size)
}
