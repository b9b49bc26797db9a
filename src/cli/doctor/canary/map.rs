//! The map: which form is caught, and by what.

use crate::cli::paragraph::paragraph;
use crate::display::Displayable;
use crate::display::json::over_lines;
use serde_json::{Value, json};

/// What became of one canary.
#[derive(Debug)]
pub(super) enum Seen {
    /// It came to us, by this way in.
    Caught(String),
    /// It did not; this program was found instead.
    Missed(Option<String>),
    /// There is no such shell or program here.
    NotHere,
    /// It did not end in time.
    Unknown,
    /// Nothing but what calls it can fire it.
    Untried,
}

/// One line of the map.
#[derive(Debug)]
pub(super) struct Row {
    /// The form, or the hook.
    pub(super) form: String,
    /// What was tried in it.
    pub(super) what: String,
    pub(super) seen: Seen,
    /// Why it cannot be caught there, when it cannot.
    pub(super) beyond: Option<&'static str>,
}

impl Row {
    fn state(&self) -> &'static str {
        match (&self.seen, self.beyond) {
            (Seen::Caught(_), _) => "caught",
            (Seen::Missed(_), Some(_)) => "cannot be caught here",
            (Seen::Missed(_), None) => "not caught",
            (Seen::NotHere, _) => "not here",
            (Seen::Unknown, _) => "no answer",
            (Seen::Untried, _) => "not tried",
        }
    }

    fn why(&self) -> Option<String> {
        match (&self.seen, self.beyond) {
            (Seen::Caught(way), _) => Some(format!("by the {way}")),
            (Seen::Missed(_) | Seen::Untried, Some(why)) => Some(why.to_owned()),
            (Seen::Missed(Some(path)), None) => Some(format!("{path} comes first")),
            _ => None,
        }
    }
}

/// Writes the map for a person.
pub(super) fn in_words(rows: &[Row]) -> String {
    let wide = |text: fn(&Row) -> usize| rows.iter().map(text).max().unwrap_or(0);
    let (forms, whats) = (wide(|row| row.form.len()), wide(|row| row.what.len()));
    let line = |row: &Row| {
        let why = row.why().map(|why| format!(": {}", Displayable::from(why.as_str())));
        let (form, what) = (&row.form, &row.what);
        let line =
            format!("{form:forms$}  {what:whats$}  {}{}", row.state(), why.unwrap_or_default());
        paragraph(&line, forms + whats + 4)
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Writes the map for a program.
pub(super) fn as_json(rows: &[Row]) -> String {
    let described = |row: &Row| {
        let by = match &row.seen {
            Seen::Caught(way) => Some(way),
            _ => None,
        };
        json!({
            "form": row.form, "what": row.what, "state": row.state(), "by": by,
            "why": row.why(),
        })
    };
    let rows: Vec<Value> = rows.iter().map(described).collect();
    over_lines(&json!({"version": 1, "canary": rows}))
}

#[cfg(test)]
mod tests {
    use super::super::forms::FORMS;
    use super::*;

    fn row(name: &str, seen: Seen) -> Row {
        let form = FORMS.iter().find(|form| form.name == name).expect("a form");
        let (what, form) = ("any command".to_owned(), form.name.to_owned());
        let beyond = FORMS.iter().find(|each| each.name == form).and_then(|form| form.beyond);
        Row { form, what, seen, beyond }
    }

    #[test]
    fn what_no_gate_can_see_is_not_called_a_fault() {
        assert_eq!(row("sh -c", Seen::Missed(None)).state(), "cannot be caught here");
        assert_eq!(row("bash -c", Seen::Missed(None)).state(), "not caught");
        let caught = row("sh -c", Seen::Caught("shell".to_owned()));
        assert_eq!((caught.state(), caught.why().as_deref()), ("caught", Some("by the shell")));
    }
}
