//! What the approver orders, verified and handed on.

use super::{Line, Teller};
use crate::client::Backoff;
use crate::onlooker::Wish;
use crate::process::Deadline;
use crate::protocol::follow::{Control, ReceivedControl};
use std::time::Duration;
use tokio::time::sleep;

/// How long the gateway is asked to hold an answer back.
const POLL: Duration = Duration::from_secs(50);
/// How long one `watch` holds.
const LEASE: Duration = Duration::from_secs(30);
/// The longest pause after a failure.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Obeys one of them for as long as it is polled.
pub(super) async fn obey(teller: &Teller, all: &[Teller], line: &Line) {
    let subject = teller.subject();
    let signer = teller.signer();
    let mut received = ReceivedControl::default();
    let mut after = 0;
    let mut watching: Option<Deadline> = None;
    let mut backoff = Backoff::new();
    loop {
        if watching.as_ref().is_some_and(Deadline::has_passed) {
            watching = None;
            unwatch(teller, all, line);
        }
        let held = watching.as_ref().map_or(POLL, Deadline::remaining);
        let held = held.clamp(Duration::from_secs(1), POLL);
        let early = Deadline::after(held / 2);
        let items = match teller.way().controls(&subject.request_id, after, held).await {
            Ok(items) => items,
            // A gateway without this call: the end is told all the same, if it can be.
            Err(error) if error.status() == Some(404) => return std::future::pending().await,
            Err(error) => {
                tracing::info!(%error, "no controls");
                teller.recover(&error).await;
                sleep(backoff.next_wait(LONGEST_PAUSE)).await;
                continue;
            }
        };
        if items.is_empty() && !early.has_passed() {
            // A gateway that does not hold its answers back would make us spin.
            sleep(backoff.next_wait(LONGEST_PAUSE)).await;
        } else {
            backoff = Backoff::new();
        }
        for item in items {
            after = after.max(item.seq);
            match received.verify(&subject, &item, signer, &teller.key) {
                Ok(Control::Watch) => {
                    watching = Some(Deadline::after(LEASE));
                    teller.watches.set(true);
                    let _ = line.want(Wish::Watch);
                }
                Ok(Control::Unwatch) => {
                    watching = None;
                    unwatch(teller, all, line);
                }
                Ok(Control::Stop) => {
                    teller.stopped.set(true);
                    let _ = line.want(Wish::Stop(teller.number()));
                }
                Err(error) => tracing::warn!(%error, "a control was not obeyed"),
            }
        }
    }
}

/// Says that this one looks no more, and that nobody does where nobody else does.
fn unwatch(teller: &Teller, all: &[Teller], line: &Line) {
    teller.watches.set(false);
    if !all.iter().any(|each| each.watches.get()) {
        let _ = line.want(Wish::Unwatch);
    }
}
