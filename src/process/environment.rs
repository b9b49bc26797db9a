//! The environment, captured once.

use std::borrow::Cow;
use std::ffi::{CStr, CString, OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// The entries of this process's environment in the order they were handed to it.
///
/// These are what is reviewed and what the command gets, byte for byte: also
/// entries without `=`, with an empty name, of a name that stands there twice.
/// The entries themselves are where the system put them, so capturing and cloning
/// copy no text.
#[derive(Clone, Default)]
pub struct Environment {
    entries: Vec<Cow<'static, CStr>>,
}

impl Environment {
    /// Takes the entries that the system laid out for this process.
    pub fn new(entries: impl IntoIterator<Item = &'static CStr>) -> Self {
        Self { entries: entries.into_iter().map(Cow::Borrowed).collect() }
    }

    /// Adds `NAME=value` entries; an entry of the same name goes, and of two additions of
    /// one name the last counts.
    pub fn add(&mut self, additions: Vec<Cow<'static, CStr>>) {
        let names: Vec<&[u8]> = additions.iter().map(|added| name(added.to_bytes())).collect();
        // Few entries begin as any of the names does: the others are not compared.
        let mut initials = [false; 256];
        // From the last to the first: what is seen is set by one behind it.
        let mut seen = 0;
        let mut kept = vec![true; names.len()];
        for (at, name) in names.iter().enumerate().rev() {
            let mark = mark(name);
            kept[at] = seen & mark == 0 || !names[at + 1..].contains(name);
            seen |= mark;
            if let Some(initial) = name.first() {
                initials[usize::from(*initial)] = true;
            }
        }
        self.entries.retain(|entry| {
            let entry = entry.to_bytes();
            let may_match = entry.first().is_none_or(|initial| initials[usize::from(*initial)]);
            let is_set = |name: &[u8]| seen & mark(name) != 0 && names.contains(&name);
            !(may_match && is_set(name(entry)))
        });
        let last = additions.into_iter().zip(kept).filter(|(_, is_last)| *is_last);
        self.entries.extend(last.map(|(added, _)| added));
    }

    /// Returns these entries and another, as [`Environment::add`] adds it.
    #[must_use]
    pub fn with(mut self, entry: Option<Cow<'static, CStr>>) -> Self {
        if let Some(entry) = entry {
            self.add(vec![entry]);
        }
        self
    }

    /// Takes out every entry of these names.
    pub fn remove(&mut self, names: &[&str]) {
        let is_named = |entry: &[u8]| names.iter().any(|each| each.as_bytes() == name(entry));
        self.entries.retain(|entry| !is_named(entry.to_bytes()));
    }

    /// Goes through all entries in order, as `execve` takes them.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = &CStr> {
        self.entries.iter().map(AsRef::as_ref)
    }

    /// Goes through name and value of each entry that has a `=`, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.entries().filter_map(|entry| split(entry.to_bytes()))
    }

    /// Returns the first variable of that name, as the C library's `getenv` does.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&OsStr> {
        let name = name.as_bytes();
        self.entries().find_map(|entry| {
            let entry = entry.to_bytes();
            // Most entries differ in the first byte or where the name would end.
            if entry.first() != name.first().or(Some(&b'=')) || entry.get(name.len()) != Some(&b'=')
            {
                return None;
            }
            let value = entry.strip_prefix(name)?.strip_prefix(b"=")?;
            Some(OsStr::from_bytes(value))
        })
    }

    /// Returns the variable when it is set, not empty and valid UTF-8.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.value(name)?.to_str().filter(|text| !text.is_empty())
    }
}

/// Returns what stands before the first `=`, which may be all of it.
fn name(entry: &[u8]) -> &[u8] {
    &entry[..entry.iter().position(|byte| *byte == b'=').unwrap_or(entry.len())]
}

/// Returns one bit of 64 by which most names differ, so that few are compared.
fn mark(name: &[u8]) -> u64 {
    let last = name.last().copied().unwrap_or_default();
    1 << ((8 * name.len() + usize::from(last)) % 64)
}

/// Splits an entry at its first `=`.
fn split(entry: &[u8]) -> Option<(&OsStr, &OsStr)> {
    let end = entry.iter().position(|byte| *byte == b'=')?;
    Some((OsStr::from_bytes(&entry[..end]), OsStr::from_bytes(&entry[end + 1..])))
}

/// Makes an environment of one's own; what a NUL byte follows cannot be said in one.
impl FromIterator<(OsString, OsString)> for Environment {
    fn from_iter<I: IntoIterator<Item = (OsString, OsString)>>(variables: I) -> Self {
        let entry = |(name, value): (OsString, OsString)| {
            let mut bytes = name.into_vec();
            bytes.push(b'=');
            bytes.extend_from_slice(value.as_bytes());
            bytes.truncate(bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len()));
            Cow::Owned(CString::new(bytes).expect("cut before the first NUL"))
        };
        Self { entries: variables.into_iter().map(entry).collect() }
    }
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Environment({} entries)", self.entries.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ODD: [&CStr; 6] = [c"A=1", c"no equals", c"=empty name", c"A=2", c"\xff=\xfe", c""];

    #[test]
    fn keeps_every_entry_as_it_is() {
        let environment = Environment::new(ODD);
        assert!(environment.entries().eq(ODD));
        assert_eq!(environment.iter().count(), 4);
    }

    #[test]
    fn what_is_added_replaces_what_has_its_name() {
        let mut environment = Environment::new([c"A=1", c"AB=1", c"A", c"B=1", c"A=2"]);
        environment.add([c"A=3", c"C=1", c"C=2"].map(Cow::Borrowed).into());
        assert!(environment.entries().eq([c"AB=1", c"B=1", c"A=3", c"C=2"]));
    }

    #[test]
    fn finds_the_first_of_a_name() {
        let environment = Environment::new(ODD);
        assert_eq!(environment.value("A"), Some(OsStr::new("1")));
        assert_eq!(environment.value("no equals"), None);
        assert_eq!(environment.value("no"), None);
        assert_eq!(environment.value(""), Some(OsStr::new("empty name")));
    }
}
