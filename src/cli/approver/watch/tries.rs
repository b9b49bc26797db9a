//! How often a gateway that does not start is started again.

use crate::client::Backoff;
use std::time::Duration;

/// So often: the waits between them are a minute in all, more or less.
const MOST: u32 = 12;
/// The longest wait between two of them.
const LONGEST: Duration = Duration::from_secs(15);

/// What is left to try.
#[derive(Debug)]
pub(super) struct Tries {
    left: u32,
    backoff: Backoff,
}

impl Tries {
    pub(super) fn new() -> Self {
        Self { left: MOST, backoff: Backoff::new() }
    }

    /// Returns how long to wait before the next; `None` when it was tried often enough.
    pub(super) fn next_wait(&mut self) -> Option<Duration> {
        self.left = self.left.checked_sub(1)?;
        Some(self.backoff.next_wait(LONGEST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ends_and_does_not_begin_with_a_long_wait() {
        let mut tries = Tries::new();
        assert!(tries.next_wait().expect("the first") < Duration::from_secs(1));
        let waits: Vec<Duration> = std::iter::from_fn(|| tries.next_wait()).collect();
        assert_eq!(waits.len(), 11);
        assert!(waits.iter().all(|wait| *wait <= LONGEST));
        assert_eq!(tries.next_wait(), None);
    }
}
