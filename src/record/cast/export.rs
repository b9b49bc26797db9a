//! Writes a recording as the version somebody's player reads.

use super::{Cast, CastError};
use serde_json::{Value, json};
use std::io::{BufRead, Write};
use std::time::Duration;

/// A version of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// What asciinema reads since its version 2.0.
    Two,
    /// What it reads since 3.0, and what we write.
    Three,
}

/// Writes a recording in that version; pauses are no longer than `idle_limit`.
///
/// # Errors
///
/// [`CastError`].
pub fn export(
    mut cast: Cast<impl BufRead>,
    version: Version,
    idle_limit: Option<Duration>,
    mut out: impl Write,
) -> Result<(), CastError> {
    let header = cast.header();
    let mut written = match version {
        Version::Two => json!({"version": 2, "width": header.columns, "height": header.rows}),
        Version::Three => {
            json!({"version": 3, "term": {"cols": header.columns, "rows": header.rows}})
        }
    };
    let mut put = |place: [&str; 2], value: Option<Value>| {
        let Some(value) = value else { return };
        match place {
            [name, ""] => written[name] = value,
            [outer, inner] => written[outer][inner] = value,
        }
    };
    put(["timestamp", ""], header.timestamp.map(Value::from));
    put(["command", ""], header.command.clone().map(Value::from));
    put(["title", ""], header.command.clone().map(Value::from));
    let place = if version == Version::Two { ["env", "TERM"] } else { ["term", "type"] };
    put(place, header.terminal.clone().map(Value::from));
    writeln!(out, "{written}")?;
    let mut at = Duration::ZERO;
    while let Some(frame) = cast.frame()? {
        let after = idle_limit.map_or(frame.after, |most| frame.after.min(most));
        at += after;
        // Version 2 has no way to say how it ended.
        if version == Version::Two && frame.code == "x" {
            continue;
        }
        let time = if version == Version::Two { at } else { after };
        let text = Value::from(frame.text);
        writeln!(out, "[{:.3}, {}, {text}]", time.as_secs_f64(), Value::from(frame.code))?;
    }
    out.flush()?;
    Ok(())
}
