//! `policy test`: each example of each rule, and what became of it.

use super::{PolicyCommandError, directory, origin, plain};
use crate::cli::output::say_json;
use crate::config::Paths;
use crate::display::counted;
use crate::policy::{self, Example, Expected, Outcome};
use crate::process::Environment;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::Path;

/// Tries every example and says what became of it.
pub(super) fn run(
    file: Option<&Path>,
    json: bool,
    environment: &Environment,
) -> Result<(), PolicyCommandError> {
    let paths = Paths::from_environment(environment)?;
    let directory = directory()?;
    let examples = policy::examples(origin(file, &paths), environment, directory.path())?;
    if json {
        say_json(&Value::Array(examples.iter().map(fields).collect()))?;
    } else {
        let mut out = io::stdout().lock();
        for example in &examples {
            writeln!(out, "{}", line(example))?;
        }
        writeln!(out, "{}", counted(examples.len(), "example"))?;
    }
    let failed = examples.iter().filter(|example| example.outcome == Outcome::Fails).count();
    if failed > 0 {
        return Err(PolicyCommandError::Examples { failed, all: examples.len() });
    }
    Ok(())
}

fn expected(example: &Example) -> &'static str {
    match example.expected {
        Expected::Matches => "match",
        Expected::Differs => "not_match",
    }
}

fn line(example: &Example) -> String {
    let word = match example.outcome {
        Outcome::Holds => "ok    ",
        Outcome::Fails => "FAILED",
    };
    let text = plain(&example.text);
    format!("{word} {}: {} {text}", plain(&example.place), expected(example))
}

fn fields(example: &Example) -> Value {
    json!({
        "example": example.text,
        "expected": expected(example),
        "holds": example.outcome == Outcome::Holds,
        "place": example.place,
        "rule": example.rule,
    })
}
