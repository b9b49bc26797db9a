//! Knows whether anybody needs the gateway.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Counts requests: those open, streams among them, and those there ever were.
#[derive(Debug, Default)]
pub(super) struct Activity {
    open: AtomicUsize,
    begun: AtomicU64,
}

impl Activity {
    /// Notes that a request begins; it ends when the value is dropped.
    pub(super) fn begin(self: &Arc<Self>) -> Busy {
        self.begun.fetch_add(1, Ordering::SeqCst);
        self.open.fetch_add(1, Ordering::SeqCst);
        Busy { activity: Arc::clone(self) }
    }

    /// Returns how many requests are open.
    pub(super) fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    /// Returns how many requests there ever were.
    pub(super) fn begun(&self) -> u64 {
        self.begun.load(Ordering::SeqCst)
    }

    /// Tells whether no request is open and none began since there were that many.
    pub(super) fn none_since(&self, begun: u64) -> bool {
        self.open.load(Ordering::SeqCst) == 0 && self.begun() == begun
    }
}

/// A request that is open.
#[derive(Debug)]
pub(super) struct Busy {
    activity: Arc<Activity>,
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.activity.open.fetch_sub(1, Ordering::SeqCst);
    }
}
