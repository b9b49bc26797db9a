//! Changes the store, which tells everybody whom a change concerns.
//!
//! A change, once begun, is not given up when its caller hangs up: otherwise it
//! could be committed with nobody told.

use super::activity::{Activity, Lasting};
use super::limits::{STREAMS_PER_TOKEN, WAITS_PER_TOKEN};
use super::metrics::Metrics;
use super::news::Audience;
use super::page::Doors;
use super::principal::{Known, Principal};
use super::quota::{Guesses, Quota, Rate, one_address};
use super::refusal::Refusal;
use super::store::{Claim, Completion, Exchange, PairingKey, Rest, Revocation, Session, Store};
use super::store::{Submission, Submitted, Told, Verdict};
use crate::protocol::PairingCode;
use jiff::Timestamp;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Instant;
use tokio::sync::watch;

/// A running gateway: what is stored, and who waits for it to change.
#[derive(Debug)]
pub(super) struct Relay {
    pub(super) store: Store,
    clock: fn() -> Timestamp,
    /// Everybody at this node who waits to be told.
    pub(super) audience: Arc<Audience>,
    /// Bounds long polls.
    pub(super) waits: Arc<Quota>,
    /// Bounds streams and channels.
    pub(super) streams: Arc<Quota>,
    pub(super) lasting: Lasting,
    pub(super) guesses: Guesses,
    pub(super) rates: Rates,
    pub(super) known: Known,
    pub(super) metrics: Metrics,
    /// The page's, where there is a page.
    pub(super) doors: OnceLock<Doors>,
    pub(super) activity: Arc<Activity>,
    closing: watch::Sender<bool>,
}

impl Relay {
    /// Makes a relay of a store, with nobody waiting.
    pub(super) fn new(store: Store, clock: fn() -> Timestamp, rates: Rates) -> Arc<Self> {
        Arc::new(Self {
            metrics: Metrics::new(&store.audience),
            audience: Arc::clone(&store.audience),
            store,
            clock,
            waits: Quota::new(WAITS_PER_TOKEN),
            streams: Quota::new(STREAMS_PER_TOKEN),
            lasting: Lasting::default(),
            guesses: Guesses::default(),
            rates,
            known: Known::default(),
            doors: OnceLock::new(),
            activity: Arc::default(),
            closing: watch::Sender::new(false),
        })
    }

    /// Returns the time in milliseconds since 1970, by the clock of the database where it
    /// has one.
    pub(super) fn now(&self) -> i64 {
        self.store.time((self.clock)())
    }

    /// Hears what other nodes on the same database do, for as long as it is polled.
    pub(super) async fn follow(&self) {
        self.store.follow(self.clock).await;
    }

    /// Counts a call, where calls are counted.
    pub(super) fn count_call(&self, caller: Principal) -> Result<(), Refusal> {
        counted(self.rates.token.as_ref(), caller.token_id)
    }

    /// Counts a call from an address, where those are counted.
    pub(super) fn count_address(&self, address: IpAddr) -> Result<(), Refusal> {
        counted(self.rates.address.as_ref(), one_address(address))
    }

    /// Counts a submission by an enforcer to whom it is paired with, where those are
    /// counted.
    fn count_submission(&self, submission: &Submission) -> Result<(), Refusal> {
        let Some(pairings) = &self.rates.pairing else { return Ok(()) };
        let route =
            submission.route.routing_token.as_ref().or(submission.route.approver_id.as_ref());
        let key = (submission.enforcer_id.clone(), route.cloned());
        counted(Some(pairings), key)
    }

