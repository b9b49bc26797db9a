//! `airlock-exec doctor`: what does not work, and how to mend it.

mod checks;
mod files;

use super::approver::say;
use crate::display::Displayable;
use crate::exit::SUCCESS;
use crate::process::Environment;
use crate::run::Exit;
use clap::Args;
use serde_json::{Value, json};

const STATUS: &str = "Status: 0 when nothing needs mending, 1 when something does.";

/// Looks what does not work: settings, files, gateway, clock, sign-in, consent, pairing.
#[derive(Debug, Args)]
#[command(after_help = STATUS)]
pub struct DoctorArguments {
    /// As JSON
    #[arg(long)]
    json: bool,
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
        let mend = self.mend.as_ref().map(|mend| format!("\n          next: {mend}"));
        format!("{:6}  {}: {what}{}", self.state.name(), self.check, mend.unwrap_or_default())
    }

    fn as_json(&self) -> Value {
        json!({
            "check": self.check, "state": self.state.name(), "what": self.what, "next": self.mend,
        })
    }
}

/// Runs `airlock-exec doctor`.
pub(super) fn run(arguments: &DoctorArguments, environment: &Environment) -> Exit {
    let findings = checks::all(environment);
    let text = if arguments.json {
        let list: Vec<Value> = findings.iter().map(Finding::as_json).collect();
        format!("{:#}", json!({"version": 1, "findings": list}))
    } else {
        findings.iter().map(Finding::in_words).collect::<Vec<_>>().join("\n")
    };
    // A reader that went away takes the text with it; the status still tells.
    let _ = say(&text);
    if findings.iter().any(|finding| finding.state == State::Bad) { Exit::Code(1) } else { SUCCESS }
}
