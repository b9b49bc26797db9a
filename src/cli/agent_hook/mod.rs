//! `airlock-exec agent-hook HOST`: answers an agent that asks before it runs a command.
//!
//! An agent pays for this with every tool it uses, so no argument parser, no
//! configuration and no runtime stand before the answer that it is not ours. Whatever
//! fails ends with status 2 and a text: in most agents any other status, and silence
//! with status 2 in some, let the command run.

mod fault;
mod once;
mod watch;

use super::gate::{self, Patience, Stay};
use crate::config::Paths;
use crate::display::Displayable;
use crate::error::Error;
use crate::intercept::agent::{
    Allowing, Answer, HOSTS, Host, Intent, LARGEST_PAYLOAD, Silence, host, intent,
};
use crate::intercept::{Interception, Invocation};
use crate::process::{self, Environment};
use crate::request::{Request, RequestError};
use crate::review::{Authority, HookCall, Permit};
use crate::run::Exit;
use fault::HookFault;
use std::ffi::{OsStr, OsString};
use std::time::Duration;
use watch::Quiet;

/// The word that brings a command line here.
pub(super) const WORD: &str = "agent-hook";
/// A host writes its payload at once.
const PAYLOAD_PATIENCE: Duration = Duration::from_secs(10);
/// No host keeps a longer reason.
const LONGEST_REASON: usize = 8000;

/// Answers the host that the words after `agent-hook` name.
pub(super) fn run(words: &[OsString], environment: &Environment) -> Exit {
    let (name, allowing) = match words {
        [name] => (name, Allowing::Grants),
        [name, how] if how == "quietly" => (name, Allowing::Quietly),
        _ => return once::refuse(&HookFault::Usage.to_string()),
    };
    let Some(host) = host(name) else {
        return once::refuse(&HookFault::UnknownHost(shown(name)).to_string());
    };
    once::answer_even_in_a_panic(host);
    let read = read(host);
    let from_cursor = matches!(&read, Ok(Some(intent)) if intent.from_cursor);
    let answer = match read {
        Ok(Some(intent)) => decide(host, &intent, environment),
        Ok(None) => return not_ours(host),
        Err(fault) => Err(fault),
    };
    let answer = answer.unwrap_or_else(|fault| Answer::Deny(in_words(&fault)));
    once::say(&match allowing {
        Allowing::Grants => answer.to(host, from_cursor),
        Allowing::Quietly => answer.quietly_to(host, from_cursor),
    })
}

/// Returns the names of the hosts.
pub(super) fn hosts() -> String {
    HOSTS.iter().map(|host| host.name).collect::<Vec<_>>().join(", ")
}

fn read(host: &Host) -> Result<Option<Intent>, HookFault> {
    let payload = process::read_whole_input(LARGEST_PAYLOAD, PAYLOAD_PATIENCE)?;
    Ok(intent(host, &payload)?)
}

/// Leaves the tool to the host.
fn not_ours(host: &'static Host) -> Exit {
    match host.silence {
        Silence::GoesOn => crate::exit::SUCCESS,
        Silence::IsAFault => once::say(&Answer::Allow("not a command".to_owned()).to(host, false)),
    }
}

fn decide(
    host: &'static Host,
    intent: &Intent,
    environment: &Environment,
) -> Result<Answer, HookFault> {
    let paths = Paths::from_environment(environment).map_err(Error::from)?;
    if let Some(directory) = &intent.directory {
        process::enter(directory).map_err(|error| Error::from(RequestError::Directory(error)))?;
    }
    // What the host wrote there was for us; the command reads something else.
    process::forget_input().map_err(HookFault::Input)?;
    let request = capture(&intent.text, environment)?;
    let asked = process::since_boot();
    let quiet = || Quiet::answering_by(host);
    let (name, text) = (intent.call.clone(), intent.text.clone());
    let call = HookCall::new(paths.handed(), paths.enforcer(), host.name, name, text);
    let stay = Stay { span: host.patience(), watcher: &quiet, call: &call };
    let patience = Patience::default();
    let permit = gate::permit_within(request, &paths, patience, &stay)?;
    let words = permission(&permit, process::since_boot().saturating_sub(asked));
    let directory = permit.request().directory().path().to_owned();
    let proof = permit.proof().cloned();
    gate::release(permit, &paths)?;
    if let Some(proof) = proof {
        call.keep(&directory, proof);
    }
    Ok(Answer::Allow(words))
}

/// Captures the text as the host's shell would run it.
fn capture(text: &str, environment: &Environment) -> Result<Request, Error> {
    let through = |shell: &str| {
        let words = [shell, "-c", text].map(OsString::from).to_vec();
        let invocation = Invocation::new(Interception::AgentHook, words)?;
        Ok::<_, Error>(Request::capture(invocation, environment.clone())?)
    };
    match through("bash") {
        Err(Error::Request(RequestError::NotFound { .. })) => through("sh"),
        captured => captured,
    }
}

/// Says, for people, why the command may run.
fn permission(permit: &Permit, waited: Duration) -> String {
    match permit.authority() {
        Authority::Rule => "airlock-exec: allowed by policy".to_owned(),
        Authority::Grant(_) => "airlock-exec: allowed by a grant".to_owned(),
        Authority::Standing(_) => "airlock-exec: approved by a do-not-disturb policy".to_owned(),
        Authority::Nested(cover) => {
            let request = cover.request_id();
            format!("airlock-exec: approved already, for another hook (request {request})")
        }
        Authority::Approval { asked, .. } => {
            let seconds = waited.as_secs();
            format!("airlock-exec: approved by a person after {seconds} s (request {asked})")
        }
    }
}

/// Says, for the agent, what happened, why, and what to do next.
fn in_words(fault: &HookFault) -> String {
    let reason = fault.reason().map(|why| format!(" Reason: {why}.")).unwrap_or_default();
    let request = fault.request().map(|id| format!(" Request: {id}.")).unwrap_or_default();
    let text = format!(
        "airlock-exec: {fault}; the command was not executed.{reason}{request} Next: {}.",
        fault.hint()
    );
    // One paragraph: some hosts show only the first line. What is not ours was escaped
    // where it came in.
    let line = text.chars().map(|each| if each.is_control() { ' ' } else { each });
    line.take(LONGEST_REASON).collect()
}

fn shown(word: &OsStr) -> String {
    Displayable::from(word.to_string_lossy().as_ref()).to_string()
}
