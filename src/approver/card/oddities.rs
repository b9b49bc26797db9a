//! What a reviewer should know before trusting the eyes.

use super::text::Line;
use crate::approver::cuts::without_cuts;
use crate::display::Displayable;
use serde_json::{Map, Value};

/// More warnings than these are counted.
const LISTED: usize = 12;

/// Finds everything odd about a plaintext; each in one line of ours.
pub(super) fn of(fields: &Map<String, Value>) -> Vec<Line> {
    let mut found = contradictions(fields);
    for (key, value) in fields {
        collect(&place_of(key), &without_cuts(key, value), &mut found);
        if !Displayable::from(key.as_str()).oddities().is_empty() {
            found.push("the name of a field has odd characters".to_owned());
        }
    }
    let more = found.len().saturating_sub(LISTED);
    found.truncate(LISTED);
    found.extend((more > 0).then(|| format!("and {more} more like these")));
    found.into_iter().map(Line::warning).collect()
}

/// Returns our words for where something stands.
fn place_of(key: &str) -> String {
    let words = match key {
        "commandText" => "the command",
        "argv" => "argument",
        "executable" => "the program",
        "cwd" => "the directory",
        "files" => "a file",
        "environment" => "a variable",
        "notes" => "a note",
        "branch" => "the branch",
        _ => "a field",
    };
    words.to_owned()
}

fn collect(place: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            let oddities = Displayable::from(text.as_str()).oddities();
            found.extend(oddities.iter().map(|oddity| format!("{place} {oddity}")));
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let place = match place {
                    "argument" => format!("argument {index}"),
                    _ => place.to_owned(),
                };
                collect(&place, item, found);
            }
        }
        Value::Object(fields) => {
            fields.values().for_each(|value| collect(place, value, found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Finds fields of one plaintext that do not say the same thing.
fn contradictions(fields: &Map<String, Value>) -> Vec<String> {
    let mut found = Vec::new();
    let Some(arguments) = texts(fields.get("argv")) else { return found };
    let exact = fields.get("argvBytes").and_then(Value::as_object);
    if let Some(command) = fields.get("commandText").and_then(Value::as_str) {
        // Quoting with `$'...'` is beyond the splitter; the arguments say it all.
        let comparable = exact.is_none() && !command.contains("$'");
        let same = shell_words::split(command).is_ok_and(|words| words == arguments);
        if comparable && !same {
            found.push("the command line does not say the same as the arguments".to_owned());
        }
    }
    let named = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    if let (Some(first), Some(program)) =
        (arguments.first(), fields.get("executable").and_then(Value::as_str))
        && named(first) != named(program)
    {
        found.push("the program has another name than argument 0".to_owned());
    }
    let stray = exact.is_some_and(|exact| {
        exact
            .keys()
            .any(|index| index.parse().map_or(true, |index: usize| index >= arguments.len()))
    });
    if stray {
        found.push("there are bytes for an argument that does not exist".to_owned());
    }
    found
}

fn texts(value: Option<&Value>) -> Option<Vec<&str>> {
    value?.as_array()?.iter().map(Value::as_str).collect()
}
