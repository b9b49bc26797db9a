//! The rows of what git told its hook: a commit or a push.

use super::Detail;
use super::frame::Row;
use super::text::Line;
use super::value::{described, lines_of, listed};
use serde_json::{Map, Value};

/// The field of the plaintext that holds it.
pub(super) const FIELD: &str = "git";

type Layout = fn(&Value, Detail) -> Vec<Line>;

/// Its keys in the order a reviewer reads them.
const KNOWN: &[(&str, &str, Layout)] = &[
    ("what", "this is", lines_of),
    ("refs", "moves", some_of),
    ("remote", "remote", lines_of),
    ("url", "  address", lines_of),
    ("message", "message", lines_of),
    ("messageSize", "  bytes", described),
    ("author", "author", lines_of),
    ("committer", "committer", lines_of),
    ("size", "changes", lines_of),
    ("changes", "  files", some_of),
    ("commits", "commits", some_of),
    ("lost", "lost", some_of),
    ("startedBy", "typed", lines_of),
    ("repository", "work tree", lines_of),
    ("branch", "on branch", lines_of),
    ("head", "  at", lines_of),
    ("tree", "tree", lines_of),
    ("parents", "  parents", listed),
];

/// Makes the rows of what git told.
pub(super) fn rows(told: &Map<String, Value>, detail: Detail) -> Vec<Row> {
    let known = KNOWN.iter().filter_map(|(key, label, layout)| {
        let value = told.get(*key)?;
        Some(Row { label, lines: layout(value, detail) })
    });
    let is_known = |key: &str| KNOWN.iter().any(|(known, ..)| *known == key);
    let unknown = told.iter().filter(|(key, _)| !is_known(key)).map(|(key, value)| {
        let name = Line::payload(key, detail).and_remark(":").marked("·");
        Row { label: "git", lines: std::iter::once(name).chain(described(value, detail)).collect() }
    });
    known.chain(unknown).collect()
}

/// Lays out the beginning of a list, and says how much of it is missing.
fn some_of(value: &Value, detail: Detail) -> Vec<Line> {
    let total = value.get("total").and_then(Value::as_u64);
    let (Some(total), Some(shown @ Value::Array(items))) = (total, value.get("shown")) else {
        return described(value, detail);
    };
    let mut lines = listed(shown, detail);
    let count = u64::try_from(items.len()).unwrap_or(u64::MAX);
    match total.checked_sub(count) {
        Some(0) => {}
        Some(more) => lines.push(Line::warning(format!("{more} of {total} were not told"))),
        None => lines.push(Line::warning(format!("the sender counts {total}"))),
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn lines(value: &Value) -> Vec<String> {
        let text = |line: Line| line.spans.iter().map(|span| span.text.clone()).collect::<String>();
        some_of(value, Detail::Summary).into_iter().map(text).collect()
    }

    #[test]
    fn what_is_missing_from_a_list_is_counted() {
        assert_eq!(lines(&json!({"total": 1, "shown": ["a"]})), ["a"]);
        assert_eq!(lines(&json!({"total": 3, "shown": ["a"]})), ["a", "2 of 3 were not told"]);
        assert_eq!(lines(&json!({"total": 0, "shown": ["a"]})), ["a", "the sender counts 0"]);
    }
}
