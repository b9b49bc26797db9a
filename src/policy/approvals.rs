//! How many people must say yes.

use std::fmt;

/// How many different approvers must approve: one, unless a policy says more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Approvals(u8);

impl Approvals {
    /// What is needed where nothing is said.
    pub const ONE: Self = Self(1);
    /// More than that nobody finds.
    pub const MOST: u8 = 9;

    /// Reads a number: 1 to 9.
    #[must_use]
    pub fn new(number: i64) -> Option<Self> {
        u8::try_from(number).ok().filter(|number| (1..=Self::MOST).contains(number)).map(Self)
    }

    /// Returns the number.
    #[must_use]
    pub fn number(self) -> u8 {
        self.0
    }

    /// Tells whether one person alone cannot decide.
    #[must_use]
    pub fn are_several(self) -> bool {
        self > Self::ONE
    }
}

impl Default for Approvals {
    fn default() -> Self {
        Self::ONE
    }
}

impl From<Approvals> for usize {
    fn from(approvals: Approvals) -> Self {
        Self::from(approvals.0)
    }
}

impl fmt::Display for Approvals {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => formatter.write_str("1 approval"),
            number => write!(formatter, "{number} approvals"),
        }
    }
}
