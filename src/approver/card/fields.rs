//! Which field of a plaintext becomes which row, and how it is laid out.

use super::Detail;
use super::frame::Row;
use super::text::Line;
use super::value::{arguments, bytes, described, files, lines_of, listed, variables};
use serde_json::{Map, Value};

type Fields = Map<String, Value>;
type Layout = fn(&Value, Detail) -> Vec<Line>;

/// The fields of protocol.md section 8, in the order a reviewer reads them.
///
/// `argv` is laid out with `argvBytes`, and the `...Bytes` of a text below it.
const KNOWN: &[(&str, &str, Layout)] = &[
    ("commandText", "command", lines_of),
    ("argv", "arguments", described),
    ("argvBytes", "  bytes", described),
    ("executable", "program", lines_of),
    ("executableBytes", "  bytes", bytes),
    ("executableSha256", "  sha256", lines_of),
    ("shell", "shell", described),
    ("cwd", "directory", lines_of),
    ("cwdBytes", "  bytes", bytes),
    ("files", "files", files),
    ("environment", "variables", variables),
    ("stdin", "input", described),
    ("stdinSha256", "  sha256", lines_of),
    ("stdinSize", "  bytes", described),
    ("stdinPreview", "  text", lines_of),
    ("user", "user", lines_of),
    ("host", "host", lines_of),
    ("agent", "agent", described),
    ("sessionId", "session", lines_of),
    ("interception", "came by", lines_of),
    ("workspace", "workspace", lines_of),
    ("repoName", "repository", lines_of),
    ("repoRef", "  ref", lines_of),
    ("branch", "branch", lines_of),
    ("baseRevision", "revision", lines_of),
    ("notes", "notes", listed),
    ("source", "sent by", lines_of),
];

/// Fields whose usual value says nothing to a reviewer; any other value is shown.
const USUAL: &[(&str, &str)] = &[
    ("artifactType", "command.review"),
    ("artifactHashAlg", "SHA-256"),
    ("actionType", "terminal_command"),
];

/// Fields that were compared with the envelope and are shown from there.
const COMPARED: &[&str] = &["requestId", "createdAt", "expiresAt"];

/// What a reviewer should be told, or told that it is not told.
const EXPECTED: &[(&str, &str)] = &[
    ("argv", "the arguments"),
    ("executable", "which program file"),
    ("cwd", "the directory"),
    ("stdin", "what is its input"),
    ("user", "the user"),
    ("host", "the host"),
];

/// Makes the rows of the fields we know, then what is missing.
pub(super) fn known(fields: &Fields, detail: Detail) -> Vec<Row> {
    let mut rows: Vec<Row> = KNOWN
        .iter()
        .filter_map(|(key, label, layout)| {
            let value = fields.get(*key)?;
            let lines = match (*key, value, fields.get("argvBytes")) {
                ("argv", Value::Array(items), exact) => arguments(items, exact, detail),
                // They stand beside their arguments.
                ("argvBytes", _, _) if fields.get("argv").is_some_and(Value::is_array) => {
                    return None;
                }
                _ => layout(value, detail),
            };
            let nothing = || vec![Line::remark("(none)")];
            Some(Row { label, lines: if lines.is_empty() { nothing() } else { lines } })
        })
        .collect();
    let missing: Vec<&str> = EXPECTED
        .iter()
        .filter(|(key, _)| !fields.contains_key(*key))
        .map(|(_, word)| *word)
        .collect();
    if !missing.is_empty() {
        rows.push(Row { label: "not told", lines: vec![Line::remark(missing.join(", "))] });
    }
    rows
}

/// Makes rows of all other fields; their names are payload and stand as such.
pub(super) fn unknown(fields: &Fields, detail: Detail) -> Vec<Row> {
    fields
        .iter()
        .filter(|(key, value)| !is_known(key) && !is_usual(key, value))
        .map(|(key, value)| {
            let name = Line::payload(key, detail).and_remark(":").marked("·");
            let lines = std::iter::once(name).chain(described(value, detail)).collect();
            Row { label: "field", lines }
        })
        .collect()
}

fn is_known(key: &str) -> bool {
    COMPARED.contains(&key) || KNOWN.iter().any(|(known, ..)| *known == key)
}

fn is_usual(key: &str, value: &Value) -> bool {
    if key == "extensions" {
        // Captions of buttons; the choices are ours, so they are not shown.
        let buttons = |fields: &Fields| fields.keys().all(|key| key == "org.harp.requestedActions");
        return value.as_object().is_some_and(buttons);
    }
    USUAL.iter().any(|(known, usual)| *known == key && value.as_str() == Some(usual))
}
