//! `airlock-exec doctor`: what does not work, and how to mend it.

mod canary;
mod checks;
mod files;
mod log;

use super::output::say;
use super::paragraph::paragraph;
use crate::display::Displayable;
use crate::display::json::over_lines;
use crate::exit::SUCCESS;
use crate::process::Environment;
use crate::run::Exit;
use clap::Args;
use serde_json::{Value, json};

const STATUS: &str =
    "Status: 0 when nothing needs mending, 1 when something does; with --canary 0 when
anything is caught, 1 when nothing is.";

/// Looks what does not work: settings, files, gateway, clock, sign-in, consent, pairing.
#[derive(Debug, Args)]
#[command(after_help = STATUS)]
pub struct DoctorArguments {
    /// As JSON
    #[arg(long)]
    json: bool,
    /// Fire a harmless command in every form in which programs start a shell, from here,
    /// and through every hook that is installed, and print which are caught
    #[arg(long)]
    canary: bool,
    /// Put an audit log aside that is not what was written, and begin a new one
    #[arg(long, conflicts_with_all = ["canary", "json"])]
    repair: bool,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Good,
    /// It works, and somebody should know.
    Notice,
    Bad,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Notice => "notice",
            Self::Bad => "mend",
        }
    }
}

/// What a check found.
#[derive(Debug)]
struct Finding {
    check: &'static str,
    state: State,
    what: String,
    mend: Option<String>,
}

impl Finding {
    fn good(check: &'static str, what: impl Into<String>) -> Self {
        Self { check, state: State::Good, what: what.into(), mend: None }
    }

    fn notice(check: &'static str, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { check, state: State::Notice, what: what.into(), mend: Some(mend.into()) }
    }

    fn bad(check: &'static str, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { check, state: State::Bad, what: what.into(), mend: Some(mend.into()) }
    }

    fn in_words(&self) -> String {
        let what = Displayable::from(self.what.as_str());
        let line = format!("{:6}  {}: {what}", self.state.name(), self.check);
        let next = self.mend.as_ref().map(|mend| format!("{:8}next: {mend}", ""));
        let lines = [(Some(line), 8), (next, 14)];
        let lines = lines.into_iter().filter_map(|(line, indent)| Some(paragraph(&line?, indent)));
        lines.collect::<Vec<_>>().join("\n")
    }

    fn as_json(&self) -> Value {
        json!({
            "check": self.check, "state": self.state.name(), "what": self.what, "next": self.mend,
        })
    }
}

/// Runs `airlock-exec doctor`.
pub(super) fn run(arguments: &DoctorArguments, environment: &Environment) -> Exit {
    if arguments.canary {
        return canary::run(arguments.json, environment);
    }
    if arguments.repair {
        return log::repair(environment);
    }
    let findings = checks::all(environment);
    let text = if arguments.json {
        let list: Vec<Value> = findings.iter().map(Finding::as_json).collect();
        over_lines(&json!({"version": 1, "findings": list}))
    } else {
        findings.iter().map(Finding::in_words).collect::<Vec<_>>().join("\n")
    };
    // A reader that went away takes the text with it; the status still tells.
    let _ = say(&text);
    if findings.iter().any(|finding| finding.state == State::Bad) { Exit::Code(1) } else { SUCCESS }
}
