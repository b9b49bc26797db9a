//! `log show`: everything about one request.

use super::{Keys, LogError, table};
use crate::cli::output::{say, say_json};
use crate::display::Displayable;
use crate::display::counted;
use crate::record::{Basis, Decided, End, Findings, Life, Record, Subject, lives};
use jiff::Timestamp;
use serde_json::{Value, json};

/// Shows one life.
pub(super) fn run(found: &Findings, keys: &Keys, id: &str, json: bool) -> Result<(), LogError> {
    let all = lives(&found.records);
    let life = chosen(&all, id)?;
    let records: Vec<&Record> =
        found.records.iter().filter(|record| life.records.contains(&record.seq)).collect();
    if json {
        let shown =
            json!({"version": 1, "life": super::export::life(life, keys), "records": records});
        return Ok(say_json(&shown)?);
    }
    for (name, text) in rows(life, keys) {
        let text = Displayable::from(text.as_str());
        say(&format!("{name:<10}  {text}"))?;
    }
    Ok(())
}

/// Finds the life somebody means: by its request, its end, or the number of a record.
fn chosen<'a>(lives: &'a [Life], id: &str) -> Result<&'a Life, LogError> {
    let number = id.trim_start_matches('#');
    let of_record = |life: &&Life| match life.index {
        Some(index) => number == format!("{}.{index}", life.records[0]),
        None => number.parse().is_ok_and(|number| life.records.contains(&number)),
    };
    let of_request = |life: &&Life| {
        life.request.as_ref().is_some_and(|request| {
            let request = request.as_str();
            request == id
                || (id.len() >= 4
                    && request.to_ascii_lowercase().ends_with(&id.to_ascii_lowercase()))
        })
    };
    // A request that was joined has several lives; the newest says most.
    let found = lives.iter().rev().find(of_request).or_else(|| lives.iter().find(of_record));
    found.ok_or_else(|| LogError::NotFound { id: id.to_owned() })
}

fn rows(life: &Life, keys: &Keys) -> Vec<(&'static str, String)> {
    let mut rows = vec![("id", life.id())];
    let mut row = |name, text: String| rows.push((name, text));
    row("began", when(life.time));
    row("outcome", table::outcome(life));
    match &life.subject {
        Subject::Ours(word, what) => row("what", format!("{word}: {what}")),
        Subject::Command(_) => row("command", table::subject(life)),
        Subject::Grant(_) => row("grant of", table::subject(life)),
    }
    if let Some(command) = life.command() {
        let digest = command.program_sha256.map(|sha256| format!(" (sha256 {sha256})"));
        row("program", format!("{}{}", command.program, digest.unwrap_or_default()));
        row("directory", command.cwd.clone());
        let optional = [
            ("repository", &command.repository),
            ("agent", &command.agent),
            ("session", &command.session),
        ];
        for (name, text) in optional {
            if let Some(text) = text {
                row(name, text.clone());
            }
        }
        if !command.user.is_empty() {
            row("user", command.user.clone());
        }
    }
    if let Some(why) = &life.why {
        row("asked", why.clone());
    }
    for note in &life.notes {
        row("note", note.clone());
    }
    for (cause, detail) in &life.doubts {
        row("doubted", format!("{cause}: {detail}"));
    }
    for decided in &life.decided {
        let decision = &decided.decision;
        let at = decision.verified_at;
        let took = table::span(at.duration_since(life.time));
        row("decision", format!("{} {}, after {took}", decision.decision.word(), when(at)));
        row("signed by", keys.words_about(decision));
        row(
            "signature",
            match keys.doubt(decision, life.touch) {
                None => {
                    let touch = keys.touched(decision);
                    let touch = touch.map(|at| format!(", with the touch of a passkey of {at}"));
                    let signed = "checked again just now: it is what that key signed";
                    format!("{signed}{}", touch.unwrap_or_default())
                }
                Some(fault) => format!("NOT BELIEVED: {fault}"),
            },
        );
        if let Some(words) = &decided.reason {
            row("words", format!("{words} (nobody signed them)"));
        }
    }
    if let Some(by) = &life.by {
        row("by", basis(by));
    }
    if let Some(way) = &life.released {
        row("ran by", way.clone());
    }
    if let Some((cause, detail)) = &life.refused {
        row("refused", format!("{cause}: {detail}"));
    }
    if let Some((time, process)) = life.started {
        row("started", format!("{} under process {process}", when(time)));
    }
    if let Some((end, ms)) = &life.ended {
        let why = match end {
            End::NotStarted(why) | End::Lost(why) => format!(": {why}"),
            End::Status(_) | End::Signal(_) => format!(" after {ms} ms"),
        };
        row("ended", format!("{}{why}", table::ending(end)));
    }
    if let Some(by) = &life.stopped {
        row("stopped", format!("by the approver with {by}"));
    }
    if let Some(recording) = &life.recording {
        let left_out = match recording.left_out {
            0 => String::new(),
            bytes => format!(", without {} of output", counted(bytes, "byte")),
        };
        row("recording", format!("{} (sha256 {}){left_out}", recording.file, recording.sha256));
    }
    for kept in &life.kept {
        row("kept", kept.what.clone());
        row("restore", kept.restore.clone());
    }
    let records: Vec<String> = life.records.iter().map(u64::to_string).collect();
    row("records", records.join(", "));
    rows
}

fn basis(by: &Basis) -> String {
    match by {
        Basis::Rule => "a rule of the policy".to_owned(),
        Basis::Approval(request) => format!("the decision about {request}"),
        Basis::Standing(policy) => {
            format!("the do-not-disturb policy {policy}, which nobody signed")
        }
        Basis::Nested(request) => format!("the approval of the command around it, {request}"),
        Basis::Grant { id, number, of } => format!("grant {id}, run {number} of {of}"),
    }
}

fn when(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// Returns the decisions of a life as JSON.
pub(super) fn decisions(life: &Life, keys: &Keys) -> Vec<Value> {
    let each = |decided: &Decided| {
        let decision = &decided.decision;
        let took = decision.verified_at.duration_since(life.time).as_millis();
        json!({
            "decision": decision.decision.word(),
            "at": decision.verified_at,
            "tookMs": i64::try_from(took).unwrap_or(i64::MAX),
            "signerKeyId": decision.signer_key_id.to_string(),
            "approver": keys.name_of(decision),
            "signature": keys.doubt(decision, life.touch).map_or("holds", |fault| fault.word()),
            "unsignedReason": decided.reason,
        })
    };
    life.decided.iter().map(each).collect()
}
