//! `airlock-exec replay`: plays what was recorded of a command.
//!
//! What is played are the very bytes that a command wrote, and a terminal obeys them: so
//! they go to a terminal and nowhere else, a recording that was changed is not played, and
//! the terminal is put right at the end.

mod error;
mod play;
mod screen;

pub use error::ReplayError;

use crate::cli::output::{say, say_json};
use crate::config::Paths;
use crate::display::{Displayable, Plain};
use crate::process::{Environment, Stdio};
use crate::record::cast::{Recorded, Shelf, Version, export};
use crate::record::{Event, Log};
use clap::{Args, ValueEnum};
use play::Pace;
use serde_json::json;
use std::io::{self, Write as _};
use std::time::Duration;

/// Plays a recording.
#[derive(Debug, Args)]
pub struct ReplayArguments {
    /// The request, as `log` names it, the end of its id, or the name of a file; without it
    /// what there is is listed
    id: Option<String>,
    /// How many times as fast
    #[arg(long, value_name = "NUMBER", default_value = "1", value_parser = speed)]
    speed: f64,
    /// Let no pause take longer than this, for example 2 or 0.5
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    idle_limit: Option<Duration>,
    /// Write it to standard output as an asciicast file of that version
    #[arg(long, value_name = "VERSION", requires = "id", conflicts_with = "text")]
    export: Option<Format>,
    /// Write what it shows as text, everything odd escaped
    #[arg(long, requires = "id")]
    text: bool,
    /// List as a JSON array
    #[arg(long, conflicts_with = "id")]
    json: bool,
}

/// A version of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For asciinema 2 and most players
    V2,
    /// For asciinema 3
    V3,
}

fn speed(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.01..=1000.0).contains(&number) { Ok(number) } else { Err("0.01 to 1000".to_owned()) }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let number = text.strip_suffix('s').unwrap_or(text).parse();
    let span = number.ok().and_then(|number| Duration::try_from_secs_f64(number).ok());
    span.ok_or_else(|| "write a number of seconds: 2 or 0.5".to_owned())
}

/// Runs `airlock-exec replay`.
///
/// # Errors
///
/// [`ReplayError`].
pub fn run(arguments: &ReplayArguments, environment: &Environment) -> Result<(), ReplayError> {
    let paths = Paths::from_environment(environment)?;
    let shelf = Shelf::open(&paths.recordings())?;
    let Some(id) = &arguments.id else { return list(&shelf, arguments.json) };
    let name = shelf.find(id)?;
    let fault = compare(&shelf, &paths, &name)?;
    let pace = Pace { speed: arguments.speed, idle_limit: arguments.idle_limit };
    if arguments.export.is_some() || arguments.text {
        fault.inspect(|fault| eprintln_line(&fault.to_string()));
        let cast = shelf.read(&name)?;
        return match arguments.export {
            Some(format) => {
                let version = match format {
                    Format::V2 => Version::Two,
                    Format::V3 => Version::Three,
                };
                Ok(export(cast, version, arguments.idle_limit, io::stdout().lock())?)
            }
            None => text(cast),
        };
    }
    if let Some(fault @ ReplayError::Changed { .. }) = fault {
        return Err(fault);
    }
    if !Stdio::capture().has_a_person() {
        return Err(ReplayError::NoTerminal);
    }
    fault.inspect(|fault| eprintln_line(&fault.to_string()));
    play::play(shelf.read(&name)?, &pace)
}

/// Writes a line for the person on standard error.
#[expect(clippy::print_stderr, reason = "what is written goes to standard output")]
fn eprintln_line(line: &str) {
    eprintln!("{line}");
}

/// Compares a recording with what the log says of it.
fn compare(shelf: &Shelf, paths: &Paths, name: &str) -> Result<Option<ReplayError>, ReplayError> {
    let records = Log::open(&paths.audit(), &paths.enforcer())?.read()?.records;
    let said = records.iter().rev().find_map(|record| match &record.event {
        Event::Recorded { recording, .. } if recording.file == name => Some(recording),
        _ => None,
    });
    let found = shelf.digest(name)?;
    Ok(match said {
        Some(Recorded { sha256, .. }) if *sha256 == found => None,
        Some(_) => Some(ReplayError::Changed { name: name.to_owned() }),
        None => Some(ReplayError::Unlogged { name: name.to_owned() }),
    })
}

fn list(shelf: &Shelf, as_json: bool) -> Result<(), ReplayError> {
    let mut rows = Vec::new();
    for (name, bytes) in shelf.list()? {
        let header = shelf.read(&name).ok().map(|cast| cast.header().clone());
        rows.push((name, bytes, header.unwrap_or_default()));
    }
    if as_json {
        let rows: Vec<_> = rows
            .iter()
            .map(|(name, bytes, header)| {
                json!({"file": name, "bytes": bytes, "timestamp": header.timestamp,
                    "command": header.command})
            })
            .collect();
        return Ok(say_json(&rows)?);
    }
    if rows.is_empty() {
        say("nothing is recorded")?;
        say("next: record what is reviewed with: airlock-exec config set record reviewed")?;
    }
    for (name, bytes, header) in rows {
        let at = header.timestamp.and_then(|at| jiff::Timestamp::from_second(at).ok());
        let at = at.map(|at| at.to_string()).unwrap_or_default();
        let command = header.command.unwrap_or_default();
        let command = Displayable::from(command.as_str()).to_string();
        let name = name.trim_end_matches(".cast");
        say(&format!("{at}  {name}  {:>8}  {command}", size(bytes)))?;
    }
    Ok(())
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{} KiB", bytes >> 10),
        _ => format!("{} MiB", bytes >> 20),
    }
}

/// Writes what a recording shows, line by line.
fn text(mut cast: crate::record::cast::Cast<impl io::BufRead>) -> Result<(), ReplayError> {
    let mut out = io::stdout().lock();
    let mut plain = Plain::default();
    while let Some(frame) = cast.frame()? {
        match frame.code.as_str() {
            "o" => plain.write(frame.text.as_bytes(), &mut out)?,
            "m" => {
                plain.end_line(&mut out)?;
                writeln!(out, "[{}]", Displayable::from(frame.text.as_str()))?;
            }
            _ => {}
        }
    }
    Ok(plain.end_line(&mut out)?)
}
