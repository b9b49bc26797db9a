//! Bounds what one token holds open and how often it guesses.

use super::limits::{GUESS_WINDOW, GUESSES};
use super::refusal::Refusal;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Counts what each token holds open of one kind.
#[derive(Debug)]
pub(super) struct Quota {
    most: usize,
    open: Mutex<HashMap<i64, usize>>,
}

impl Quota {
    /// Lets each token hold that many open.
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, open: Mutex::default() })
    }

    /// Opens one more, which is closed when the value is dropped.
    pub(super) fn take(self: &Arc<Self>, token_id: i64) -> Result<Held, Refusal> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(token_id).or_default();
        if *count >= self.most {
            return Err(Refusal::TooManyOpen);
        }
        *count += 1;
        Ok(Held { quota: Arc::clone(self), token_id })
    }
}

/// One that is open.
#[derive(Debug)]
pub(super) struct Held {
    quota: Arc<Quota>,
    token_id: i64,
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut open = self.quota.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.token_id) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.token_id);
            }
        }
    }
}

/// Remembers wrong pairing codes, so that nobody can try them all.
#[derive(Debug, Default)]
pub(super) struct Guesses {
    wrong: Mutex<HashMap<i64, Vec<Instant>>>,
}

impl Guesses {
    /// Counts a try as wrong until [`Guesses::right`] says otherwise, so that tries
    /// made at the same time count as well.
    pub(super) fn attempt(&self, token_id: i64, now: Instant) -> Result<(), Refusal> {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        let tries = wrong.entry(token_id).or_default();
        tries.retain(|at| now.duration_since(*at) < GUESS_WINDOW);
        if let Some(oldest) = tries.first().filter(|_| tries.len() >= GUESSES) {
            let retry_after = GUESS_WINDOW.saturating_sub(now.duration_since(*oldest));
            return Err(Refusal::TooManyGuesses { retry_after });
        }
        tries.push(now);
        Ok(())
    }

    /// Takes back the last try: the code existed.
    pub(super) fn right(&self, token_id: i64) {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tries) = wrong.get_mut(&token_id) {
            tries.pop();
            if tries.is_empty() {
                wrong.remove(&token_id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_when_its_holder_is_gone() {
        let quota = Quota::new(1);
        let held = quota.take(1).expect("free");
        assert!(quota.take(1).is_err());
        assert!(quota.take(2).is_ok(), "tokens do not share");
        drop(held);
        assert!(quota.take(1).is_ok());
    }

    #[test]
    fn wrong_codes_are_bounded_and_right_ones_are_not() {
        let guesses = Guesses::default();
        let now = Instant::now();
        for _ in 0..GUESSES * 2 {
            guesses.attempt(1, now).expect("right codes do not count");
            guesses.right(1);
        }
        for _ in 0..GUESSES {
            guesses.attempt(1, now).expect("within the bound");
        }
        assert!(matches!(guesses.attempt(1, now), Err(Refusal::TooManyGuesses { .. })));
        guesses.attempt(2, now).expect("tokens do not share");
        guesses.attempt(1, now + GUESS_WINDOW).expect("forgiven");
    }
}
