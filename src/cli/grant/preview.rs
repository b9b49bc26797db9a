//! Which commands of the past a grant would have covered.

use super::{GrantCommandError, say};
use crate::config::Paths;
use crate::display::Displayable;
use crate::display::counted;
use crate::policy::grant::Pattern;
use crate::record::{Event, Log, Record};
use crate::request::Place;
use jiff::Timestamp;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The most commands that are listed.
const LISTED: usize = 50;

/// What the log knows of: what was asked for or started, masked.
#[derive(Debug)]
pub(super) struct Past {
    covered: Vec<(Timestamp, String)>,
    known: usize,
}

impl Past {
    /// Looks through the log.
    pub(super) fn covered(
        paths: &Paths,
        pattern: &Pattern,
        place: &Place,
    ) -> Result<Self, GrantCommandError> {
        let records = Log::open(&paths.audit(), &paths.enforcer())?.read()?.records;
        let commands: Vec<_> = records.iter().filter_map(command).collect();
        let covered = commands.iter().filter(|(_, command)| {
            let words: Vec<OsString> = command.argv.iter().map(OsString::from).collect();
            command.left_out.is_none()
                && Path::new(&command.cwd).starts_with(&place.path)
                && pattern.covers(&words)
        });
        let covered = covered.map(|(time, command)| (*time, command.line())).collect();
        Ok(Self { covered, known: commands.len() })
    }

    /// Returns the newest of them.
    pub(super) fn last(&self, count: usize) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for (_, line) in self.covered.iter().rev() {
            if lines.len() < count && !lines.contains(line) {
                lines.push(line.clone());
            }
        }
        lines
    }
}

/// Each command counts once: when it was asked for, or when it ran without asking.
fn command(record: &Record) -> Option<(Timestamp, &crate::record::Command)> {
    match &record.event {
        Event::Requested { command, artifact_type, .. } if artifact_type.is_about_a_command() => {
            Some((record.time, command))
        }
        Event::Started { by, command, .. } | Event::Released { by, command, .. }
            if !by.was_asked_for() =>
        {
            Some((record.time, command))
        }
        _ => None,
    }
}

/// Shows them, and the files that the grant would need as they are; nobody is asked.
pub(super) fn show(
    pattern: &Pattern,
    past: &Past,
    files: &[PathBuf],
) -> Result<(), GrantCommandError> {
    let (count, known) = (past.covered.len(), past.known);
    let known = counted(known, "command");
    say(&format!("{} would have covered {count} of {known} in the log", pattern.shown()))?;
    for (time, line) in &past.covered[count.saturating_sub(LISTED)..] {
        let line = Displayable::from(line.as_str());
        say(&format!("  {}  {line}", time.strftime("%Y-%m-%d %H:%M:%S")))?;
    }
    say("it would also cover:")?;
    for sample in pattern.samples() {
        say(&format!("  {}", Displayable::from(sample.as_str())))?;
    }
    if !files.is_empty() {
        say("as long as these are what they are now:")?;
        for file in files {
            say(&format!("  {}", Displayable::from(file.as_os_str())))?;
        }
    }
    say("nobody was asked; leave --preview out to ask")?;
    Ok(())
}
