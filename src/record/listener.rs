//! Writes down what happens during a wait, and tells the watcher as before.

use super::Trail;
use crate::protocol::RequestId;
use crate::protocol::decision::SettledDecision;
use crate::review::{Doubt, Inquiry, Notice, Pending, Refusal, Watcher};
use std::time::Duration;

/// The most answers of one wait that are written down: a relay that sends rubbish must
/// not fill the disk with it.
const MOST: u32 = 32;

/// A watcher that also writes things down.
pub struct Listener<'a> {
    watcher: &'a mut dyn Watcher,
    trail: &'a Trail,
    request_id: RequestId,
    submitted: bool,
    doubted: u32,
    in_vain: Option<InVain>,
}

/// What was approved, and why it does not start.
#[derive(Debug)]
pub struct InVain {
    /// The decisions that were verified.
    pub decisions: Vec<SettledDecision>,
    /// Why, in the words of the refusal.
    pub why: String,
}

impl<'a> Listener<'a> {
    /// Listens beside a watcher.
    #[must_use]
    pub fn beside(watcher: &'a mut dyn Watcher, trail: &'a Trail, request_id: &RequestId) -> Self {
        let request_id = request_id.clone();
        Self { watcher, trail, request_id, submitted: false, doubted: 0, in_vain: None }
    }

    /// Takes what was approved in vain, if anything was.
    pub fn take_in_vain(&mut self) -> Option<InVain> {
        self.in_vain.take()
    }

    /// Returns the request that was made last.
    #[must_use]
    pub fn request_id(&self) -> &RequestId {
        &self.request_id
    }
}

impl Watcher for Listener<'_> {
    fn submitted(&mut self, pending: &Pending) {
        // Of several approvers the first that can decide counts.
        if !self.submitted {
            self.submitted = true;
            self.trail.submitted(&self.request_id);
        }
        self.watcher.submitted(pending);
    }

    fn waiting(&mut self, waited: Duration, left: Duration) {
        self.watcher.waiting(waited, left);
    }

    fn noticed(&mut self, notice: &Notice) {
        self.watcher.noticed(notice);
    }

    fn trouble(&mut self, what: &str) {
        self.watcher.trouble(what);
    }

    fn asked_anew(&mut self, inquiry: &Inquiry) {
        self.request_id = inquiry.request_id().clone();
        self.submitted = false;
        // Whatever is decided now cannot be recorded either, so it does not start.
        if let Err(error) = self.trail.requested(inquiry) {
            tracing::warn!(%error, request = %self.request_id, "a request was not recorded");
        }
        self.watcher.asked_anew(inquiry);
    }

    fn doubted(&mut self, doubt: &Doubt) {
        if self.doubted < MOST {
            self.doubted += 1;
            self.trail.doubted(&self.request_id, doubt);
        }
        self.watcher.doubted(doubt);
    }

    fn approved(&mut self) {
        self.watcher.approved();
    }

    fn approved_in_vain(&mut self, decisions: &[SettledDecision], why: &Refusal) {
        self.trail.decided(&self.request_id, decisions);
        self.in_vain = Some(InVain { decisions: decisions.to_vec(), why: why.to_string() });
    }

    fn ended(&mut self) {
        self.watcher.ended();
    }
}
