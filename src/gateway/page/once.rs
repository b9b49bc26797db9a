//! Random texts that are each good for one use, and not for long.

use crate::gateway::refusal::Refusal;
use crate::gateway::token::{self, TokenDigest, random_text};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Texts that were given out, as digests, and what each stands for.
#[derive(Debug)]
pub(super) struct Once<T> {
    most: usize,
    lasts: Duration,
    given: Mutex<HashMap<TokenDigest, (Instant, T)>>,
}

impl<T> Once<T> {
    /// Keeps no more than that many, each for that long.
    pub(super) fn new(most: usize, lasts: Duration) -> Self {
        Self { most, lasts, given: Mutex::default() }
    }

    /// Gives out a text of 256 random bits.
    pub(super) fn give(&self, meaning: T, now: Instant) -> Result<String, Refusal> {
        let text = random_text::<32>().map_err(|_| Refusal::Random)?;
        let mut given = self.given();
        given.retain(|_, (until, _)| *until > now);
        if given.len() >= self.most {
            return Err(Refusal::TooManyOpen);
        }
        given.insert(token::digest(&text), (now + self.lasts, meaning));
        Ok(text)
    }

    /// Takes a text back, which is the one use of it.
    pub(super) fn take(&self, text: &str, now: Instant) -> Option<T> {
        let (until, meaning) = self.given().remove(&token::digest(text))?;
        (until > now).then_some(meaning)
    }

    fn given(&self) -> MutexGuard<'_, HashMap<TokenDigest, (Instant, T)>> {
        self.given.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LASTS: Duration = Duration::from_mins(1);

    #[test]
    fn a_text_is_good_once_and_not_for_ever() {
        let once = Once::new(2, LASTS);
        let now = Instant::now();
        let first = once.give(1, now).expect("given");
        let late = once.give(2, now).expect("given");
        assert_eq!(once.take(&first, now), Some(1));
        assert_eq!(once.take(&first, now), None, "used");
        assert_eq!(once.take("another", now), None);
        assert_eq!(once.take(&late, now + LASTS), None, "too late");
        assert_eq!(once.take(&late, now), None, "and used by that");
    }

    #[test]
    fn there_are_never_more_than_a_few() {
        let once = Once::new(1, LASTS);
        let now = Instant::now();
        once.give((), now).expect("given");
        assert!(once.give((), now).is_err());
        once.give((), now + LASTS).expect("the first is over");
    }
}
