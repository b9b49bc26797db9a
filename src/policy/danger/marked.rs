//! Classes of dangerous commands for which a policy wants more than one approval.

use super::table::DANGERS;
use super::{Danger, Gravity, Surroundings, reaching};
use crate::policy::approvals::Approvals;
use crate::policy::words::Word;

/// How many approvals each class of the table needs, in its order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::policy) struct Marks([Approvals; COUNT]);

const COUNT: usize = DANGERS.len();

/// What the classes are called in a policy.
const NAMES: [&str; COUNT] = ["git", "files", "network", "packages", "cloud", "data", "system"];

/// The name for all of them.
const ANY: &str = "any";

/// A class of what is hard to undo.
#[derive(Debug)]
pub struct DangerClass {
    /// What it is called in a policy.
    pub name: &'static str,
    /// What its commands do, each once.
    pub notes: Vec<&'static str>,
    /// What of that nobody means, and is refused.
    pub ruinous: Vec<&'static str>,
}

/// Returns the classes, in the order of the table.
#[must_use]
pub fn danger_classes() -> Vec<DangerClass> {
    let notes = |dangers: &[Danger], gravity: Gravity| {
        let mut notes = Vec::new();
        for each in dangers.iter().filter(|each| each.gravity == gravity) {
            if !notes.contains(&each.note) {
                notes.push(each.note);
            }
        }
        notes
    };
    let class = |(name, dangers): (&'static str, &&[Danger])| DangerClass {
        name,
        notes: notes(dangers, Gravity::Grave),
        ruinous: notes(dangers, Gravity::Ruinous),
    };
    NAMES.into_iter().zip(DANGERS).map(class).collect()
}

/// A command of a class that needs more than one approval.
#[derive(Debug, Clone, Copy)]
pub(in crate::policy) struct Marked {
    /// The name of the class.
    pub(in crate::policy) class: &'static str,
    /// What it does, for a person.
    pub(in crate::policy) note: &'static str,
    pub(in crate::policy) approvals: Approvals,
}

impl Marks {
    /// What may be written: the classes, and the word for all of them.
    pub(in crate::policy) const WORDS: &[&str] =
        &["any", "git", "files", "network", "packages", "cloud", "data", "system"];

    /// Raises the number of a class; `false` when there is none of that name.
    pub(in crate::policy) fn raise(&mut self, name: &str, approvals: Approvals) -> bool {
        let mut known = false;
        for (class, number) in NAMES.into_iter().zip(&mut self.0) {
            if class == name || name == ANY {
                *number = approvals.max(*number);
                known = true;
            }
        }
        known
    }

    /// Takes the higher number of each class.
    pub(in crate::policy) fn join(&mut self, other: Self) {
        for (number, other) in self.0.iter_mut().zip(other.0) {
            *number = other.max(*number);
        }
    }

    /// Returns the highest number.
    pub(in crate::policy) fn most(self) -> Approvals {
        self.0.into_iter().max().unwrap_or_default()
    }

    /// Returns each number, in the order of the table.
    pub(in crate::policy) fn numbers(self) -> [Approvals; COUNT] {
        self.0
    }

    /// Takes numbers in that order.
    pub(in crate::policy) fn of_numbers(numbers: [Approvals; COUNT]) -> Self {
        Self(numbers)
    }

    /// Returns the classes that need more than one approval.
    pub(in crate::policy) fn named(self) -> impl Iterator<Item = (&'static str, Approvals)> {
        NAMES.into_iter().zip(self.0).filter(|(_, approvals)| approvals.are_several())
    }

    /// Finds the class of a simple command that needs the most approvals, if any needs
    /// more than one.
    pub(in crate::policy) fn find(
        self,
        words: &[Word<'_>],
        around: Surroundings<'_>,
    ) -> Option<Marked> {
        let mut found: Option<Marked> = None;
        for ((class, approvals), dangers) in NAMES.into_iter().zip(self.0).zip(DANGERS) {
            if approvals <= found.map_or(Approvals::ONE, |found| found.approvals) {
                continue;
            }
            if let Some(Danger { note, .. }) = reaching(dangers.iter(), words, around).next() {
                found = Some(Marked { class, note, approvals });
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::danger::table;
    use std::path::Path;

    #[test]
    fn the_names_are_those_of_the_tables_in_order() {
        let first = |name: &str| NAMES.iter().position(|each| *each == name).expect("a class");
        assert!(std::ptr::eq(table::DANGERS[first("git")], table::GIT));
        assert!(std::ptr::eq(table::DANGERS[first("cloud")], table::CLOUD));
        assert!(std::ptr::eq(table::DANGERS[first("system")], table::SYSTEM));
        assert_eq!(&Marks::WORDS[1..], NAMES);
    }

    #[test]
    fn a_number_is_only_ever_raised() {
        let three = Approvals::new(3).expect("a number");
        let two = Approvals::new(2).expect("a number");
        let mut marks = Marks::default();
        assert!(marks.raise("git", three) && marks.raise("any", two));
        assert!(!marks.raise("gti", two));
        marks.join(Marks::default());
        assert_eq!((marks.most(), marks.numbers()[1]), (three, two));
    }

    #[test]
    fn finds_the_class_that_needs_the_most() {
        let two = Approvals::new(2).expect("a number");
        let mut marks = Marks::default();
        marks.raise("git", two);
        let around = Surroundings { directory: Path::new("/work"), home: None };
        let words: Vec<Word<'_>> =
            "git push -f".split(' ').map(|word| Word::literal(word.as_bytes())).collect();
        assert_eq!(marks.find(&words, around).expect("it is marked").class, "git");
        assert!(marks.find(&words[..2], around).is_none());
        assert!(Marks::default().find(&words, around).is_none());
    }
}
