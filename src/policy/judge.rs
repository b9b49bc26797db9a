//! Judges a captured request: words, file, surroundings.

use super::basis::Basis;
use super::engine::{Engine, Rules};
use super::rule::Circumstances;
use super::set::{RuleSet, Settings};
use super::surroundings::{self, Program};
use super::tool::{self, Family};
use super::verdict::{Allowed, Decision, Denial, Judgement, Verdict};
use super::words::{Word, base_name};
use super::{PolicyError, neutral, source, trust};
use crate::config::Paths;
use crate::request::Request;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Judges a request by the rules that hold where it starts, and keeps it in the verdict.
///
/// # Errors
///
/// [`PolicyError`] when a policy file cannot be used.
pub fn judge(request: Request, paths: &Paths) -> Result<Verdict, PolicyError> {
    let home = request.environment().value("HOME").map(Path::new);
    let set = RuleSet::load(source::places(paths, request.directory().path()), home)?;
    let judgement = decide(&request, &set, &set.settings)?;
    Ok(match judgement.decision() {
        Decision::Allow => {
            let additions = additions(&request);
            Verdict::Allow(Allowed::new(request, additions))
        }
        Decision::Ask => Verdict::Ask(request),
        Decision::Deny => Verdict::Deny(Denial {
            rule: judgement.rule().unwrap_or_default(),
            reason: judgement.reason().map(str::to_owned),
            because: judgement.because(),
        }),
    })
}

/// Judges words first, then what they are in this place.
fn decide(
    request: &Request,
    rules: &dyn Rules,
    settings: &Settings,
) -> Result<Judgement, PolicyError> {
    let words: Vec<Word<'_>> =
        request.arguments().iter().map(|word| Word::literal(word.as_bytes())).collect();
    let circumstances = Circumstances {
        directory: request.directory().path(),
        environment: request.environment(),
        stdio: request.stdio(),
        minute: crate::process::minute_of_day,
    };
    let engine = Engine { rules, circumstances, defaults: settings.defaults };
    let judgement = engine.judge(&words)?;
    if judgement.decision() != Decision::Allow {
        return Ok(judgement);
    }
    Ok(match obstacle(request, settings) {
        Some(why) => Judgement::ask(Basis::Surroundings { rule: None, why }),
        None => judgement,
    })
}

/// Says what around an allowed command keeps it from running unasked, if anything.
fn obstacle(request: &Request, settings: &Settings) -> Option<String> {
    if let Some(why) = trust::distrusted(request, &settings.directories) {
        return Some(why);
    }
    let name = base_name(request.arguments()[0].as_bytes());
    let family = tool::tool_named(name).map(tool::Tool::obeys);
    let program = family.map_or(Program::Unknown, Program::Known);
    if let Some(variable) =
        surroundings::disturbing(request.environment(), program, name, &settings.environment)
    {
        return Some(format!("{variable} is set, which changes what runs"));
    }
    (family == Some(Family::Git)).then(|| neutral::disturbing(request.directory().path())).flatten()
}

fn additions(request: &Request) -> Vec<std::ffi::CString> {
    let name = base_name(request.arguments()[0].as_bytes());
    let is_git = tool::tool_named(name).is_some_and(|tool| tool.obeys() == Family::Git);
    if is_git { neutral::additions(request.stdio()) } else { Vec::new() }
}
