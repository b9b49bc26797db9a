//! Whether what a rule allows is written down.

/// Whether what a rule allows is written down; the later the stricter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum LogAllowed {
    /// Nothing is.
    No,
    /// It is, and runs also when it cannot be.
    #[default]
    Yes,
    /// What cannot be does not run.
    Must,
}

impl LogAllowed {
    /// What it is called in a policy file.
    pub(super) const WORDS: &[(&str, Self)] =
        &[("no", Self::No), ("yes", Self::Yes), ("must", Self::Must)];

    /// Returns its number in a compiled policy; zero is for a policy that says nothing.
    pub(super) fn number(said: Option<Self>) -> u64 {
        match said {
            None => 0,
            Some(Self::No) => 1,
            Some(Self::Yes) => 2,
            Some(Self::Must) => 3,
        }
    }

    /// Takes the number back; an error when there is no such number.
    pub(super) fn of_number(number: u64) -> Result<Option<Self>, u64> {
        match number {
            0 => Ok(None),
            1 => Ok(Some(Self::No)),
            2 => Ok(Some(Self::Yes)),
            3 => Ok(Some(Self::Must)),
            other => Err(other),
        }
    }
}
