//! Bounds what one token holds open, and how often something is done.

use super::activity::{Activity, Busy};
use super::limits::{GUESSES, RATE_KEYS, RATE_WINDOW};
use super::refusal::Refusal;
use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Bounds what each token holds open.
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

    /// Opens one more, which is closed when the value is dropped, and counted until then.
    pub(super) fn take(
        self: &Arc<Self>,
        token_id: i64,
        counted: &Arc<Activity>,
    ) -> Result<Held, Refusal> {
        self.take_within(token_id, self.most, counted)
    }

    /// Opens one more for a token that may hold that many, and no more than others.
    pub(super) fn take_within(
        self: &Arc<Self>,
        token_id: i64,
        most: usize,
        counted: &Arc<Activity>,
    ) -> Result<Held, Refusal> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(token_id).or_default();
        if *count >= most.min(self.most) {
            return Err(Refusal::TooManyOpen);
        }
        *count += 1;
        Ok(Held { quota: Arc::clone(self), token_id, _counted: counted.begin() })
    }
}

/// One that is open.
#[derive(Debug)]
pub(super) struct Held {
    quota: Arc<Quota>,
    token_id: i64,
    _counted: Busy,
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

/// Lets each key do something so often in a minute, and no more: as many at once, and
/// then one each time its share of the minute has passed.
///
/// Source: the generic cell rate algorithm, ITU-T I.371 annex A.
#[derive(Debug)]
pub(super) struct Rate<K> {
    share: Duration,
    /// When all that was done will have had its share of time.
    settled: Mutex<HashMap<K, Instant>>,
}

impl<K: Eq + Hash> Rate<K> {
    /// Lets each key do it that often.
    pub(super) fn new(most: u32) -> Self {
        Self { share: RATE_WINDOW / most.max(1), settled: Mutex::default() }
    }

    /// Counts one more, or says how long to wait before.
    pub(super) fn attempt(&self, key: K, now: Instant) -> Result<(), Duration> {
        let mut settled = self.settled();
        if settled.len() >= RATE_KEYS && !settled.contains_key(&key) {
            settled.retain(|_, settled| *settled > now);
            if settled.len() >= RATE_KEYS {
                // So many at once are no clients: whoever is new must wait.
                return Err(self.share);
            }
        }
        let from = settled.get(&key).copied().unwrap_or(now).max(now);
        let until = from + self.share;
        let ahead = until.duration_since(now);
        if ahead > RATE_WINDOW {
            return Err(ahead.saturating_sub(RATE_WINDOW));
        }
        settled.insert(key, until);
        Ok(())
    }

    /// Takes the last one back.
    pub(super) fn forget(&self, key: &K) {
        if let Some(settled) = self.settled().get_mut(key) {
            *settled = settled.checked_sub(self.share).unwrap_or(*settled);
        }
    }

    fn settled(&self) -> MutexGuard<'_, HashMap<K, Instant>> {
        self.settled.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns what counts as one address: for IPv6 the network of 64 bits, since whoever
/// has one address there has all of them.
pub(super) fn one_address(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)))
        }
        address @ IpAddr::V4(_) => address,
    }
}

/// Remembers wrong pairing codes, so that nobody can try them all.
#[derive(Debug)]
pub(super) struct Guesses(Rate<i64>);

impl Default for Guesses {
    fn default() -> Self {
        Self(Rate::new(GUESSES))
    }
}

impl Guesses {
    /// Counts a try as wrong until [`Guesses::right`] says otherwise, so that tries
    /// made at the same time count as well.
    pub(super) fn attempt(&self, token_id: i64, now: Instant) -> Result<(), Refusal> {
        let tried = self.0.attempt(token_id, now);
        tried.map_err(|retry_after| Refusal::TooManyGuesses { retry_after })
    }

    /// Takes back the last try: the code existed.
    pub(super) fn right(&self, token_id: i64) {
        self.0.forget(&token_id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_when_its_holder_is_gone() {
        let quota = Quota::new(1);
        let [one, other] = [(); 2].map(|()| Arc::<Activity>::default());
        let held = quota.take(1, &one).expect("free");
        assert!(quota.take(1, &other).is_err(), "all that is counted shares the bound");
        assert!(quota.take(2, &one).is_ok(), "tokens do not share");
        assert_eq!((one.open(), other.open()), (1, 0));
        drop(held);
        assert_eq!(one.open(), 0);
        assert!(quota.take(1, &other).is_ok());
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
        guesses.attempt(1, now + RATE_WINDOW).expect("forgiven");
    }

    #[test]
    fn after_a_burst_there_is_one_in_each_share_of_the_minute() {
        let rate = Rate::new(4);
        let now = Instant::now();
        for _ in 0..4 {
            rate.attempt("one", now).expect("within the bound");
        }
        assert_eq!(rate.attempt("one", now), Err(RATE_WINDOW / 4));
        let next = now + RATE_WINDOW / 4;
        rate.attempt("one", next).expect("its turn");
        assert_eq!(rate.attempt("one", next), Err(RATE_WINDOW / 4));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let rate = Rate::new(1);
        let now = Instant::now();
        for key in 0..RATE_KEYS {
            rate.attempt(key, now).expect("a new one");
        }
        rate.attempt(RATE_KEYS, now).expect_err("no room");
        rate.attempt(RATE_KEYS, now + RATE_WINDOW).expect("room again");
        assert_eq!(rate.settled().len(), 1);
    }

    #[test]
    fn one_network_of_ipv6_is_one_address() {
        let address = |text: &str| one_address(text.parse().expect("an address"));
        assert_eq!(address("2001:db8::1"), address("2001:db8::ffff:1"));
        assert_ne!(address("2001:db8::1"), address("2001:db8:0:1::1"));
        assert_eq!(address("::ffff:192.0.2.1"), address("192.0.2.1"));
        assert_ne!(address("192.0.2.1"), address("192.0.2.2"));
    }
}