    /// Tells whether the gateway stops.
    pub(super) fn is_closing(&self) -> bool {
        *self.closing.borrow()
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
        submission: Submission,
    ) -> Result<Submitted, Refusal> {
        self.count_submission(&submission)?;
        let relay = Arc::clone(self);
        to_the_end(async move {
            let began = Instant::now();
            let submitted = relay.store.submit(submission).await?;
            relay.metrics.changed(began.elapsed());
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
            let began = Instant::now();
            relay.store.decide(caller, verdict, relay.now()).await?;
            relay.metrics.changed(began.elapsed());
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
        to_the_end(async move { relay.store.withdraw(caller, &request_id, relay.now()).await })
            .await
    }

    /// Notes that an approver was handed these exchanges, and tells who waits for them.
    /// Where that cannot be kept they are handed out all the same.
    pub(super) async fn hand_out(self: &Arc<Self>, exchanges: &[Exchange]) {
        let fresh = exchanges.iter().filter(|each| each.delivered_at.is_none());
        let ids: Vec<String> = fresh.map(|each| each.request_id.clone()).collect();
        if ids.is_empty() {
            return;
        }
        let relay = Arc::clone(self);
        let noted = to_the_end(async move { relay.store.note_delivered(ids, relay.now()).await });
        if let Err(refusal) = noted.await {
            tracing::warn!(?refusal, "handed out, and not noted");
        }
    }

    /// Notes that an approver says it showed an exchange to a person.
    pub(super) async fn see(
        self: &Arc<Self>,
        caller: Principal,
        request_id: String,
    ) -> Result<(), Refusal> {
        let relay = Arc::clone(self);
        to_the_end(async move { relay.store.note_seen(caller, &request_id, relay.now()).await })
            .await
    }

    /// Takes what one side tells the other after a decision.
    pub(super) async fn tell(
        self: &Arc<Self>,
        caller: Principal,
        told: Told,
    ) -> Result<(), Refusal> {
        let relay = Arc::clone(self);
        to_the_end(async move { relay.store.tell(caller, told, relay.now()).await }).await
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
        to_the_end(
            async move { relay.store.claim(caller.token_id, &code, claim, relay.now()).await },
        )
        .await
    }

    /// Gives an approver's part to a pairing session.
    pub(super) async fn complete(
        self: &Arc<Self>,
        caller: Principal,
        completion: Completion,
    ) -> Result<Session, Refusal> {
        let relay = Arc::clone(self);
        to_the_end(
            async move { relay.store.complete(caller.token_id, completion, relay.now()).await },
        )
        .await
    }

    /// Notes that an enforcer keeps a pairing.
    pub(super) async fn keep(
        self: &Arc<Self>,
        caller: Principal,
        routing_token: String,
    ) -> Result<(), Refusal> {
        let relay = Arc::clone(self);
        to_the_end(
            async move { relay.store.keep(caller.token_id, &routing_token, relay.now()).await },
        )
        .await
    }

    /// Ends a pairing.
    pub(super) async fn revoke(
        self: &Arc<Self>,
        caller: Principal,
        named: PairingKey,
    ) -> Result<Revocation, Refusal> {
        let relay = Arc::clone(self);
        to_the_end(async move { relay.store.revoke(caller.token_id, &named, relay.now()).await })
            .await
    }

    /// Keeps a browser out that the caller let in, or is.
    pub(super) async fn revoke_browser(
        self: &Arc<Self>,
        caller: Principal,
        browser: i64,
    ) -> Result<(), Refusal> {
        let relay = Arc::clone(self);
        to_the_end(async move {
            relay.store.revoke_browser(caller, browser, relay.now()).await?;
            relay.known.forget(browser);
            Ok(())
        })
        .await
    }

    /// Ends what has waited too long.
    pub(super) async fn expire(self: &Arc<Self>) -> Result<(), Refusal> {
        let relay = Arc::clone(self);
        to_the_end(async move {
            while relay.store.expire(relay.now()).await? == Rest::More {}
            Ok(())
        })
        .await
    }
}

/// How often things may be done in a minute, where that is counted.
#[derive(Debug, Default)]
pub(super) struct Rates {
    /// Calls of one token.
    pub(super) token: Option<Rate<i64>>,
    /// Calls from one address.
    pub(super) address: Option<Rate<IpAddr>>,
    /// Submissions in one pairing: the enforcer, and how it names its approver.
    pub(super) pairing: Option<Rate<(String, Option<String>)>>,
}

fn counted<K: Eq + Hash>(rate: Option<&Rate<K>>, key: K) -> Result<(), Refusal> {
    let Some(rate) = rate else { return Ok(()) };
    let counted = rate.attempt(key, Instant::now());
    counted.map_err(|retry_after| Refusal::TooManyCalls { retry_after })
}

/// Runs a change in a task of its own, which no caller can drop half way.
async fn to_the_end<T: Send + 'static>(
    change: impl Future<Output = Result<T, Refusal>> + Send + 'static,
) -> Result<T, Refusal> {
    tokio::spawn(change).await.unwrap_or(Err(Refusal::Stopping))
}
