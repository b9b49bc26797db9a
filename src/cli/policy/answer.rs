//! `policy check` and `policy explain`.

use super::{PolicyCommandError, Subject, directory, origin, plain};
use crate::cli::output::say_json;
use crate::config::Paths;
use crate::intercept::{Interception, Invocation};
use crate::policy::{self, Decision, Judgement, Part, Policy};
use crate::process::Environment;
use crate::request::Request;
use serde_json::{Map, Value, json};
use std::ffi::OsString;
use std::io::{self, Write};

/// The shell that text is judged for: it reads no file before the text.
const SHELL: [&str; 4] = ["/bin/bash", "--norc", "--noprofile", "-c"];

/// A decision, the parts it was made of, and what keeps the command from running at all.
struct Answer {
    judgement: Judgement,
    parts: Vec<Part>,
    /// Why it would not run even if it were allowed.
    impossible: Option<String>,
}

impl Answer {
    fn find(subject: &Subject, environment: &Environment) -> Result<Self, PolicyCommandError> {
        if subject.shell.is_none() && subject.command.is_empty() {
            return Err(PolicyCommandError::NoCommand);
        }
        let paths = Paths::from_environment(environment)?;
        let directory = directory()?;
        let origin = origin(subject.policy.as_deref(), &paths);
        let words_only = Policy::read(origin, environment, directory.path())?;
        let parts = match &subject.shell {
            Some(text) => words_only.parts(text)?,
            None => Vec::new(),
        };
        let by_words = match &subject.shell {
            Some(text) => words_only.judge_text(text)?,
            None => words_only.judge_words(&subject.command)?,
        };
        if subject.policy.is_some() {
            return Ok(Self { judgement: by_words, parts, impossible: None });
        }
        let words: Vec<OsString> = match &subject.shell {
            Some(text) => SHELL.iter().copied().chain([&**text]).map(OsString::from).collect(),
            None => subject.command.clone(),
        };
        let invocation = Invocation::new(Interception::Prefix, words)
            .map_err(|_| PolicyCommandError::NoCommand)?;
        Ok(match Request::capture(invocation, environment.clone()) {
            Ok(request) => {
                Self { judgement: policy::assess(&request, &paths)?, parts, impossible: None }
            }
            Err(error) => Self { judgement: by_words, parts, impossible: Some(error.to_string()) },
        })
    }

    /// What cannot run is never allowed to.
    fn decision(&self) -> Decision {
        match (&self.impossible, self.judgement.decision()) {
            (Some(_), Decision::Allow) => Decision::Ask,
            (_, decision) => decision,
        }
    }

    fn because(&self) -> String {
        match &self.impossible {
            Some(why) => format!("{} (and it would not run: {why})", self.judgement.because()),
            None => self.judgement.because(),
        }
    }

    fn fields(&self) -> Map<String, Value> {
        let mut fields = judgement_fields(&self.judgement);
        fields.insert("version".to_owned(), 1.into());
        fields.insert("decision".to_owned(), self.decision().word().into());
        fields.insert("because".to_owned(), self.because().into());
        fields
    }
}

fn judgement_fields(judgement: &Judgement) -> Map<String, Value> {
    let fields = json!({
        "decision": judgement.decision().word(),
        "rule": judgement.rule(),
        "because": judgement.because(),
        "reason": judgement.reason(),
        "approvals": needed(judgement),
    });
    match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// Says what would become of a command.
pub(super) fn check(
    subject: &Subject,
    environment: &Environment,
) -> Result<(), PolicyCommandError> {
    let answer = Answer::find(subject, environment)?;
    if subject.json {
        return Ok(say_json(&Value::Object(answer.fields()))?);
    }
    let mut out = io::stdout().lock();
    writeln!(out, "{}: {}", answer.decision().word(), plain(&answer.because()))?;
    if let Some(reason) = answer.judgement.reason() {
        writeln!(out, "  reason: {}", plain(reason))?;
    }
    write_needed(&mut out, "  ", &answer.judgement)
}

/// Returns how many must approve: nobody, of what is allowed or denied.
fn needed(judgement: &Judgement) -> Option<u8> {
    (judgement.decision() == Decision::Ask).then(|| judgement.approvals().number())
}

fn write_needed(
    out: &mut impl Write,
    indent: &str,
    judgement: &Judgement,
) -> Result<(), PolicyCommandError> {
    if needed(judgement).is_some_and(|number| number > 1) {
        writeln!(out, "{indent}needs: {} by different approvers", judgement.approvals())?;
    }
    Ok(())
}

/// Says which file, line and part of the command decided, and what would help.
pub(super) fn explain(
    subject: &Subject,
    environment: &Environment,
) -> Result<(), PolicyCommandError> {
    let answer = Answer::find(subject, environment)?;
    if subject.json {
        let mut fields = answer.fields();
        let part = |part: &Part| {
            let mut fields = judgement_fields(&part.judgement);
            fields.insert("command".to_owned(), part.command.clone().into());
            let bytes = part.bytes.as_ref().map(|bytes| [bytes.start, bytes.end]);
            fields.insert("bytes".to_owned(), json!(bytes));
            fields.insert("toAllow".to_owned(), json!(part.judgement.remedy()));
            Value::Object(fields)
        };
        fields.insert("toAllow".to_owned(), json!(answer.judgement.remedy()));
        fields.insert("parts".to_owned(), answer.parts.iter().map(part).collect());
        return Ok(say_json(&Value::Object(fields))?);
    }
    let mut out = io::stdout().lock();
    writeln!(out, "{}", answer.decision().word())?;
    writeln!(out, "  because: {}", plain(&answer.because()))?;
    write_details(&mut out, "  ", &answer.judgement)?;
    for part in &answer.parts {
        let place = match &part.bytes {
            Some(bytes) => format!("bytes {} to {}", bytes.start, bytes.end),
            None => "in a substitution".to_owned(),
        };
        writeln!(out)?;
        writeln!(out, "{} ({place})", plain(&part.command))?;
        let judgement = &part.judgement;
        writeln!(out, "  {}: {}", judgement.decision().word(), plain(&judgement.because()))?;
        write_details(&mut out, "  ", judgement)?;
    }
    Ok(())
}

fn write_details(
    out: &mut impl Write,
    indent: &str,
    judgement: &Judgement,
) -> Result<(), PolicyCommandError> {
    write_needed(out, indent, judgement)?;
    if let Some(rule) = judgement.rule() {
        writeln!(out, "{indent}rule: {}", plain(&rule))?;
    }
    if let Some(reason) = judgement.reason() {
        writeln!(out, "{indent}reason: {}", plain(reason))?;
    }
    if let Some(remedy) = judgement.remedy() {
        writeln!(out, "{indent}to run it unasked: {}", plain(&remedy))?;
    }
    Ok(())
}
