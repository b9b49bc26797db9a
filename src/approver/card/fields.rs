//! Which field of a plaintext becomes which row, and how it is laid out.

use super::super::weight::ASK_TWICE;
use super::Detail;
use super::frame::Row;
use super::git;
use super::text::Line;
use super::value::{arguments, bytes, described, files, lines_of, listed, variables, words};
use crate::approver::time;
use serde_json::{Map, Value};

type Fields = Map<String, Value>;
type Layout = fn(&Value, Detail) -> Vec<Line>;

/// The fields of protocol.md section 8, in the order a reviewer reads them.
///
/// `argv` is laid out with `argvBytes`, and the `...Bytes` of a text below it.
const KNOWN: &[(&str, &str, Layout)] = &[
    ("commandText", "command", lines_of),
    (APPROVALS, "approvals", approvals),
    ("whyAsked", "why asked", lines_of),
    (git::FIELD, "git", described),
    ("meaning", "meaning", lines_of),
    ("pattern", "words", words),
    ("uses", "runs", described),
    ("until", "until", lines_of),
    ("place", "place", described),
    ("session", "session", described),
    ("examples", "examples", listed),
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
    ("environmentSha256", "  sha256", lines_of),
    ("stdin", "input", described),
    ("stdinSha256", "  sha256", lines_of),
    ("stdinSize", "  bytes", described),
    ("stdinPreview", "  text", lines_of),
    ("user", "user", lines_of),
    ("host", "host", lines_of),
    ("machine", "  machine", lines_of),
    ("enforcer", "  install", lines_of),
    ("agent", "agent", described),
    ("sessionId", "session", lines_of),
    ("interception", "came by", lines_of),
    ("workspace", "workspace", lines_of),
    ("repoName", "repository", lines_of),
    ("repoRef", "  ref", lines_of),
    ("branch", "branch", lines_of),
    ("baseRevision", "revision", lines_of),
    ("bootClock", "clock", described),
    ("notes", "notes", listed),
    ("source", "sent by", lines_of),
];

/// How many must approve, where one alone cannot.
const APPROVALS: &str = "approvalsNeeded";

/// Fields whose usual value says nothing to a reviewer; any other value is shown.
const USUAL: &[(&str, &str)] = &[
    ("artifactType", "command.review"),
    ("artifactType", "command.grant"),
    ("actionType", "standing_permission"),
    ("artifactHashAlg", "SHA-256"),
    ("actionType", "terminal_command"),
];

/// Fields that were compared with the envelope and are shown from there.
const COMPARED: &[&str] = &["requestId", "createdAt", "expiresAt"];

/// Whether an approval takes the touch of a passkey: those are for pages of browsers.
const ASK_TOUCH: &str = "askTouch";

/// Whether no approval without one counts.
const NEEDS_TOUCH: &str = "needsTouch";

/// The fields that have no row: our own words stand first on the card where they ask anything
/// of who decides here.
fn has_no_row(key: &str, value: &Value) -> bool {
    [ASK_TWICE, ASK_TOUCH, NEEDS_TOUCH].contains(&key) && value.is_boolean()
}

/// The type of what is for longer than once.
const GRANT: &str = "command.grant";

/// What a reviewer of a grant should be told: everything that limits it.
const EXPECTED_OF_GRANT: &[(&str, &str)] = &[
    ("pattern", "which commands"),
    ("uses", "how many runs"),
    ("until", "until when"),
    ("place", "where"),
    ("executableSha256", "which program file"),
    ("user", "the user"),
    ("host", "the host"),
];

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
        .flat_map(|(key, label, layout)| {
            let Some(value) = fields.get(*key) else { return Vec::new() };
            if let (git::FIELD, Value::Object(told)) = (*key, value) {
                return git::rows(told, detail);
            }
            let lines = match (*key, value, fields.get("argvBytes")) {
                ("argv", Value::Array(items), exact) => arguments(items, exact, detail),
                // They stand beside their arguments.
                ("argvBytes", _, _) if fields.get("argv").is_some_and(Value::is_array) => {
                    return Vec::new();
                }
                _ => layout(value, detail),
            };
            let nothing = || vec![Line::remark("(none)")];
            vec![Row { label, lines: if lines.is_empty() { nothing() } else { lines } }]
        })
        .collect();
    let expected = if is_grant(fields) { EXPECTED_OF_GRANT } else { EXPECTED };
    let missing: Vec<&str> = expected
        .iter()
        .filter(|(key, _)| !fields.contains_key(*key))
        .map(|(_, word)| *word)
        .collect();
    if !missing.is_empty() {
        rows.push(Row { label: "not told", lines: vec![Line::remark(missing.join(", "))] });
    }
    rows
}

/// Says that one person alone does not decide.
fn approvals(value: &Value, detail: Detail) -> Vec<Line> {
    match value.as_u64() {
        Some(needed) => vec![Line::remark(format!(
            "needs {needed} approvals, each by another approver; yours is one of them"
        ))],
        None => described(value, detail),
    }
}

/// Tells whether an approval would be for longer than once.
pub(super) fn is_grant(fields: &Fields) -> bool {
    fields.get("artifactType").and_then(Value::as_str) == Some(GRANT)
}

/// Says in our own words what an approval of a grant means, by the terms that count.
pub(super) fn warning_of_grant(fields: &Fields) -> Vec<Line> {
    if !is_grant(fields) {
        return Vec::new();
    }
    let number = fields.get("uses").and_then(Value::as_u64);
    let runs = match number {
        Some(1) => "once more".to_owned(),
        Some(uses) => format!("{uses} times"),
        None => "any number of times".to_owned(),
    };
    let until = fields.get("until").and_then(Value::as_str).and_then(|text| text.parse().ok());
    let until = until.map_or("nobody knows when".to_owned(), time::moment);
    vec![
        Line::warning("this is a GRANT: it is for LONGER THAN ONCE".to_owned()),
        Line::warning(format!(
            "commands of these words run {runs} until {until} without asking you"
        )),
    ]
}

/// Says in our own words that the sender calls it hard to undo.
pub(super) fn warning_of_danger(fields: &Fields) -> Option<Line> {
    let asks_twice = fields.get(ASK_TWICE).and_then(Value::as_bool) == Some(true);
    asks_twice.then(|| Line::warning("this is HARD TO UNDO: read the notes"))
}

/// Says in our own words that nobody approves it here: only a browser has passkeys.
pub(super) fn warning_of_touch(fields: &Fields) -> Option<Line> {
    let needs = fields.get(NEEDS_TOUCH).and_then(Value::as_bool) == Some(true);
    let words =
        "an approval from here does NOT COUNT: it takes a passkey, on the page of a browser";
    needs.then(|| Line::warning(words))
}

/// Makes rows of all other fields; their names are payload and stand as such.
pub(super) fn unknown(fields: &Fields, detail: Detail) -> Vec<Row> {
    fields
        .iter()
        .filter(|(key, value)| !is_known(key) && !is_usual(key, value) && !has_no_row(key, value))
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
