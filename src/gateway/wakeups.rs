//! Wakes those who wait for an exchange, at once.
//!
//! Who waits listens first, then looks into the store, then sleeps: a change
//! committed after the look wakes it, so no wake-up is lost.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// The bells of the exchanges somebody waits for.
#[derive(Debug, Default)]
pub(super) struct Wakeups {
    bells: Mutex<HashMap<String, Arc<Notify>>>,
}

impl Wakeups {
    /// Listens for changes of an exchange from now on.
    pub(super) fn listen(self: &Arc<Self>, request_id: &str) -> Listening {
        let bell = Arc::clone(self.bells().entry(request_id.to_owned()).or_default());
        Listening { wakeups: Arc::clone(self), request_id: request_id.to_owned(), bell }
    }

    /// Wakes everybody who waits for that exchange.
    pub(super) fn ring(&self, request_id: &str) {
        if let Some(bell) = self.bells().get(request_id) {
            bell.notify_waiters();
        }
    }

    /// Tells whether nobody waits.
    pub(super) fn is_empty(&self) -> bool {
        self.bells().is_empty()
    }

    /// Wakes everybody.
    pub(super) fn ring_all(&self) {
        for bell in self.bells().values() {
            bell.notify_waiters();
        }
    }

    fn bells(&self) -> MutexGuard<'_, HashMap<String, Arc<Notify>>> {
        self.bells.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody who waits for an exchange.
#[derive(Debug)]
pub(super) struct Listening {
    wakeups: Arc<Wakeups>,
    request_id: String,
    bell: Arc<Notify>,
}

impl Listening {
    /// Waits for a change that is rung after this call, whether or not the future
    /// was polled by then.
    pub(super) fn change(&self) -> impl Future<Output = ()> + '_ {
        self.bell.notified()
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let mut bells = self.wakeups.bells();
        // The map's and ours: nobody else listens, and nobody can begin to now.
        if Arc::strong_count(&self.bell) == 2 {
            bells.remove(&self.request_id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_ring_between_the_look_and_the_sleep_is_not_lost() {
        let wakeups = Arc::new(Wakeups::default());
        let listening = wakeups.listen("req-1");
        let change = listening.change();
        wakeups.ring("req-1");
        change.await;
    }

    #[test]
    fn the_last_listener_takes_the_bell_away() {
        let wakeups = Arc::new(Wakeups::default());
        let one = wakeups.listen("req-1");
        let other = wakeups.listen("req-1");
        drop(one);
        assert_eq!(wakeups.bells().len(), 1);
        drop(other);
        assert!(wakeups.bells().is_empty());
    }
}
