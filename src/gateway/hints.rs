//! Tells an approver's event streams that something happened.

use super::limits::EVENTS_BEHIND;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::broadcast;

/// What happened to an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Happening {
    /// It waits for a decision.
    Request,
    /// It was decided.
    Decided,
    /// Nobody needs to decide any more: it was withdrawn or cancelled.
    Withdrawn,
    /// Nobody decided in time.
    Expired,
    /// Its enforcer told what became of it.
    FollowUp,
}

impl Happening {
    /// Returns the name of the event.
    pub(super) fn event(self) -> &'static str {
        match self {
            Self::Request => "approval.request",
            Self::Decided => "approval.decided",
            Self::Withdrawn => "approval.withdrawn",
            Self::Expired => "approval.expired",
            Self::FollowUp => "exchange.followup",
        }
    }
}

/// Something that happened to an exchange.
#[derive(Debug, Clone)]
pub(super) struct Hint {
    pub(super) happening: Happening,
    pub(super) request_id: String,
}

/// The event streams of each approver.
#[derive(Debug, Default)]
pub(super) struct Hints {
    approvers: Mutex<HashMap<String, broadcast::Sender<Hint>>>,
}

impl Hints {
    /// Listens for what happens to that approver's exchanges from now on.
    pub(super) fn listen(&self, approver_id: &str) -> broadcast::Receiver<Hint> {
        let mut approvers = self.approvers();
        approvers.retain(|_, sender| sender.receiver_count() > 0);
        approvers
            .entry(approver_id.to_owned())
            .or_insert_with(|| broadcast::channel(EVENTS_BEHIND).0)
            .subscribe()
    }

    /// Tells that approver's streams.
    pub(super) fn tell(&self, approver_id: &str, happening: Happening, request_id: &str) {
        if let Some(sender) = self.approvers().get(approver_id) {
            // Without a listener there is nobody to tell, and that is no failure.
            let _ = sender.send(Hint { happening, request_id: request_id.to_owned() });
        }
    }

    /// Tells whether nobody listens.
    pub(super) fn is_empty(&self) -> bool {
        self.approvers().values().all(|sender| sender.receiver_count() == 0)
    }

    /// Ends all streams, which begin again with everything that waits.
    pub(super) fn end_all(&self) {
        self.approvers().clear();
    }

    fn approvers(&self) -> MutexGuard<'_, HashMap<String, broadcast::Sender<Hint>>> {
        self.approvers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
