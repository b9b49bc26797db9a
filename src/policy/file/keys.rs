//! Reads tables key by key, so that nothing unknown is passed over.

use super::{Complaint, Position};
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// A value, and the text it stands in.
#[derive(Clone, Copy)]
pub(super) struct Value<'t> {
    text: &'t str,
    value: &'t Spanned<DeValue<'t>>,
}

impl<'t> Value<'t> {
    pub(super) fn new(text: &'t str, value: &'t Spanned<DeValue<'t>>) -> Self {
        Self { text, value }
    }

    /// Returns where the value begins.
    pub(super) fn position(self) -> Position {
        Position::of(self.text, self.value.span().start)
    }

    /// Makes a complaint about this value.
    pub(super) fn complain(self, message: impl Into<String>) -> Complaint {
        Complaint::at(self.position(), message)
    }

    pub(super) fn string(self) -> Result<&'t str, Complaint> {
        self.value.get_ref().as_str().ok_or_else(|| self.complain("write a string here"))
    }

    pub(super) fn truth(self) -> Result<bool, Complaint> {
        self.value.get_ref().as_bool().ok_or_else(|| self.complain("write true or false here"))
    }

    /// Reads one of a few words.
    pub(super) fn one_of<T: Copy>(self, words: &[(&str, T)]) -> Result<T, Complaint> {
        let text = self.string()?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        found.ok_or_else(|| {
            let known: Vec<String> = words.iter().map(|(word, _)| format!("{word:?}")).collect();
            self.complain(format!("write {} here, not {text:?}", known.join(" or ")))
        })
    }

    pub(super) fn items(self) -> Result<Vec<Value<'t>>, Complaint> {
        let array: &'t DeArray<'t> = self
            .value
            .get_ref()
            .as_array()
            .ok_or_else(|| self.complain("write a list here: [...]"))?;
        Ok(array.iter().map(|value| Value::new(self.text, value)).collect())
    }

    pub(super) fn strings(self) -> Result<Vec<&'t str>, Complaint> {
        self.items()?.into_iter().map(Value::string).collect()
    }

    pub(super) fn is_string(self) -> bool {
        self.value.get_ref().is_str()
    }

    /// Goes through the keys of a table.
    pub(super) fn keys(self) -> Result<Vec<Key<'t>>, Complaint> {
        let table =
            self.value.get_ref().as_table().ok_or_else(|| self.complain("write a table here"))?;
        Ok(keys(self.text, table))
    }
}

/// A key and its value.
#[derive(Clone, Copy)]
pub(super) struct Key<'t> {
    text: &'t str,
    at: usize,
    pub(super) name: &'t str,
    pub(super) value: Value<'t>,
}

/// Returns the keys of a table.
pub(super) fn keys<'t>(text: &'t str, table: &'t DeTable<'t>) -> Vec<Key<'t>> {
    let key = |(name, value): (&'t Spanned<_>, &'t Spanned<DeValue<'t>>)| {
        let name: &'t Spanned<std::borrow::Cow<'t, str>> = name;
        Key { text, at: name.span().start, name: name.get_ref(), value: Value::new(text, value) }
    };
    table.iter().map(key).collect()
}

impl Key<'_> {
    /// Makes the complaint about a key that nobody knows, with the nearest that is known.
    pub(super) fn unknown(self, known: &[&str]) -> Complaint {
        let nearest = known
            .iter()
            .map(|each| (distance(self.name, each), each))
            .filter(|(distance, each)| *distance <= each.len().div_ceil(3))
            .min();
        let suggestion = match nearest {
            Some((_, each)) => format!("did you mean `{each}`?"),
            None => format!("known here are {}", known.join(", ")),
        };
        let message = format!("unknown key `{}`; {suggestion}", self.name);
        Complaint::at(Position::of(self.text, self.at), message)
    }
}

/// Counts the letters to insert, remove or replace between two words (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], line + 1);
        for (at, wanted) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *wanted);
            diagonal = row[at + 1];
            row[at + 1] = replaced.min(row[at] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}
