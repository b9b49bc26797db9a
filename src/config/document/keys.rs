//! Reads tables key by key, so that nothing unknown is passed over.

use super::{Complaint, Position};
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// A value, and the text it stands in.
#[derive(Debug, Clone, Copy)]
pub struct Value<'t> {
    text: &'t str,
    value: &'t Spanned<DeValue<'t>>,
}

impl<'t> Value<'t> {
    fn new(text: &'t str, value: &'t Spanned<DeValue<'t>>) -> Self {
        Self { text, value }
    }

    /// Returns where the value begins.
    #[must_use]
    pub fn position(self) -> Position {
        Position::of(self.text, self.value.span().start)
    }

    /// Makes a complaint about this value.
    #[must_use]
    pub fn complain(self, message: impl Into<String>) -> Complaint {
        Complaint::at(self.position(), message)
    }

    /// Reads a string.
    ///
    /// # Errors
    ///
    /// A [`Complaint`] when it is none.
    pub fn string(self) -> Result<&'t str, Complaint> {
        self.value.get_ref().as_str().ok_or_else(|| self.complain("write a string here"))
    }

    /// Reads `true` or `false`.
    ///
    /// # Errors
    ///
    /// A [`Complaint`] when it is neither.
    pub fn truth(self) -> Result<bool, Complaint> {
        self.value.get_ref().as_bool().ok_or_else(|| self.complain("write true or false here"))
    }

    /// Reads a whole number.
    ///
    /// # Errors
    ///
    /// A [`Complaint`] when it is none.
    pub fn number(self) -> Result<i64, Complaint> {
        let number = self.value.get_ref().as_integer();
        let read = number.and_then(|n| i64::from_str_radix(n.as_str(), n.radix()).ok());
        read.ok_or_else(|| self.complain("write a whole number here"))
    }

    /// Reads one of a few words.
    ///
    /// # Errors
    ///
    /// A [`Complaint`] that lists them.
    pub fn one_of<T: Copy>(self, words: &[(&str, T)]) -> Result<T, Complaint> {
        let text = self.string()?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        found.ok_or_else(|| {
            let known: Vec<String> = words.iter().map(|(word, _)| format!("{word:?}")).collect();
            self.complain(format!("write {} here, not {text:?}", known.join(" or ")))
        })
    }

    /// Reads a list.
    ///
    /// # Errors
    ///
    /// A [`Complaint`] when it is none.
    pub fn items(self) -> Result<Vec<Value<'t>>, Complaint> {
        let array: &'t DeArray<'t> = self
            .value
            .get_ref()
            .as_array()
            .ok_or_else(|| self.complain("write a list here: [...]"))?;
        Ok(array.iter().map(|value| Value::new(self.text, value)).collect())
    }

    /// Reads a list of strings.
    ///
    /// # Errors
    ///
    /// A [`Complaint`] about what is no string.
    pub fn strings(self) -> Result<Vec<&'t str>, Complaint> {
        self.items()?.into_iter().map(Value::string).collect()
    }

    /// Tells whether it is a string.
    #[must_use]
    pub fn is_string(self) -> bool {
        self.value.get_ref().is_str()
    }

    /// Goes through the keys of a table.
    ///
    /// # Errors
    ///
    /// A [`Complaint`] when it is none.
    pub fn keys(self) -> Result<Vec<Key<'t>>, Complaint> {
        let table =
            self.value.get_ref().as_table().ok_or_else(|| self.complain("write a table here"))?;
        Ok(keys(self.text, table))
    }
}

/// A key and its value.
#[derive(Debug, Clone, Copy)]
pub struct Key<'t> {
    text: &'t str,
    at: usize,
    /// The key's own name, without the tables it stands in.
    pub name: &'t str,
    /// Its value.
    pub value: Value<'t>,
}

/// Returns the keys of a table.
#[must_use]
pub fn keys<'t>(text: &'t str, table: &'t DeTable<'t>) -> Vec<Key<'t>> {
    let key = |(name, value): (&'t Spanned<_>, &'t Spanned<DeValue<'t>>)| {
        let name: &'t Spanned<std::borrow::Cow<'t, str>> = name;
        Key { text, at: name.span().start, name: name.get_ref(), value: Value::new(text, value) }
    };
    table.iter().map(key).collect()
}

impl Key<'_> {
    /// Makes the complaint about a key that nobody knows, with the nearest that is known.
    #[must_use]
    pub fn unknown(self, known: &[&str]) -> Complaint {
        let message = format!("unknown key `{}`; {}", self.name, suggestion(self.name, known));
        self.complain(message)
    }

    /// Makes a complaint about this key.
    #[must_use]
    pub fn complain(self, message: impl Into<String>) -> Complaint {
        Complaint::at(Position::of(self.text, self.at), message)
    }
}

/// Returns the nearest known name to one that is not, or all of them.
#[must_use]
pub fn suggestion(name: &str, known: &[&str]) -> String {
    match nearest(name, known) {
        Some(each) => format!("did you mean `{each}`?"),
        None => format!("known here are {}", known.join(", ")),
    }
}

/// Returns the known name that somebody seems to have meant: that of a table without
/// the table, or one that is few letters away.
#[must_use]
pub fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let last = |each: &&&str| each.rsplit_once('.').is_some_and(|(_, last)| last == name);
    let close = known
        .iter()
        .map(|each| (distance(name, each), each))
        .filter(|(distance, each)| *distance <= each.len().div_ceil(3));
    known.iter().find(last).or_else(|| close.min().map(|(_, each)| each)).copied()
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
