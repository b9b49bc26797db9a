//! Knows what is open, and whether anybody needs the gateway.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Counts requests, or those of one kind: those open, and those there ever were.
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

/// What each open request that lasts is there for.
#[derive(Debug, Default)]
pub(super) struct Lasting {
    /// Enforcers that wait for a decision.
    pub(super) waits: Arc<Activity>,
    /// Either side that waits for what the other tells of a decided command.
    pub(super) follow_ups: Arc<Activity>,
    /// Approvers that hear events.
    pub(super) streams: Arc<Activity>,
    /// Enforcers that say that they are there.
    pub(super) presences: Arc<Activity>,
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
