//! A list that may be too long to be shown, and how long it is.

use serde::Serialize;

/// The beginning of a list, and the number of all its items.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// How many there are.
    pub total: usize,
    /// The first of them.
    pub shown: Vec<String>,
}

/// The most bytes of all items that are shown.
const LARGEST: usize = 48 << 10;

impl Listed {
    /// Keeps the first items, at most so many and no more than fit.
    pub(super) fn first(count: usize, total: usize, items: impl Iterator<Item = String>) -> Self {
        let mut used = 0;
        let fits = |item: &String| {
            used += item.len();
            used <= LARGEST
        };
        Self { total, shown: items.take(count).take_while(fits).collect() }
    }

    /// Tells whether there is nothing to list.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.total == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_how_many_there_are_whatever_is_shown() {
        let listed = Listed::first(2, 3, (0..3).map(|number| number.to_string()));
        assert_eq!(listed, Listed { total: 3, shown: vec!["0".to_owned(), "1".to_owned()] });
        let long = Listed::first(9, 9, std::iter::repeat_n("x".repeat(20 << 10), 9));
        assert_eq!((long.total, long.shown.len()), (9, 2));
    }
}
