//! Waits that grow, with full jitter.

use std::time::Duration;

/// Exponential backoff with full jitter, from 250 ms to 15 s.
///
/// Each wait is uniformly random between nothing and the current ceiling, so
/// that many clients of one gateway do not come back at the same moment.
#[derive(Debug, Clone)]
pub struct Backoff {
    ceiling: Duration,
}

const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(15);

impl Backoff {
    /// Starts anew.
    #[must_use]
    pub fn new() -> Self {
        Self { ceiling: FIRST }
    }

    /// Returns the next wait, never longer than `most`.
    pub fn next_wait(&mut self, most: Duration) -> Duration {
        let share = f64::from(random_u32()) / f64::from(u32::MAX);
        let wait = self.ceiling.mul_f64(share).min(most);
        self.ceiling = (self.ceiling * 2).min(LONGEST);
        wait
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new()
    }
}

fn random_u32() -> u32 {
    // Without randomness the wait is the longest allowed, which is safe.
    getrandom::u32().unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_below_its_ceiling_and_the_given_limit() {
        let mut backoff = Backoff::new();
        assert!(backoff.next_wait(LONGEST) <= FIRST);
        for _ in 0..20 {
            assert!(backoff.next_wait(LONGEST) <= LONGEST);
        }
        assert!(backoff.next_wait(Duration::from_millis(3)) <= Duration::from_millis(3));
    }
}
