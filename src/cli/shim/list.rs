//! `shim list`: each shim, where it leads, and what stands in its way.

use super::{Place, ShimCommandError, shown};
use crate::cli::output::{say, say_json};
use crate::intercept::shim::{Leads, Placed};
use serde_json::json;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// One shim, as it stands.
struct Row {
    name: OsString,
    placed: Placed,
    /// What it stands before.
    program: Option<PathBuf>,
    /// What a shell finds first.
    first: Option<PathBuf>,
}

/// How it is with a shim, in one word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Ready,
    /// Another program of its name stands before it.
    Shadowed,
    NoProgram,
    Broken,
    Elsewhere,
    Foreign,
}

/// Shows every shim.
pub(super) fn run(place: &Place<'_>, json: bool) -> Result<(), ShimCommandError> {
    let rows: Vec<Row> = place
        .shims
        .names()?
        .into_iter()
        .map(|name| Row::of(place, name))
        .collect::<Result<_, _>>()?;
    let in_front = is_in_front(place);
    if json {
        let shims: Vec<_> = rows.iter().map(|row| row.json(place)).collect();
        let directory = place.shims.path().to_string_lossy();
        let all =
            json!({"version": 1, "directory": directory, "inFront": in_front, "shims": shims});
        return Ok(say_json(&all)?);
    }
    if rows.is_empty() {
        return Ok(say("no shims; to make some: airlock-exec shim install git npm")?);
    }
    let width = rows.iter().map(|row| shown(&row.name).chars().count()).max().unwrap_or(0);
    for row in &rows {
        say(&format!("{:<width$}  {}", shown(&row.name), row.words(place)))?;
    }
    if !in_front {
        say(&format!("\nYour PATH does not begin with them: {}", place.line_to_evaluate()))?;
    }
    Ok(())
}

/// Tells whether the shims are the first entry of `PATH`.
pub(super) fn is_in_front(place: &Place<'_>) -> bool {
    let path = place.environment.value("PATH").unwrap_or_default();
    let first = std::env::split_paths(path).next();
    first.is_some_and(|first| first == place.shims.path())
}

impl Row {
    fn of(place: &Place<'_>, name: OsString) -> Result<Self, ShimCommandError> {
        let placed = place.shims.look(&name)?;
        let program = place.program(&name).ok();
        let first = first_of(place.environment.value("PATH").unwrap_or_default(), &name);
        Ok(Self { name, placed, program, first })
    }

    fn state(&self, place: &Place<'_>) -> State {
        let is_first =
            self.first.as_ref().is_none_or(|first| *first == place.shims.link(&self.name));
        match &self.placed {
            Placed::Nothing | Placed::Foreign => State::Foreign,
            Placed::Link { leads: Leads::Nowhere, .. } => State::Broken,
            Placed::Link { leads: Leads::Elsewhere, .. } => State::Elsewhere,
            Placed::Link { leads: Leads::Here, .. } if self.program.is_none() => State::NoProgram,
            Placed::Link { leads: Leads::Here, .. } if !is_first => State::Shadowed,
            Placed::Link { leads: Leads::Here, .. } => State::Ready,
        }
    }

    fn target(&self) -> Option<&Path> {
        match &self.placed {
            Placed::Link { target, .. } => Some(target),
            _ => None,
        }
    }

    fn words(&self, place: &Place<'_>) -> String {
        let path = |path: Option<&Path>| shown(path.unwrap_or(Path::new("?")).as_os_str());
        let name = shown(&self.name);
        match self.state(place) {
            State::Ready => format!("before {}", path(self.program.as_deref())),
            State::Shadowed => {
                format!("not called: {} comes first in PATH", path(self.first.as_deref()))
            }
            State::NoProgram => format!("no program behind it: airlock-exec shim remove {name}"),
            State::Broken => format!(
                "leads to {}, which is not there: airlock-exec shim install {name}",
                path(self.target())
            ),
            State::Elsewhere => format!("leads to another airlock-exec: {}", path(self.target())),
            State::Foreign => "not a shim of ours".to_owned(),
        }
    }

    fn json(&self, place: &Place<'_>) -> serde_json::Value {
        let text = |path: Option<&Path>| path.map(|path| path.to_string_lossy().into_owned());
        json!({
            "name": self.name.to_string_lossy(),
            "state": self.state(place).word(),
            "leadsTo": text(self.target()),
            "program": text(self.program.as_deref()),
            "first": text(self.first.as_deref()),
        })
    }
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Shadowed => "shadowed",
            Self::NoProgram => "no-program",
            Self::Broken => "broken",
            Self::Elsewhere => "elsewhere",
            Self::Foreign => "foreign",
        }
    }
}

/// Returns the first executable file of that name, as a shell finds it.
fn first_of(path: &OsStr, name: &OsStr) -> Option<PathBuf> {
    which::which_in_global(name, Some(path)).ok()?.next()
}
