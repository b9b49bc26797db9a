//! Changes the store and tells everybody whom a change concerns.
//!
//! A change, once begun, is not given up when its caller hangs up: otherwise it
//! could be committed with nobody told.

use super::activity::Activity;
use super::hints::{Happening, Hints};
use super::limits::{EVENTS_BEHIND, STREAMS_PER_TOKEN, WAITS_PER_TOKEN};
use super::principal::Principal;
use super::quota::{Guesses, Quota};
use super::refusal::Refusal;
use super::store::{Claim, Completion, Ended, PairingKey, Revocation, Session, Store};
use super::store::{Submission, Submitted, Verdict};
use super::wakeups::Wakeups;
use crate::protocol::PairingCode;
use jiff::Timestamp;
use std::sync::Arc;
use tokio::sync::{Notify, broadcast, watch};

/// A running gateway: what is stored, and who waits for it to change.
#[derive(Debug)]
pub(super) struct Relay {
    pub(super) store: Store,
    clock: fn() -> Timestamp,
    pub(super) wakeups: Arc<Wakeups>,
    pub(super) hints: Hints,
    pub(super) waits: Arc<Quota>,
    pub(super) streams: Arc<Quota>,
    pub(super) guesses: Guesses,
    pub(super) activity: Arc<Activity>,
    /// Rung when there may be an earlier moment to expire something.
    pub(super) sooner: Notify,
    closing: watch::Sender<bool>,
    /// Tells the channels of enforcers which pairing ended.
    pub(super) unpaired: broadcast::Sender<Unpaired>,
}

/// A pairing that was revoked.
#[derive(Debug, Clone)]
pub(super) struct Unpaired {
    pub(super) enforcer_id: String,
    pub(super) nonce: String,
}

impl Relay {
    /// Makes a relay of a store, with nobody waiting.
    pub(super) fn new(store: Store, clock: fn() -> Timestamp) -> Arc<Self> {
        Arc::new(Self {
            store,
            clock,
            wakeups: Arc::default(),
            hints: Hints::default(),
            waits: Quota::new(WAITS_PER_TOKEN),
            streams: Quota::new(STREAMS_PER_TOKEN),
            guesses: Guesses::default(),
            activity: Arc::default(),
            sooner: Notify::new(),
            closing: watch::Sender::new(false),
            unpaired: broadcast::Sender::new(EVENTS_BEHIND),
        })
    }

    /// Returns the time in milliseconds since 1970.
    pub(super) fn now(&self) -> i64 {
        (self.clock)().as_millisecond()
    }

    /// Asks long polls and streams to end.
    pub(super) fn close(&self) {
        self.closing.send_replace(true);
    }

    /// Waits until the gateway stops.
    pub(super) async fn closed(&self) {
        let mut closing = self.closing.subscribe();
        // The sender is ours, so it outlives this wait.
        let _ = closing.wait_for(|closing| *closing).await;
    }

    /// Takes an artifact.
    pub(super) async fn submit(
        self: &Arc<Self>,
        caller: Principal,
        submission: Submission,
    ) -> Result<Submitted, Refusal> {
        let relay = Arc::clone(self);
        to_the_end(async move {
            let request_id = submission.request_id.clone();
            let submitted = relay.store.submit(caller.token_id, submission, relay.now()).await?;
            if let Submitted::New { approver_id } = &submitted {
                relay.hints.tell(approver_id, Happening::Request, &request_id);
                relay.sooner.notify_one();
            }
            Ok(submitted)
        })
        .await
    }

    /// Takes a decision.
    pub(super) async fn decide(
        self: &Arc<Self>,
        caller: Principal,
        verdict: Verdict,
    ) -> Result<(), Refusal> {
        let relay = Arc::clone(self);
        to_the_end(async move {
            let request_id = verdict.request_id.clone();
            relay.store.decide(caller, verdict, relay.now()).await?;
            relay.wakeups.ring(&request_id);
            Ok(())
        })
        .await
    }

    /// Takes an artifact back.
    pub(super) async fn withdraw(
        self: &Arc<Self>,
        caller: Principal,
        request_id: String,
    ) -> Result<(), Refusal> {
        let relay = Arc::clone(self);
        to_the_end(async move {
            let ended = relay.store.withdraw(caller, &request_id, relay.now()).await?;
            relay.announce(&[ended], Happening::Withdrawn);
            Ok(())
        })
        .await
    }

    /// Notes that a decision arrived.
    pub(super) async fn acknowledge(
        self: &Arc<Self>,
        caller: Principal,
        message_id: String,
        request_id: String,
    ) -> Result<(), Refusal> {
        let relay = Arc::clone(self);
        to_the_end(async move { relay.store.acknowledge(caller, &message_id, &request_id).await })
            .await
    }

    /// Gives an enforcer's part to a pairing session.
    pub(super) async fn claim(
        self: &Arc<Self>,
        caller: Principal,
        code: PairingCode,
        claim: Claim,
    ) -> Result<Session, Refusal> {
        let relay = Arc::clone(self);
        to_the_end(async move {
            let (session, ended) =
                relay.store.claim(caller.token_id, &code, claim, relay.now()).await?;
            relay.announce(&ended, Happening::Withdrawn);
            Ok(session)
        })
        .await
    }

    /// Gives an approver's part to a pairing session.
    pub(super) async fn complete(
        self: &Arc<Self>,
        caller: Principal,
        completion: Completion,
    ) -> Result<Session, Refusal> {
        let relay = Arc::clone(self);
        to_the_end(async move {
            let (session, ended) =
                relay.store.complete(caller.token_id, completion, relay.now()).await?;
            relay.announce(&ended, Happening::Withdrawn);
            Ok(session)
        })
        .await
    }

    /// Ends a pairing.
    pub(super) async fn revoke(
        self: &Arc<Self>,
        caller: Principal,
        named: PairingKey,
    ) -> Result<Revocation, Refusal> {
        let relay = Arc::clone(self);
        to_the_end(async move {
            let revoked = relay.store.revoke(caller.token_id, &named, relay.now()).await?;
            relay.announce(&revoked.cancelled, Happening::Withdrawn);
            // Nobody may be listening, and that is no failure.
            let _ = relay.unpaired.send(Unpaired {
                enforcer_id: revoked.enforcer_id.clone(),
                nonce: revoked.nonce.clone(),
            });
            Ok(revoked)
        })
        .await
    }

    /// Ends what has waited too long.
    pub(super) async fn expire(self: &Arc<Self>) -> Result<(), Refusal> {
        let relay = Arc::clone(self);
        to_the_end(async move {
            let ended = relay.store.expire(relay.now()).await?;
            relay.announce(&ended, Happening::Expired);
            Ok(())
        })
        .await
    }

    fn announce(&self, ended: &[Ended], happening: Happening) {
        for exchange in ended {
            self.wakeups.ring(&exchange.request_id);
            self.hints.tell(&exchange.approver_id, happening, &exchange.request_id);
        }
    }
}

/// Runs a change in a task of its own, which no caller can drop half way.
async fn to_the_end<T: Send + 'static>(
    change: impl Future<Output = Result<T, Refusal>> + Send + 'static,
) -> Result<T, Refusal> {
    tokio::spawn(change).await.unwrap_or(Err(Refusal::Stopping))
}
