//! `log export`: the life of each command, in a form that stays.
//!
//! JSON lines: the first says which schema, version and log, each other is one life.
//! Fields are only ever added within a version. `docs/log.md` describes them.

use super::{Keys, LogError, show, table};
use crate::display::json::write_line;
use crate::record::{Basis, End, Findings, Life, Subject};
use serde_json::{Map, Value, json};
use std::io;

/// The version of what is exported.
const VERSION: u32 = 1;

/// Writes the head and every life.
pub(super) fn run(found: &Findings, lives: &[Life], keys: &Keys) -> Result<(), LogError> {
    let mut out = io::stdout().lock();
    let head = json!({
        "schema": "airlock-exec/log",
        "version": VERSION,
        "program": concat!("airlock-exec/", env!("CARGO_PKG_VERSION")),
        "records": found.records.len(),
        "lives": lives.len(),
        "end": found.end.map(|end| end.to_string()),
        "faults": found.faults.iter().map(ToString::to_string).collect::<Vec<_>>(),
    });
    write_line(&mut out, &head)?;
    for each in lives {
        write_line(&mut out, &life(each, keys))?;
    }
    Ok(())
}

/// Returns a life as JSON.
pub(super) fn life(life: &Life, keys: &Keys) -> Value {
    let kind = match life.subject {
        Subject::Command(_) => "command",
        Subject::Grant(_) => "grant",
        Subject::Ours(..) => "change",
    };
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            fields.insert(name.to_owned(), value);
        }
    };
    put("id", life.id().into());
    put("kind", kind.into());
    put("time", json!(life.time));
    put("verdict", life.verdict().into());
    put("outcome", table::outcome(life).into());
    put("command", json!(life.command()));
    if let Subject::Ours(_, what) = &life.subject {
        put("what", what.as_str().into());
    }
    put("why", json!(life.why));
    put("notes", json!(Some(&life.notes).filter(|notes| !notes.is_empty())));
    let decisions = show::decisions(life, keys);
    put("decisions", json!(Some(decisions).filter(|decisions| !decisions.is_empty())));
    put("by", by(life));
    put("way", json!(life.released));
    if let Some((cause, detail)) = &life.refused {
        put("refused", json!({"cause": cause, "detail": detail}));
    }
    let doubts =
        life.doubts.iter().map(|(cause, detail)| json!({"cause": cause, "detail": detail}));
    let doubts: Vec<Value> = doubts.collect();
    put("doubts", json!(Some(doubts).filter(|doubts| !doubts.is_empty())));
    if let Some((time, process)) = life.started {
        put("started", json!({"time": time, "process": process}));
    }
    if let Some((end, ms)) = &life.ended {
        put("ended", ended(end, *ms));
    }
    put("records", json!(life.records));
    Value::Object(fields)
}

fn by(life: &Life) -> Value {
    match &life.by {
        None => Value::Null,
        Some(Basis::Rule) => json!({"rule": true}),
        Some(Basis::Approval(request)) => json!({"approval": request}),
        Some(Basis::Standing(policy)) => json!({"standing": policy}),
        Some(Basis::Nested(within)) => json!({"within": within}),
        Some(Basis::Grant { id, number, of }) => json!({"grant": id, "run": number, "of": of}),
    }
}

fn ended(end: &End, ms: u64) -> Value {
    match end {
        End::Status(status) => json!({"status": status, "durationMs": ms}),
        End::Signal(signal) => json!({"signal": signal, "durationMs": ms}),
        End::NotStarted(why) => json!({"notStarted": why}),
        End::Lost(why) => json!({"lost": why}),
    }
}
