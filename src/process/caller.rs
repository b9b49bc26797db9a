//! Whoever started this process.

use nix::unistd::{Pid, getppid};

/// The process that started this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller(Pid);

impl Caller {
    /// Returns whoever is the parent of this process now.
    #[must_use]
    pub fn now() -> Self {
        Self(getppid())
    }

    /// Tells whether it still is: a process whose parent ended has another.
    #[must_use]
    pub fn is_there(self) -> bool {
        getppid() == self.0
    }
}
