//! Lays out values of a plaintext as lines.

use super::Detail;
use super::text::Line;
use serde_json::{Map, Value};

/// Empty lines in a row from which on they are counted instead of drawn.
const EMPTY_RUN: usize = 3;
/// Lines of one value that are drawn at its start and at its end.
const HEAD_LINES: usize = 60;
const TAIL_LINES: usize = 20;

/// Lays out text line by line, numbered when there is more than one.
pub(super) fn lines_of(value: &Value, detail: Detail) -> Vec<Line> {
    match value {
        Value::String(text) => text_lines(text, "", detail),
        other => described(other, detail),
    }
}

/// Lays out `argv`: one number for each argument, from 0, and one for each line in it.
///
/// `exact` holds the bytes of those that are not UTF-8, by index.
pub(super) fn arguments(items: &[Value], exact: Option<&Value>, detail: Detail) -> Vec<Line> {
    let laid_out = items.iter().enumerate().flat_map(|(index, item)| {
        let number = index.to_string();
        let hex = exact.and_then(|exact| exact.get(&number));
        let mut lines = match item {
            Value::String(text) => text_lines(text, &number, detail),
            other => vec![Line::payload(&scalar(other), detail).marked(number)],
        };
        lines.extend(hex.into_iter().flat_map(|hex| bytes(hex, detail)));
        lines
    });
    limited(laid_out.collect(), detail)
}

/// Lays out bytes that are not UTF-8, as pairs of hexadecimal digits.
pub(super) fn bytes(value: &Value, detail: Detail) -> Vec<Line> {
    let Value::String(digits) = value else { return described(value, detail) };
    let characters: Vec<char> = digits.chars().collect();
    let groups: Vec<String> = characters.chunks(2).map(|group| group.iter().collect()).collect();
    vec![Line::payload(&groups.join(" "), detail).and_remark(" (its exact bytes)").marked("hex")]
}

/// Lays out files that will be executed: path, then digest.
pub(super) fn files(value: &Value, detail: Detail) -> Vec<Line> {
    let Value::Array(items) = value else { return described(value, detail) };
    let laid_out = items.iter().flat_map(|item| match item.as_object() {
        Some(file) => {
            let path = file.get("path").and_then(Value::as_str);
            let named = path.map(|path| Line::payload(path, detail).marked("·"));
            let named_already = |key: &str, value: &Value| key == "path" && value.is_string();
            // The text last: what belongs to the file as a whole stands together.
            let (text, rest): (Vec<_>, Vec<_>) = file
                .iter()
                .filter(|(key, value)| !named_already(key, value))
                .partition(|(key, _)| *key == "preview");
            let rest = rest.into_iter().chain(text);
            named
                .into_iter()
                .chain(rest.flat_map(|(key, value)| of_file(key, value, detail)))
                .collect()
        }
        None => described(item, detail),
    });
    limited(laid_out.collect(), detail)
}

/// Lays out what is said of a file; its text line by line.
fn of_file(key: &str, value: &Value, detail: Detail) -> Vec<Line> {
    match (key, value) {
        ("preview", Value::String(text)) => {
            let text = text.strip_suffix('\n').unwrap_or(text);
            let mut lines = text_lines(text, "", detail);
            if let [only] = lines.as_mut_slice() {
                "1".clone_into(&mut only.mark);
            }
            lines
        }
        _ => vec![pair(key, value, ": ", detail)],
    }
}

/// Lays out the words of a grant: which are fixed, and what the others stand for.
pub(super) fn words(value: &Value, detail: Detail) -> Vec<Line> {
    let Value::Array(items) = value else { return described(value, detail) };
    let laid_out = items.iter().enumerate().map(|(index, item)| {
        let text = |name: &str| item.get(name).and_then(Value::as_str);
        let line = match (text("exactly"), text("any")) {
            (Some(word), None) => Line::payload(word, detail),
            (None, Some("one word")) => Line::warning("any one word that is no option"),
            (None, Some("further words")) => Line::warning("any further words that are no options"),
            _ => Line::payload(&scalar(item), detail),
        };
        line.marked(index.to_string())
    });
    limited(laid_out.collect(), detail)
}

