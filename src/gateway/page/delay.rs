//! Makes those wait who come with wrong codes: all of them, whoever they are.

use crate::gateway::limits::{PAGE_FAILURES, PAGE_LONGEST_DELAY};
use crate::gateway::refusal::Refusal;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Failed attempts of this process since the last good one.
#[derive(Debug, Default)]
pub(super) struct Delay {
    failed: Mutex<Failed>,
}

#[derive(Debug, Default)]
struct Failed {
    times: u32,
    until: Option<Instant>,
}

impl Delay {
    /// Says whether anybody may try now.
    pub(super) fn check(&self, now: Instant) -> Result<(), Refusal> {
        let until = self.failed().until.filter(|until| *until > now);
        until.map_or(Ok(()), |until| {
            Err(Refusal::TooManyAttempts { retry_after: until.duration_since(now) })
        })
    }

    /// Counts an attempt that failed; from the sixth on each doubles the wait.
    pub(super) fn failed_at(&self, now: Instant) {
        let mut failed = self.failed();
        failed.times = failed.times.saturating_add(1);
        if let Some(beyond) = failed.times.checked_sub(PAGE_FAILURES + 1) {
            let wait = Duration::from_secs(1).saturating_mul(2_u32.saturating_pow(beyond));
            failed.until = Some(now + wait.min(PAGE_LONGEST_DELAY));
        }
    }

    /// Forgets them: somebody had the right code.
    pub(super) fn succeeded(&self) {
        *self.failed() = Failed::default();
    }

    fn failed(&self) -> MutexGuard<'_, Failed> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_after_five_failures() {
        let (delay, now) = (Delay::default(), Instant::now());
        for _ in 0..PAGE_FAILURES {
            delay.failed_at(now);
        }
        delay.check(now).expect("five are free");
        for seconds in [1, 2, 4, 8] {
            delay.failed_at(now);
            assert!(delay.check(now + Duration::from_secs(seconds - 1)).is_err(), "{seconds}");
            delay.check(now + Duration::from_secs(seconds)).expect("waited long enough");
        }
        (0..100).for_each(|_| delay.failed_at(now));
        delay.check(now + PAGE_LONGEST_DELAY).expect("no wait is for ever");
        delay.succeeded();
        delay.check(now).expect("forgotten");
    }
}