/// Lays out variables as `NAME=value`.
pub(super) fn variables(value: &Value, detail: Detail) -> Vec<Line> {
    let lines = match value {
        Value::Object(variables) => variables
            .iter()
            .map(|(name, value)| pair(name, value, "=", detail).marked("·"))
            .collect(),
        Value::Array(items) => items.iter().map(|item| variable(item, detail)).collect(),
        _ => described(value, detail),
    };
    limited(lines, detail)
}

fn variable(item: &Value, detail: Detail) -> Line {
    let text = |name: &str| item.get(name).and_then(Value::as_str);
    let (Some(name), Some(value)) = (text("name"), text("value")) else {
        return Line::payload(&scalar(item), detail).marked("·");
    };
    let line = Line::payload(name, detail).and_remark("=");
    let line = match item.get("redacted").and_then(Value::as_bool) {
        Some(true) => line.and_remark("hidden by the sender: ").and_payload(value, detail),
        _ => line.and_payload(value, detail),
    };
    let line = match text("valueBytes") {
        Some(hex) => line.and_remark(" hex ").and_payload(hex, detail),
        None => line,
    };
    line.marked("·")
}

/// Lays out a list of sentences.
pub(super) fn listed(value: &Value, detail: Detail) -> Vec<Line> {
    match value {
        Value::Array(items) => {
            let line = |item: &Value| Line::payload(&scalar(item), detail).marked("·");
            limited(items.iter().map(line).collect(), detail)
        }
        _ => described(value, detail),
    }
}

/// Lays out any value: objects by their keys, lists by number, the rest as JSON.
pub(super) fn described(value: &Value, detail: Detail) -> Vec<Line> {
    let lines = match value {
        Value::Object(fields) => object_lines(fields, detail),
        Value::Array(items) => {
            let numbered = items.iter().enumerate();
            let line = |(index, item): (usize, &Value)| {
                Line::payload(&scalar(item), detail).marked(index.to_string())
            };
            numbered.map(line).collect()
        }
        Value::String(text) => text_lines(text, "", detail),
        Value::Null => vec![Line::remark("(unknown)")],
        other => vec![Line::payload(&scalar(other), detail)],
    };
    limited(lines, detail)
}

fn object_lines(fields: &Map<String, Value>, detail: Detail) -> Vec<Line> {
    fields.iter().map(|(key, value)| pair(key, value, ": ", detail).marked("·")).collect()
}

fn pair(key: &str, value: &Value, between: &str, detail: Detail) -> Line {
    Line::payload(key, detail).and_remark(between).and_payload(&scalar(value), detail)
}

/// Returns the text of a string, the JSON of anything else.
fn scalar(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn text_lines(text: &str, number: &str, detail: Detail) -> Vec<Line> {
    let pieces: Vec<&str> = text.split('\n').collect();
    if let [only] = pieces.as_slice() {
        let line =
            if only.is_empty() { Line::remark("(empty)") } else { Line::payload(only, detail) };
        return vec![line.marked(number)];
    }
    let mut lines = Vec::new();
    let mut empty = 0;
    for (index, piece) in pieces.iter().enumerate() {
        let mark = if number.is_empty() {
            (index + 1).to_string()
        } else {
            format!("{number}.{}", index + 1)
        };
        if piece.is_empty() {
            empty += 1;
            if empty > EMPTY_RUN {
                continue;
            }
        } else {
            close_run(&mut lines, empty);
            empty = 0;
        }
        lines.push(Line::payload(piece, detail).marked(mark));
    }
    close_run(&mut lines, empty);
    limited(lines, detail)
}

fn close_run(lines: &mut Vec<Line>, empty: usize) {
    if empty > EMPTY_RUN {
        let more = empty - EMPTY_RUN;
        lines.push(Line::remark(format!("({more} more empty lines)")).marked("···"));
    }
}

/// Keeps both ends of what is too long, and says what is not shown.
fn limited(mut lines: Vec<Line>, detail: Detail) -> Vec<Line> {
    if detail == Detail::Full || lines.len() <= HEAD_LINES + TAIL_LINES + 1 {
        return lines;
    }
    let tail = lines.split_off(lines.len() - TAIL_LINES);
    let hidden = lines.len() - HEAD_LINES;
    lines.truncate(HEAD_LINES);
    lines.push(Line::warning(match hidden {
        1 => "1 line is not shown here; f or --full shows it".to_owned(),
        _ => format!("{hidden} lines are not shown here; f or --full shows them"),
    }));
    lines.extend(tail);
    lines
}
